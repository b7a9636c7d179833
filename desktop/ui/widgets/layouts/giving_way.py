"""What gives way on a low screen: a line that only advises, and the pages that are read."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Signal
from PySide6.QtWidgets import QLayout, QStackedWidget, QVBoxLayout, QWidget

# Of the pages, which would become as low as one: they stay in view beside what only advises.
_LINES_OF_PAGE = 4


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
        if self._column.isEmpty():  # nearly always, and what follows is not for nothing
            self.hide()
            return
        high = self._column.totalHeightForWidth(width) + gap
        # Without words that are broken into lines a layout does not know what it needs at some width.
        least = max(around.totalMinimumHeightForWidth(size.width()), around.totalMinimumSize().height())
        least -= 0 if self.isHidden() else high
        least += _LINES_OF_PAGE * self.fontMetrics().lineSpacing()
        self.setHidden(least + high > size.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the line: while what holds it is hidden no layout tells of it."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.changed.emit()
        return super().eventFilter(watched, event)


class YieldingPages(QStackedWidget):
    """Of a window that is too low, these become low: else all in it lost some, and lines lay on each other.

    A layout takes the height that something has in its width for the least that it needs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(self.fontMetrics().lineSpacing())

    def hasHeightForWidth(self) -> bool:
        return False
