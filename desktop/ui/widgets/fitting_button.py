"""A flat button that shows the longest of several wordings that fits, at the right edge of the room it is given."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop.ui.theme.metrics import spacing
from desktop.ui.theme.palette import tinted

_HOVERED, _PRESSED = 0.06, 0.12


class FittingButton(QAbstractButton):
    """As wide as its words, so that whoever aims at it, by its place on the screen as well, hits it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return _size(self, self.text())

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints the words, and behind them what says that they can be clicked."""
        del event  # a line is small
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body, gap = self.rect(), spacing(self)
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


class FittingRoom(QWidget):
    """Takes all the room there is for such a button, and never cuts a wording in the middle of a figure."""

    def __init__(self, button: FittingButton, parent: QWidget | None = None) -> None:
        """
        Args:
            button: It is nowhere where not even the shortest wording fits.
            parent: Owner.
        """
        super().__init__(parent)
        self._button = button
        self._wordings: tuple[str, ...] = ()
        button.setParent(self)
        button.hide()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def say(self, wordings: tuple[str, ...]) -> None:
        """Sets the wordings, the longest first; that one is also what a screen reader says."""
        if wordings != self._wordings:
            self._wordings = wordings
            self._button.setAccessibleName(wordings[0])
            self._choose()

    def sizeHint(self) -> QSize:
        return _size(self, *self._wordings)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._choose()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
            self._choose()

    def _choose(self) -> None:
        fits = (words for words in self._wordings if _size(self, words).width() <= self.width())
        chosen = next(fits, "")
        if chosen != self._button.text():
            self._button.setText(chosen)
        width = _size(self, chosen).width() if chosen else 0
        self._button.setGeometry(self.width() - width, 0, width, self.height())
        self._button.setVisible(bool(chosen))
        self._button.update()


def _size(widget: QWidget, *wordings: str) -> QSize:
    """Returns the size that the widest of some wordings takes, with what is around it."""
    gap, letters = spacing(widget), widget.fontMetrics()
    widest = max((letters.horizontalAdvance(words) for words in wordings), default=0)
    return QSize(widest + 2 * gap.half, letters.height() + gap.half)
