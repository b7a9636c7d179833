"""Recently deleted: conversations, and messages, that can be restored, or deleted for good. Not modal."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from heapq import merge

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.common.printable import one_line
from desktop.history.records import DeletedConversation, DeletedMessages
from desktop.ui.conversations.conversation_rows import ConversationRows, Row, key_of
from desktop.ui.conversations.moments import time_words
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.banner import Banner, Notice, NoticeAction, Severity
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.widgets.window_size import fitting_size

_SIZE_IN_UNITS = QSize(66, 52)
_DAY_SECONDS = 86_400.0
_ASK_KEY = "for-good"


def key_of_messages(deleted: DeletedMessages) -> str:
    """Returns what stands for messages that were deleted at once where else the id of a conversation stands."""
    return f"{deleted.conversation.id} {deleted.messages[0]}"


class DeletedDialog(QDialog):
    """Lists them and passes on what shall become of them. Made once and shown again.

    Signals:
        restoreRequested: (keys) They shall come back: ids of conversations, and what :func:`key_of_messages` makes.
        eraseRequested: (keys) They shall go for good; asked and confirmed.
    """

    restoreRequested = Signal(list)
    eraseRequested = Signal(list)

    def __init__(self, parent: QWidget | None = None, now: Callable[[], float] = time.time) -> None:
        """
        Args:
            parent: Its window.
            now: The clock, in seconds since the epoch.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Recently deleted"))
        self._now = now
        self._messages: dict[str, int] = {}  # how many were deleted at once, by key
        self.banner = Banner(self, inset=False)
        self._head = MutedLabel()
        self._head.setWordWrap(True)
        self._rows = ConversationRows(self)
        self._rows.setAccessibleName(self.tr("Recently deleted conversations"))
        self._rows.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._nothing = QLabel(self.tr("No deleted conversations"))
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._restore = QPushButton(self.tr("&Restore"))
        self._erase = QPushButton(self.tr("&Delete for good…"))
        self._erase_all = QPushButton(self.tr("Delete &all…"))
        self._close = QPushButton(self.tr("Close"))
        self._lay_out()
        self._rows.itemSelectionChanged.connect(self._refresh_buttons)
        self._rows.itemActivated.connect(lambda _item: self._on_restore())
        self._rows.deletePressed.connect(self._ask_chosen)
        self._restore.clicked.connect(self._on_restore)
        self._erase.clicked.connect(self._ask_chosen)
        self._erase_all.clicked.connect(lambda: self._ask(self._all()))
        self._close.clicked.connect(self.close)
        self.banner.focusLeft.connect(self._rows.setFocus)
        add_close_keys(self)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))

    @property
    def rows(self) -> ConversationRows:
        """The conversations, the one deleted last first."""
        return self._rows

    def set_deleted(
        self, deleted: Sequence[DeletedConversation], keep_days: int, messages: Sequence[DeletedMessages] = ()
    ) -> None:
        """Fills the list.

        Args:
            deleted: The conversations, the one deleted last first.
            keep_days: How long they stay; 0: until Catnap starts again.
            messages: What was deleted of conversations that stay, likewise.
        """
        if keep_days == 1:
            words = self.tr("They stay here for one day and go for good when Catnap starts after that.")
        elif keep_days:
            words = self.tr("They stay here for {days} days and go for good when Catnap starts after that.")
        else:
            words = self.tr("They go for good when Catnap starts again. The settings can keep them longer.")
        self._messages = {key_of_messages(one): len(one.messages) for one in messages}
        self._head.setText(words.format(days=keep_days))
        ones = ((one.deleted, self._row(one, keep_days)) for one in deleted)
        others = ((one.deleted, self._row_of_messages(one, keep_days)) for one in messages)
        rows = [row for _deleted, row in merge(ones, others, key=lambda one: -one[0])]  # each keeps its own order
        was_empty = not self._rows.count()
        self._rows.update_rows(rows, editable=False)
        self._rows.setVisible(bool(rows))
        self._nothing.setVisible(not rows)
        self.banner.withdraw(_ASK_KEY)  # what was asked about may not be there any more
        if was_empty and rows:
            self._rows.setCurrentRow(0)
        self._refresh_buttons()

    def _row(self, one: DeletedConversation, keep_days: int) -> Row:
        count = self.tr("one message") if one.messages == 1 else self.tr("{count} messages").format(count=one.messages)
        title = one_line(one.conversation.title) or self.tr("New conversation")
        return Row(one.conversation.id, title, self._second_line(one.deleted, count, keep_days))

    def _row_of_messages(self, one: DeletedMessages, keep_days: int) -> Row:
        title = one_line(one.conversation.title) or self.tr("New conversation")
        if len(one.messages) == 1:
            what = self.tr("a message of “{title}”").format(title=title)
        else:
            what = self.tr("{count} messages of “{title}”").format(count=len(one.messages), title=title)
        words = one_line(one.text) or self.tr("Empty message")
        return Row(key_of_messages(one), words, self._second_line(one.deleted, what, keep_days))

    def _second_line(self, deleted: float, what: str, keep_days: int) -> str:
        left = math.ceil(keep_days - max(0.0, self._now() - deleted) / _DAY_SECONDS)
        parts = [self.tr("deleted: {when}").format(when=time_words(deleted)), what]
        if keep_days and left > 1:
            parts.append(self.tr("{days} days left").format(days=left))
        elif keep_days:
            parts.append(self.tr("less than a day left"))
        return " · ".join(parts)

    def _chosen(self) -> list[str]:
        return [str(key_of(item)[0]) for item in self._rows.selectedItems()]

    def _all(self) -> list[str]:
        return [str(key_of(self._rows.item(place))[0]) for place in range(self._rows.count())]

    def _on_restore(self) -> None:
        if self._chosen():
            self.restoreRequested.emit(self._chosen())

    def _ask_chosen(self) -> None:
        self._ask(self._chosen())

    def _ask(self, identities: list[str]) -> None:
        if not identities:
            return
        if len(identities) == 1:
            title = next(self._rows.item(place).text() for place, one in enumerate(self._all()) if one == identities[0])
            words = self.tr("Delete “{title}” for good?").format(title=title)
            price = self.tr("It cannot come back.")
        else:
            words = self._question(identities)
            price = self.tr("They cannot come back.")
        self.banner.show_notice(
            Notice(
                words,
                remedy=price,
                actions=(NoticeAction(self.tr("Delete for good"), lambda: self.eraseRequested.emit(identities)),),
                severity=Severity.PROBLEM,
                key=_ASK_KEY,
            )
        )
        self.banner.focus_first_button()

    def _question(self, identities: list[str]) -> str:
        of_messages = [self._messages[one] for one in identities if one in self._messages]
        if not of_messages:
            return self.tr("Delete {count} conversations for good?").format(count=len(identities))
        if len(of_messages) == len(identities):
            return self.tr("Delete {count} messages for good?").format(count=sum(of_messages))
        return self.tr("Delete these conversations and messages for good?")

    def _refresh_buttons(self) -> None:
        for button in (self._restore, self._erase):
            button.setEnabled(bool(self._rows.selectedItems()))
        for button in (self._restore, self._erase, self._erase_all):
            button.setVisible(self._rows.count() > 0)

    def _lay_out(self) -> None:
        gap = spacing(self)
        buttons = QHBoxLayout()
        buttons.setSpacing(gap.unit)
        for button in (self._restore, self._erase, self._erase_all):
            buttons.addWidget(button)
            button.setAutoDefault(False)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        self._close.setAutoDefault(False)
        column = QVBoxLayout(self)
        edge = gap.unit + gap.half
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(gap.unit)
        column.addWidget(self._head)
        column.addWidget(self.banner)
        column.addWidget(self._rows, stretch=1)
        column.addWidget(self._nothing, stretch=1)
        add_layout(column, buttons)
