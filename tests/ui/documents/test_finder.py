"""Finding words in a document, also where it is not written on the page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.documents.types import Document, DocumentKind, Part, PartKind
from desktop.ui.documents.finder import DocumentFinder
from desktop.ui.documents.viewer import DocumentViewer, Purpose
from tests.rigs.documents import handbook, huge_document, prices
from tests.support.longest_turn import longest_turn
from tests.support.widgets import child


@pytest.fixture
def viewer(qtbot: QtBot) -> DocumentViewer:
    made = DocumentViewer()
    qtbot.addWidget(made)
    return made


def _show(viewer: DocumentViewer, qtbot: QtBot, document: Document) -> None:
    viewer.show_document(document, Purpose.LOOK)
    with qtbot.waitExposed(viewer):
        viewer.open_window()


def _finder(viewer: DocumentViewer) -> DocumentFinder:
    finder = viewer.find_bar._finder
    assert isinstance(finder, DocumentFinder)
    return finder


def _settle(viewer: DocumentViewer, qtbot: QtBot) -> None:
    text = viewer.text
    qtbot.waitUntil(
        lambda: not (_finder(viewer).is_counting or text._marking.isActive() or text._filling.isActive()),
    )


def _find(viewer: DocumentViewer, qtbot: QtBot, words: str) -> None:
    QTest.keyClick(viewer.text, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    child(viewer.find_bar, QLineEdit).setText(words)
    _settle(viewer, qtbot)


def _count(viewer: DocumentViewer) -> str:
    return viewer.find_bar._count.text()


def _marks(viewer: DocumentViewer) -> list[tuple[str, bool]]:
    """Returns what is marked, and whether it is the one somebody was led to."""
    strong, found = QGuiApplication.palette().highlight().color(), []
    for mark in viewer.text.extraSelections():
        cursor = QTextCursor(mark.cursor)  # type: ignore[attr-defined]
        is_current = mark.format.background().color() == strong  # type: ignore[attr-defined]
        if is_current:
            assert viewer.text.viewport().rect().intersects(viewer.text.cursorRect(cursor))
        found.append((cursor.selectedText(), is_current))
    return found


def test_words_are_counted_marked_and_gone_through_by_keyboard(viewer: DocumentViewer, qtbot: QtBot) -> None:
    # GIVEN a book of 300 pages
    _show(viewer, qtbot, handbook(300))
    # WHEN a word of each page is looked for
    _find(viewer, qtbot, "SAYS NOTHING")
    # THEN all are counted, those in view marked, the first one more strongly
    assert _count(viewer) == "1 of 300"
    assert _marks(viewer)[0] == ("says nothing", True)
    assert all(words == "says nothing" and not is_current for words, is_current in _marks(viewer)[1:])
    # WHEN F3 is pressed THEN the next one is shown; Shift+F3 leads back, and before the first to the last
    QTest.keyClick(viewer, Qt.Key.Key_F3)
    assert _count(viewer) == "2 of 300"
    for _ in range(2):
        QTest.keyClick(viewer, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    _settle(viewer, qtbot)
    assert _count(viewer) == "300 of 300"
    assert ("says nothing", True) in _marks(viewer)
    assert viewer.chooser.list.currentIndex().row() >= 297
    # WHEN Esc is pressed THEN nothing is marked, the keyboard is in the text, and the window is still there
    QTest.keyClick(child(viewer.find_bar, QLineEdit), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not _marks(viewer))
    assert viewer.text.hasFocus() and viewer.isVisible() and not viewer.find_bar.isVisible()


def test_words_in_cells_and_over_the_end_of_a_line_are_found(viewer: DocumentViewer, qtbot: QtBot) -> None:
    _show(viewer, qtbot, prices())
    _find(viewer, qtbot, "Basket 299")
    assert _count(viewer) == "1 of 2" and ("Basket 299", True) in _marks(viewer)
    text = "The meeting is on\nTuesday. 会议在周二，ＡＢ。"
    viewer.show_document(Document("a.pdf", DocumentKind.PDF, (Part(PartKind.PAGE, 1, "", text),)), Purpose.LOOK)
    _find(viewer, qtbot, "on Tuesday")
    assert _count(viewer) == "1 of 1" and [is_current for _, is_current in _marks(viewer)] == [True, True]
    _find(viewer, qtbot, "周二,ab")
    assert _count(viewer) == "1 of 1"
    _find(viewer, qtbot, "Wednesday")
    assert _count(viewer) == "Nothing found" and not _marks(viewer)


def test_a_book_of_5000_pages_is_looked_through_without_a_stutter(viewer: DocumentViewer, qtbot: QtBot) -> None:
    _show(viewer, qtbot, huge_document("pages"))
    viewer.find_bar.open_bar()
    with longest_turn(qtbot, until=lambda: not _finder(viewer).is_counting) as looking:
        child(viewer.find_bar, QLineEdit).setText("bakery")
    _settle(viewer, qtbot)
    assert _count(viewer) == "1 of 45,000"
    with longest_turn(qtbot) as going:
        viewer.find_bar.step(-1)
    assert looking.seconds < 0.1 and going.seconds < 0.1, "half of it on an idle machine; tests run beside others"


def test_a_passage_that_is_shown_takes_the_place_of_words(viewer: DocumentViewer, qtbot: QtBot) -> None:
    document = handbook(12)
    _show(viewer, qtbot, document)
    _find(viewer, qtbot, "bakery")
    start = document.parts[3].text.index("Page 4 says")
    viewer.show_passage(4, start, start + 11)
    _settle(viewer, qtbot)
    assert viewer.text.marked == "Page 4 says" and not viewer.find_bar.isVisible()


def test_all_is_copied_also_what_is_not_written(viewer: DocumentViewer, qtbot: QtBot) -> None:
    document = huge_document("pages")
    _show(viewer, qtbot, document)
    QTest.keyClick(viewer.text, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(viewer.text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith(f"Page 1\n{document.parts[0].text}")
    assert copied.endswith(f"Page 5000\n{document.parts[-1].text}")
