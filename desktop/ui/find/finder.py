"""Finding words in a long text: how many there are, which one is shown, and the next."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left

from PySide6.QtCore import QObject, Signal

from desktop.common.text.matching import fold


class Finder(QObject):
    """Finds words in a text that lies there in pieces, of which not all need to be written on the page.

    Signals:
        counted: (number, all): which of how many is shown, from 1; 0: none is.
    """

    counted = Signal(int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words = ""  # folded
        self._active = False
        self._before: list[int] = [0]  # how many there are in the pieces before each
        self._number = 0  # of the one that is shown, from 1
        self._from = 0  # the piece from which on the first one is wanted

    def begin(self) -> None:
        """Begins where the page stands."""
        self._active = True
        self._from = self._place()

    def look_for(self, words: str) -> None:
        """Looks for other words, from where the page stood when it began or went on."""
        self._words = fold(words) if words.strip() else ""
        self._mark(self._words)
        self._count()

    def step(self, by: int) -> None:
        """Goes to the next one, or the one before; behind the last comes the first."""
        self._show(self._number + by)
        self._from = self._piece_of(self._number)

    def end(self) -> None:
        """Marks nothing any more."""
        self._active = False
        self._mark("")

    def _show_first(self) -> None:
        """Goes to the first one from where it began, as far as is counted."""
        self._show(1 + self._before[min(self._from, len(self._before) - 1)])

    def _show(self, number: int) -> None:
        total = self._before[-1]
        self._number = (number - 1) % total + 1 if total else 0
        if self._number:
            piece = self._piece_of(self._number)
            self._go_to(piece, self._number - 1 - self._before[piece])
        self.counted.emit(self._number, total)

    def _piece_of(self, number: int) -> int:
        return max(0, bisect_left(self._before, max(1, number)) - 1)

    @abstractmethod
    def _place(self) -> int:
        """Returns the first piece that can be seen."""

    @abstractmethod
    def _count(self) -> None:
        """Counts the words in all pieces, now or bit by bit, and shows the first."""

    @abstractmethod
    def _mark(self, words: str) -> None:
        """Marks folded words wherever they can be seen; empty: none."""

    @abstractmethod
    def _go_to(self, piece: int, number: int) -> None:
        """Brings one into view, the one with that number in its piece, from 0."""
