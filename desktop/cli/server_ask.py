"""``catnap ask --server``: the same questions, answered elsewhere; and what ``catnap servers`` asks of a server."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from types import TracebackType
from typing import Self

from desktop.cli import common
from desktop.cli.documents.files import instructed
from desktop.cli.engine import Answer, AskedPort, Asker
from desktop.cli.network import asking_for_account
from desktop.engine.routing import ServerModel, named
from desktop.engine.types import Sampling, Stalled
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.servers.answers import ServerAnswers
from desktop.servers.keys import ServerKeys
from desktop.servers.registry import Server, ServerList
from desktop.system.keyring import open_keyring

_LEAVE_SECONDS = 0.3
_HELLO = "Say hello in one word."
_FEW = 200  # tokens; thoughts count as well


class ServerAsker(Asker):
    """Servers, and the events of their answers. Used as a context manager.

    Attributes:
        server: Which one is asked.
        model: Which model of it; empty: its usual one.
    """

    def __init__(self, places: common.Places, wanted: str, progress: common.ProgressLine) -> None:
        """
        Args:
            places: Where things are.
            wanted: NAME or NAME/MODEL. Whether words may go there is asked at the terminal, once.
            progress: Where it is shown that an answer is waited for.

        Raises:
            UserFacingError: There is no such server.
        """
        super().__init__(progress)
        servers = ServerList(places.paths.servers_file)
        chosen = named(wanted)
        self.server = agreed(servers, servers.get(chosen.server))
        self.model = chosen.model or self.server.model
        self.backend = self.server.address.place
        self._answers = ServerAnswers(self._events.put, servers, keys_of(places), ProxyAccounts(open_keyring))

    @property
    def choice(self) -> str:
        """What a request names as its model."""
        return ServerModel(self.server.name, self.model).choice

    @property
    def _port(self) -> AskedPort:
        return self._answers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.clear()
        self._answers.stop(_LEAVE_SECONDS)

    def _why_stalled(self, stalled: Stalled) -> str:
        return f"{self.server.name} has sent nothing for {stalled.seconds} seconds"


def keys_of(places: common.Places) -> ServerKeys:
    """Returns what keeps the keys of servers."""
    return ServerKeys(places.paths.server_keys_file, open_keyring)


def _agree(server: Server) -> bool:
    """Asks at the terminal whether words may go to a server; False: nobody can be asked, or the answer was no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(
        f"What you ask {server.name} leaves this computer and goes to {server.address.place}. Go on? [y/N] ",
        end="",
        file=sys.stderr,
        flush=True,
    )
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def figures(answer: Answer, asker: ServerAsker) -> str:
    """Returns what an answer took, and who gave it."""
    stats = answer.stats
    read = f"read {stats.prompt_tokens:,} tokens" if stats.prompt_tokens else ""
    known = f", {stats.reused_tokens:,} of them known" if stats.reused_tokens else ""
    by = f"{asker.model} on {asker.server.address.place}" if asker.model else asker.server.address.place
    return " · ".join(
        part
        for part in (
            f"answered by {by}",
            read + known,
            f"first word after {stats.ttft_s:.2f} s",
            f"{stats.generated_tokens:,} tokens at {stats.gen_tps:.1f}/s",
        )
        if part
    )


def agreed(servers: ServerList, server: Server) -> Server:
    """Returns a server, after asking at the terminal where nobody has agreed yet that words go there."""
    if server.may_be_asked or not _agree(server):
        return server  # the answers refuse it, with a sentence
    return servers.put(replace(server, agreed=True))


def models(places: common.Places, servers: ServerList, server: Server, *, as_json: bool) -> int:
    """Prints which models a server has."""
    from desktop.servers import capabilities
    from desktop.servers.client import ServerClient

    accounts = ProxyAccounts(open_keyring)
    key = keys_of(places).find(server.address) if server.has_key else None

    async def look() -> capabilities.Capabilities:
        client = ServerClient(server.address, key, accounts=accounts, through_proxy=server.through_proxy)
        try:
            return await capabilities.look(client, server.model)
        finally:
            await client.aclose()

    seen = asking_for_account(lambda: asyncio.run(look()), accounts)
    servers.note(server.name, server.address, seen.findings(server.found))
    if as_json:
        common.print_json({"kind": seen.kind, "models": [{"name": m.name, "n_ctx": m.n_ctx} for m in seen.models]})
        return common.DONE
    for each in seen.models:
        common.say(f"{each.name}  {each.n_ctx:,} tokens" if each.n_ctx is not None else each.name)
    if not seen.models:
        common.warn(f"{server.name} has no models")
    return common.DONE


def test(places: common.Places, server: Server, model: str, *, as_json: bool) -> int:
    """Has a server say a word, and prints what that took."""
    with ServerAsker(places, f"{server.name}/{model}", common.ProgressLine()) as asker:
        answer = asker.ask(
            *(instructed("", _HELLO), Sampling(temperature=0.0, max_tokens=_FEW)),
            conversation_id="test",
            model_file=asker.choice,
        )
    if answer.error is not None:
        raise answer.error
    if as_json:
        record = {"ttft_s": round(answer.stats.ttft_s, 3), "gen_tps": round(answer.stats.gen_tps, 2)}
        common.print_json({"answer": answer.text, **record})
    else:
        common.say(answer.text.strip() or answer.thinking.strip())
        common.warn(figures(answer, asker))
    return common.INTERRUPTED if answer.interrupted else common.DONE
