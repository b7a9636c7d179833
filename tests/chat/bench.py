"""A conversation service on a real history and a fake engine."""

from __future__ import annotations

import itertools
from pathlib import Path

from desktop.chat.events import ChatEvent
from desktop.chat.service import ChatService
from desktop.engine.types import Finished, FinishReason, Stats, Token
from desktop.history.store import History
from desktop.settings.options import Settings
from tests.support.fake_engine import FakeEngine


class Bench:
    """A chat service with what it stands on."""

    def __init__(self, folder: Path) -> None:
        self.history = History(folder / "history.sqlite3")
        self.engine = FakeEngine()
        self.events: list[ChatEvent] = []
        self.chat = ChatService(
            self.engine, self.history, Settings, lambda: "tiny", self.events.append, itertools.count(1)
        )

    def answer(self, text: str, reason: FinishReason = FinishReason.COMPLETE) -> None:
        request = self.engine.last.request_id
        if text:
            self.chat.on_engine_event(Token(request, text))
        self.chat.on_engine_event(Finished(request, reason, Stats(generated_tokens=3)))

    def texts(self, conversation: str) -> list[str]:
        return [message.text for message in self.history.transcript(conversation).messages]

    def of(self, kind: type[ChatEvent]) -> list[ChatEvent]:
        return [event for event in self.events if isinstance(event, kind)]
