"""A flat button that shows the longest of several wordings that fits, at its right edge."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop.ui.theme.metrics import spacing
from desktop.ui.theme.palette import tinted

_HOVERED, _PRESSED = 0.06, 0.12


class FittingButton(QAbstractButton):
    """Takes all the room there is, and never cuts a wording in the middle of a figure."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wordings: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def say(self, wordings: tuple[str, ...]) -> None:
        """Sets the wordings, the longest first; that one is also what a screen reader says."""
        if wordings != self._wordings:
            self._wordings = wordings
            self.setAccessibleName(wordings[0])
            self._choose()

    def sizeHint(self) -> QSize:
        gap = spacing(self)
        widest = max((self.fontMetrics().horizontalAdvance(words) for words in self._wordings), default=0)
        return QSize(widest + 2 * gap.half, self.fontMetrics().height() + gap.half)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def hitButton(self, pos: QPoint) -> bool:
        """Only where the words are: the rest of the room is nobody's."""
        return bool(self.text()) and self._body().contains(pos)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._choose()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
            self._choose()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the words, and behind them what says that they can be clicked."""
        del event  # a line is small
        if not self.text():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body, gap = self._body(), spacing(self)
        if self.isDown() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tinted(self.palette(), _PRESSED if self.isDown() else _HOVERED))
            painter.drawRoundedRect(body, gap.half, gap.half)
        if self.hasFocus():
            painter.setPen(self.palette().color(QPalette.ColorRole.Accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(body.adjusted(0, 0, -1, -1), gap.half, gap.half)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(body, Qt.AlignmentFlag.AlignCenter, self.text())

    def _body(self) -> QRect:
        width = self.fontMetrics().horizontalAdvance(self.text()) + 2 * spacing(self).half
        rect = self.rect()
        rect.setLeft(max(rect.left(), rect.right() + 1 - width))
        return rect

    def _choose(self) -> None:
        room = self.width() - 2 * spacing(self).half
        fits = (words for words in self._wordings if self.fontMetrics().horizontalAdvance(words) <= room)
        chosen = next(fits, "")
        if chosen != self.text():
            self.setText(chosen)
        self.update()
