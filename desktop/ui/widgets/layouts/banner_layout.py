"""Words with buttons beside them, or below them where the words would be squeezed: large text, a narrow window.

Where a window is too low for all of it the words give way, never the buttons.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QLayoutItem, QWidget

from desktop.ui.widgets.layouts.item_layout import ItemLayout

_ITEMS = 3


class BannerLayout(ItemLayout):
    """Lays out three widgets: words, buttons, and what stays in the upper right corner.

    The widgets' own layouts say how high they are in a given width.
    """

    def __init__(
        self, words: QWidget, buttons: QWidget, corner: QWidget, comfortable: Callable[[], int] = lambda: 0
    ) -> None:
        """
        Args:
            words: Get what is left beside the others.
            buttons: In a row as long as there is room; may be empty.
            corner: As small as it can be; may be empty.
            comfortable: Returns which width the words need for buttons to stay beside them, in pixels.
        """
        super().__init__()
        self._comfortable = comfortable
        for widget in (words, buttons, corner):
            self.addWidget(widget)

    def heightForWidth(self, width: int) -> int:
        return self._places(QRect(0, 0, width, 0), self._high)[1]

    def minimumHeightForWidth(self, width: int) -> int:
        return self._places(QRect(0, 0, width, 0), self._least_high)[1]

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        places, total = self._places(rect, self._high)
        if (missing := total - rect.height()) > 0:
            places, _ = self._places(rect, lambda width: max(self._high(width) - missing, self._least_high(width)))
        for item, place in zip(self._items, places, strict=True):
            item.setGeometry(place)

    def sizeHint(self) -> QSize:
        words, buttons, corner = (item.sizeHint().width() for item in self._items)
        width = (
            max(words, self._comfortable()) + self._with_gap(buttons) + self._with_gap(corner) + self._margins().width()
        )
        return QSize(width, self.heightForWidth(width))

    def minimumSize(self) -> QSize:
        words, buttons, corner = (item.minimumSize() for item in self._items)
        width = max(words.width() + self._with_gap(corner.width()), buttons.width())
        height = max(words.height(), buttons.height(), corner.height())
        return QSize(width, height) + self._margins()

    def is_below(self, width: int) -> bool:
        """Tells whether the buttons go below the words where the layout has that width."""
        buttons, corner = (item.sizeHint().width() for item in self._items[1:_ITEMS])
        inner = width - self._margins().width()
        return bool(buttons) and inner - self._with_gap(buttons) - self._with_gap(corner) < self._comfortable()

    def _high(self, width: int) -> int:
        return _height(self._items[0], width)

    def _least_high(self, width: int) -> int:
        return min(self._items[0].minimumSize().height(), self._high(width))

    def _places(self, rect: QRect, height_of_words: Callable[[int], int]) -> tuple[list[QRect], int]:
        """Returns where each widget lies, and the height that they need with the margins."""
        _words, buttons, corner = self._items
        margins = self.contentsMargins()
        inner = rect.marginsRemoved(margins)
        beside, below = buttons.sizeHint(), self.is_below(rect.width())
        side = corner.sizeHint()
        width = inner.width() - self._with_gap(side.width()) - (0 if below else self._with_gap(beside.width()))
        width = max(width, 1)
        high = height_of_words(width)
        right = QRect(inner.right() + 1 - side.width(), inner.top(), side.width(), side.height())
        if below:
            row = max(high, side.height())
            size = QSize(inner.width(), _height(buttons, inner.width()))
            where = QRect(inner.left(), inner.top() + row + self.spacing(), size.width(), size.height())
            total = row + self.spacing() + size.height()
            places = [QRect(inner.left(), inner.top(), width, high), where, right]
        else:
            total = max(high, beside.height(), side.height())
            row = max(total, inner.height())  # a little more room than needed is shared
            where = QRect(inner.left() + width + self.spacing(), inner.top(), beside.width(), beside.height())
            places = [QRect(inner.left(), inner.top(), width, high), where, right]
            places = [place.translated(0, (row - place.height()) // 2) for place in places]
        return places, total + margins.top() + margins.bottom()

    def _with_gap(self, width: int) -> int:
        return width + self.spacing() if width else 0

    def _margins(self) -> QSize:
        margins = self.contentsMargins()
        return QSize(margins.left() + margins.right(), margins.top() + margins.bottom())


def _height(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
