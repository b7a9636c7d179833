"""A row of a list of models: how it looks, and what keys and a click on it do."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QWidget

from desktop.ui.theme.focus import draw_focus
from desktop.ui.theme.metrics import spacing
from desktop.ui.theme.palette import accented, tinted

_STEPS: Final = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -5, Qt.Key.Key_PageDown: 5}


class ModelRow(QFrame):
    """A line below it, or a tinted frame where it is the selected one. Its buttons have it as their event filter.

    Attributes:
        picked: The row was clicked, or its button pressed: it becomes the selected one.
        moved: (steps) An arrow key asks for a row further down, or up when negative.
    """

    accessible_role = QAccessible.Role.ListItem
    picked = Signal()
    moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """
        Args:
            parent: Its list.
        """
        super().__init__(parent)
        self._selected = False

    def press(self) -> None:
        """Does the obvious thing: what Enter and the space bar do."""
        raise NotImplementedError

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keeps the arrow keys, which a button takes for Tab, for going through the list."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() in _STEPS:
            self.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _STEPS:
            self.moved.emit(_STEPS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.press()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.picked.emit()
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # a row is small: it is painted whole
        _paint_row(self, selected=self._selected)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)


def _paint_row(row: QWidget, *, selected: bool) -> None:
    palette = row.palette()
    painter = QPainter(row)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    gap = spacing(row)
    area = QRectF(row.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
    if selected:
        painter.setPen(QPen(accented(palette, 0.45), 1))
        painter.setBrush(accented(palette, 0.09))
        painter.drawRoundedRect(area, gap.half, gap.half)
    else:
        painter.setPen(QPen(tinted(palette, 0.12), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
    if row.hasFocus():
        draw_focus(painter, row.rect(), palette, gap.half)
