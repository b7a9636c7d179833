"""Has Qt find the fonts of the page before an answer needs them.

The first bold word, the first Chinese character and the first emoji of each font make Qt look for what can show them:
1 to 5 ms each on the machine of docs/ARCHITECTURE.md, in the middle of an answer. Its fonts belong to the thread that
has found them, so that no other thread can do it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QFont, QTextLayout

from desktop.ui.transcript.typography import Typography

# What models write, wherever they come from. Not all scripts: one that no font here has costs ten times as much, and
# whoever reads it has a font for it.
_SAMPLES = ("Latin", "é“”—…", "→✓•≈", "中文，。", "😀")
# The window comes first; then one sample in each pause, so that nobody who types meanwhile waits for two.
_FIRST_MS, _PAUSE_MS = 1_500, 50


class FontWarming(QObject):
    """Lays out a sample of each script in each font of the page, while nothing else is to be done."""

    def __init__(self, is_busy: Callable[[], bool], parent: QObject) -> None:
        """
        Args:
            is_busy: Whether it shall wait, since an answer grows.
            parent: Owner.
        """
        super().__init__(parent)
        self._is_busy = is_busy
        self._left: deque[tuple[QFont, str]] = deque()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._go_on)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left."""
        return not self._left

    def begin(self, style: Typography) -> None:
        """Begins with the fonts of a typography, those of an earlier one being wanted no more."""
        bold, italic = QFont(style.font), QFont(style.font)
        bold.setBold(True)
        italic.setItalic(True)
        self._left = deque((font, sample) for font in (style.font, bold, style.mono, italic) for sample in _SAMPLES)
        self._timer.start(_FIRST_MS)

    def _go_on(self) -> None:
        if self._left and not self._is_busy():
            font, sample = self._left.popleft()
            layout = QTextLayout(sample, font)
            layout.beginLayout()
            layout.createLine()
            layout.endLayout()
        if self._left:
            self._timer.start(_PAUSE_MS)
