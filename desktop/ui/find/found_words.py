"""Words that were looked for, marked on the page, and the way to one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtGui import QTextBlock, QTextCursor
from PySide6.QtWidgets import QTextEdit

from desktop.common.text.matching import fold, places
from desktop.ui.find.marks import mark
from desktop.ui.transcript.markdown.document import KIND, Kind, blocks_of
from desktop.ui.transcript.navigation.scrolling import PageScroll
from desktop.ui.transcript.page import TranscriptPage
from desktop.ui.transcript.utf16 import utf16_length

# Lines of the page's own: nobody has said what stands in them.
_NOT_SAID = (Kind.FOOT, Kind.CODE_HEAD, Kind.THOUGHT_LINE, Kind.THOUGHT, Kind.CUT, Kind.REST)


@dataclass(frozen=True)
class Found:
    """One place where something was found.

    Attributes:
        message: Id.
        number: Which of the places in that message, from 0.
    """

    message: int
    number: int


class FoundWords(QObject):
    """Marks them where the page can be seen, and brings one of them into view, also of a message not written yet."""

    def __init__(self, view: QTextEdit, page: TranscriptPage, scroll: PageScroll) -> None:
        """
        Args:
            view: Shows the page.
            page: What is written on it.
            scroll: Moves it.
        """
        super().__init__(view)
        self._view, self._page, self._scroll = view, page, scroll
        self._words: tuple[str, ...] = ()
        self._current: Found | None = None
        self._wanted: Found | None = None
        self._marking = QTimer(self, singleShot=True, interval=0)
        self._marking.timeout.connect(self._mark)
        self._looking = QTimer(self, singleShot=True, interval=0)
        self._looking.timeout.connect(self._look)
        scroll.arrived.connect(self._looking.start)
        bar = view.verticalScrollBar()
        for changed in (bar.valueChanged, bar.rangeChanged, view.document().contentsChanged):
            changed.connect(self._follow)

    @property
    def is_on_its_way(self) -> bool:
        """Whether the place that was asked for is not in view yet."""
        return self._wanted is not None

    def look_for(self, words: Sequence[str]) -> None:
        """Marks words from now on, none of which is empty; no words: nothing."""
        self._words = tuple(fold(word) for word in words)
        self._current = self._wanted = None
        self._marking.start()

    def go_to(self, found: Found) -> None:
        """Brings one place into view, marked more strongly than the others."""
        self._current = self._wanted = found
        self._scroll.stop_following()
        if self._page.span_of(found.message) is not None:
            self._looking.start()
        else:
            self._scroll.reveal(found.message)

    def restyle(self) -> None:
        """To be called when the colours are others."""
        self._marking.start()

    def _follow(self) -> None:
        if self._words or self._view.extraSelections():
            self._marking.start()

    def _look(self) -> None:
        """Goes to the place that is wanted, where it is written; a long message is written up to it bit by bit."""
        found = self._wanted
        if found is None:
            return
        if self._page.span_of(found.message) is None:
            self._wanted = None  # somebody has gone elsewhere meanwhile
            return
        hits = self._hits_of(found)
        if found.number >= len(hits) and self._page.has_rest(found.message):
            self._page.write_rest(str(found.message))
            self._looking.start()
            return
        self._wanted = None
        self._marking.start()
        if hits:
            cursor = QTextCursor(self._view.document())
            cursor.setPosition(hits[min(found.number, len(hits) - 1)][0])
            self._scroll.bring_into_view(cursor)
        else:  # only its Markdown has the word
            self._scroll.reveal(found.message)

    def _hits_of(self, found: Found) -> list[tuple[int, int]]:
        span = self._page.span_of(found.message)
        if span is None:
            return []
        document = self._view.document()
        hits: list[tuple[int, int]] = []
        for block in blocks_of(document, document.findBlock(span[0])):
            if block.position() >= span[1]:
                break
            hits += self._hits_in(block)
        return hits

    def _hits_in(self, block: QTextBlock) -> Iterator[tuple[int, int]]:
        """Yields where in the document the words of a block are."""
        if block.blockFormat().property(KIND) in _NOT_SAID:
            return
        text = block.text()
        start = block.position()
        for begin, end in places(fold(text), self._words):
            yield start + utf16_length(text[:begin]), start + utf16_length(text[:end])

    def _mark(self) -> None:
        marks = []
        if self._words:
            current = self._current_hit()
            for begin, end in self._hits_in_view():
                marks.append(mark(self._view, begin, end, is_current=(begin, end) == current))
        self._view.setExtraSelections(marks)

    def _current_hit(self) -> tuple[int, int] | None:
        if self._current is None or not self._scroll.is_in_view(self._current.message):
            return None
        hits = self._hits_of(self._current)
        return hits[min(self._current.number, len(hits) - 1)] if hits else None

    def _hits_in_view(self) -> Iterator[tuple[int, int]]:
        view, document = self._view, self._view.document()
        first = view.cursorForPosition(QPoint(0, 0)).block()
        last = view.cursorForPosition(QPoint(view.viewport().width(), view.viewport().height())).position()
        for block in blocks_of(document, first):
            if block.position() > last:
                break
            yield from self._hits_in(block)
