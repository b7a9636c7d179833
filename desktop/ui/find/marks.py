"""How places in a text are marked."""

from __future__ import annotations

from PySide6.QtGui import QPalette, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit

from desktop.ui.theme.palette import accented

MARK_SHARE = 0.3  # of the accent in the colour behind a place


def mark(view: QTextEdit, begin: int, end: int, *, is_current: bool = False) -> QTextEdit.ExtraSelection:
    """Returns a mark for :meth:`QTextEdit.setExtraSelections`.

    Args:
        view: Shows the text.
        begin: Position in its document.
        end: What follows the last one.
        is_current: It is the one that somebody was led to.
    """
    palette, form = QPalette(), QTextCharFormat()
    if is_current:
        form.setBackground(palette.color(QPalette.ColorRole.Highlight))
        form.setForeground(palette.color(QPalette.ColorRole.HighlightedText))
    else:
        form.setBackground(accented(palette, MARK_SHARE))
        # Links, small print and coloured code could not be read on it.
        form.setForeground(palette.color(QPalette.ColorRole.Text))
    cursor = QTextCursor(view.document())
    cursor.setPosition(begin)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    selection = QTextEdit.ExtraSelection()
    # Qt's declarations leave out that these two are attributes.
    selection.cursor, selection.format = cursor, form  # type: ignore[attr-defined]
    return selection
