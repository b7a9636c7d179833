"""Finding words in the document that is shown."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from desktop.common.text.matching import fold, places
from desktop.ui.documents.text_view import DocumentTextView
from desktop.ui.find.finder import Finder

# Characters that are looked through in one turn of the loop: some milliseconds.
_AT_ONCE = 150_000


class DocumentFinder(Finder):
    """Counts chunk by chunk, in the turns of the loop, so that a book of any length keeps nobody waiting."""

    def __init__(self, view: DocumentTextView) -> None:
        """
        Args:
            view: Shows the document.
        """
        super().__init__(view)
        self._view = view
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self._count_on)
        view.documentChanged.connect(self._on_document)

    @property
    def is_counting(self) -> bool:
        """Whether there is more of the document to be looked through."""
        return self._turn.isActive()

    def end(self) -> None:
        self._turn.stop()
        super().end()

    def _mark(self, words: str) -> None:
        self._view.mark_words(words)

    def _go_to(self, piece: int, number: int) -> None:
        hits = places(fold(self._view.chunk_text(piece)), [self._words])
        self._view.go_to_found(piece, *hits[number])

    def _count(self) -> None:
        self._before, self._number = [0], 0
        if self._words:
            self._turn.start()
        else:
            self._turn.stop()
            self.counted.emit(0, 0)

    def _count_on(self) -> None:
        seen, all_chunks = 0, self._view.chunk_count
        while len(self._before) <= all_chunks and seen < _AT_ONCE:
            text = self._view.chunk_text(len(self._before) - 1)
            seen += len(text)
            self._before.append(self._before[-1] + fold(text).count(self._words))
        is_done = len(self._before) > all_chunks
        if not self._number and (is_done or self._is_there):
            self._show_first()
        elif self._number or is_done:
            self.counted.emit(self._number, self._before[-1])
        if not is_done:
            self._turn.start()

    @property
    def _is_there(self) -> bool:
        """Whether the one that is wanted first has been counted."""
        return len(self._before) > self._from and self._before[-1] > self._before[self._from]

    def _on_document(self) -> None:
        """Looks through another document for the same."""
        if self._active:
            self._from = 0
            self._count()

    def _place(self) -> int:
        return self._view.first_chunk_in_view()
