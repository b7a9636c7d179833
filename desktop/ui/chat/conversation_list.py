"""The list of conversations with its search: rename in place, delete with a way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import (
    QDateTime,
    QLocale,
    QPoint,
    QSize,
    Qt,
    QTime,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.history.records import Conversation, SearchHit
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.theme.palette import muted
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.widgets.labels import small_font
from desktop.ui.widgets.list_row import DrawnRow, Index, paint_background, paint_focus

_ID = Qt.ItemDataRole.UserRole
_SECOND_LINE = Qt.ItemDataRole.UserRole + 1
_MESSAGE = Qt.ItemDataRole.UserRole + 2
# A person types several letters in this time; a search over the whole history for each would be wasted.
_SEARCH_DELAY_MS = 150


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
        title = drawn.fontMetrics.elidedText(
            str(index.data(Qt.ItemDataRole.DisplayRole) or ""), Qt.TextElideMode.ElideRight, area.width()
        )
        # On base lines of their own: a title in a higher font, as Chinese in an English window, must not move.
        painter.drawText(area.left(), area.top() + drawn.fontMetrics.ascent() + 1, title)
        painter.setFont(small_font(drawn.font))
        painter.setPen(muted(palette))
        second = painter.fontMetrics().elidedText(
            str(index.data(_SECOND_LINE) or ""), Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area.left(), area.bottom() - painter.fontMetrics().descent(), second)
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


class _Items(QListWidget):
    """Signals: deletePressed and renamePressed, the keys Del and F2."""

    deletePressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.deletePressed.emit()
        else:
            super().keyPressEvent(event)


class ConversationList(QWidget):
    """Shows conversations, or what a search has found.

    Signals:
        conversationSelected: A conversation shall be shown.
        messageSelected: (conversation, message): a search hit shall be shown.
        renameRequested: (conversation, new title).
        deleteRequested: A conversation shall be deleted.
        searchChanged: The words to search for; empty ends the search.
        newRequested: A new conversation shall begin.
        menuOpened: (menu, conversation): more can be added to what is offered for it.
        left: Esc was pressed and there is no search to end: the keyboard shall go back to the message.
    """

    conversationSelected = Signal(str)
    messageSelected = Signal(str, int)
    renameRequested = Signal(str, str)
    deleteRequested = Signal(str)
    searchChanged = Signal(str)
    newRequested = Signal()
    menuOpened = Signal(QMenu, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._conversations: tuple[Conversation, ...] = ()
        self._hits: tuple[SearchHit, ...] | None = None
        self._current: str | None = None
        self._filling = False
        self._search = QLineEdit(self)
        self._search.setPlaceholderText(self.tr("Search"))
        self._search.setAccessibleName(self.tr("Search all conversations"))
        self._search.setToolTip(self.tr("Search all conversations (Ctrl+F)"))
        self._search.setClearButtonEnabled(True)
        self._new = GlyphButton(Glyph.PLUS, self.tr("New conversation (Ctrl+N)"), self)
        self._items = _Items(self)
        self._items.setAccessibleName(self.tr("Conversations"))
        self._items.setFrameShape(QFrame.Shape.NoFrame)
        self._items.setItemDelegate(_TwoLines(self._items))
        self._items.setUniformItemSizes(True)
        self._items.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._items.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._items.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self._items.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        gap = spacing(self)
        top = QHBoxLayout()
        top.setContentsMargins(gap.unit, gap.half, gap.half, gap.half)  # as high as the head of the page
        top.setSpacing(gap.half)
        top.addWidget(self._search, stretch=1)
        top.addWidget(self._new)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._items, stretch=1)
        self._delay = QTimer(self, singleShot=True, interval=_SEARCH_DELAY_MS)
        self._delay.timeout.connect(lambda: self.searchChanged.emit(self._search.text().strip()))
        self._search.textChanged.connect(self._on_search_text)
        self._search.returnPressed.connect(self._items.setFocus)
        self._new.clicked.connect(self.newRequested)
        self._items.currentItemChanged.connect(self._on_current)
        self._items.itemActivated.connect(self._select)
        self._items.itemClicked.connect(self._select)
        self._items.itemChanged.connect(self._on_edited)
        self._items.deletePressed.connect(self.delete_current)
        self._items.customContextMenuRequested.connect(self._show_menu)

    def set_conversations(self, conversations: Sequence[Conversation], current: str | None) -> None:
        """Shows the conversations in the order given; ``current`` is marked."""
        self._conversations, self._current = tuple(conversations), current
        if self._hits is None:
            self._fill()

    def set_hits(self, hits: Sequence[SearchHit] | None) -> None:
        """Shows what a search has found; None goes back to the conversations."""
        self._hits = None if hits is None else tuple(hits)
        self._fill()

    def focus_search(self) -> None:
        """Puts the caret into the search field."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def clear_search(self) -> None:
        """Ends the search."""
        self._search.clear()

    def rename_current(self) -> None:
        """Opens the title of the marked conversation for editing."""
        if self._items.currentRow() >= 0 and self._hits is None:
            self._items.setFocus()
            self._items.editItem(self._items.currentItem())

    def delete_current(self) -> None:
        """Asks for the marked conversation to be deleted."""
        if self._items.currentRow() >= 0 and self._hits is None:
            self.deleteRequested.emit(str(self._items.currentItem().data(_ID)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self._search.text():
                self.clear_search()
            else:
                self.left.emit()
        else:
            super().keyPressEvent(event)

    def _fill(self) -> None:
        self._filling = True
        self._items.clear()
        if self._hits is None:
            for conversation in self._conversations:
                item = self._add(conversation, time_words(conversation.updated), None)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
                if conversation.id == self._current:
                    self._items.setCurrentItem(item)
        else:
            for hit in self._hits:
                self._add(hit.conversation, hit.excerpt.replace("\n", " "), hit.message_id)
            if not self._hits:
                nothing = QListWidgetItem(self.tr("Nothing found"), self._items)
                nothing.setFlags(Qt.ItemFlag.NoItemFlags)
        self._filling = False

    def _add(self, conversation: Conversation, second: str, message: int | None) -> QListWidgetItem:
        item = QListWidgetItem(self._title(conversation), self._items)
        item.setData(_ID, conversation.id)
        item.setData(_SECOND_LINE, second)
        item.setData(_MESSAGE, message)
        item.setToolTip(item.text())
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()}, {second}")
        return item

    def _title(self, conversation: Conversation) -> str:
        return conversation.title or self.tr("New conversation")

    def _on_search_text(self, text: str) -> None:
        if text.strip():
            self._delay.start()
        else:
            self._delay.stop()
            self.set_hits(None)
            self.searchChanged.emit("")

    def _on_current(self, item: QListWidgetItem | None) -> None:
        # Moving with the arrow keys shows each conversation; hits are shown when they are chosen.
        if item is not None and not self._filling and self._hits is None:
            self._select(item)

    def _select(self, item: QListWidgetItem) -> None:
        identity, message = item.data(_ID), item.data(_MESSAGE)
        if identity is None:
            return
        if message is not None:
            self.messageSelected.emit(identity, message)
        elif identity != self._current:
            self._current = identity
            self.conversationSelected.emit(identity)

    def _on_edited(self, item: QListWidgetItem) -> None:
        if self._filling:
            return
        identity, title = str(item.data(_ID)), item.text().strip()
        before = next((one for one in self._conversations if one.id == identity), None)
        if before is None or title == self._title(before):
            return
        if title:
            self.renameRequested.emit(identity, title)
        else:
            self._filling = True
            item.setText(self._title(before))
            self._filling = False

    def _show_menu(self, place: QPoint) -> None:
        if self._hits is not None or not self._items.indexAt(place).isValid():
            return
        item = self._items.itemAt(place)
        identity = str(item.data(_ID))
        menu = QMenu(self)
        menu.addAction(self.tr("Rename\tF2"), lambda: self._items.editItem(item))
        menu.addAction(self.tr("Delete\tDel"), lambda: self.deleteRequested.emit(identity))
        self.menuOpened.emit(menu, identity)
        menu.exec(self._items.viewport().mapToGlobal(place))
        menu.deleteLater()


def time_words(seconds: float) -> str:
    """Returns when something was: the time for today, the day of the week for this week, else the date."""
    when, now = QDateTime.fromSecsSinceEpoch(int(seconds)), QDateTime.currentDateTime()
    local, days = QLocale(), QDateTime(when.date(), QTime(0, 0)).daysTo(now)
    if days <= 0:
        return local.toString(when.time(), local.timeFormat(QLocale.FormatType.ShortFormat).replace(":ss", ""))
    if days < 7:
        return local.standaloneDayName(when.date().dayOfWeek())
    return local.toString(when.date(), QLocale.FormatType.ShortFormat)
