"""Servers: the list of all, and the one that is looked at; they are tried here as well. Not modal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.common.errors import UserFacingError
from desktop.common.printable import one_line
from desktop.ui.servers.form import ServerForm
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.glyphs import MenuButton
from desktop.ui.widgets.labels import MutedLabel, WarningLabel
from desktop.ui.widgets.layouts.nesting import add_layout, holding
from desktop.ui.widgets.layouts.side_list import fit_side_list
from desktop.ui.widgets.layouts.wrapping_row import WrappingRow
from desktop.ui.widgets.list_row import OneLine
from desktop.ui.widgets.menus import add_action
from desktop.ui.widgets.window_size import fitting_size
from desktop.ui.words import SEPARATOR, error_words

if TYPE_CHECKING:
    from desktop.servers.registry import Server

_SIZE_IN_UNITS = QSize(96, 72)  # what came of a test, and what was removed, need room beside all fields
# Below that height in units what explains the window makes room for its buttons: a laptop's screen at 200 % has 40.
_LOW = 52
_NAME = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class ShownServer:
    """A server in the list.

    Attributes:
        key_note: Where its key is, in words.
        standing: What is known of it, in words; empty: nothing.
        uses: What goes there by itself: names of settings.
    """

    server: Server
    key_note: str = ""
    standing: str = ""
    uses: frozenset[str] = frozenset()


class ServersDialog(QDialog):
    """Made once and shown again.

    Signals:
        saveRequested: (ServerEntry) It shall be kept as it is written.
        testRequested: (ServerEntry) It shall be tried as it is written; nothing is kept.
        removeRequested: (name) It shall be none any more.
        keyRemovalRequested: (ServerEntry) Its key shall go.
        useRequested: (name, setting, on) What goes to a server by itself shall change.
        searchRequested: (address) Servers shall be looked for on a computer; empty: in this network.

    Attributes:
        banner: What was done, with a way back.
        form: What is written.
    """

    saveRequested = Signal(object)
    testRequested = Signal(object)
    removeRequested = Signal(str)
    keyRemovalRequested = Signal(object)
    useRequested = Signal(str, str, bool)
    searchRequested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Servers"))
        self._servers: dict[str, ShownServer] = {}
        self._is_busy = False
        self.banner = Banner(self, inset=False)
        self._head = MutedLabel(
            self.tr(
                "A model on another computer: vLLM, llama.cpp's server, Ollama, LM Studio, or your company's. "
                "It is chosen above a conversation, or here for all new ones; "
                "what you write there leaves this computer."
            )
        )
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Servers"))
        self._list.setItemDelegate(OneLine(self._list))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.form = ServerForm()
        self._problem = WarningLabel()
        self._area = QScrollArea()
        self.standing = QLabel()
        self.standing.setWordWrap(True)
        self.standing.setTextFormat(Qt.TextFormat.PlainText)
        self.standing.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.add = QPushButton(self.tr("N&ew"))
        self.add.setToolTip(self.tr("Write another server down"))
        self.search = QPushButton(self.tr("&Look in this network"))
        self.search.setToolTip(
            self.tr(
                "Listens, once, for computers of this network that offer models; with an address written above, asks "
                "that computer"
            )
        )
        self.save = QPushButton(self.tr("&Save"))
        self.test = QPushButton(self.tr("&Test"))
        self.test.setToolTip(self.tr("Finds out who answers, how fast, and which models there are; says hello to one"))
        self.forget_key = QPushButton(self.tr("&Forget key"))
        self.remove = QPushButton(self.tr("&Remove"))
        self.use = MenuButton()
        self.use.setText(self.tr("Use for"))
        self.use.setToolTip(self.tr("What this server answers unless something else is chosen"))
        self.use.setMenu(QMenu(self.use))
        self._uses = {
            key: self._add_use(key, words)
            for key, words in (
                ("new_conversations", self.tr("New conversations")),
                ("quick_ask_model", self.tr("The quick ask and quick actions")),
            )
        }
        self._used = MutedLabel()
        self._close = QPushButton(self.tr("Close"))
        self._lay_out()
        self._connect()
        add_close_keys(self)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))
        self._refresh()

    @property
    def current(self) -> str:
        """Name of the server that is looked at; empty: one that is to be written down."""
        row = self._list.currentRow()
        return str(self._list.item(row).data(_NAME)) if row >= 0 else ""

    def set_servers(self, servers: Sequence[ShownServer]) -> None:
        """Shows the servers as they are now; the one that is looked at stays so, and what is written."""
        current = self.current
        written = self.form.entry if self.form.is_changed else None
        self._servers = {one.server.name: one for one in servers}
        self._list.blockSignals(True)
        if [self._list.item(row).data(_NAME) for row in range(self._list.count())] != list(self._servers):
            self._list.clear()
            for name in self._servers:
                item = QListWidgetItem(self._list)
                item.setData(_NAME, name)
        for row, one in enumerate(servers):
            place = one.server.address.place
            self._list.item(row).setText(f"{one_line(one.server.name)} · {place}")
        self._list.blockSignals(False)
        if current in self._servers and written is not None:
            self._refresh()
        else:
            self.select(current if current in self._servers else next(iter(self._servers), ""))

    def select(self, name: str) -> None:
        """Looks at a server; an unknown one: at one that is to be written down."""
        self._list.blockSignals(True)
        rows = [row for row in range(self._list.count()) if self._list.item(row).data(_NAME) == name]
        self._list.setCurrentRow(rows[0] if rows else -1)
        self._list.blockSignals(False)
        self._show_current()

    def begin(self, name: str = "", address: str = "") -> None:
        """Shows the fields for another server.

        Args:
            name: To begin with.
            address: Likewise.
        """
        self.select("")
        self.form.begin(name, address)
        (self.form.address if name else self.form.name).setFocus()

    def show_standing(self, words: str) -> None:
        """Says what is known of the server that is looked at, or what is being done."""
        self.standing.setText(words)
        self.standing.setVisible(bool(words))

    def show_result(self, words: str) -> None:
        """Says what came of what was asked for, in view where the screen is too low for all of it."""
        self.show_standing(words)
        QTimer.singleShot(0, self.standing, lambda: self._area.ensureWidgetVisible(self.standing))

    def set_busy(self, words: str) -> None:
        """Says that something is being done, which nothing else can be done beside; empty: it is done."""
        self._is_busy = bool(words)
        if words:
            self._problem.say("")
            self.show_standing(words)
        self._refresh()

    def refuse(self, error: UserFacingError) -> None:
        """Says why what is written cannot be kept, or tried, until something else is written or tried."""
        self.show_standing("")
        self._problem.say(error_words(error))

    def sizeHint(self) -> QSize:
        return fitting_size(self, _SIZE_IN_UNITS)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_list"):
            self._fit()

    def _fit(self) -> None:
        self._head.setVisible(self.height() >= _LOW * unit(self))
        fit_side_list(self._list, self)

    def _show_current(self) -> None:
        one = self._servers.get(self.current)
        if one is None:
            self.form.begin()
        else:
            self.form.show_server(one.server, one.key_note)
        self.show_standing(one.standing if one is not None else "")
        self._refresh()

    def _refresh(self) -> None:
        one, entry = self._servers.get(self.current), self.form.entry
        is_written = bool(entry.name and entry.address)
        self.save.setEnabled(is_written and self.form.is_changed and not self._is_busy)
        self.test.setEnabled(bool(entry.address) and not self._is_busy)
        self.remove.setEnabled(one is not None and not self._is_busy)
        self.use.setEnabled(one is not None and not self._is_busy)
        for key, action in self._uses.items():
            action.setChecked(one is not None and key in one.uses)
        used = SEPARATOR.join(action.text() for action in self._uses.values() if action.isChecked())
        self._used.setText(self.tr("Used for: {uses}").format(uses=used))
        self._used.setVisible(bool(used))
        self.forget_key.setVisible(one is not None and one.server.has_key)
        self.forget_key.setEnabled(not self._is_busy)
        self._list.setVisible(bool(self._servers))
        self.add.setEnabled(one is not None)

    def _on_edited(self) -> None:
        self._problem.say("")
        self._refresh()

    def _connect(self) -> None:
        self._list.currentItemChanged.connect(lambda _now, _before: self._show_current())
        self.form.edited.connect(self._on_edited)
        self.form.accepted.connect(lambda: self.save.click() if self.save.isEnabled() else None)
        self.banner.focusLeft.connect(self.form.address.setFocus)
        self.add.clicked.connect(lambda _checked: self.begin())
        self.search.clicked.connect(lambda _checked: self._look())
        self.save.clicked.connect(lambda _checked: self.saveRequested.emit(self.form.entry))
        self.test.clicked.connect(lambda _checked: self.testRequested.emit(self.form.entry))
        self.forget_key.clicked.connect(lambda _checked: self.keyRemovalRequested.emit(self.form.entry))
        self.remove.clicked.connect(lambda _checked: self.removeRequested.emit(self.current))
        self._close.clicked.connect(self.close)

    def _add_use(self, key: str, words: str) -> QAction:
        action = add_action(self.use.menu(), words, lambda: self._on_use(key))
        action.setCheckable(True)
        return action

    def _on_use(self, key: str) -> None:
        self.useRequested.emit(self.current, key, self._uses[key].isChecked())

    def _look(self) -> None:
        self.searchRequested.emit("" if self.current else self.form.entry.address)

    def _lay_out(self) -> None:
        gap = spacing(self)
        for button in (self.add, self.search, self.save, self.test, self.forget_key, self.remove, self._close):
            button.setAutoDefault(False)
        buttons = (self.save, self.test, self.use, self.forget_key, self.remove)
        inside = QWidget()
        fields = QVBoxLayout(inside)
        fields.setContentsMargins(0, 0, gap.unit, 0)
        fields.setSpacing(gap.unit)
        fields.addWidget(self.form)
        fields.addWidget(self._used)
        fields.addWidget(self.standing)
        fields.addStretch(1)
        area = self._area
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        area.setWidget(inside)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # The fields can be scrolled, the buttons cannot: where there is no room for both, these have it.
        area.setMinimumHeight(gap.double)
        one = QVBoxLayout()
        one.setSpacing(gap.unit)
        one.addWidget(area, stretch=1)
        one.addWidget(self._problem)  # the fields make room for it: nothing moves from under the mouse
        # Not scrolled with the fields: in view on every screen, with a notice above them or without.
        one.addWidget(holding(WrappingRow(), *buttons, gap=gap.unit))
        body = QHBoxLayout()
        body.setSpacing(gap.double)
        body.addWidget(self._list)
        add_layout(body, one, stretch=1)
        foot = QHBoxLayout()
        foot.setSpacing(gap.unit)
        foot.addWidget(holding(WrappingRow(), self.add, self.search, gap=gap.unit), stretch=1)
        foot.addWidget(self._close, alignment=Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        edge = gap.unit + gap.half
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(gap.unit)
        column.addWidget(self._head)
        column.addWidget(self.banner)
        add_layout(column, body, stretch=1)
        add_layout(column, foot)
