"""A server is tried: who answers, how fast, and which models it has."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from desktop.common.errors import UserFacingError
from desktop.engine.types import EngineEvent, Finished, Generation, Message, Role, Sampling, Stats, Token
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.servers import capabilities
from desktop.servers.answering import Answering
from desktop.servers.client import Patience, ServerClient
from desktop.servers.registry import Findings, Server

# No word of anybody's, so that nobody has to agree before it is sent.
_HELLO: Final = "Say hello in one word."
_FEW: Final = 200  # tokens; thoughts count as well


@dataclass(frozen=True)
class Probe:
    """What came of it.

    Attributes:
        found: What is worth keeping of it.
        seconds: Until the list of its models was there.
        model: The one that was asked; empty: none could be.
        answer: What that said.
        stats: What that took; None: there was no answer.
        problem: Why not; None: there was one.
    """

    found: Findings
    seconds: float
    model: str = ""
    answer: str = ""
    stats: Stats | None = None
    problem: UserFacingError | None = None


def probe(server: Server, key: str | None, accounts: ProxyAccounts, patience: Patience | None = None) -> Probe:
    """Tries a server, with a question of Catnap's own. It takes as long as it takes: not on the GUI thread.

    Args:
        server: Which one; whether words may go there does not matter, since none do.
        key: Its key; None: it has none.
        accounts: For a proxy that wants one.
        patience: How long it is waited for; None: as usual.

    Raises:
        UserFacingError: It cannot be reached, or does not say what it has.
    """
    return asyncio.run(_probe(server, key, accounts, patience))


async def _probe(server: Server, key: str | None, accounts: ProxyAccounts, patience: Patience | None) -> Probe:
    client = ServerClient(server.address, key, accounts=accounts, patience=patience, through_proxy=server.through_proxy)
    try:
        began = time.monotonic()
        seen = await capabilities.look(client, server.model)
        seconds, found = time.monotonic() - began, seen.findings(server.found)
        try:
            model = server.model or capabilities.only_model(seen, client.address)
        except UserFacingError as problem:
            return Probe(found, seconds, problem=problem)
        events: list[EngineEvent] = []
        request = Generation(0, "probe", (Message(Role.USER, _HELLO),), Sampling(temperature=0.0, max_tokens=_FEW))
        answering = Answering(request, events.append)
        try:
            await answering.run(client, model, found)
        except UserFacingError as problem:
            return Probe(answering.found, seconds, model, problem=problem)
        text = "".join(each.text for each in events if isinstance(each, Token) and not each.thinking)
        stats = next((each.stats for each in events if isinstance(each, Finished)), None)
        return Probe(answering.found, seconds, model, text.strip(), stats)
    finally:
        await client.aclose()
