"""Questions to servers, as the app puts them: :class:`ServerAnswers`, and what it tells."""

from __future__ import annotations

import itertools
import queue
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from desktop.common.errors import UserFacingError
from desktop.engine.routing import ServerModel
from desktop.engine.types import (
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Generation,
    Message,
    Role,
    Sampling,
    Stats,
    Token,
)
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.servers.addresses import parse_address
from desktop.servers.answers import ServerAnswers
from desktop.servers.client import Patience
from desktop.servers.keys import ServerKeys
from desktop.servers.registry import Server, ServerList
from desktop.system.patient_keyring import Keyring
from tests.support.patience import LONG_PATIENCE_S, PATIENCE_S

NAME = "office"
# No server is given up before the test is, unless it says so.
PATIENT = Patience(LONG_PATIENCE_S, LONG_PATIENCE_S, LONG_PATIENCE_S, LONG_PATIENCE_S)


def question(text: str, **more: object) -> Generation:
    """Returns a request of a conversation that has nothing but a question."""
    return replace(Generation(0, "conversation", (Message(Role.USER, text),), Sampling(seed=1)), **more)  # type: ignore[arg-type]


class Questions:
    """Asks one server, and waits for what it tells. A context manager.

    Attributes:
        servers: The list that the server is in.
        keys: Keys, in a file.
        events: What was told of the last question, in order.
    """

    def __init__(
        self,
        folder: Path,
        url: str,
        *,
        patience: Patience = PATIENT,
        agreed: bool = True,
        open_keyring: Callable[[], Keyring] | None = None,
        key: str | None = None,
    ) -> None:
        self.servers = ServerList(folder / "servers.json")
        self.keys = ServerKeys(folder / "server-keys.json", open_keyring)
        address = parse_address(url)
        if key is not None:
            self.keys.keep(address, key)
        self.servers.put(Server(NAME, address, agreed=agreed, has_key=key is not None))
        self._queue: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self.answers = ServerAnswers(self._queue.put, self.servers, self.keys, ProxyAccounts(), patience)
        self._ids = itertools.count(1)
        self.events: list[EngineEvent] = []
        self.request_id = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.answers.stop(PATIENCE_S)

    def begin(self, request: Generation | str, model: str = "parrot") -> int:
        """Asks, and does not wait; returns the request's id."""
        asked = question(request) if isinstance(request, str) else request
        self.events = []
        self.request_id = next(self._ids)
        choice = ServerModel(NAME, model).choice
        self.answers.generate(replace(asked, request_id=self.request_id, model_file=choice))
        return self.request_id

    def next(self) -> EngineEvent:
        """Waits for the next event."""
        event = self._queue.get(timeout=PATIENCE_S)
        self.events.append(event)
        return event

    def until(self, *kinds: type[EngineEvent]) -> EngineEvent:
        """Waits for an event of one of these kinds."""
        while True:
            event = self.next()
            if isinstance(event, kinds):
                return event

    def ask(self, request: Generation | str, model: str = "parrot") -> str:
        """Asks, waits for the end of the answer, and returns the text of it."""
        self.begin(request, model)
        end = self.until(Finished, Failed)
        assert isinstance(end, Finished), end
        return self.text

    def refused(self, request: Generation | str = "Hello?", model: str = "parrot") -> UserFacingError:
        """Asks, and returns why there is no answer, or no more of it."""
        self.begin(request, model)
        end = self.until(Finished, Failed)
        assert isinstance(end, Failed), end
        return end.error

    @property
    def text(self) -> str:
        """The answer so far."""
        return self._said(thinking=False)

    @property
    def thoughts(self) -> str:
        return self._said(thinking=True)

    @property
    def reason(self) -> FinishReason:
        """How the answer ended."""
        end = self.events[-1]
        assert isinstance(end, Finished)
        return end.reason

    @property
    def stats(self) -> Stats:
        end = self.events[-1]
        assert isinstance(end, Finished | Failed)
        return end.stats

    @property
    def is_quiet(self) -> bool:
        """Whether nothing more was told."""
        return self._queue.empty()

    def _said(self, *, thinking: bool) -> str:
        return "".join(each.text for each in self.events if isinstance(each, Token) and each.thinking is thinking)
