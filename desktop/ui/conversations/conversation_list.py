"""The list of conversations with its search: rename in place, delete with a way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from PySide6.QtCore import QDateTime, QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLineEdit, QListWidgetItem, QMenu, QVBoxLayout, QWidget

from desktop.common.printable import one_line
from desktop.history.records import Conversation, SearchHit
from desktop.ui.conversations.conversation_rows import ConversationRows, Row, key_of
from desktop.ui.conversations.excerpts import read_excerpt
from desktop.ui.conversations.moments import TimeWords
from desktop.ui.conversations.sections import in_sections
from desktop.ui.conversations.shelf import ARCHIVE, LIST, Place, Shelf, folders_of
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.clear_button import add_clear_button
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.widgets.menus import add_action

# A person types several letters in this time; a search over the whole history for each would be wasted.
_SEARCH_DELAY_MS = 150


class _SearchField(QLineEdit):
    """Leaves the keys for undo and redo to the window where there is nothing written to undo.

    Signals:
        stepped: (1 or -1) The next row, or the one before, is wanted; the caret stays here.
    """

    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is not None and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.stepped.emit(step)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            keys = QKeySequence.StandardKey
            if (event.matches(keys.Undo) and not self.isUndoAvailable()) or (
                event.matches(keys.Redo) and not self.isRedoAvailable()
            ):
                event.ignore()
                return True
        return super().event(event)


class ConversationList(QWidget):
    """Shows conversations, or what a search has found.

    Signals:
        conversationSelected: A conversation shall be shown.
        messageSelected: (conversation, message): a search hit shall be shown.
        renameRequested: (conversation, new title).
        deleteRequested: A conversation shall be deleted.
        pinRequested: (conversation, whether it shall be pinned to the top)
        archiveRequested: (conversation, whether it shall be in the archive)
        moveRequested: (conversation, folder; empty: out of any)
        newFolderRequested: A conversation shall get into a folder that has no name yet.
        searchChanged: The words to search for; empty ends the search.
        newRequested: A new conversation shall begin.
        menuOpened: (menu, conversation): more can be added to what is offered for it.
        left: Esc was pressed and there is no search to end: the keyboard shall go back to the message.
    """

    conversationSelected = Signal(str)
    messageSelected = Signal(str, int)
    renameRequested = Signal(str, str)
    deleteRequested = Signal(str)
    pinRequested = Signal(str, bool)
    archiveRequested = Signal(str, bool)
    moveRequested = Signal(str, str)
    newFolderRequested = Signal(str)
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
        self._day = date.min
        self._said: dict[str, tuple[Conversation, Row]] = {}
        self._words = TimeWords()
        self._search = _SearchField(self)
        self._search.setPlaceholderText(self.tr("Search"))
        self._search.setAccessibleName(self.tr("Search all conversations"))
        self._search.setToolTip(self.tr("Search all conversations (Ctrl+Shift+F)"))
        add_clear_button(self._search)
        self._new = GlyphButton(Glyph.PLUS, self.tr("New conversation (Ctrl+N)"), self)
        self._shelf = Shelf(self)  # before the rows, as the Tab key goes
        self._items = ConversationRows(self)
        self._items.setAccessibleName(self.tr("Conversations"))
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
        add_layout(column, top)
        column.addWidget(self._shelf)
        column.addWidget(self._items, stretch=1)
        self._delay = QTimer(self, singleShot=True, interval=_SEARCH_DELAY_MS)
        self._midnight = QTimer(self, singleShot=True)
        self._midnight.timeout.connect(self._on_new_day)
        self._shelf.chosen.connect(self._on_place)
        self._delay.timeout.connect(lambda: self.searchChanged.emit(self._search.text().strip()))
        self._search.textChanged.connect(self._on_search_text)
        self._search.stepped.connect(self._step)
        self._search.returnPressed.connect(self._open_marked)
        self._new.clicked.connect(self.newRequested)
        self._items.currentItemChanged.connect(self._on_current)
        self._items.itemActivated.connect(self._select)
        self._items.itemClicked.connect(self._select)
        self._items.itemChanged.connect(self._on_edited)
        self._items.deletePressed.connect(self.delete_current)
        self._items.itemDelegate().closeEditor.connect(self._on_editor_closed)
        self._items.customContextMenuRequested.connect(self._show_menu)

    @property
    def tab_order(self) -> tuple[QWidget, ...]:
        """What the Tab key comes to in it, in this order."""
        return self._search, self._new, self._shelf.box, self._items

    @property
    def rows(self) -> ConversationRows:
        """The rows, which take the keyboard."""
        return self._items

    @property
    def shelf(self) -> Shelf:
        """Which part of the conversations is shown."""
        return self._shelf

    @property
    def searched(self) -> list[str]:
        """The words that are searched for."""
        return self._search.text().split()

    def set_conversations(self, conversations: Sequence[Conversation], current: str | None) -> None:
        """Shows the conversations in the order given; ``current`` is marked, and comes into view if it is another.

        Another one than a search has found ends the search.
        """
        opened = current != self._current
        self._conversations, self._current = tuple(conversations), current
        self._shelf.set_conversations(self._conversations)
        shown = self._of(current) if opened else None
        if shown is not None and not self._shelf.place.holds(shown):
            self._shelf.show_place(ARCHIVE if shown.archived is not None else LIST)
        if self._hits is None:
            self._fill(opened=opened)
        elif opened and current not in {hit.conversation.id for hit in self._hits}:
            self.clear_search()  # one that it has not found would be nowhere in the list, and another one marked

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
        marked = self._items.marked
        if marked is not None and self._hits is None:
            self._items.setFocus()
            self._items.editItem(marked)

    def delete_current(self) -> None:
        """Asks for the marked conversation to be deleted."""
        marked = self._items.marked
        if marked is not None and self._hits is None:
            self.deleteRequested.emit(str(key_of(marked)[0]))

    def open_move_menu(self, identity: str) -> None:
        """Shows where a conversation can be moved to, below its row if that is in view."""
        one = self._of(identity)
        if one is None:
            return
        marked, rows = self._items.marked, self._items
        below = rows.rect().topLeft()
        if marked is not None and key_of(marked)[0] == identity and rows.is_marked_in_view():
            below = rows.visualItemRect(marked).bottomLeft()
        menu = QMenu(self)
        self._add_folders(menu, one)
        menu.exec(rows.viewport().mapToGlobal(below))
        menu.deleteLater()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._on_new_day()  # of a laptop that slept the timer is late

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self._search.text():
                self.clear_search()
            else:
                self.left.emit()
        else:
            super().keyPressEvent(event)

    def _fill(self, *, opened: bool = False) -> None:
        if self._items.is_editing:
            return  # the title that is being written would be lost; all is shown when that has ended
        self._filling = True
        seen = self._items.is_marked_in_view()
        if self._hits is None:
            self._items.update_rows(self._rows_of(self._shelf.place), editable=True)
            self._items.mark(self._current, into_view=opened or seen)
        elif self._hits:
            self._items.update_rows([self._row_of_hit(hit) for hit in self._hits], editable=False)
            self._items.clearSelection()
            if self._search.hasFocus():
                self._items.step(1)  # Enter opens it
        else:
            self._items.say(self.tr("Nothing found"))
        self._filling = False

    def _rows_of(self, place: Place) -> list[Row]:
        """Returns what is shown of conversations, which is said anew only where they have changed, and each day."""
        today, known = date.today(), self._said
        if today != self._day:
            self._day, known, self._words = today, {}, TimeWords()
            self._midnight.start(_until_midnight_ms(QDateTime.currentDateTime()))
        there = [one for one in self._conversations if place.holds(one)]
        if place == ARCHIVE:
            there.sort(key=lambda one: one.archived or 0.0, reverse=True)
            sections = [("", one) for one in there]
        else:
            sections = list(in_sections(there, today))
        # Of these only: each answer makes another one of its conversation.
        said: dict[str, tuple[Conversation, Row]] = {}
        rows: list[Row] = []
        above = ""
        for heading, one in sections:
            before = known.get(one.id)
            row = before[1] if before is not None and before[0] == one else self._row(one)
            said[one.id] = one, row
            rows.append(row if heading == above else replace(row, heading=heading))
            above = heading
        self._said = said
        return rows

    def _row(self, conversation: Conversation) -> Row:
        second = self._words.of(conversation.updated)
        if conversation.folder:
            second = f"{conversation.folder} · {second}"
        return Row(conversation.id, self._title(conversation), second)

    def _row_of_hit(self, hit: SearchHit) -> Row:
        conversation = hit.conversation
        excerpt, found = read_excerpt(hit.excerpt.replace("\n", " "), hit.marks)
        where = self.tr("Archived: ") if conversation.archived is not None else ""
        marks = tuple((begin + len(where), end + len(where)) for begin, end in found)
        return Row(conversation.id, self._title(conversation), where + excerpt, hit.message_id, marks)

    def _of(self, identity: str | None) -> Conversation | None:
        return next((one for one in self._conversations if one.id == identity), None)

    def _on_new_day(self) -> None:
        if self._hits is None and self._day not in (date.min, date.today()):
            self._fill()

    def _on_place(self) -> None:
        if self._hits is not None:
            self.clear_search()
        self._fill()

    def _title(self, conversation: Conversation) -> str:
        return one_line(conversation.title) or self.tr("New conversation")

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

    def _step(self, by: int) -> None:
        """Goes to another hit, or without a search from the field into the list."""
        self._search_now()
        if self._hits is not None:
            self._items.step(by)
        elif by > 0:
            self._items.setFocus()

    def _open_marked(self) -> None:
        """Opens the hit that is marked."""
        self._search_now()
        marked = self._items.marked
        if self._hits is None:
            self._items.setFocus()
        elif marked is not None:
            self._select(marked)

    def _search_now(self) -> None:
        """Searches at once for what is written, if that has not begun yet: a quick hand is ahead of it."""
        if self._delay.isActive():
            self._delay.stop()
            self.searchChanged.emit(self._search.text().strip())

    def _select(self, item: QListWidgetItem) -> None:
        identity, message = key_of(item)
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
        identity, title = str(key_of(item)[0]), item.text().strip()
        before = self._of(identity)
        if before is None or title == self._title(before):
            return
        if title:
            self.renameRequested.emit(identity, title)
        else:
            self._filling = True
            item.setText(self._title(before))
            self._filling = False

    def _on_editor_closed(self) -> None:
        self._fill()

    def _show_menu(self, place: QPoint) -> None:
        if self._hits is not None or not self._items.indexAt(place).isValid() or self._items.is_heading_at(place):
            return
        item = self._items.itemAt(place)
        identity = str(key_of(item)[0])
        menu = QMenu(self)
        add_action(menu, self.tr("Rename\tF2"), lambda: self._items.editItem(item))
        one = self._of(identity)
        if one is not None:
            self._add_places(menu, one)
        add_action(menu, self.tr("Delete\tDel"), lambda: self.deleteRequested.emit(identity))
        self.menuOpened.emit(menu, identity)
        menu.exec(self._items.viewport().mapToGlobal(place))
        menu.deleteLater()

    def _add_places(self, menu: QMenu, one: Conversation) -> None:
        """Adds what changes where a conversation stands."""
        pinned, archived = one.pinned is not None, one.archived is not None
        if not archived:
            words = self.tr("Unpin\tCtrl+Shift+T") if pinned else self.tr("Pin to the top\tCtrl+Shift+T")
            add_action(menu, words, lambda: self.pinRequested.emit(one.id, not pinned))
            folders = QMenu(self.tr("Move to folder"), menu)
            self._add_folders(folders, one)
            menu.addMenu(folders)
        words = self.tr("Back from the archive\tCtrl+Shift+E") if archived else self.tr("Archive\tCtrl+Shift+E")
        add_action(menu, words, lambda: self.archiveRequested.emit(one.id, not archived))

    def _add_folders(self, menu: QMenu, one: Conversation) -> None:
        for folder in ("", *folders_of(self._conversations)):
            words = folder.replace("&", "&&") or self.tr("No folder")
            action = add_action(menu, words, partial(self.moveRequested.emit, one.id, folder))
            action.setCheckable(True)
            action.setChecked(folder == one.folder)
        menu.addSeparator()
        add_action(menu, self.tr("New folder…"), lambda: self.newFolderRequested.emit(one.id))


def _until_midnight_ms(now: QDateTime) -> int:
    return now.msecsTo(now.date().addDays(1).startOfDay()) + 1
