"""FAULTS B, people's words: more members of the kinds of B1, B4 and B6, in the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.chat.events import ConversationsChanged
from desktop.engine.types import FinishReason, Token
from desktop.history.records import MessageState
from desktop.ui.documents.text_view import DocumentTextView
from desktop.ui.documents.words import part_words
from desktop.ui.theme.text_size import apply_text_size
from desktop.ui.widgets.banner import Notice, NoticeAction
from tests.faults.test_b_words import click_row, focus, type_where_the_focus_is
from tests.rigs.chat import Bench
from tests.rigs.documents import huge_document
from tests.support.widgets import children

_NO = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    made.window.resize(1100, 700)
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow)
    yield made
    made.history.close()
    QApplication.clipboard().setText("")  # what Python has made there, Qt would delete after the end of Python


def _filled(bench: Bench) -> str:
    """Makes conversations in the list, in a folder, pinned and archived; opens one and returns it."""
    titles = ("What is a cat?", "Zebras", "Apples", "Work of the day", "Old")
    ids = {title: bench.talk(title, "An answer with `code`.") for title in titles}
    bench.history.set_folder(ids["Apples"], "What I read")
    bench.history.set_folder(ids["Work of the day"], "Work")
    bench.history.set_archived(ids["Old"], 1.0)
    bench.history.set_pinned(ids["Zebras"], 1.0)
    bench.presenter.refresh()
    bench.presenter.open(ids["Zebras"])
    return ids["Zebras"]


def _state(bench: Bench) -> tuple[object, ...]:
    place = bench.window.list.shelf.place
    return bench.presenter.current, place, [one.id for one in bench.history.conversations()], bench.history.deleted()


def _place(bench: Bench, where: str) -> QWidget:
    listed = bench.window.list
    return {"rows": listed.rows, "shelf": listed.shelf.box, "page": bench.window.pane.transcript}[where]


# --- B1: whatever has the keyboard, what is typed is the message, and nothing else happens


def _cannot_write(widget: QWidget) -> bool:
    if isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit):
        return widget.isReadOnly()
    return widget.focusPolicy() is not Qt.FocusPolicy.NoFocus


@pytest.mark.parametrize("answering", [False, True])
def test_b1_letters_are_a_message_wherever_the_focus_is(bench: Bench, answering: bool) -> None:
    # GIVEN a window with all that can be in it: a folder, a banner with a button, an answer that may be growing
    _filled(bench)
    bench.window.pane.banner.show_notice(Notice("Something", actions=(NoticeAction("Undo", lambda: None),), key="x"))
    if answering:
        bench.send("More?")
        bench.say("Once upon a time")
    tried = []
    for widget in children(bench.window, QWidget, shown=True):
        if not widget.isEnabled() or not _cannot_write(widget):
            continue
        bench.window.pane.composer.set_text("")
        before = _state(bench)
        widget.setFocus()
        if not widget.hasFocus():
            continue
        tried.append(type(widget).__name__)
        # WHEN a person types there, and takes a letter back THEN that is what is in the composer
        type_where_the_focus_is("What is")
        QTest.keyClick(focus(), Qt.Key.Key_Backspace)
        assert bench.draft() == "What i", widget
        assert _state(bench) == before, widget
    assert {"ConversationRows", "ChoiceBox", "GlyphButton"} <= set(tried), tried
    assert len(tried) > 5


@pytest.mark.parametrize("text", ["7", "/", "?", "W", "\u00e4", "\u4f60", "\u20ac", "@", "+", "-", "\U0001f63a"])
@pytest.mark.parametrize("where", ["rows", "shelf", "page"])
def test_b1_whatever_is_typed_first(bench: Bench, where: str, text: str) -> None:
    _filled(bench)
    before = _state(bench)
    widget = {
        "rows": bench.window.list.rows,
        "shelf": bench.window.list.shelf.box,
        "page": bench.window.pane.transcript,
    }
    widget[where].setFocus()
    QCoreApplication.sendEvent(focus(), QKeyEvent(QEvent.Type.KeyPress, 0, _NO, text))
    assert bench.draft() == text
    assert _state(bench) == before


@pytest.mark.parametrize("where", ["rows", "shelf", "page"])
def test_b1_what_an_input_method_writes(bench: Bench, where: str) -> None:
    _filled(bench)
    widget = {
        "rows": bench.window.list.rows,
        "shelf": bench.window.list.shelf.box,
        "page": bench.window.pane.transcript,
    }
    widget[where].setFocus()
    for preedit, commit in (("ni", ""), ("ni hao", ""), ("", "\u4f60\u597d")):
        event = QInputMethodEvent(preedit, [])
        event.setCommitString(commit)
        QCoreApplication.sendEvent(focus(), event)
    assert bench.draft() == "\u4f60\u597d"
    assert bench.window.pane.composer.edit.hasFocus()


@pytest.mark.parametrize("key", [Qt.Key.Key_Backspace, Qt.Key.Key_Space, Qt.Key.Key_Tab, Qt.Key.Key_Insert])
@pytest.mark.parametrize("held", [_NO, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier])
def test_b1_no_key_but_del_deletes(bench: Bench, key: Qt.Key, held: Qt.KeyboardModifier) -> None:
    _filled(bench)
    before = _state(bench)
    bench.window.list.rows.setFocus()
    QTest.keyClick(bench.window.list.rows, key, held)
    assert _state(bench) == before


@pytest.mark.parametrize("key", [Qt.Key.Key_Backspace, Qt.Key.Key_Delete])
def test_b1_nothing_is_deleted_among_hits(bench: Bench, key: Qt.Key) -> None:
    # GIVEN hits of a search, of which one has the keyboard
    _filled(bench)
    before = _state(bench)
    bench.window.list.focus_search()
    QTest.keyClicks(focus(), "answer")
    bench.qtbot.waitUntil(lambda: bench.window.list.rows.count() == 5)
    bench.window.list.rows.setFocus()
    QTest.keyClick(bench.window.list.rows, key)
    assert _state(bench) == before
    # AND letters are a message there as well
    type_where_the_focus_is("What")
    assert bench.draft() == "What"


def test_b1_a_title_that_is_edited_keeps_its_letters(bench: Bench) -> None:
    _filled(bench)
    bench.window.menu.rename.trigger()
    bench.qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    QTest.keyClick(focus(), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    type_where_the_focus_is("What")
    QTest.keyClick(focus(), Qt.Key.Key_Backspace)
    QTest.keyClick(focus(), Qt.Key.Key_Return)
    bench.qtbot.waitUntil(lambda: "Wha" in [one.title for one in bench.history.conversations()])
    assert bench.draft() == ""


# --- B4: what is clicked is opened and marked, and stays where it was


def _many(bench: Bench) -> None:
    for number in range(64):
        one = bench.history.create(f"Conversation {number}").id
        bench.history.add_user_message(one, f"Question {number}")
    bench.presenter.refresh()
    bench.presenter.open_newest()


def _in_a_folder(bench: Bench) -> None:
    for one in bench.history.conversations():
        bench.history.set_folder(one.id, "Folder")
    bench.presenter.refresh()
    bench.window.list.shelf.show_folder("Folder")


def _pinned(bench: Bench) -> None:
    for place, one in enumerate(bench.history.conversations()[::2]):
        bench.history.set_pinned(one.id, float(place))
    bench.presenter.refresh()


def _after_a_search(bench: Bench) -> None:
    bench.window.list.focus_search()
    QTest.keyClicks(focus(), "question")
    bench.qtbot.waitUntil(lambda: bench.window.list.rows.item(0).text().startswith("Conversation"))
    bench.window.list.clear_search()


def _with_large_type(bench: Bench) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = bench.window.list.rows.fontMetrics().height()
    apply_text_size(app, 24)
    bench.qtbot.waitUntil(lambda: bench.window.list.rows.fontMetrics().height() > before)


LISTS: dict[str, Callable[[Bench], object]] = {
    "as it is": lambda _bench: None,
    "in a folder": _in_a_folder,
    "half of them pinned": _pinned,
    "after a search": _after_a_search,
    "24 pt": _with_large_type,
    "a low window": lambda bench: bench.window.resize(1100, 420),
    "while one is renamed elsewhere": lambda bench: bench.history.rename(bench.history.conversations()[40].id, "Other"),
}


@pytest.mark.parametrize("place", ["at the end", "in the middle", "cut off at the top", "cut off at the bottom"])
@pytest.mark.parametrize("how", LISTS)
def test_b4_the_row_that_is_clicked_is_marked_and_stays(bench: Bench, how: str, place: str) -> None:
    _many(bench)
    LISTS[how](bench)
    try:
        rows = bench.window.list.rows
        bar, view = rows.verticalScrollBar(), rows.viewport().rect()
        bar.setValue(bar.maximum() if place == "at the end" else bar.maximum() // 2 + 7)
        at = {
            "cut off at the top": view.topLeft() + QPoint(40, 3),
            "cut off at the bottom": view.bottomLeft() + QPoint(40, -3),
        }
        clicked = at.get(place, view.center())
        if rows.is_heading_at(clicked):
            clicked += QPoint(0, 60)
        item = rows.itemAt(clicked)
        title, top = item.text(), rows.visualItemRect(item).top()
        QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=clicked)
        bench.qtbot.waitUntil(lambda: bench.window.windowTitle().startswith(title))
        assert rows.marked is not None and rows.marked.text() == title
        if "cut off" not in place:
            assert rows.visualItemRect(rows.marked).top() == top
        # AND Del deletes just that one
        QTest.keyClick(rows, Qt.Key.Key_Delete)
        assert title not in [one.title for one in bench.history.conversations()]
        assert len(bench.history.conversations()) == 63
    finally:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_text_size(app, 0)


@pytest.mark.parametrize("what", ["an answer elsewhere", "an answer there", "another program"])
def test_b4_a_list_that_changes_between_press_and_release(bench: Bench, what: str) -> None:
    _many(bench)
    rows = bench.window.list.rows
    rows.verticalScrollBar().setValue(rows.verticalScrollBar().maximum() // 2)
    item = rows.itemAt(rows.viewport().rect().center())
    title, at = item.text(), rows.visualItemRect(item).center()
    QTest.mousePress(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
    # WHEN another conversation, or this one, goes to the top while the button is down
    number = 3 if what != "an answer there" else int(title.rpartition(" ")[2])
    (changed,) = [one.id for one in bench.history.conversations() if one.title == f"Conversation {number}"]
    bench.history.add_user_message(changed, "And now?")
    bench.presenter.on_chat_event(
        ConversationsChanged(changed)
    ) if what != "another program" else bench.presenter.refresh()
    QTest.mouseRelease(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
    # THEN the one that was pressed is open, and it is the one that is marked
    bench.qtbot.waitUntil(lambda: bench.window.windowTitle().startswith(title))
    assert rows.marked is not None and rows.marked.text() == title


@pytest.mark.parametrize("key", [Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End])
def test_b4_with_the_keyboard_the_row_that_is_marked_is_open(bench: Bench, key: Qt.Key) -> None:
    _many(bench)
    rows = bench.window.list.rows
    rows.verticalScrollBar().setValue(rows.verticalScrollBar().maximum() // 2)
    click_row(bench, rows.itemAt(rows.viewport().rect().center()).text())
    for _time in range(3):
        QTest.keyClick(rows, key)
    assert rows.marked is not None and rows.is_marked_in_view()
    title = rows.marked.text()
    bench.qtbot.waitUntil(lambda: bench.window.windowTitle().startswith(title))
    QTest.keyClick(rows, Qt.Key.Key_Delete)
    assert title not in [one.title for one in bench.history.conversations()]


# --- B6: what is selected is what is copied, whatever of it is written on the page


def _copied(bench: Bench) -> str:
    page = bench.window.pane.transcript
    page.setFocus()
    QApplication.clipboard().clear()
    QTest.keyClick(page, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    return QApplication.clipboard().text()


ANSWERS = {
    "code": "Look:\n\n```python\nfor x in range(3):\n    print(x)\n```",
    "a table": "| a | b |\n|---|---|\n| 1 | 2 |",
    "a formula": r"It is $x = \frac{1}{2}$, and $$E = mc^2$$",
    "Chinese": "\u4f60\u597d\uff0c\u4e16\u754c\u3002 \U0001f63a",
    "very long": "word " * 30_000 + "the end",
    "long lines of code": "```\n" + "\n".join(f"line {number}" for number in range(3_000)) + "\n```",
    "right to left": "\u0634\u0643\u0631\u0627 abc",
    "HTML": "<b>not bold</b> &amp; <script>",
}


@pytest.mark.parametrize("what", ANSWERS)
def test_b6_all_of_it_is_copied_whatever_it_is(bench: Bench, what: str) -> None:
    conversation = bench.history.create("Long").id
    for number in range(20):
        bench.history.add_user_message(conversation, f"Question {number}?")
        bench.history.add_answer(
            conversation, ANSWERS[what] if number == 3 else f"Answer {number}.",
            thinking="hm" if number == 5 else "", state=MessageState.COMPLETE, model="tiny", stats=None,
        )  # fmt: skip
    bench.presenter.open(conversation)
    said = [f"You:\nQuestion {number}?\n\nCatnap:\nAnswer {number}." for number in range(20)]
    said[3] = f"You:\nQuestion 3?\n\nCatnap:\n{ANSWERS[what]}"
    assert _copied(bench) == "\n\n".join(said)


@pytest.mark.parametrize("state", ["growing", "stopped", "another version", "scrolled to the start", "one deleted"])
def test_b6_all_of_it_is_copied_however_it_is(bench: Bench, state: str) -> None:
    conversation = bench.history.create("Long").id
    for number in range(100):
        bench.history.add_user_message(conversation, f"Question {number}?")
        whole = MessageState.COMPLETE
        bench.history.add_answer(conversation, f"Answer {number}.", thinking="", state=whole, model="t", stats=None)
    bench.presenter.open(conversation)
    said = [f"You:\nQuestion {number}?\n\nCatnap:\nAnswer {number}." for number in range(100)]
    if state in ("growing", "stopped"):
        bench.send("More?")
        bench.chat.on_engine_event(Token(bench.engine.last.request_id, "Once upon"))
        if state == "stopped":
            bench.finish(FinishReason.STOPPED)
        bench.qtbot.waitUntil(lambda: "Once upon" in bench.page())
        said.append("You:\nMore?\n\nCatnap:\nOnce upon")
    elif state == "another version":
        bench.window.menu.regenerate.trigger()
        bench.say("Another.")
        bench.finish()
        said[-1] = "You:\nQuestion 99?\n\nCatnap:\nAnother."
    elif state == "scrolled to the start":
        page = bench.window.pane.transcript
        page.setFocus()
        QTest.keyClick(page, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
        bench.qtbot.waitUntil(lambda: "Question 0?" in bench.page())
    else:
        bench.history.delete_message(conversation, bench.history.transcript(conversation).messages[10].id)
        bench.presenter.open(None)
        bench.presenter.open(conversation)
        del said[5]
    assert _copied(bench) == "\n\n".join(said)


@pytest.mark.parametrize(("first", "then"), [(Qt.Key.Key_End, Qt.Key.Key_Home), (Qt.Key.Key_Home, Qt.Key.Key_End)])
def test_b6_shift_selects_from_one_end_to_the_other(bench: Bench, first: Qt.Key, then: Qt.Key) -> None:
    conversation = bench.history.create("Long").id
    for number in range(100):
        bench.history.add_user_message(conversation, f"Question {number}?")
    bench.presenter.open(conversation)
    page = bench.window.pane.transcript
    page.setFocus()
    held = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(page, first, held)
    QTest.keyClick(page, then, held | Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(page, Qt.Key.Key_C, held)
    text = QApplication.clipboard().text()
    assert text.startswith("You:\nQuestion 0?") and text.endswith("Question 99?")
    assert text.count("Question") == 100


@pytest.mark.parametrize("kind", ["text", "table", "pages"])
@pytest.mark.parametrize("then", ["nothing", "it is scrolled"])
def test_b6_all_of_a_document_is_copied_and_not_only_what_is_seen_of_it(qtbot: QtBot, kind: str, then: str) -> None:
    document = huge_document(kind)
    view = DocumentTextView()
    qtbot.addWidget(view)
    view.resize(600, 400)
    with qtbot.waitExposed(view):
        view.show()
    view.show_document(document)
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    if then == "it is scrolled":
        for _time in range(20):
            view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
            QCoreApplication.processEvents()
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QApplication.clipboard().text()
    QApplication.clipboard().setText("")  # as above
    titled = ((part_words(part.kind, part.number, part.name), part.text) for part in document.parts)
    assert copied == "\n\n".join("\n".join(filter(None, each)) for each in titled)
    # AND a part of it is that part; a table is selected as a whole from outside of it
    if kind == "table":
        return
    QTest.keyClick(view, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    for _time in range(3):
        QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert len(QApplication.clipboard().text()) <= 3
