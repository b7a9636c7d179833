"""Questions to many documents: the window goes on while they are looked through."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.common import detached
from desktop.documents.types import Document, DocumentKind, Part, PartKind
from desktop.history.choices import ConversationChoices
from tests.rigs.documents_chat import DocumentsChat
from tests.support.longest_turn import LongestTurn

T = TypeVar("T")

_HANDBOOKS = 60


class Looks:
    """Looks on threads of their own, and notes what that costs.

    Attributes:
        seconds: Of the processor, for each look.
    """

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, work: Callable[[], T]) -> Future[T]:
        def measured() -> T:
            begin = time.thread_time()
            try:
                return work()
            finally:
                self.seconds.append(time.thread_time() - begin)

        return detached.start(measured, "document search")


def _handbook(number: int) -> Document:
    """Returns one of some 60 pages; all are about the same, and each is the only one with its own word."""
    places = ("cellar", "attic", "kitchen", "garage", "hall")
    pages = tuple(
        Part(
            *(PartKind.PAGE, page, ""),
            "\n".join(
                f"Before the heating of the {places[(page + line) % 5]} is switched on, handbook {number} of the house"
                f" says in section {page}.{line} that its valve is opened by turn {line * number % 97}."
                for line in range(12)
            ),
        )
        for page in range(1, 61)
    )
    return Document(f"handbook {number}.pdf", DocumentKind.PDF, pages)


@pytest.fixture
def looks() -> Looks:
    return Looks()


@pytest.fixture
def chat(qtbot: QtBot, tmp_path: Path, looks: Looks) -> Iterator[DocumentsChat]:
    made = DocumentsChat(qtbot, tmp_path, looks)
    made.library = tuple(made.grounds().keep(_handbook(number), None).id for number in range(_HANDBOOKS))
    made.chat.choices.choose(None, ConversationChoices(library="house"))
    yield made
    made.close()


def _ask(chat: DocumentsChat, question: str) -> None:
    edit = chat.window.pane.composer.edit
    edit.setFocus()
    QTest.keyClicks(edit, question)
    QTest.keyClick(edit, Qt.Key.Key_Return)


@contextmanager
def _turns() -> Iterator[LongestTurn]:
    """Measures the turns of a loop in which Qt has its own."""
    measured, timer = LongestTurn(), QTimer(interval=0)
    timer.timeout.connect(measured.turn)
    timer.start()
    yield measured
    measured.turn()
    timer.stop()


def test_sixty_handbooks_never_hold_the_window(chat: DocumentsChat, looks: Looks) -> None:
    question = "Which valve is opened before the heating of the cellar is switched on, by which turn of section 7?"

    async def main() -> None:
        # WHEN the first question is asked, for which all of them are indexed THEN it is said at once where is looked
        with _turns() as asking:
            _ask(chat, question)
            await chat.until_holds(lambda: "Looking in 60 documents" in chat.window.pane.transcript.toPlainText())
            assert not chat.engine.requests and chat.window.pane.is_busy
            await chat.until_holds(lambda: chat.engine.requests)
            # AND the answer comes, with its sources
            chat.answer("By turn 7.")
            await chat.until_holds(lambda: not chat.window.pane.is_busy)
        # WHEN there is another one, for which the index is there
        with _turns() as again:
            _ask(chat, question.replace("cellar", "attic"))
            await chat.until_holds(lambda: len(chat.engine.requests) > 1)
            chat.answer("By turn 8.")
            await chat.until_holds(lambda: not chat.window.pane.is_busy)
        # THEN the window has been there all the time, although there was much to do
        assert looks.seconds[0] > 0.5
        assert max(asking.seconds, again.seconds) < 0.1, "half of it on an idle machine; tests run beside others"
        assert "From page" in chat.window.pane.transcript.toPlainText()

    chat.run(main())


def test_looking_is_stopped_by_the_button(chat: DocumentsChat) -> None:
    async def main() -> None:
        _ask(chat, "Which valve is opened?")
        await chat.until_holds(lambda: chat.window.pane.is_busy)
        chat.window.pane.composer.stopRequested.emit()
        await chat.until_holds(lambda: not chat.window.pane.is_busy)
        assert not chat.engine.requests and not chat.chat.answers.any_under_way
        assert "Looking" not in chat.window.pane.transcript.toPlainText()

    chat.run(main())
