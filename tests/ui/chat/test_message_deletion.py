"""Deleting a message in the window: by its sign, the menu and the keyboard; Undo, and what the model is told then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from desktop.engine.types import Role
from desktop.ui.chat.deleted import DeletedPresenter
from tests.rigs.chat import Bench
from tests.support.widgets import children

THUMBS = ("Good answer", "Bad answer")


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    made.talk("One?", "First.")
    for question, answer in (("Two?", "Second."), ("Three?", "Third.")):
        made.send(question)
        made.say(answer)
        made.finish()
    yield made
    made.history.close()


def texts(bench: Bench) -> list[str]:
    return [one.text for one in bench.window.pane.transcript.messages]


def told(bench: Bench) -> list[tuple[Role, str]]:
    return [(one.role, one.text) for one in bench.engine.last.messages]


def number(bench: Bench, text: str) -> int:
    return next(one.id for one in bench.window.pane.transcript.messages if one.text == text)


def delete(bench: Bench, text: str) -> None:
    bench.window.pane.transcript.requests.deleteRequested.emit(number(bench, text))


def signs(bench: Bench, text: str) -> dict[str, QToolButton]:
    """Returns the signs of a message that can be pressed, by their names, with the mouse over the message."""
    page = bench.window.pane.transcript
    page._scroll.reveal(number(bench, text))
    place = page.spoken.place(number(bench, text))
    QTest.mouseMove(page.viewport(), QPoint(place.center().x() - 3, place.top() + 4))
    QTest.mouseMove(page.viewport(), QPoint(place.center().x(), place.top() + 4))
    bar = page._bar_of_message
    bench.qtbot.waitUntil(lambda: bar.isVisible() and bar.message is not None and bar.message.text == text)
    return {one.accessibleName(): one for one in children(bar, QToolButton) if one.isVisible()}


def test_a_question_goes_with_its_answer_and_comes_back_by_the_banner_and_by_undo(bench: Bench) -> None:
    delete(bench, "Two?")
    assert texts(bench) == ["One?", "First.", "Three?", "Third."]
    assert bench.banner() == "Message and answer deleted"
    bench.press("Undo")
    assert texts(bench) == ["One?", "First.", "Two?", "Second.", "Three?", "Third."]
    assert bench.banner() == ""
    bench.window.menu.redo.trigger()
    assert texts(bench) == ["One?", "First.", "Three?", "Third."]
    bench.window.menu.undo.trigger()
    assert len(texts(bench)) == 6


def test_the_model_is_not_told_of_it_and_templates_still_get_turns(bench: Bench) -> None:
    delete(bench, "Second.")
    bench.send("Four?")
    assert told(bench) == [
        *((Role.USER, "One?"), (Role.ASSISTANT, "First."), (Role.USER, "Two?\n\nThree?")),
        *((Role.ASSISTANT, "Third."), (Role.USER, "Four?")),
    ]
    bench.say("Fourth.")
    bench.finish()
    bench.window.menu.undo.trigger()
    bench.send("Five?")
    assert (Role.ASSISTANT, "Second.") in told(bench)


def test_of_the_last_question_another_answer_can_be_had(bench: Bench) -> None:
    delete(bench, "Third.")
    assert bench.banner() == "Message deleted"
    bench.window.menu.regenerate.trigger()
    assert told(bench)[-1] == (Role.USER, "Three?")
    bench.say("Anew.")
    bench.finish()
    assert texts(bench)[-2:] == ["Three?", "Anew."]


def test_while_an_answer_comes_nothing_can_be_deleted(bench: Bench) -> None:
    bench.send("Four?")
    bench.say("Fourth ")
    assert not bench.window.menu.delete_message.isEnabled()
    assert set(signs(bench, "One?")) == {"Copy message", "Read aloud"}
    delete(bench, "One?")
    assert "One?" in texts(bench)
    assert bench.banner() == "Catnap is still answering."


def test_the_title_goes_with_the_first_question_and_the_page_with_the_last(bench: Bench) -> None:
    delete(bench, "One?")
    assert bench.history.conversations()[0].title == "Two?"
    bench.window.menu.undo.trigger()
    assert bench.history.conversations()[0].title == "One?"
    for text in ("One?", "Two?", "Three?"):
        delete(bench, text)
    assert texts(bench) == []
    bench.window.menu.undo.trigger()
    assert texts(bench) == ["Three?", "Third."]


def test_every_message_has_its_signs_and_they_do_what_they_say(bench: Bench) -> None:
    assert set(signs(bench, "Two?")) == {"Copy message", "Read aloud", "Edit and ask again", "Delete message"}
    assert set(signs(bench, "Second.")) == {"Copy message", "Read aloud", *THUMBS, "Delete message"}
    assert set(signs(bench, "Third.")) == {"Copy message", "Read aloud", "Regenerate", *THUMBS, "Delete message"}
    signs(bench, "Second.")["Copy message"].click()
    assert QGuiApplication.clipboard().text() == "Second."
    signs(bench, "Two?")["Edit and ask again"].click()
    assert bench.draft() == "Two?"
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Escape)
    signs(bench, "Two?")["Delete message"].click()
    assert texts(bench) == ["One?", "First.", "Three?", "Third."]


def test_the_row_moves_nothing_and_goes_with_its_message(bench: Bench) -> None:
    page = bench.window.pane.transcript
    before = [page.spoken.place(one.id) for one in page.messages]
    signs(bench, "Two?")
    assert [page.spoken.place(one.id) for one in page.messages] == before
    delete(bench, "Two?")
    assert page._bar_of_message.message is None or page._bar_of_message.message.text != "Two?"


def test_by_keyboard_the_row_is_there_for_the_message_with_the_caret(bench: Bench) -> None:
    page = bench.window.pane.transcript
    page.setFocus(Qt.FocusReason.TabFocusReason)
    page.moveCursor(QTextCursor.MoveOperation.Start)
    QTest.keyClick(page, Qt.Key.Key_Down)
    bar = page._bar_of_message
    assert bar.isVisible()
    assert bar.message is not None
    assert bar.message.text == "One?"
    # WHEN its signs are reached, and the row is left again
    children(bar, QToolButton)[0].setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(bench.window.focusWidget(), Qt.Key.Key_Escape)
    assert page.hasFocus()
    # THEN the menu means the same message
    bench.window.menu.delete_message.trigger()
    assert texts(bench)[0] == "Two?"


def test_recently_deleted_lists_it_restores_it_and_deletes_it_for_good(bench: Bench) -> None:
    presenter = DeletedPresenter(
        *(bench.window, bench.presenter, bench.history, lambda: 30),
        *(bench.chat.delete_for_good, bench.chat.remove_messages),
    )
    delete(bench, "Two?")
    delete(bench, "Third.")
    presenter.show()
    assert presenter.dialog is not None
    rows = presenter.dialog.rows
    assert [rows.item(place).text() for place in range(rows.count())] == ["Third.", "Two?"]
    presenter.dialog.restoreRequested.emit([presenter.dialog._all()[1]])
    assert texts(bench) == ["One?", "First.", "Two?", "Second.", "Three?"]
    assert rows.count() == 1
    presenter.dialog.eraseRequested.emit(presenter.dialog._all())
    assert rows.count() == 0
    assert bench.forgotten == [bench.presenter.current]
    bench.window.menu.undo.trigger()
    assert "Third." not in texts(bench)
    presenter.dialog.hide()
