"""The rows of the conversation list: how they look, and that they stay under the mouse whatever changes around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import cast

from PySide6.QtCore import QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.ui.conversations.marked_line import MarkedLine
from desktop.ui.theme.apostrophes import as_drawn
from desktop.ui.theme.metrics import unit
from desktop.ui.theme.palette import muted
from desktop.ui.widgets.labels import small_font
from desktop.ui.widgets.list_row import DrawnRow, Index, paint_background, paint_focus, paint_focus_of_list
from desktop.ui.words import plain_tip

_ID = Qt.ItemDataRole.UserRole
# Of a row: its second line, and where in it words are marked.
ROW_TEXT = Qt.ItemDataRole.UserRole + 1
ROW_MARKS = Qt.ItemDataRole.UserRole + 3
_MESSAGE = Qt.ItemDataRole.UserRole + 2
# The conversation and, of a search hit, the message; the rows of one list are told apart by it.
_Key = tuple[str | None, int | None]
_STEPS = (Qt.Key.Key_Up, Qt.Key.Key_Down)


@dataclass(frozen=True)
class Row:
    """What a row shows.

    Attributes:
        conversation: Its id.
        title: The first line.
        second: The line below, smaller.
        message: Of a search hit, the message found.
        marks: Where in the second line words are that were searched for.
    """

    conversation: str
    title: str
    second: str
    message: int | None = None
    marks: tuple[tuple[int, int], ...] = ()


class _TwoLines(QStyledItemDelegate):
    """Draws the title and, smaller, the time or the words found."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del index
        drawn = cast("DrawnRow", option)
        step = unit(drawn.widget)
        # Chinese characters come from another font, which is higher than the one that is measured here.
        return QSize(step * 12, round(drawn.fontMetrics.lineSpacing() * 2.1) + step + step // 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        drawn = cast("DrawnRow", option)
        step, palette = unit(drawn.widget), drawn.palette
        area = drawn.rect.adjusted(step + step // 2, step // 2 + 1, -step, -(step // 2 + 1))
        painter.save()
        paint_background(painter, drawn)
        painter.setFont(drawn.font)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        whole = as_drawn(str(index.data(Qt.ItemDataRole.DisplayRole) or ""), drawn.font)
        title = drawn.fontMetrics.elidedText(whole, Qt.TextElideMode.ElideRight, area.width())
        # On base lines of their own: a title in a higher font, as Chinese in an English window, must not move.
        painter.drawText(area.left(), area.top() + drawn.fontMetrics.ascent() + 1, title)
        painter.setFont(small_font(drawn.font))
        below = as_drawn(str(index.data(ROW_TEXT) or ""), drawn.font)  # as long as it was, so that the marks fit
        MarkedLine(below, index.data(ROW_MARKS) or ()).paint(painter, area, muted(palette), palette)
        painter.restore()
        paint_focus(painter, option)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        del option, index
        editor = QLineEdit(parent)
        editor.setAccessibleName(self.tr("Title of the conversation"))
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Covers the whole row: parts of its lines above and below the field would look broken."""
        del index
        editor.setGeometry(cast("DrawnRow", option).rect)


class ConversationRows(QListWidget):
    """The rows.

    Signals:
        deletePressed: Del was pressed. Backspace does nothing: it is what a person presses who has written something
            wrong, in the belief that it went into the message.
    """

    deletePressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: dict[_Key, Row] = {}
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(_TwoLines(self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    @property
    def marked(self) -> QListWidgetItem | None:
        """The row that looks chosen; one that only has the keyboard is not."""
        chosen = self.selectedItems()
        return chosen[0] if chosen else None

    @property
    def is_editing(self) -> bool:
        """Whether a title is being written."""
        return self.state() is QAbstractItemView.State.EditingState

    def update_rows(self, rows: Sequence[Row], *, editable: bool) -> None:
        """Shows these rows.

        Those that were there already stay the same items, and what is in view stays where it is. At the top of the
        list it is the top that stays, so that what is new there can be seen.
        """
        if self.count() != len(self._shown):
            self.clear()  # of the line that is no row
        wanted: dict[_Key, Row] = {(row.conversation, row.message): row for row in rows}
        before = list(self._shown)
        if self._shown == wanted and before == list(wanted):
            return
        scrolled = self.verticalScrollBar().value() > 0
        in_view = (
            [(item, key_of(item), self.visualItemRect(item).top()) for item in self._in_view()] if scrolled else []
        )
        blocks = SequenceMatcher(None, before, list(wanted), autojunk=False).get_matching_blocks()
        steady = {key for block in blocks for key in before[block.a : block.a + block.size]}
        moved = {
            before[place]: self.takeItem(place)
            for place in reversed(range(self.count()))
            if before[place] not in steady
        }
        for place, (key, row) in enumerate(wanted.items()):
            if key not in steady:
                self.insertItem(place, moved.get(key) or QListWidgetItem())
            if self._shown.get(key) != row:
                _say(self.item(place), row, editable)
        self._shown = wanted
        self.doItemsLayout()
        kept = next(((item, top) for item, key, top in in_view if key in steady), None)
        if kept is not None:
            item, top = kept
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.visualItemRect(item).top() - top)

    def step(self, by: int) -> None:
        """Marks another row, without opening it; from none on it is the first, or the last."""
        if not self._shown:
            return
        now = self.marked
        place = self.row(now) + by if now is not None else (0 if by > 0 else self.count() - 1)
        item = self.item(min(self.count() - 1, max(0, place)))
        self.setCurrentItem(item, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollToItem(item)

    def say(self, words: str) -> None:
        """Shows a line that is no row, in an empty list."""
        self.clear()
        self._shown = {}
        QListWidgetItem(words, self).setFlags(Qt.ItemFlag.NoItemFlags)

    def mark(self, conversation: str | None, *, into_view: bool) -> None:
        """Marks the row of a conversation and no other; ``into_view``: scrolls to where it is, if it is out of view."""
        place = next((place for place, key in enumerate(self._shown) if key[0] == conversation), None)
        item = self.item(place) if place is not None else None
        if item is None:
            self.clearSelection()
            return
        if self.marked is not item or self.currentItem() is not item:
            automatic = self.hasAutoScroll()
            self.setAutoScroll(False)
            self.setCurrentItem(item, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.setAutoScroll(automatic)
        if into_view and not self._is_in_view(item):
            self.scrollToItem(item)

    def is_marked_in_view(self) -> bool:
        """Whether the marked row can be seen."""
        return self.marked is not None and self._is_in_view(self.marked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.deletePressed.emit()
        elif event.key() == Qt.Key.Key_Backspace:
            event.accept()
        elif event.key() in _STEPS and self.marked is None and self.currentItem() is not None:
            # After a deletion the keyboard stands where the next row has moved up.
            self.setCurrentItem(self.currentItem(), QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.itemActivated.emit(self.currentItem())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Puts the keyboard on a row, which the arrow keys go on from; none is opened by that."""
        super().focusInEvent(event)
        if self.count() and not self.currentIndex().isValid():
            place = self.indexAt(self.viewport().rect().topLeft())
            self.selectionModel().setCurrentIndex(place, QItemSelectionModel.SelectionFlag.NoUpdate)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        paint_focus_of_list(self)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if self.hasFocus():  # the row that has the keyboard may come or go
            self.viewport().update()

    def keyboardSearch(self, search: str) -> None:
        """Does nothing: letters belong to the message, and none of them opens another conversation."""

    def _in_view(self) -> list[QListWidgetItem]:
        area = self.viewport().rect()
        first, last = self.indexAt(area.topLeft()), self.indexAt(area.bottomLeft())
        end = last.row() + 1 if last.isValid() else self.count()
        return [self.item(place) for place in range(max(0, first.row()), end)]

    def _is_in_view(self, item: QListWidgetItem) -> bool:
        return self.viewport().rect().contains(self.visualItemRect(item).center())


def key_of(item: QListWidgetItem) -> tuple[str | None, int | None]:
    """Returns the conversation of a row and, of a search hit, the message; None and None: a line that is no row."""
    return item.data(_ID), item.data(_MESSAGE)


def _say(item: QListWidgetItem, row: Row, editable: bool) -> None:
    said = {
        _ID: row.conversation,
        _MESSAGE: row.message,
        ROW_TEXT: row.second,
        ROW_MARKS: row.marks,
        Qt.ItemDataRole.DisplayRole: row.title,
        Qt.ItemDataRole.ToolTipRole: plain_tip(row.title),
        Qt.ItemDataRole.AccessibleTextRole: f"{row.title}, {row.second}",
    }
    for role, value in said.items():
        if item.data(role) != value:
            item.setData(role, value)
    plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
    flags = plain | Qt.ItemFlag.ItemIsEditable if editable else plain
    if item.flags() != flags:
        item.setFlags(flags)
