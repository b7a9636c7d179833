"""How wide the page is: as many letters as can be read well in a line, in the middle of a wide window."""

from __future__ import annotations

from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QTextEdit

from desktop.ui.theme.metrics import message_font, unit
from desktop.ui.transcript.navigation.scroll_bar import ConversationScrollBar

# Characters in a line: what docs/ARCHITECTURE.md asks for; the alphabet gives the average width of one.
_MEASURE = 72
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class PageMeasure:
    """Keeps the lines of a page at the measure."""

    def __init__(self, view: QTextEdit, bar: ConversationScrollBar) -> None:
        """
        Args:
            view: Shows the page; its font decides.
            bar: Lies beside the page, whose text must not move when it comes.
        """
        self._view, self._bar = view, bar

    def page_width(self) -> int:
        """Returns the width of the page with its margins, in pixels."""
        letter = QFontMetricsF(message_font(self._view.font())).horizontalAdvance(_ALPHABET) / len(_ALPHABET)
        return round(letter * _MEASURE) + 4 * unit(self._view)

    def scroll_bar_width(self) -> int:
        return self._bar.sizeHint().width()

    def fit(self) -> None:
        """Lays the page out for the size that the view has now."""
        view = self._view
        view.document().setDocumentMargin(unit(view) * 2)
        page = self.page_width()
        # The room of the scroll bar is kept free: the text must not move when the bar comes.
        bar = self.scroll_bar_width()
        room = view.width() - bar
        beside = max(0, (room - page) // 2)
        view.setViewportMargins(beside, 0, beside + bar, 0)
        right = 0 if view.isRightToLeft() else view.width() - bar
        self._bar.setGeometry(right, 0, bar, view.height())
        self._bar.measure_anew()
        width = max(page // 4, min(page, room))
        if width != view.lineWrapColumnOrWidth():  # Qt lays the whole page out again even if it is the same
            view.setLineWrapColumnOrWidth(width)
