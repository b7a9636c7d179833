"""How a row of a list looks: the marked one has a bar and a tint, not a block of the accent."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.ui.theme.focus import draw_focus, draw_focus_of_page
from desktop.ui.theme.metrics import unit
from desktop.ui.theme.palette import accented, tinted

Index = QModelIndex | QPersistentModelIndex


class DrawnRow:
    """The fields of QStyleOptionViewItem, which PySide's declarations leave out; never made, only cast to."""

    rect: QRect
    state: QStyle.StateFlag
    palette: QPalette
    font: QFont
    fontMetrics: QFontMetrics
    widget: QWidget


def paint_background(painter: QPainter, row: DrawnRow) -> None:
    """Paints what lies behind a row."""
    palette, area = row.palette, row.rect
    if row.state & QStyle.StateFlag.State_Selected:
        painter.fillRect(area, accented(palette, 0.16))
        bar = max(2, unit(row.widget) // 3)
        painter.fillRect(QRect(area.left(), area.top(), bar, area.height()), palette.accent())
    elif row.state & QStyle.StateFlag.State_MouseOver:
        painter.fillRect(area, tinted(palette, 0.05))


def paint_focus(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """Paints the frame around the row that has the keyboard."""
    row = cast("DrawnRow", option)
    if row.state & QStyle.StateFlag.State_HasFocus:
        draw_focus(painter, row.rect, row.palette)


def paint_focus_of_list(view: QAbstractItemView) -> None:
    """Paints the frame around a whole list that has the keyboard, where no row in view is the one that has it."""
    place = view.currentIndex()
    seen = place.isValid() and view.visualRect(place).intersects(view.viewport().rect())
    if view.hasFocus() and not seen:
        draw_focus_of_page(view.viewport(), view.palette())


class OneLine(QStyledItemDelegate):
    """Draws rows of one line."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = cast("DrawnRow", option)
        step = unit(row.widget)
        words = row.fontMetrics.horizontalAdvance(str(index.data(Qt.ItemDataRole.DisplayRole) or ""))
        return QSize(words + 3 * step, row.fontMetrics.height() + 2 * step)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = cast("DrawnRow", option)
        step = unit(row.widget)
        area = row.rect.adjusted(step + step // 2, 0, -step, 0)
        painter.save()
        paint_background(painter, row)
        painter.setFont(row.font)
        painter.setPen(row.palette.color(QPalette.ColorRole.Text))
        words = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        words = row.fontMetrics.elidedText(words, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, words)
        painter.restore()
        paint_focus(painter, option)
