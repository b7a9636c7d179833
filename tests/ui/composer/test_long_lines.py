"""Lines that are cut to be shown, and whole wherever they go."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QPlainTextDocumentLayout
from pytestqt.qtbot import QtBot

from desktop.ui.composer.composer import Composer
from desktop.ui.composer.long_lines import insert_lines, text_between
from desktop.ui.transcript.markdown.document import blocks_of

_WORDS = st.sampled_from(["", "a", "word ", "\n", "x" * 1_999, "y" * 2_001, "\U0001f600" * 1_500, "z" * 9_000, "שלום"])


def _document() -> QTextDocument:
    document = QTextDocument()
    document.setDocumentLayout(QPlainTextDocumentLayout(document))
    return document


def _all(document: QTextDocument) -> str:
    return text_between(document, 0, document.characterCount())


@pytest.mark.usefixtures("qapp")
@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.tuples(st.lists(_WORDS, max_size=6), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=4))
def test_what_is_put_in_is_read_again_whatever_is_replaced_and_undone(
    steps: list[tuple[list[str], float, float]],
) -> None:
    document, written, before = _document(), "", [""]
    for words, one, other in steps:
        # GIVEN some text, WHEN a part of it is replaced by another
        text = "".join(words)
        units = written.encode("utf-16-le")
        start, end = sorted(round(share * len(written)) for share in (one, other))
        cursor = QTextCursor(document)
        reach = [len(written[:place].encode("utf-16-le")) // 2 for place in (start, end)]
        places = [_place(document, written, count) for count in reach]
        cursor.setPosition(places[0])
        cursor.setPosition(places[1], QTextCursor.MoveMode.KeepAnchor)
        assert text_between(document, *places) == units[reach[0] * 2 : reach[1] * 2].decode("utf-16-le")
        insert_lines(cursor, text)
        written = written[:start] + text + written[end:]
        before.append(written)
        # THEN it reads as if it had never been cut, and no block is long
        assert _all(document) == written
        assert max(block.length() for block in blocks_of(document)) <= 8_001
    # AND so it does when all that is undone
    while document.isUndoAvailable():
        document.undo()
        assert _all(document) in before
    assert not _all(document)


def _place(document: QTextDocument, written: str, units: int) -> int:
    """Returns the position of the document that a number of UTF-16 units of the text comes to."""
    for position in range(units, document.characterCount()):
        if len(text_between(document, 0, position).encode("utf-16-le")) // 2 >= units:
            return position
    return document.characterCount() - 1


@pytest.mark.usefixtures("qapp")
def test_no_word_is_cut_that_has_room_elsewhere() -> None:
    """A word in two looked as if a line had been broken there."""
    document, text = _document(), "The quick brown fox jumps over the lazy dog. " * 300
    insert_lines(QTextCursor(document), text)
    parts = [block.text() for block in blocks_of(document)]
    assert len(parts) > 5 and all(part.endswith(" ") for part in parts)
    assert "".join(parts) == _all(document) == text


def test_a_line_break_in_a_cut_line_is_one(qtbot: QtBot) -> None:
    # GIVEN a composer with a very long line
    composer = Composer()
    qtbot.addWidget(composer)
    composer.set_text("a" * 10_000)
    # WHEN the line is broken in its last part
    composer.edit.moveCursor(QTextCursor.MoveOperation.Left)
    data = QMimeData()
    data.setText("\n")
    composer.edit.insertFromMimeData(data)
    # THEN there are two lines
    assert composer.text() == "a" * 9_999 + "\na"
    # AND what is selected is copied as it was written
    composer.edit.selectAll()
    assert composer.edit.createMimeDataFromSelection().text() == composer.text()


def test_a_text_that_is_put_into_the_composer_changes_it_once(qtbot: QtBot) -> None:
    composer = Composer()
    qtbot.addWidget(composer)
    composer.set_text("first")
    seen: list[str] = []
    composer.edit.textChanged.connect(lambda: seen.append(composer.text()))
    composer.set_text("a" * 10_000)
    assert set(seen) == {"a" * 10_000}
    assert not composer.edit.document().isUndoAvailable()
