"""The chat window: puts list, conversation, menus and status together."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QSplitter, QVBoxLayout, QWidget

from desktop.common.printable import one_line
from desktop.machine.memory import MemoryReading
from desktop.ui.activity import Activity, ActivityKind
from desktop.ui.chat.actions import ChatActions
from desktop.ui.chat.pane import ConversationPane
from desktop.ui.chat.status_bar import StatusBar
from desktop.ui.conversations.choices_menu import ChoicesButton, ChoicesMenu
from desktop.ui.conversations.conversation_list import ConversationList
from desktop.ui.help import HelpDialog
from desktop.ui.personas.chooser import PersonaButton
from desktop.ui.servers.signs import PlaceSign
from desktop.ui.theme.metrics import message_font, room_on_screen, spacing, unit
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.widgets.labels import ElidedLabel
from desktop.ui.widgets.window_size import open_in_the_middle

# In units of 8 px: 1024 x 680; below 800 the list hides itself.
_SIZE = QSize(128, 85)
_LIST_WIDTH = 28
_NARROW = 100
_SMALLEST = QSize(44, 26)
_FONT_SIZES = (6, 40)  # what the OPTIONS table allows


class ChatWindow(QMainWindow):
    """Shows one conversation beside the list of all; its parts are handed out, and whoever uses one connects it.

    Attributes:
        list: The conversations.
        pane: The one shown.
        status: What the engine does, and the memory.
        persona: Who answers in it.
        choices: What is chosen for it alone, with ``choices_button`` above it.
        place: Says that answers come from elsewhere.
        menu: The commands; those about the window itself are connected here.

    Signals:
        fontSizeChanged: Points chosen with the keys, 0: like the system.
        closeRequested: The window shall close; it stays open until it is hidden, see :meth:`end`.
    """

    fontSizeChanged = Signal(int)
    closeRequested = Signal()

    def __init__(self, read_memory: Callable[[], MemoryReading], parent: QWidget | None = None) -> None:
        """
        Args:
            read_memory: Measures the memory; called once a second while the window can be seen.
            parent: Owner.
        """
        super().__init__(parent)
        self._ended = False
        self._points = 0
        self._list_when_wide, self._list_when_narrow = True, False
        self.setWindowTitle("Catnap")
        head = QWidget()
        self._title = ElidedLabel(parent=self)
        self._list_button = GlyphButton(Glyph.LIST, self.tr("Conversation list (F9)"), self)
        self._new_button = GlyphButton(Glyph.PLUS, self.tr("New conversation (Ctrl+N)"), self)
        self.persona = PersonaButton(self)
        self.choices = ChoicesMenu(self)
        self.choices_button = ChoicesButton(self.choices, self)
        self.place = PlaceSign(self)
        self.list = ConversationList(self)
        self.pane = ConversationPane(head, self)
        self.status = StatusBar(read_memory, self)
        self.menu = ChatActions(self.menuBar(), self)
        self._lay_out(head)
        self._connect()
        open_in_the_middle(self, _SIZE)
        self._fit_least()
        self.status.set_model("", False)
        self._fit_list()
        self._refresh_actions()
        self.pane.focus_composer()

    def set_title(self, title: str) -> None:
        """Names the conversation shown; empty: one that does not exist yet."""
        self._title.say(title)
        # Ends with the program's name, which Qt else adds in its own way.
        self.setWindowTitle(f"{one_line(title)} — Catnap" if title else "Catnap")

    def show_place(self, place: str) -> None:
        """Says that answers in the conversation shown come from a server; empty: they come from this computer."""
        self.place.show_place(place)
        self.pane.composer.set_place(place)
        self.pane.empty_page.set_place(place)

    def set_activity(self, activity: Activity, answered: str | None = None) -> None:
        """Shows what the engine does, at once.

        Args:
            activity: What it does.
            answered: The conversation that it answers in, or of the quick ask; None: in none.
        """
        self.status.set_activity(activity, is_answer=answered is not None)
        self.pane.set_activity(activity, answered)
        if not activity.place:
            self.menu.sleep.setEnabled(activity.kind not in (ActivityKind.ASLEEP, ActivityKind.NO_MODEL))

    def set_font_size(self, points: int) -> None:
        """Takes note of the size of text that is in force, in points, which the keys go on from; 0: the system's."""
        self._points = points

    def show_list(self) -> None:
        """Shows the conversations beside the one on the page."""
        self._show_list(True)

    def end(self) -> None:
        """Closes the window for good, without asking anybody; for quitting."""
        self._ended = True
        self.status.set_watched(False)
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Takes letters that a button did not want."""
        if not self.pane.typing.take(event):
            super().keyPressEvent(event)

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
        elif event.type() is QEvent.Type.FontChange and hasattr(self, "menu"):
            self._fit_least()
            self._fit_list()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_list()

    def _connect(self) -> None:
        self.list.left.connect(self.pane.focus_composer)
        self.pane.changed.connect(self._refresh_actions)
        self.pane.typing.watch(self.list.rows)
        self.pane.typing.watch(self.list.shelf.box)  # whose letters would turn to another folder
        self._list_button.clicked.connect(self._toggle_list)
        self._new_button.clicked.connect(self.menu.new.trigger)
        self.pane.composer.attach.clicked.connect(self.menu.open_document.trigger)
        menu = self.menu
        menu.follow_versions(self.pane)
        self.choices.attach(menu.choices)
        for action, does in (
            (menu.rename, self._rename),
            (menu.delete, self.list.delete_current),
            (menu.close, self.closeRequested.emit),
            (menu.search, self._search),
            (menu.find, self.pane.find_bar.open_bar),
            (menu.find_next, lambda: self.pane.find_bar.step(1)),
            (menu.find_previous, lambda: self.pane.find_bar.step(-1)),
            (menu.edit_last, self.pane.edit_last),
            (menu.copy_answer, self.pane.transcript.copy_last_answer),
            (menu.copy_message, self.pane.transcript.copy_message),
            (menu.list, self._toggle_list),
            (menu.newest, self.pane.transcript.go_to_newest),
            (menu.memory, self.status.request_memory),
            (menu.larger, lambda: self._step_font(1)),
            (menu.smaller, lambda: self._step_font(-1)),
            (menu.normal, lambda: self._choose_font(0)),
            (menu.help, lambda: HelpDialog(menu.keys(), self).show()),
        ):
            action.triggered.connect(lambda _checked=False, does=does: does())

    def _rename(self) -> None:
        self._show_list(True)
        self.list.rename_current()

    def _search(self) -> None:
        self._show_list(True)
        self.list.focus_search()

    def _step_font(self, step: int) -> None:
        now = self._points or round(message_font(self.font()).pointSizeF())
        self._choose_font(min(_FONT_SIZES[1], max(_FONT_SIZES[0], now + step)))

    def _choose_font(self, points: int) -> None:
        self.fontSizeChanged.emit(points)

    def _is_narrow(self) -> bool:
        return self.width() < _NARROW * unit(self)

    def _fit_least(self) -> None:
        self.setMinimumSize((_SMALLEST * unit(self)).boundedTo(room_on_screen(self)))

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
        focused = QApplication.focusWidget()
        if not show and focused is not None and self.list.isAncestorOf(focused):
            self.pane.focus_composer()  # else Qt gives the keyboard to whatever comes next
        self.list.setVisible(show)
        self.menu.list.setChecked(show)
        self._new_button.setVisible(not show)
        self.choices_button.set_narrow(self._is_narrow())

    def _watch(self) -> None:
        self.status.set_watched(self.isVisible() and not self.isMinimized() and not self._ended)

    def _refresh_actions(self) -> None:
        self.menu.follow(self.pane)

    def _lay_out(self, head: QWidget) -> None:
        gap = spacing(self)
        row = QHBoxLayout(head)
        row.setContentsMargins(gap.half, gap.half, gap.unit, gap.half)
        row.setSpacing(gap.half)
        row.addWidget(self._list_button)
        row.addWidget(self._new_button)
        row.addWidget(self._title, stretch=1)
        row.addWidget(self.place)
        row.addWidget(self.persona)
        row.addWidget(self.choices_button)
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
        composer = self.pane.composer
        page = self.pane.empty_page.first, self.pane.transcript
        top = self._list_button, self._new_button, self.persona, self.choices_button
        order = (composer.edit, composer.later, composer.button, composer.attach, *page, *self.list.tab_order, *top)
        for one, other in pairwise(order):
            QWidget.setTabOrder(one, other)
