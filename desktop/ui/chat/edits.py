"""A message that is edited: what is set aside for it is said, and one that is refused goes back to where it was."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from desktop.chat.events import MessageStored
from desktop.ui.chat.changes import ConversationChanges
from desktop.ui.conversations.notices import ConversationNotices
from desktop.ui.widgets.banner import Notice

_SECONDS = 12.0
_ASIDE_KEY = "set-aside"  # of the banner that says what an edit has put out of view


@dataclass(frozen=True)
class Edit:
    """A message that was stored in the place of another.

    Attributes:
        conversation: Its id.
        before: The message that it was.
        now: The one it is.
    """

    conversation: str
    before: int
    now: int


class Edits(QObject):
    """Follows the edit whose answer has not come yet."""

    def __init__(self, changes: ConversationChanges, notices: ConversationNotices, parent: QObject) -> None:
        """
        Args:
            changes: Can undo an edit.
            notices: Says things of a conversation.
            parent: Owner.
        """
        super().__init__(parent)
        self._changes, self._notices = changes, notices
        self._under_way: Edit | None = None

    def stored(self, event: MessageStored) -> None:
        """Remembers a message, if it is an edit, so that it can be undone."""
        message = event.message
        self._under_way = None
        if event.instead_of is not None:
            self._under_way = Edit(message.conversation_id, event.instead_of, message.id)
            self._changes.edited(message, event.instead_of)

    def take(self) -> Edit | None:
        """Returns the edit that has no answer yet, and forgets it; None: the last message was none."""
        edit, self._under_way = self._under_way, None
        return edit

    def refused(self, edit: Edit) -> None:
        """The message was removed again, and what was set aside is back."""
        self.withdraw(edit.conversation)
        self._changes.refused(edit.conversation, edit.now)

    def say_set_aside(self, conversation: str, count: int) -> None:
        """Says how many messages an edit has put out of view, and how they are found."""
        if count > 1:  # of one alone, the answer, the line that says so while editing is enough
            words = self.tr("{count} messages set aside")
            self._notices.show(
                conversation,
                Notice(
                    words.format(count=f"{count:,}"),
                    remedy=self.tr("Page back to them with ‹ › below your message."),
                    key=_ASIDE_KEY,
                    seconds=_SECONDS,
                ),
            )

    def withdraw(self, conversation: str) -> None:
        """Takes back what was said of messages set aside."""
        self._notices.withdraw(conversation, _ASIDE_KEY)
