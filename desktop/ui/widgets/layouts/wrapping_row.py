"""A row of buttons that goes on in the next line where it is too wide: large text must not widen a window."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QLayoutItem

from desktop.ui.widgets.layouts.item_layout import ItemLayout


class WrappingRow(ItemLayout):
    """Lays widgets out from left to right at their preferred sizes, and from top to bottom.

    After the flow layout among Qt's examples. Its least width is that of its widest widget.
    """

    def __init__(self, *, to_right: bool = False) -> None:
        """
        Args:
            to_right: Each line ends at the right edge.
        """
        super().__init__()
        self._to_right = to_right

    def heightForWidth(self, width: int) -> int:
        return max((place.bottom() + 1 for _, place in self._places(width)), default=0)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        for item, place in self._places(rect.width()):
            item.setGeometry(place.translated(rect.topLeft()))

    def sizeHint(self) -> QSize:
        hints = [item.sizeHint() for item in self._items if not item.isEmpty()]
        gaps = self.spacing() * max(len(hints) - 1, 0)
        return QSize(sum(hint.width() for hint in hints) + gaps, max((hint.height() for hint in hints), default=0))

    def minimumSize(self) -> QSize:
        least = QSize()
        for item in self._items:
            least = least.expandedTo(item.minimumSize())
        return least

    def _places(self, width: int) -> list[tuple[QLayoutItem, QRect]]:
        """Returns where each item that is shown lies in a row of that width."""
        places: list[tuple[QLayoutItem, QRect]] = []
        line: list[QRect] = []
        at, deepest = QPoint(0, 0), 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if at.x() and at.x() + size.width() > width:
                self._end(line, width)
                at, line = QPoint(0, deepest + self.spacing()), []
            line.append(QRect(at, QSize(min(size.width(), max(width, 1)), size.height())))
            places.append((item, line[-1]))
            deepest = max(deepest, at.y() + size.height())
            at = QPoint(at.x() + size.width() + self.spacing(), at.y())
        self._end(line, width)
        return places

    def _end(self, line: list[QRect], width: int) -> None:
        """Moves what stands in one line to its right edge, if it ends there, and to the middle of its height."""
        spare = width - (line[-1].right() + 1) if self._to_right and line else 0
        deepest = max((place.height() for place in line), default=0)
        for place in line:
            place.translate(spare, (deepest - place.height()) // 2)
