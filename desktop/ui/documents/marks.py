"""What is marked in the text of a document: a passage, or words that are looked for."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QTextEdit

from desktop.common.text.matching import fold, places
from desktop.ui.documents.page import DocumentPage
from desktop.ui.find.marks import mark

# Of a letter that is everywhere; more than fit into a window of usual size.
_MOST = 1_000


class PageMarks:
    """Marks what is written of it; words only where they can be seen.

    Attributes:
        passage: Place of a part in the document, from 0; its first character there and what follows its last one.
        words: Folded; as long as there are some, they are marked and not the passage.
        current: The place of the words that somebody was led to: a chunk, and where in its text.
    """

    def __init__(self, view: QTextEdit, page: DocumentPage) -> None:
        """
        Args:
            view: Shows the page.
            page: What is written of the document.
        """
        self._view, self._page = view, page
        self.passage: tuple[int, int, int] | None = None
        self.words = ""
        self.current: tuple[int, int, int] | None = None

    def clear(self) -> None:
        """Marks nothing: another document is shown. Words that are looked for are looked for in that as well."""
        self.passage = self.current = None
        self._view.setExtraSelections([])

    def paint(self) -> None:
        """Marks what is there now: to be called when other chunks are written or can be seen."""
        if self.words:
            self._view.setExtraSelections(list(self._words_in_view()))
        elif self.passage is not None:
            self._view.setExtraSelections([mark(self._view, *span) for span in self._page.spans(*self.passage)])
        elif self._view.extraSelections():
            self._view.setExtraSelections([])

    def _words_in_view(self) -> Iterator[QTextEdit.ExtraSelection]:
        view, page, left = self._view, self._page, _MOST
        area = view.viewport()
        first = page.chunk_at(view.cursorForPosition(QPoint(0, 0)).position())
        last = page.chunk_at(view.cursorForPosition(QPoint(area.width(), area.height())).position())
        for chunk in range(first, last + 1):
            for begin, end in places(fold(page.text_of(chunk)), [self.words])[:left]:
                left -= 1
                for span in page.spans_in(chunk, begin, end):
                    yield mark(view, *span, is_current=(chunk, begin, end) == self.current)
