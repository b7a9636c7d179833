"""What is to be said of one conversation: in the window's banner while it is shown, and never over another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject

from desktop.ui.widgets.banner import Banner, Notice, NoticeAction

_ELSEWHERE = "elsewhere-"


class ConversationNotices(QObject):
    """Shows each notice with its conversation; of another one it is said which, with a way there."""

    def __init__(
        self,
        banner: Banner,
        title_of: Callable[[str], str],
        open_: Callable[[str | None], None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            banner: Of the window.
            title_of: Returns a conversation's title; empty: it has none.
            open_: Shows a conversation; None: the page for a new one.
            parent: Owner.
        """
        super().__init__(parent)
        self._banner = banner
        self._title_of = title_of
        self._open = open_
        self._shown: str | None = None
        self._kept: dict[str | None, dict[str, Notice]] = {}

    def turn_to(self, conversation: str | None) -> None:
        """Follows the window to another conversation; None: to the page for a new one."""
        left, self._shown = self._shown, conversation
        if left == conversation:
            return
        # What was closed, or acted on, has had its time; so has what goes by itself.
        still = {
            key: notice
            for key, notice in self._kept.pop(left, {}).items()
            if self._banner.holds(key) and not notice.seconds
        }
        for key in still:
            self._banner.withdraw(key)
        if still:
            self._kept[left] = still
        self._banner.withdraw(self._pointer_key(conversation))
        for notice in self._kept.get(conversation, {}).values():
            self._banner.show_notice(notice)

    def begin(self, conversation: str) -> None:
        """The page for a new conversation has become one: what was said there is over."""
        self.forget(None)
        self._shown = conversation

    def show(self, conversation: str | None, notice: Notice) -> None:
        """Says something of a conversation, shown or not."""
        self._kept.setdefault(conversation, {})[notice.identity] = notice
        if conversation == self._shown:
            self._banner.show_notice(notice)
            return
        title = self._title_of(conversation) if conversation is not None else ""
        where = self.tr("In “{title}”.").format(title=title) if title else self.tr("In a new conversation.")
        there = NoticeAction(self.tr("Show it"), partial(self._open, conversation))
        pointer = replace(notice, detail=where, remedy="", actions=(there,), key=self._pointer_key(conversation))
        self._banner.show_notice(pointer)

    def holds(self, conversation: str | None, key: str) -> bool:
        """Tells whether something that was said is still there to be read: nobody has closed it, or acted on it."""
        return key in self._kept.get(conversation, {}) and (conversation != self._shown or self._banner.holds(key))

    def withdraw(self, conversation: str | None, key: str) -> None:
        """Takes back what is no longer true; unknown keys are ignored."""
        kept = self._kept.get(conversation, {})
        if kept.pop(key, None) is None:
            return
        if conversation == self._shown:
            self._banner.withdraw(key)
        elif not kept:
            self._banner.withdraw(self._pointer_key(conversation))

    def forget(self, conversation: str | None) -> None:
        """Takes back all that was said of a conversation."""
        for key in tuple(self._kept.get(conversation, ())):
            self.withdraw(conversation, key)
        self._kept.pop(conversation, None)

    @staticmethod
    def _pointer_key(conversation: str | None) -> str:
        return f"{_ELSEWHERE}{conversation or ''}"
