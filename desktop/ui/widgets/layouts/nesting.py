"""Puts a layout into another one.

WORKAROUND(PySide6 6.8 to 6.12, ``addLayoutOwnership`` in glue/qtwidgets.cpp): ``addLayout`` makes a Python object for
each item of both layouts. Qt deletes an item with its widget and does not say so, and the object stays in the table of
what lies at which address. A dialog that came to lie there was taken for the item: the program ended.
"""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QLayout, QWidget
from shiboken6 import Shiboken

from desktop.ui.widgets.layouts.item_layout import ItemLayout


def add_layout(outer: QBoxLayout, inner: QLayout, stretch: int = 0) -> None:
    """Does what ``outer.addLayout(inner, stretch)`` does, and leaves no objects for items behind.

    Not for an :class:`~desktop.ui.widgets.layouts.item_layout.ItemLayout`, which needs these objects: see
    :func:`holding`.
    """
    if isinstance(inner, ItemLayout):
        raise TypeError("a layout that is written here is held by a widget")
    outer.addLayout(inner, stretch)
    _forget_items(outer)


def holding(layout: QLayout, *widgets: QWidget, gap: int) -> QWidget:
    """Returns a widget with that layout and those widgets.

    Args:
        layout: Gets no margins of its own.
        widgets: In their order.
        gap: Between them, in pixels.
    """
    holder = QWidget()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(gap)
    for widget in widgets:
        layout.addWidget(widget)
    holder.setLayout(layout)
    return holder


def _forget_items(layout: QLayout) -> None:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is not None and not isinstance(item, QLayout):
            Shiboken.invalidate(item)
    for inner in layout.children():
        if isinstance(inner, QLayout):
            _forget_items(inner)
