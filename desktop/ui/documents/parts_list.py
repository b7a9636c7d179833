"""The parts of a document as a list, each with a checkmark: those that are asked about have one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QStandardItemModel
from PySide6.QtWidgets import QListView, QStyle, QStyleOptionViewItem, QWidget

from desktop.documents.types import Part
from desktop.ui.documents.words import line_of
from desktop.ui.theme.metrics import unit
from desktop.ui.widgets.list_row import (
    DrawnRow,
    Index,
    OneLine,
    paint_background,
    paint_focus,
    paint_focus_of_list,
)


class PartsModel(QStandardItemModel):
    """The parts; only rows that are seen are asked for, so thousands cost nothing.

    A list asks a model for every row how many there are: Qt's own items, which stay empty, answer that without Python.

    Signals:
        changed: Another set of parts is checked.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: tuple[Part, ...] = ()
        self._checked: set[int] = set()  # numbers

    @property
    def checked(self) -> frozenset[int]:
        """Numbers of the parts that have a checkmark."""
        return frozenset(self._checked)

    def set_parts(self, parts: tuple[Part, ...]) -> None:
        """Shows other parts, all of them checked."""
        self.setRowCount(0)
        self._parts = parts
        self._checked = {part.number for part in parts}
        self.setColumnCount(1)
        self.setRowCount(len(parts))

    def check(self, numbers: Collection[int]) -> None:
        """Checks exactly the parts with these numbers."""
        if set(numbers) == self._checked:
            return
        self._checked = set(numbers)
        if self._parts:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self._parts) - 1, 0), [Qt.ItemDataRole.CheckStateRole]
            )

    def flags(self, _index: Index) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsUserCheckable | flag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        part = self._parts[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line_of(part)
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if part.number in self._checked else Qt.CheckState.Unchecked
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        number = self._parts[index.row()].number
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self._checked.add(number)
        else:
            self._checked.discard(number)
        self.dataChanged.emit(index, index, [role])
        self.changed.emit()
        return True


class _CheckedLine(OneLine):
    """Draws a row of one line with its checkmark."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(0, hint.height())  # a long row is elided

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = cast("DrawnRow", option)
        box = self._box(option, index)
        painter.save()
        paint_background(painter, row)
        mark = QStyleOptionViewItem(option)
        drawn = cast("DrawnRow", mark)
        drawn.rect = box
        drawn.state &= ~QStyle.StateFlag.State_HasFocus
        is_checked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        drawn.state |= QStyle.StateFlag.State_On if is_checked else QStyle.StateFlag.State_Off
        row.widget.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck, mark, painter, row.widget
        )
        area = row.rect.adjusted(box.right() - row.rect.left() + unit(row.widget), 0, -unit(row.widget), 0)
        painter.setFont(row.font)
        painter.setPen(row.palette.color(QPalette.ColorRole.Text))
        words = row.fontMetrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, words)
        painter.restore()
        paint_focus(painter, option)

    def _box(self, option: QStyleOptionViewItem, index: Index) -> QRect:
        """Returns where the style looks for clicks on the mark."""
        whole = QStyleOptionViewItem(option)
        self.initStyleOption(whole, index)
        widget = cast("DrawnRow", option).widget
        return widget.style().subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, whole, widget)


class PartsList(QListView):
    """Shows the parts.

    Signals:
        partChosen: (place) Somebody has gone to a part, counted from 0.
    """

    partChosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parts = PartsModel(self)
        self._is_following = False
        self.setModel(self.parts)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.setUniformItemSizes(True)
        self.setItemDelegate(_CheckedLine(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Parts of the document that are asked about"))

    def follow(self, place: int) -> None:
        """Marks the part that is being read."""
        self._is_following = True
        self.setCurrentIndex(self.parts.index(place, 0))
        self._is_following = False

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        paint_focus_of_list(self)

    def _on_current(self, current: Index, _previous: Index) -> None:
        if not self._is_following and current.isValid():
            self.partChosen.emit(current.row())
