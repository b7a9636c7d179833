"""Many conversations at once: chosen in a list, then archived, moved to a folder or deleted together. Not modal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.common.printable import one_line
from desktop.common.text.matching import fold
from desktop.history.records import Conversation
from desktop.ui.conversations.conversation_rows import ConversationRows, Row, key_of
from desktop.ui.conversations.moments import TimeWords
from desktop.ui.conversations.shelf import ARCHIVE, Shelf, folders_of
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.clear_button import add_clear_button
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.widgets.menus import add_action
from desktop.ui.widgets.window_size import fitting_size

_SIZE_IN_UNITS = QSize(66, 60)
_LOW = 48  # units: in a window less high than this the list needs the room of the head


class SeveralDialog(QDialog):
    """Lists the conversations and passes on what shall become of those that are chosen. Made once and shown again.

    Signals:
        archiveRequested: (ids, to) To the archive, or back from it.
        moveRequested: (ids, folder) Into a folder; an empty name: out of any.
        newFolderRequested: (ids) Into one that has no name yet.
        deleteRequested: (ids) To those recently deleted.
    """

    archiveRequested = Signal(list, bool)
    moveRequested = Signal(list, str)
    newFolderRequested = Signal(list)
    deleteRequested = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Tidy up conversations"))
        self._conversations: tuple[Conversation, ...] = ()
        self.banner = Banner(self, inset=False)
        self._head = MutedLabel(self.tr("Choose several with Ctrl or Shift and a click, or all with Ctrl+A."))
        self._field = QLineEdit()
        self._field.setPlaceholderText(self.tr("Only titles with these words"))
        self._field.setAccessibleName(self.tr("Only titles with these words"))
        add_clear_button(self._field)
        self._shelf = Shelf(self, arranges=False)
        self._rows = ConversationRows(self)
        self._rows.setAccessibleName(self.tr("Conversations to choose from"))
        self._rows.setFrameShape(QFrame.Shape.StyledPanel)
        self._rows.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._count = MutedLabel()
        self._archive = QPushButton()
        self._move = QPushButton(self.tr("&Move to folder…"))
        self._delete = QPushButton(self.tr("&Delete"))
        self._close = QPushButton(self.tr("Close"))
        self._lay_out()
        self._field.textChanged.connect(lambda _text: self._fill())
        self._shelf.chosen.connect(self._fill)
        self._rows.itemSelectionChanged.connect(self._follow)
        self._rows.deletePressed.connect(self._on_delete)
        self._archive.clicked.connect(self._on_archive)
        self._move.clicked.connect(self._open_folders)
        self._delete.clicked.connect(self._on_delete)
        self._close.clicked.connect(self.close)
        self.banner.focusLeft.connect(self._rows.setFocus)
        QShortcut(QKeySequence.StandardKey.Find, self, self._field.setFocus)
        add_close_keys(self)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))
        self._follow()

    @property
    def rows(self) -> ConversationRows:
        """The conversations of the part that is chosen, the one talked in last first."""
        return self._rows

    def set_conversations(self, conversations: Sequence[Conversation]) -> None:
        """Shows the conversations that there are now; what is chosen of them stays so."""
        self._conversations = tuple(conversations)
        self._shelf.set_conversations(conversations)
        self._fill()

    def chosen(self) -> list[str]:
        """Returns the ids of those that are chosen, in the order in which they are seen."""
        items = sorted(self._rows.selectedItems(), key=self._rows.row)
        return [str(identity) for identity, _message in map(key_of, items) if identity is not None]

    def _fill(self) -> None:
        words, wanted, place = TimeWords(), fold(self._field.text()).split(), self._shelf.place
        shown = [
            Row(one.id, title, " · ".join(filter(None, (one.folder, words.of(one.updated)))))
            for one, title in ((one, self._title(one)) for one in self._conversations if place.holds(one))
            if all(word in fold(title) for word in wanted)
        ]
        if shown:
            self._rows.update_rows(shown, editable=False)
        else:
            self._rows.say(self.tr("Nothing found") if wanted else self.tr("No conversations"))
        self._follow()

    def _title(self, one: Conversation) -> str:
        return one_line(one.title) or self.tr("New conversation")

    def _follow(self) -> None:
        count, total = len(self.chosen()), sum(1 for one in self._conversations if self._shelf.place.holds(one))
        self._count.setText(self.tr("{count} of {total} chosen").format(count=f"{count:,}", total=f"{total:,}"))
        is_archive = self._shelf.place == ARCHIVE
        self._archive.setText(self.tr("&Back from the archive") if is_archive else self.tr("&Archive"))
        self._move.setVisible(not is_archive)
        for button in (self._archive, self._move, self._delete):
            button.setEnabled(count > 0)

    def _on_archive(self) -> None:
        if self.chosen():
            self.archiveRequested.emit(self.chosen(), self._shelf.place != ARCHIVE)

    def _on_delete(self) -> None:
        if self.chosen():
            self.deleteRequested.emit(self.chosen())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._head.setVisible(self.height() >= _LOW * spacing(self).unit)

    def _open_folders(self) -> None:
        chosen = self.chosen()
        if not chosen:
            return
        menu = QMenu(self)
        for folder in ("", *folders_of(self._conversations)):
            words = folder.replace("&", "&&") or self.tr("No folder")
            add_action(menu, words, partial(self.moveRequested.emit, chosen, folder))
        menu.addSeparator()
        add_action(menu, self.tr("New folder…"), lambda: self.newFolderRequested.emit(chosen))
        menu.exec(self._move.mapToGlobal(self._move.rect().bottomLeft()))
        menu.deleteLater()

    def _lay_out(self) -> None:
        gap = spacing(self)
        buttons = QHBoxLayout()
        buttons.setSpacing(gap.unit)
        for button in (self._archive, self._move, self._delete):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        for button in (self._archive, self._move, self._delete, self._close):
            button.setAutoDefault(False)
        column = QVBoxLayout(self)
        edge = gap.unit + gap.half
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(gap.unit)
        self._count.setAlignment(Qt.AlignmentFlag.AlignRight)
        which = QHBoxLayout()
        which.setSpacing(gap.unit)
        which.addWidget(self._field, stretch=3)
        which.addWidget(self._shelf, stretch=2)
        for part in (self._head, self.banner):
            column.addWidget(part)
        add_layout(column, which)
        column.addWidget(self._rows, stretch=1)
        column.addWidget(self._count)
        add_layout(column, buttons)
