"""The chat window: puts list, transcript, composer and status together and turns what a person does into signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QSplitter, QVBoxLayout, QWidget

from desktop.history.records import Conversation, SearchHit, StoredMessage, Transcript
from desktop.ui.activity import Activity, ActivityKind
from desktop.ui.chat.actions import ChatActions
from desktop.ui.chat.conversation_list import ConversationList
from desktop.ui.chat.pane import ConversationPane
from desktop.ui.chat.status_bar import MemoryReading, StatusBar
from desktop.ui.help import HelpDialog
from desktop.ui.theme.metrics import message_font, spacing, unit
from desktop.ui.widgets.banner import Notice, NoticeAction
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.widgets.labels import ElidedLabel
from desktop.ui.widgets.window_size import open_in_the_middle

# In units of 8 px: 1024 x 680; below 800 the list hides itself.
_SIZE = QSize(128, 85)
_LIST_WIDTH = 28
_NARROW = 100
_SMALLEST = QSize(44, 26)
_FONT_SIZES = (6, 40)  # what the OPTIONS table allows
_UNDO_SECONDS = 12.0
UNDO_KEY = "undo-delete"  # of the banner that offers a deleted conversation back


class ChatWindow(QMainWindow):
    """Shows one conversation and the list of all. GUI thread only.

    Args:
        read_memory: Measures the memory; called once a second while the window can be seen.
        parent: Owner.

    Signals:
        sendRequested: A message for the conversation shown, or for a new one; the composer is empty again.
        stopRequested: The answer on its way shall stop.
        regenerateRequested: The last answer shall be given again.
        editRequested: (message, text): a message of the user shall be replaced, with all that followed.
        newRequested: A new conversation shall begin.
        conversationSelected: Another conversation shall be shown.
        renameRequested: (conversation, title).
        deleteRequested: A conversation shall be deleted; a banner offers the way back.
        undoDeleteRequested: The conversation deleted last shall come back.
        searchChanged: Words to search for; empty ends the search.
        composingChanged: The composer's text after each change by the person, and when it is empty.
        fontSizeChanged: Points chosen with the keys, 0: like the system; already in force here.
        closeRequested: The window shall close; it stays open until it is hidden, see :meth:`end`.
    """

    sendRequested = Signal(str)  # noqa: N815 (names of Qt signals, here and below)
    stopRequested = Signal()  # noqa: N815
    regenerateRequested = Signal()  # noqa: N815
    editRequested = Signal(int, str)  # noqa: N815
    newRequested = Signal()  # noqa: N815
    conversationSelected = Signal(str)  # noqa: N815
    renameRequested = Signal(str, str)  # noqa: N815
    deleteRequested = Signal(str)  # noqa: N815
    undoDeleteRequested = Signal()  # noqa: N815
    searchChanged = Signal(str)  # noqa: N815
    settingsRequested = Signal()  # noqa: N815
    modelsRequested = Signal()  # noqa: N815
    sleepRequested = Signal()  # noqa: N815
    quitRequested = Signal()  # noqa: N815
    askRequested = Signal()  # noqa: N815
    aboutRequested = Signal()  # noqa: N815
    composingChanged = Signal(str)  # noqa: N815
    fontSizeChanged = Signal(int)  # noqa: N815
    closeRequested = Signal()  # noqa: N815

    def __init__(self, read_memory: Callable[[], MemoryReading], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._busy = self._ended = False
        self._points = 0
        self._list_when_wide, self._list_when_narrow = True, False
        self.setWindowTitle("Catnap")
        head = QWidget()
        self._title = ElidedLabel(parent=self)
        self._list_button = GlyphButton(Glyph.LIST, self.tr("Conversation list (F9)"), self)
        self._new_button = GlyphButton(Glyph.PLUS, self.tr("New conversation (Ctrl+N)"), self)
        self.list = ConversationList(self)
        self.pane = ConversationPane(head, self)
        self.status = StatusBar(read_memory, self)
        self.actions_ = ChatActions(self.menuBar(), self)
        self._lay_out(head)
        self._connect()
        open_in_the_middle(self, _SIZE)
        self.setMinimumSize(_SMALLEST * unit(self))
        self.set_model_name("", False)
        self._fit_list()
        self._refresh_actions()
        self.focus_composer()

    @property
    def current(self) -> str | None:
        """The conversation shown; None: one that does not exist yet."""
        return self.pane.current

    def set_conversations(self, conversations: Sequence[Conversation], current: str | None) -> None:
        """Fills the list; ``current`` is marked in it."""
        self.list.set_conversations(conversations, current)
        for conversation in conversations:
            if conversation.id == self.pane.current:
                self._title.say(conversation.title)

    def set_search_hits(self, hits: Sequence[SearchHit] | None) -> None:
        """Shows what a search has found; None goes back to the conversations."""
        self.list.set_hits(hits)

    def show_transcript(self, transcript: Transcript) -> None:
        """Shows a conversation from its end, with the draft that was left in it."""
        self._title.say(transcript.conversation.title)
        self.pane.show_transcript(transcript)

    def show_new(self) -> None:
        """Shows an empty conversation, which begins to exist with its first message."""
        self._title.say("")
        self.pane.show_new()

    def append_message(self, message: StoredMessage) -> None:
        """Adds a message that was stored; the first one gives a new conversation its id."""
        self.pane.append_message(message)

    def begin_answer(self, replaces: int | None = None) -> None:
        """Opens an answer; ``replaces`` is the id of the one it stands in for, which comes back if it is discarded."""
        self.pane.begin_answer(replaces)

    def grow_answer(self, text: str, thought: str) -> None:
        """Adds a piece of the answer and of the thoughts before it."""
        self.pane.transcript.grow_answer(text, thought)

    def finish_answer(self, message: StoredMessage) -> None:
        """Shows the stored answer in the place of the growing one."""
        self.pane.finish_answer(message)

    def discard_answer(self) -> None:
        """Takes the growing answer away; one that it was to replace comes back."""
        self.pane.discard_answer()

    def mark_cut(self, message_id: int | None, dropped: int) -> None:
        """Draws the line between what the model no longer reads and what it does.

        Args:
            message_id: First message that is still read; None: ``dropped`` says where the line is.
            dropped: How many leading messages are no longer read; 0 without an id takes the line away.
        """
        self.pane.mark_cut(message_id, dropped)

    def set_activity(self, activity: Activity) -> None:
        """Shows what the engine does, at once."""
        self.status.set_activity(activity)
        self.pane.set_activity(activity)
        self.actions_.sleep.setEnabled(activity.kind is not ActivityKind.ASLEEP)

    def set_busy(self, busy: bool) -> None:
        """Turns Send into Stop while an answer is on its way."""
        self._busy = busy
        self.pane.set_busy(busy)

    def set_battery(self, visible: bool, tooltip: str) -> None:
        """Shows or hides the sign that the computer runs on its battery; ``tooltip``, translated, says what follows."""
        self.status.set_battery(visible, tooltip)

    def set_model_name(self, name: str, installed: bool) -> None:
        """Shows which model answers; an empty name: none is chosen."""
        self.status.set_model(name, installed)

    def show_banner(self, notice: Notice) -> None:
        """Shows a notice, after those that wait already."""
        self.pane.banner.show_notice(notice)

    def withdraw_banner(self, key: str) -> None:
        """Takes a notice away that is no longer true."""
        self.pane.banner.withdraw(key)

    def put_text_back(self, text: str) -> None:
        """Puts a text that was not sent back into the composer, before what was written since."""
        self.pane.put_text_back(text)

    def composer_text(self) -> str:
        return self.pane.composer.text()

    def focus_composer(self) -> None:
        self.pane.composer.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_font_size(self, points: int) -> None:
        """Sets the size of the conversation's text in points; 0: like the system."""
        self._points = points
        self.pane.set_font_size(points)

    def end(self) -> None:
        """Closes the window for good, without asking anybody; for quitting."""
        self._ended = True
        self.status.set_watched(False)
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._ended:
            event.accept()
        else:
            event.ignore()
            self.closeRequested.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._watch()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._watch()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._watch()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_list()

    def _connect(self) -> None:
        self.list.conversationSelected.connect(self.conversationSelected)
        self.list.messageSelected.connect(self._on_hit)
        self.list.renameRequested.connect(self.renameRequested)
        self.list.deleteRequested.connect(self._on_delete)
        self.list.searchChanged.connect(self.searchChanged)
        self.list.newRequested.connect(self.newRequested)
        self.list.left.connect(self.focus_composer)
        self.pane.sendRequested.connect(self.sendRequested)
        self.pane.editRequested.connect(self.editRequested)
        self.pane.changed.connect(self._refresh_actions)
        self.pane.transcript.regenerateRequested.connect(self.regenerateRequested)
        self.pane.composer.stopRequested.connect(self.stopRequested)
        self.pane.composer.composed.connect(self.composingChanged)
        self.status.modelsRequested.connect(self.modelsRequested)
        self._list_button.clicked.connect(self._toggle_list)
        self._new_button.clicked.connect(self.newRequested)
        menu = self.actions_
        for action, does in (
            (menu.new, self.newRequested.emit),
            (menu.ask, self.askRequested.emit),
            (menu.rename, self._rename),
            (menu.delete, self.list.delete_current),
            (menu.close, self.closeRequested.emit),
            (menu.quit, self.quitRequested.emit),
            (menu.search, self._search),
            (menu.edit_last, self.pane.edit_last),
            (menu.copy_answer, self.pane.transcript.copy_last_answer),
            (menu.regenerate, self.regenerateRequested.emit),
            (menu.stop, self.stopRequested.emit),
            (menu.sleep, self.sleepRequested.emit),
            (menu.models, self.modelsRequested.emit),
            (menu.list, self._toggle_list),
            (menu.larger, lambda: self._step_font(1)),
            (menu.smaller, lambda: self._step_font(-1)),
            (menu.normal, lambda: self._choose_font(0)),
            (menu.settings, self.settingsRequested.emit),
            (menu.help, lambda: HelpDialog(menu.keys(), self).show()),
            (menu.about, self.aboutRequested.emit),
        ):
            action.triggered.connect(lambda _checked=False, does=does: does())

    def _on_hit(self, conversation: str, message: int) -> None:
        if not self.pane.reveal(conversation, message):
            self.conversationSelected.emit(conversation)

    def _on_delete(self, conversation: str) -> None:
        undo = NoticeAction(self.tr("Undo"), self.undoDeleteRequested.emit)
        self.show_banner(Notice(self.tr("Conversation deleted"), actions=(undo,), key=UNDO_KEY, seconds=_UNDO_SECONDS))
        self.deleteRequested.emit(conversation)

    def _rename(self) -> None:
        self._show_list(True)
        self.list.rename_current()

    def _search(self) -> None:
        self._show_list(True)
        self.list.focus_search()

    def _step_font(self, step: int) -> None:
        now = self._points or round(message_font(self.font(), 0).pointSizeF())
        self._choose_font(min(_FONT_SIZES[1], max(_FONT_SIZES[0], now + step)))

    def _choose_font(self, points: int) -> None:
        self.set_font_size(points)
        self.fontSizeChanged.emit(points)

    def _is_narrow(self) -> bool:
        return self.width() < _NARROW * unit(self)

    def _toggle_list(self) -> None:
        self._show_list(self.list.isHidden())

    def _show_list(self, show: bool) -> None:
        if self._is_narrow():
            self._list_when_narrow = show
        else:
            self._list_when_wide = show
        self._fit_list()

    def _fit_list(self) -> None:
        show = self._list_when_narrow if self._is_narrow() else self._list_when_wide
        self.list.setVisible(show)
        self.actions_.list.setChecked(show)
        self._new_button.setVisible(not show)

    def _watch(self) -> None:
        self.status.set_watched(self.isVisible() and not self.isMinimized() and not self._ended)

    def _refresh_actions(self) -> None:
        self.actions_.follow(self.pane, busy=self._busy)

    def _lay_out(self, head: QWidget) -> None:
        gap = spacing(self)
        row = QHBoxLayout(head)
        row.setContentsMargins(gap.half, gap.half, gap.unit, gap.half)
        row.setSpacing(gap.half)
        row.addWidget(self._list_button)
        row.addWidget(self._new_button)
        row.addWidget(self._title, stretch=1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        splitter.addWidget(self.list)
        splitter.addWidget(self.pane)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_LIST_WIDTH * gap.unit, (_SIZE.width() - _LIST_WIDTH) * gap.unit])
        self.list.setMinimumWidth(18 * gap.unit)
        whole = QWidget()
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(splitter, stretch=1)
        rows.addWidget(self.status)
        self.setCentralWidget(whole)
        order = (self.pane.composer.edit, self.pane.composer.button, self.pane.transcript, self.list)
        for one, other in pairwise(order):
            QWidget.setTabOrder(one, other)
