"""The window that shows a document: what can be chosen of it, and that a passage is found in it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.documents.types import Document, DocumentKind, Note, NoteKind, Part, PartKind
from desktop.ui.documents.viewer import DocumentViewer, Purpose
from tests.rigs.documents import handbook, huge_document, prices
from tests.support.longest_turn import longest_turn
from tests.support.widgets import children


@pytest.fixture
def viewer(qtbot: QtBot) -> DocumentViewer:
    made = DocumentViewer()
    qtbot.addWidget(made)
    return made


def _ask(viewer: DocumentViewer) -> QPushButton:
    return next(button for button in children(viewer, QPushButton) if "sk about" in button.text())


def _show(viewer: DocumentViewer, qtbot: QtBot, document: Document, purpose: Purpose = Purpose.BEGIN) -> None:
    viewer.show_document(document, purpose)
    with qtbot.waitExposed(viewer):
        viewer.open_window()


def test_pages_are_chosen_by_number_and_the_list_follows(viewer: DocumentViewer, qtbot: QtBot) -> None:
    # GIVEN a document of twelve pages
    _show(viewer, qtbot, handbook(12))
    assert viewer.scope == "" and "12 pages" in viewer.amount_words
    # WHEN pages are written
    QTest.keyClicks(viewer.chooser.field, "1-3, 7")
    # THEN these are checked, and no others
    assert viewer.chooser.list.parts.checked == {1, 2, 3, 7}
    assert viewer.scope == "1-3, 7" and "4 pages" in viewer.amount_words
    # AND a checkmark more is written in the field
    index = viewer.chooser.list.parts.index(3, 0)
    viewer.chooser.list.parts.setData(index, Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    assert viewer.chooser.field.text() == "1-4, 7"


@pytest.mark.parametrize("written", ["1-", "1，2", "1–2", " 1 - 2 ", "1、2"])
def test_numbers_may_be_written_in_many_ways(viewer: DocumentViewer, qtbot: QtBot, written: str) -> None:
    _show(viewer, qtbot, handbook(12))
    viewer.chooser.field.setText(written)
    viewer.chooser.field.textEdited.emit(written)
    assert viewer.chooser.is_valid and 1 in viewer.chooser.list.parts.checked


@pytest.mark.parametrize("written", ["x", "0", "99", "7-3", "1-3 7", "9" * 5000])
def test_what_is_no_page_is_told_and_nothing_can_be_asked(viewer: DocumentViewer, qtbot: QtBot, written: str) -> None:
    _show(viewer, qtbot, handbook(12))
    viewer.chooser.field.setText(written)
    viewer.chooser.field.textEdited.emit(written)
    assert "1-12" in viewer.chooser.problem.text() and not _ask(viewer).isEnabled()
    # WHEN Enter is pressed all the same THEN nothing is asked
    with qtbot.assertNotEmitted(viewer.askRequested):
        viewer.chooser.field.returnPressed.emit()
    # AND it is over with the next right word
    viewer.chooser.field.textEdited.emit("2")
    assert not viewer.chooser.problem.text() and _ask(viewer).isEnabled()


def test_enter_in_the_text_asks_about_it(viewer: DocumentViewer, qtbot: QtBot) -> None:
    # WHEN what was only looked at has the keyboard in its text THEN Enter does nothing there
    _show(viewer, qtbot, handbook(3), Purpose.LOOK)
    with qtbot.assertNotEmitted(viewer.askRequested):
        QTest.keyClick(viewer.text, Qt.Key.Key_Return)
    viewer.close()
    # BUT it presses the button that stands out before a document is used
    _show(viewer, qtbot, handbook(3))
    qtbot.waitUntil(viewer.text.hasFocus)
    with qtbot.waitSignal(viewer.askRequested):
        QTest.keyClick(viewer.text, Qt.Key.Key_Return)


def test_a_document_that_is_used_can_be_asked_about_only_if_something_changes(
    viewer: DocumentViewer, qtbot: QtBot
) -> None:
    viewer.show_document(handbook(12), Purpose.CHANGE, "2-3")
    assert viewer.scope == "2-3" and not _ask(viewer).isEnabled()
    viewer.chooser.field.textEdited.emit("2-4")
    with qtbot.waitSignal(viewer.askRequested):
        _ask(viewer).click()
    assert viewer.scope == "2-4"


def test_notes_are_said(viewer: DocumentViewer, qtbot: QtBot) -> None:
    document = Document("a.txt", DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", "Text"),),
                        (Note(NoteKind.CUT_OFF, "4,000,000"), Note(NoteKind.GUESSED_ENCODING, "gb18030")))  # fmt: skip
    _show(viewer, qtbot, document)
    words = " ".join(label.text() for label in children(viewer, type(viewer._notes)))
    assert "4,000,000" in words and "gb18030" in words
    assert not viewer.chooser.field.isVisible() and not viewer.chooser.list.isVisible()


def test_a_passage_is_marked_selected_and_in_view(viewer: DocumentViewer, qtbot: QtBot) -> None:
    # GIVEN a document of many pages at its beginning
    document = handbook(300)
    _show(viewer, qtbot, document)
    text = document.parts[251].text
    start = text.index("Page 252 says")
    # WHEN a passage far away is shown
    viewer.show_passage(252, start, start + 24)
    # THEN it is marked, it is what is selected, and it can be seen
    assert viewer.text.marked == text[start : start + 24] == viewer.text.textCursor().selectedText()
    assert viewer.text.viewport().rect().contains(viewer.text.cursorRect().center())
    assert viewer.chooser.list.currentIndex().row() == 251


def test_a_passage_of_a_table_is_marked_by_cells(viewer: DocumentViewer, qtbot: QtBot) -> None:
    document = prices()
    _show(viewer, qtbot, document)
    text = document.parts[0].text
    start = text.index("| Basket 290 |")
    viewer.show_passage(1, start, text.index("\n", start))
    assert viewer.text.marked.split("\n") == ["Basket 290", "870.50", "warm | soft 🐈"]


def test_what_is_marked_survives_other_letters(viewer: DocumentViewer, qtbot: QtBot) -> None:
    document = handbook(300)
    _show(viewer, qtbot, document)
    text = document.parts[251].text
    start = text.index("Page 252 says")
    viewer.show_passage(252, start, start + 24)
    font = viewer.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    viewer.setFont(font)
    assert viewer.text.marked == text[start : start + 24]


def test_text_can_be_walked_through_from_end_to_end(viewer: DocumentViewer, qtbot: QtBot) -> None:
    # GIVEN a text of four million characters
    document = huge_document()
    _show(viewer, qtbot, document)
    assert document.parts[0].text.startswith(viewer.text.toPlainText()[:200])
    # WHEN its end is asked for
    QTest.keyClick(viewer.text, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    # THEN its last words are there
    qtbot.waitUntil(lambda: viewer.text.toPlainText().endswith(document.parts[0].text[-100:].strip("\n")))
    QTest.keyClick(viewer.text, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: document.parts[0].text.startswith(viewer.text.toPlainText()[:200]))


@pytest.mark.parametrize("kind", ["text", "table", "pages"])
def test_a_huge_document_never_holds_the_window(viewer: DocumentViewer, qtbot: QtBot, kind: str) -> None:
    document = huge_document(kind)
    viewer.show_document(handbook(2), Purpose.BEGIN)
    with qtbot.waitExposed(viewer):
        viewer.open_window()
    with longest_turn(qtbot) as turn:
        viewer.show_document(document, Purpose.BEGIN)
    assert turn.seconds < 0.25, "50 ms on an idle machine; tests run beside others"


def test_hostile_words_stay_words(viewer: DocumentViewer, qtbot: QtBot) -> None:
    text = '<img src="file:///etc/passwd"> <b>x</b>\n' + "y" * 300_000 + "\n|||\n| a\n|\n# \n\x00\u2028z"
    _show(viewer, qtbot, Document("<b>x</b>.html", DocumentKind.PAGE_OF_THE_WEB, (Part(PartKind.WHOLE, 1, "", text),)))
    assert "<b>x</b>" in viewer.text.toPlainText()


def test_how_long_a_document_of_one_part_is_is_said_once(viewer: DocumentViewer, qtbot: QtBot) -> None:
    note = Document("note.txt", DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", "The meeting is on Thursday."),))
    _show(viewer, qtbot, note)
    assert not viewer.chooser.has_choice
    said = [label.text() for label in children(viewer, QLabel, shown=True)]
    assert sum("words" in words for words in said) == 1, said
