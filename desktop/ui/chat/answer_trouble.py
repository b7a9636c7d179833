"""What is said when an answer fails, cannot be stored, or does not get on: in the window's banner, with ways out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop.chat.events import AnswerFailed, AnswerStalled, AnswerUnsaved
from desktop.chat.service import ChatService
from desktop.common.errors import (
    EngineDiedError,
    MessageTooLongError,
    ServerAwayError,
    ServerKeyError,
    UserFacingError,
    WayOut,
)
from desktop.ui.conversations.notices import ConversationNotices
from desktop.ui.ways_out import ways_out
from desktop.ui.widgets.banner import Banner, Notice, NoticeAction, Severity
from desktop.ui.words import duration_words, error_detail, error_remedy, error_title

_FAILED_KEY = "failed"  # of the banner that says that an answer of the conversation failed
_STALLED_KEY = "stalled-"  # and the conversation: of the banner that says that the engine does not move


class AnswerTrouble(QObject):
    """Says it, and takes it back when it is over.

    Signals:
        againRequested: (goes on) The answer shall be tried again; or it shall go on where it stopped.
        hereRequested: (goes on) This computer shall do that, and no server any more.
    """

    againRequested = Signal(bool)
    hereRequested = Signal(bool)

    def __init__(
        self,
        banner: Banner,
        notices: ConversationNotices,
        chat: ChatService,
        guarded: Callable[[Callable[[], object]], bool],
        choose: Callable[[WayOut, EngineDiedError], None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            banner: For what is said whatever conversation is shown.
            notices: For what is said of one conversation.
            chat: Ends an answer, or stores it after all.
            guarded: Does something that the history may refuse, and shows why it did.
            choose: Called with the way out of an error that was chosen, and the error.
            parent: Owner.
        """
        super().__init__(parent)
        self._banner, self._notices, self._chat = banner, notices, chat
        self._guarded, self._choose = guarded, choose
        self._describe: Callable[[AnswerFailed, MessageTooLongError], Notice] | None = None

    def describe_too_long(self, describe: Callable[[AnswerFailed, MessageTooLongError], Notice]) -> None:
        """Takes who knows the ways out of a message that was too long."""
        self._describe = describe

    def show_error(self, error: UserFacingError, action: NoticeAction | None = None, key: str = "") -> None:
        """Shows at once why something that was just done has failed, whatever conversation is shown.

        Args:
            error: The ways out that it names become buttons.
            action: A button before these.
            key: See :class:`Notice`.
        """
        self._banner.show_first(self._notice(error, action, key))

    def withdraw(self, key: str) -> None:
        """Takes back an error that was shown under a key: it is over."""
        self._banner.withdraw(key)

    def show_stalled(self, event: AnswerStalled) -> None:
        """Says that nothing has come for a while, and offers to end the answer."""
        if event.is_server:
            words = self.tr("The server has sent nothing for {duration}.")
            remedy = self.tr("It may have much to do, or a long text to read. What was said so far is kept.")
        elif event.computes:
            words = self.tr("The engine has computed for {duration} without getting any further.")
            remedy = self.tr("It may have got stuck. What was said so far is kept.")
        else:
            words = self.tr("The engine has not moved for {duration}.")
            remedy = self.tr("The disk with the model may be slow, or gone. What was said so far is kept.")
        end = NoticeAction(self.tr("End the answer"), partial(self._chat.answers.stop, event.conversation_id))
        self._banner.show_notice(
            Notice(
                words.format(duration=duration_words(event.seconds)),
                remedy=remedy,
                actions=(end, NoticeAction(self.tr("Wait"), lambda: None)),
                severity=Severity.PROBLEM,
                key=_STALLED_KEY + event.conversation_id,
            )
        )

    def stalls_no_more(self, conversation_id: str) -> None:
        """It moves again, or has ended."""
        self._banner.withdraw(_STALLED_KEY + conversation_id)

    def show_unsaved(self, event: AnswerUnsaved) -> None:
        """Says that an answer could not be stored, and offers to try once more."""

        def save() -> None:
            self._guarded(lambda: self._chat.answers.save_again(event.conversation_id))

        self.show_error(event.error, NoticeAction(self.tr("Save again"), save))

    def show_failed(self, event: AnswerFailed) -> None:
        """Says why there is no answer, with its conversation."""
        # Only shown with its conversation, which then is the one that is answered again.
        again = (
            None
            if event.put_back is not None
            else NoticeAction(self.tr("Try again"), partial(self.againRequested.emit, event.goes_on))
        )
        where = None if event.conversation_gone else event.conversation_id
        here = None
        if isinstance(event.error, ServerAwayError | ServerKeyError) and again is not None:
            here = NoticeAction(self.tr("Answer on this computer"), partial(self.hereRequested.emit, event.goes_on))
        notice = self._notice(event.error, again, _FAILED_KEY, here)
        if isinstance(event.error, MessageTooLongError) and event.put_back is not None and self._describe is not None:
            notice = self._describe(event, event.error)
        self._notices.show(where, notice)

    def left_behind(self, conversation_id: str) -> None:
        """Another answer has begun: that the one before it failed is of no interest any more."""
        self._notices.withdraw(conversation_id, _FAILED_KEY)

    def _notice(
        self,
        error: UserFacingError,
        action: NoticeAction | None = None,
        key: str = "",
        other: NoticeAction | None = None,
    ) -> Notice:
        actions = (*(each for each in (action, other) if each), *ways_out(error, self._choose))
        words = error_title(error), error_detail(error), error_remedy(error)
        return Notice(*words, actions=actions, severity=Severity.PROBLEM, key=key)
