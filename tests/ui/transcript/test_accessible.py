"""What a screen reader finds of a conversation, and that it may ask for it at any time."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.history.records import MessageState
from desktop.ui.transcript import accessible
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import answer, dialogue, question
from tests.rigs.windows import transcript
from tests.support.command_line import ROOT
from tests.support.patience import LONG_PATIENCE_S


@pytest.fixture
def view(qapp: QApplication, qtbot: QtBot) -> TranscriptView:
    accessible.make_accessible(qapp)
    return transcript(qtbot)


def _rows(view: TranscriptView) -> list[str]:
    found = QAccessible.queryAccessibleInterface(view.viewport())
    assert found.role() is QAccessible.Role.List
    rows = [found.child(place) for place in range(found.childCount())]
    assert {row.role() for row in rows} <= {QAccessible.Role.ListItem}
    assert [found.indexOfChild(row) for row in rows] == list(range(len(rows)))
    return [row.text(QAccessible.Text.Name) for row in rows]


def test_each_message_is_a_row_with_who_speaks_and_without_marks(view: TranscriptView) -> None:
    view.show_messages([question(1), answer(2, "A *nap* of `20` minutes:\n\n- short\n- sweet")], 0)
    assert _rows(view) == ["You: Question 1?", "Catnap: A nap of 20 minutes:\n- short\n- sweet"]


def test_rows_follow_the_conversation(view: TranscriptView) -> None:
    view.show_messages(dialogue(2), 0)
    assert len(_rows(view)) == 4
    # WHEN an answer grows THEN it is a row from the beginning
    view.append_message(question(5))
    view.begin_answer(None, "One moment")
    assert len(_rows(view)) == 6
    view.grow_answer("It is", "")
    view.finish_answer(answer(6, "It is so."))
    assert _rows(view)[4:] == ["You: Question 5?", "Catnap: It is so."]
    # WHEN another conversation is shown THEN nothing of this one is left
    view.show_messages([question(1, "Other")], 0)
    assert _rows(view) == ["You: Other"]


def test_a_row_is_where_its_message_is(view: TranscriptView) -> None:
    view.show_messages(dialogue(2), 0)
    found = QAccessible.queryAccessibleInterface(view.viewport())
    places = [found.child(place).rect() for place in range(4)]
    assert [place.top() for place in places] == sorted(place.top() for place in places)
    assert all(place.height() > 10 for place in places)
    middle = places[1].center()
    if view.viewport().rect().contains(view.viewport().mapFromGlobal(middle)):
        assert found.childAt(middle.x(), middle.y()).text(QAccessible.Text.Name) == "Catnap: Answer 2."


def test_messages_that_are_not_written_yet_are_rows_too(view: TranscriptView) -> None:
    view.show_messages(dialogue(300), 0)
    rows = _rows(view)
    assert len(rows) == 600
    assert rows[0] == "You: Question 1?"
    found = QAccessible.queryAccessibleInterface(view.viewport())
    assert found.child(0).rect().isEmpty()


@pytest.mark.parametrize(
    ("state", "end"),
    [
        (MessageState.COMPLETE, "The answer is complete."),
        (MessageState.STOPPED, "The answer was stopped."),
        (MessageState.INTERRUPTED, "The answer was interrupted."),
        (MessageState.FAILED, "The answer failed before its end."),
    ],
)
def test_begin_and_end_are_announced_and_no_token(
    view: TranscriptView, monkeypatch: pytest.MonkeyPatch, state: MessageState, end: str
) -> None:
    said: list[str] = []
    monkeypatch.setattr(accessible, "announce", lambda _source, words: said.append(words))
    monkeypatch.setattr(accessible, "_is_heard", lambda: True)
    view.show_messages([question(1)], 0)
    view.begin_answer(None, "")
    for piece in ("A", " nap", "."):
        view.grow_answer(piece, "")
    view.finish_answer(answer(2, "A nap.", state=state))
    assert said == ["Catnap is answering.", f"{end} Catnap: A nap."]


_ENDING = """
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from desktop.ui.transcript.accessible import make_accessible
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import dialogue
app = QApplication([])
make_accessible(app)
QAccessible.setActive(True)
view = TranscriptView()
for pairs in (3, 1, 2):
    view.show_messages(dialogue(pairs), 0)
    found = QAccessible.queryAccessibleInterface(view.viewport())
    assert [found.child(place).text(QAccessible.Text.Name) for place in range(found.childCount())]
    del found
if {deleted}:
    view.deleteLater()
    del view
    app.sendPostedEvents(None, 52)
"""


@pytest.mark.parametrize("deleted", [True, False])
def test_the_program_ends_in_peace_after_a_screen_reader_was_there(deleted: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ENDING.format(deleted=deleted)],
        capture_output=True, cwd=ROOT, timeout=LONG_PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
