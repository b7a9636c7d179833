"""The chat window on a real history and conversation service, for the tests; they play the engine themselves."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.chat.events import ChatEvent
from desktop.chat.service import ChatService
from desktop.common.errors import UserFacingError
from desktop.common.events import Publisher
from desktop.engine.types import Failed, Finished, FinishReason, Stats, Token
from desktop.functions.calculation import Calculation
from desktop.history.rescue.answer_journal import AnswerJournal
from desktop.history.store import History
from desktop.machine.memory import MemoryReader
from desktop.settings.options import Settings
from desktop.ui.chat.presenter import ChatPresenter
from desktop.ui.chat.window import ChatWindow
from tests.support.fake_engine import FakeEngine


class Bench:
    """A window, its presenter and what they stand on."""

    def __init__(
        self,
        qtbot: QtBot,
        folder: Path,
        journal: AnswerJournal | None = None,
        *,
        in_pieces: bool = False,
        calculate: Callable[[str], Calculation | None] = lambda _text: None,
    ) -> None:
        self.qtbot = qtbot
        self.history = History(folder / "history.sqlite3")
        self.engine = FakeEngine()
        self.model_is_there = True
        self.needed: list[str] = []
        self.forgotten: list[str] = []
        relay = Publisher[ChatEvent]()
        self.chat = ChatService(
            self.engine, self.history, Settings, lambda: "tiny", relay, itertools.count(1),
            forget=self.forgotten.append, journal=journal, calculate=calculate,
        )  # fmt: skip
        self.window = ChatWindow(MemoryReader().read)
        qtbot.addWidget(self.window, before_close_func=lambda window: window.end())
        self.presenter = ChatPresenter(
            self.window, self.chat, self.history, lambda: self.model_is_there, in_pieces=in_pieces
        )
        relay.subscribe(self.presenter.on_chat_event)
        self.presenter.asking.modelNeeded.connect(self.needed.append)
        self.presenter.open_newest()
        with qtbot.waitExposed(self.window):
            self.window.show()

    # what a person does

    def send(self, text: str) -> None:
        self.window.pane.composer.set_text(text)
        QTest.keyClick(self.window.pane.composer.edit, Qt.Key.Key_Return)
        self._see_it_shown()

    def edit_last(self, text: str) -> None:
        self.window.pane.edit_last()
        self.send(text)

    def press(self, text: str) -> None:
        found = cast("list[QPushButton]", self.window.pane.banner.findChildren(QPushButton))
        next(button for button in found if button.text() == text).click()

    # what the engine does

    def say(self, text: str, request: int | None = None) -> None:
        self.chat.on_engine_event(Token(request or self.engine.last.request_id, text))

    def finish(self, reason: FinishReason = FinishReason.COMPLETE, request: int | None = None) -> None:
        self.chat.on_engine_event(Finished(request or self.engine.last.request_id, reason, Stats(generated_tokens=3)))
        self._see_it_shown()

    def fail(self, error: UserFacingError, request: int | None = None) -> None:
        self.chat.on_engine_event(Failed(request or self.engine.last.request_id, error, Stats()))
        self._see_it_shown()

    def _see_it_shown(self) -> None:
        if self.presenter._in_pieces:
            self.qtbot.waitUntil(lambda: not self.presenter._pieces.is_behind)

    def talk(self, question: str, answer: str) -> str:
        """Begins a conversation with an answered question and returns its id."""
        self.presenter.open(None)
        self.send(question)
        self.say(answer)
        self.finish()
        assert self.presenter.current is not None
        return self.presenter.current

    # what is there

    def page(self) -> str:
        return self.window.pane.transcript.toPlainText()

    def banner(self) -> str:
        notice = self.window.pane.banner.current
        return notice.title if notice else ""

    def draft(self) -> str:
        return self.window.pane.composer.text()

    def busy(self) -> bool:
        return self.window.menu.stop.isEnabled()

    def texts(self, conversation: str) -> list[str]:
        return [message.text for message in self.history.transcript(conversation).messages]

    def fill_disk(self) -> None:
        (pages,) = self.history._connection.execute("PRAGMA page_count").fetchone()
        self.history._connection.execute(f"PRAGMA max_page_count = {pages}")

    def make_room(self) -> None:
        self.history._connection.execute("PRAGMA max_page_count = 100000")

    def forbid_writing(self) -> None:
        self.history._connection.execute("PRAGMA query_only = ON")
