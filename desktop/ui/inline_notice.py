"""A sentence above the content of a dialog, which can be put away. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from desktop.ui.style import accented, mix, spacing, warning


class InlineNotice(QFrame):
    """Hidden while it has nothing to say.

    Args:
        warns: Something went wrong; it can be put away then. Otherwise it stays as long as it is true.
    """

    def __init__(self, warns: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._warns = warns
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        close = QToolButton()
        close.setText("×")
        close.setAutoRaise(True)
        close.setToolTip(self.tr("Put away"))
        close.setAccessibleName(self.tr("Put this notice away"))
        close.clicked.connect(lambda: self.say(""))
        close.setVisible(warns)
        gap = spacing(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(gap.unit + gap.half, gap.unit, gap.unit, gap.unit)
        row.addWidget(self._text, stretch=1)
        row.addWidget(close, alignment=Qt.AlignmentFlag.AlignTop)
        self.setVisible(False)

    @property
    def text(self) -> str:
        return self._text.text()

    def say(self, text: str) -> None:
        """Shows ``text``; an empty one hides the notice."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # a notice is small: it is painted whole
        palette = self.palette()
        page = accented(palette, 0.12)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mix(palette.base().color(), warning(palette), 0.14) if self._warns else page)
        radius = spacing(self).half
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)
