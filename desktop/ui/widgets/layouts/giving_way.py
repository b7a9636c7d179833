"""A line that only advises: it stays away where what is around it would be squeezed for it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Signal
from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget


class GivingWay(QWidget):
    """Holds the line; hidden while that is, and while there is no room for it.

    Signals:
        changed: The line has come or gone: whether there is room has to be found out.
    """

    changed = Signal()

    def __init__(self, line: QWidget) -> None:
        """
        Args:
            line: Shows and hides itself as ever.
        """
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(line)
        line.installEventFilter(self)
        self.hide()

    def fit(self, around: QLayout, size: QSize, width: int, gap: int) -> None:
        """Shows the line where there is room for it beside all the rest.

        Args:
            around: The layout that it lies in, at whatever depth.
            size: Of what that lays out, in pixels.
            width: That the line has, in pixels.
            gap: Between it and the next, in pixels.
        """
        high = self._column.totalHeightForWidth(width) + gap
        # Without words that are broken into lines a layout does not know what it needs at some width.
        least = max(around.totalMinimumHeightForWidth(size.width()), around.totalMinimumSize().height())
        least -= 0 if self.isHidden() else high
        self.setHidden(self._column.isEmpty() or least + high > size.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the line: while what holds it is hidden no layout tells of it."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.changed.emit()
        return super().eventFilter(watched, event)
