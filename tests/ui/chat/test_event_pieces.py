"""What follows from Enter, one event in each turn of the loop."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from desktop.chat.events import AnswerBegan, AnswerGrew, ChatEvent, ConversationsChanged
from desktop.ui.chat.event_pieces import EventPieces
from tests.rigs.chat import Bench

A, B, C = ConversationsChanged("a"), AnswerBegan("a", None), AnswerGrew("a", "text", "")


class Shown(QObject):
    """Notes in which turn of the loop each event is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = 0
        self.events: list[tuple[int, ChatEvent]] = []
        self.pieces = EventPieces(lambda event: self.events.append((self.turn, event)), self)
        self._turns = QTimer(self, interval=0)
        self._turns.timeout.connect(self._on_turn)
        self._turns.start()

    def _on_turn(self) -> None:
        self.turn += 1

    @property
    def order(self) -> list[ChatEvent]:
        return [event for _, event in self.events]


def test_one_in_each_turn_in_their_order(qtbot: QtBot) -> None:
    shown = Shown()
    shown.pieces.put(A)
    assert shown.events == [(0, A)]  # nothing is held back
    shown.pieces.hold()
    for event in (A, B, C):
        shown.pieces.put(event)
    assert len(shown.events) == 1
    qtbot.waitUntil(lambda: not shown.pieces.is_behind)
    assert shown.order == [A, A, B, C]
    turns = [turn for turn, _ in shown.events]
    assert len(set(turns)) == len(turns)
    shown.pieces.put(C)
    assert shown.order == [A, A, B, C, C]


def test_what_waits_can_be_shown_at_once(qtbot: QtBot) -> None:
    shown = Shown()
    shown.pieces.hold()
    shown.pieces.put(A)
    shown.pieces.put(B)
    shown.pieces.show_all()
    assert shown.order == [A, B]
    assert not shown.pieces.is_behind
    shown.pieces.put(C)
    assert shown.order == [A, B, C]


def test_held_for_nothing_it_goes_on(qtbot: QtBot) -> None:
    shown = Shown()
    shown.pieces.hold()
    qtbot.waitUntil(lambda: not shown.pieces.is_behind)
    shown.pieces.put(A)
    assert shown.order == [A]


def test_enter_stores_and_asks_at_once_and_shows_in_the_turns_after(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path, in_pieces=True)
    conversation = bench.talk("First", "Answer")
    lists: list[int] = []
    bench.presenter.listChanged.connect(lambda: lists.append(threading.get_ident()))
    # WHEN a message is sent
    bench.window.pane.composer.set_text("Second")
    bench.window.pane.composer.submit()
    # THEN it is stored and asked before it is shown
    assert bench.texts(conversation)[-1] == "Second"
    assert bench.engine.last.messages[-1].text == "Second"
    assert "Second" not in bench.page()
    assert bench.draft() == ""
    # AND another conversation that is opened right away finds it as it is
    bench.presenter.open(None)
    bench.presenter.open(conversation)
    assert bench.page().count("Second") == 1
    assert bench.busy()
    bench.finish()
    # AND when nothing comes in between the list is sorted once
    lists.clear()
    bench.send("Third")
    assert len(lists) == 1
    assert bench.page().count("Third") == 1
    bench.history.close()


def test_an_edit_and_another_answer_are_shown_in_the_turns_after(qtbot: QtBot, tmp_path: Path) -> None:
    # GIVEN a conversation of two answers
    bench = Bench(qtbot, tmp_path, in_pieces=True)
    conversation = bench.talk("First", "Answer")
    bench.send("Second")
    bench.say("Another answer")
    bench.finish()
    # WHEN its last question is edited THEN that is stored and asked before it is shown
    bench.window.pane.edit_last()
    bench.window.pane.composer.set_text("Changed")
    bench.window.pane.composer.submit()
    assert bench.texts(conversation)[-1] == "Changed"
    assert bench.engine.last.messages[-1].text == "Changed"
    assert "Changed" not in bench.page()
    qtbot.waitUntil(lambda: not bench.presenter._pieces.is_behind)
    assert "Changed" in bench.page() and "Second" not in bench.page()
    assert bench.busy()
    bench.say("The third answer")
    bench.finish()
    # AND WHEN another answer is wanted THEN that is asked for before it is shown
    asked = bench.engine.last.request_id
    bench.presenter.asking.regenerate()
    assert bench.engine.last.request_id > asked
    assert "The third answer" in bench.page()
    # AND what is asked next finds everything as it is
    bench.presenter.open(None)
    bench.presenter.open(conversation)
    assert "The third answer" not in bench.page()
    assert bench.busy()
    bench.say("The fourth")
    bench.finish()
    assert bench.texts(conversation)[-1] == "The fourth"
    bench.history.close()


def test_an_edit_that_cannot_be_stored_is_shown_as_it_was(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path, in_pieces=True)
    bench.talk("First", "Answer")
    bench.forbid_writing()
    bench.window.pane.edit_last()
    bench.window.pane.composer.set_text("Changed")
    bench.window.pane.composer.submit()
    qtbot.waitUntil(lambda: not bench.presenter._pieces.is_behind)
    assert bench.draft() == "Changed"
    assert bench.window.pane.composer.is_editing
    assert "First" in bench.page()
    bench.history.close()
