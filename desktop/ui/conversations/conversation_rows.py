"""The rows of the conversation list: how they look, and that they stay under the mouse whatever changes around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final, cast

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette
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

# Of a row: its second line, and where in it words are marked.
ROW_TEXT = Qt.ItemDataRole.UserRole + 1
ROW_MARKS = Qt.ItemDataRole.UserRole + 3
ROW_HEADING = Qt.ItemDataRole.UserRole + 4
_PLAIN: Final = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_EDITABLE: Final = _PLAIN | Qt.ItemFlag.ItemIsEditable
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
        heading: Stands above the row, the first one of its section; empty: nothing does. It is a part of the row, so
            that the keyboard never stands on a heading, and a screen reader says it where the section is entered.
    """

    conversation: str
    title: str
    second: str
    message: int | None = None
    marks: tuple[tuple[int, int], ...] = ()
    heading: str = ""


class _TwoLines(QStyledItemDelegate):
    """Draws the title and, smaller, the time or the words found.

    The size of a row is asked of each row at each change, so it is a value of the row, and no Python is run for it.
    """

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        drawn = cast("DrawnRow", option)
        step, palette = unit(drawn.widget), drawn.palette
        heading = str(index.data(ROW_HEADING) or "")
        if heading:
            _paint_heading(painter, drawn, heading)
            option = QStyleOptionViewItem(option)
            drawn = cast("DrawnRow", option)
            drawn.rect = drawn.rect.adjusted(0, heading_height(drawn.widget), 0, 0)
        area = drawn.rect.adjusted(step + step // 2, step // 2 + 1, -step, -(step // 2 + 1))
        painter.save()
        paint_background(painter, drawn)
        painter.setFont(drawn.font)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        # Where it is cut off there are dots at its end, which is at the left of what is read to the left.
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
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
        drawn = cast("DrawnRow", option)
        above = heading_height(drawn.widget) if index.data(ROW_HEADING) else 0
        editor.setGeometry(drawn.rect.adjusted(0, above, 0, 0))


def heading_height(widget: QWidget) -> int:
    """Returns the height of a heading above a row, in pixels."""
    return QFontMetrics(small_font(widget.font())).lineSpacing() + unit(widget) + unit(widget) // 2


def _paint_heading(painter: QPainter, drawn: DrawnRow, words: str) -> None:
    step = unit(drawn.widget)
    height = heading_height(drawn.widget)
    area = QRect(drawn.rect.left() + step + step // 2, drawn.rect.top(), drawn.rect.width() - 2 * step, height)
    font = small_font(drawn.font)
    font.setBold(True)
    painter.save()
    painter.setFont(font)
    painter.setPen(muted(drawn.palette))
    words = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, area.width())
    place = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextSingleLine
    painter.drawText(area.adjusted(0, 0, 0, -step // 4), place, words)
    painter.restore()


class _Item(QListWidgetItem):
    """A row, which is said when it is seen: to say 2,000 of them beforehand would hold the window up."""

    def __init__(self) -> None:
        super().__init__()
        self.row: Row | None = None
        self._size = QSize()
        self._editable: bool | None = None
        self._typed: str | None = None  # what was written in place of the title, until the row is said anew

    def say(self, row: Row, size: QSize, *, editable: bool) -> None:
        """Shows a row."""
        was_there, self.row, self._size, self._typed = self.row is not None, row, size, None
        if editable is not self._editable:
            self._editable = editable
            self.setFlags(_EDITABLE if editable else _PLAIN)
        view = self.listWidget() if was_there else None
        if view is not None:
            place = view.indexFromItem(self)
            view.model().dataChanged.emit(place, place)

    def resize(self, size: QSize) -> None:
        """Gives the row another size; whoever does lays the list out anew."""
        self._size = size

    def data(self, role: int) -> Any:
        row = self.row
        if row is None:
            return super().data(role)
        match role:
            case Qt.ItemDataRole.SizeHintRole:
                return self._size
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return row.title if self._typed is None else self._typed
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(row.title)
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(filter(None, (row.heading, row.title, row.second)))
            case _ if role == ROW_TEXT:
                return row.second
            case _ if role == ROW_MARKS:
                return row.marks
            case _ if role == ROW_HEADING:
                return row.heading
        return super().data(role)

    def setData(self, role: int, value: Any) -> None:
        if role == Qt.ItemDataRole.EditRole:
            self._typed = str(value)
        super().setData(role, value)


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
        self._items: dict[_Key, _Item] = {}
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(_TwoLines(self))
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
            self._items = {}
        wanted: dict[_Key, Row] = {(row.conversation, row.message): row for row in rows}
        before = list(self._shown)
        if self._shown == wanted and before == list(wanted):
            return
        scrolled = self.verticalScrollBar().value() > 0
        in_view = (
            [(item, key_of(item), self.visualItemRect(item).top()) for item in self._in_view()] if scrolled else []
        )
        sizes = self._sizes()
        steady = _steady(before, list(wanted))
        for place in reversed(range(self.count())):
            if before[place] not in steady:
                self.takeItem(place)
        items: dict[_Key, _Item] = {}
        for place, (key, row) in enumerate(wanted.items()):
            item = self._items.get(key) or _Item()
            if self._shown.get(key) != row:
                item.say(row, sizes[bool(row.heading)], editable=editable)
            if key not in steady:
                self.insertItem(place, item)
            items[key] = item
        self._shown, self._items = wanted, items
        self.doItemsLayout()
        kept = next(((one, top) for one, key, top in in_view if key in steady), None)
        if kept is not None:
            one, top = kept
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.visualItemRect(one).top() - top)

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
        self._shown, self._items = {}, {}
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
            if place == 0:
                self.scrollToTop()  # its heading too

    def is_marked_in_view(self) -> bool:
        """Whether the marked row can be seen."""
        return self.marked is not None and self._is_in_view(self.marked)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_shown"):
            sizes = self._sizes()
            for key, row in self._shown.items():
                self._items[key].resize(sizes[bool(row.heading)])
            self.doItemsLayout()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes no heading for the row below it."""
        if not self.is_heading_at(event.position().toPoint()):
            super().mousePressEvent(event)

    def is_heading_at(self, place: QPoint) -> bool:
        """Whether a heading is at a place of the list."""
        item = self.itemAt(place)
        if not isinstance(item, _Item) or not item.data(ROW_HEADING):
            return False
        return place.y() < self.visualItemRect(item).top() + heading_height(self)

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

    def _sizes(self) -> tuple[QSize, QSize]:
        """Returns the size of a row, and of one with a heading."""
        step = unit(self)
        # Chinese characters come from another font, which is higher than the one that is measured here.
        height = round(self.fontMetrics().lineSpacing() * 2.1) + step + step // 2
        return QSize(step * 12, height), QSize(step * 12, height + heading_height(self))

    def _in_view(self) -> list[QListWidgetItem]:
        area = self.viewport().rect()
        first, last = self.indexAt(area.topLeft()), self.indexAt(area.bottomLeft())
        end = last.row() + 1 if last.isValid() else self.count()
        return [self.item(place) for place in range(max(0, first.row()), end)]

    def _is_in_view(self, item: QListWidgetItem) -> bool:
        return self.viewport().rect().contains(self.visualItemRect(item).center())


def key_of(item: QListWidgetItem) -> tuple[str | None, int | None]:
    """Returns the conversation of a row and, of a search hit, the message; None and None: a line that is no row."""
    row = item.row if isinstance(item, _Item) else None
    return (row.conversation, row.message) if row is not None else (None, None)


def _steady(before: list[_Key], after: list[_Key]) -> set[_Key]:
    """Returns what can stay where it is while the others go round it."""
    start, end = 0, 0
    most = min(len(before), len(after))
    while start < most and before[start] == after[start]:
        start += 1
    while end < most - start and before[-1 - end] == after[-1 - end]:
        end += 1
    first, last = before[start : len(before) - end], after[start : len(after) - end]
    blocks = SequenceMatcher(None, first, last, autojunk=False).get_matching_blocks()
    inside = (key for block in blocks for key in first[block.a : block.a + block.size])
    return {*before[:start], *inside, *before[len(before) - end :]}
