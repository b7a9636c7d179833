"""Follows what is being written: what it takes of the context is shown, and what is too long is said at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop.chat.context_use import (
    ESTIMATE_MARGIN,
    ContextHistory,
    ContextUse,
    counted_use,
    estimate,
    estimate_tokens,
    fitting_length,
    history_of,
    use_elsewhere,
)
from desktop.chat.events import AnswerFailed, ChatEvent, CutMoved, DraftCounted
from desktop.chat.voice import Voice
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import MessageTooLongError
from desktop.engine.types import Counted
from desktop.lifecycle.larger_context import LargerContext
from desktop.settings.options import Settings
from desktop.ui.conversations.notices import ConversationNotices
from desktop.ui.widgets.banner import Notice, NoticeAction, Severity
from desktop.ui.words import token_words

if TYPE_CHECKING:
    from desktop.ui.chat.pane import ConversationPane

TOO_LONG_KEY = "too-long"  # of the notice that a message does not fit, typed or refused
_PASSAGES_KEY = "too-long-with-passages"  # of the one that it does not fit with what was found in documents
# Tokens from which a count says how a model cuts text.
_TELLING = 40


@dataclass(frozen=True)
class _Count:
    """What the model has counted, with what stood before it; None: nobody knew."""

    event: DraftCounted
    before: ContextHistory | None

    def is_of(self, conversation: str | None, draft: str, history: ContextHistory) -> bool:
        """Returns whether it was counted of this text, behind the same: a persona says other things before it."""
        if (self.event.conversation_id, self.event.draft) != (conversation, draft) or self.before is None:
            return False
        # Neither says what the text takes: how long an answer may be, and what is left out.
        return replace(self.before, max_tokens=history.max_tokens, cut=history.cut) == history

    def is_in_force(self, context: int, history: ContextHistory) -> bool:
        """Returns whether it was counted for this context and this longest answer."""
        limit = self.before.max_tokens if self.before is not None else None
        return self.event.counted.n_ctx == context and limit == history.max_tokens


class ContextWatch(QObject):
    """Keeps the meter up to date. Nothing here asks the model, or wakes it: what it has counted anyway is used."""

    def __init__(
        self,
        pane: ConversationPane,
        notices: ConversationNotices,
        settings: Callable[[], Settings],
        voice: Callable[[], Voice],
        context: Callable[[], int],
        larger: Callable[[int], LargerContext | None],
        enlarge: Callable[[int], None],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            pane: Has the message, the conversation and the meter.
            notices: Takes what is to be said of a conversation.
            settings: Returns the settings in force.
            voice: Returns who answers in the conversation that is shown.
            context: Returns the context of the next answer in tokens, as it is made; 0: there is no model.
            larger: Returns a context with room for so many tokens and its price; None: there is none.
            enlarge: Puts a context in force.
            parent: Owner.
        """
        super().__init__(parent)
        self._pane, self._notices, self._settings = pane, notices, settings
        self._voice = voice
        self._context, self._larger, self._enlarge = context, larger, enlarge
        self._history: ContextHistory | None = None
        self._tokens = 0
        self._edited: int | None = None  # the message that is being edited, which the history ends before
        self._count: _Count | None = None
        self._scale = 1.0  # how many tokens the model makes of one that is estimated
        # Conversations whose message was said to be too long, and still is, with the context that it was too long for.
        self._said: dict[str | None, int] = {}
        # Conversations whose question was refused with passages of documents, with the question and that context.
        self._refused_with_passages: dict[str | None, tuple[str, int]] = {}
        self._worded = ("", "")  # what the last notice said of the length
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self._look)
        pane.changed.connect(self.refresh)
        pane.composer.edit.textChanged.connect(self._turn.start)
        self.refresh()

    def refresh(self) -> None:
        """Something other than the message has changed: conversation, settings, model."""
        self._history, self._worded = None, ("", "")
        self._turn.start()

    def model_changed(self) -> None:
        """Another model cuts text in another way."""
        self._scale, self._count = 1.0, None
        self.refresh()

    def on_chat_event(self, event: ChatEvent) -> None:
        """Takes an event of the conversation service."""
        if isinstance(event, DraftCounted):
            guessed = estimate_tokens(event.draft)
            if guessed >= _TELLING:
                self._scale = event.counted.message / guessed
            self._count = _Count(event, self._known_history())
            self._turn.start()
        elif isinstance(event, AnswerFailed) and isinstance(event.error, MessageTooLongError):
            if event.put_back is not None:
                self._on_refused(event, event.error, event.put_back.strip())
        elif isinstance(event, CutMoved) and event.conversation_id == self._pane.current:
            self.refresh()

    def describe(self, event: AnswerFailed, error: MessageTooLongError) -> Notice:
        """Returns what to say of a message that was refused for its length, with the ways out."""
        if not event.passages:
            return self._notice(error.tokens, error.room, is_exact=True, is_sure=True)
        alone = self._guessed(event)
        if alone > error.room:
            return self._notice(alone, error.room, is_exact=False, is_sure=True)
        return self._notice_of_passages(error)

    def _guessed(self, event: AnswerFailed) -> int:
        """Returns about how many tokens a refused message takes without what was found for it."""
        return round(estimate_tokens((event.put_back or "").strip()) * self._scale)

    def _on_refused(self, event: AnswerFailed, error: MessageTooLongError, text: str) -> None:
        """The model has counted a message that it cannot take; whoever refused it has said so."""
        conversation = None if event.conversation_gone else event.conversation_id
        if event.passages:  # what was counted is not the length of what was written
            if self._guessed(event) > error.room:
                self._said[conversation] = self._tokens
            else:
                self._refused_with_passages[conversation] = text, self._tokens
            return
        counted = Counted(0, 0, error.tokens, 0, self._tokens, self._tokens - error.room)
        self.on_chat_event(DraftCounted(conversation, text, counted))
        self._said[conversation] = self._tokens

    def _look(self) -> None:
        use = self._use()
        self._look_at_passages()
        begun = bool(self._pane.transcript.messages) or (use is not None and use.message > 0)
        self._pane.composer.meter.show_use(use if begun else None)
        self._pane.composer.describe_context(self._pane.composer.meter.words)
        conversation = self._pane.current
        is_sure = use is not None and use.is_surely_too_long
        # What was said of another context may hold no longer, and is not said again of this one by a guess.
        is_of_another = self._said.get(conversation, self._tokens) != self._tokens
        if use is None or not use.is_too_long or (is_of_another and not is_sure):
            self._said.pop(conversation, None)
            self._notices.withdraw(conversation, TOO_LONG_KEY)
        elif is_sure and self._said.get(conversation) != self._tokens:
            self._said[conversation] = self._tokens
            self._notices.show(conversation, self._notice_of(use))
        elif conversation in self._said and self._notices.holds(conversation, TOO_LONG_KEY):
            self._renew(conversation, use)

    def _look_at_passages(self) -> None:
        """Takes back what was said of a question with its passages, once one of the three is another."""
        conversation = self._pane.current
        refused = self._refused_with_passages.get(conversation)
        if refused is None:  # nearly always, at each key
            return
        if refused != (self._pane.composer.text().strip(), self._tokens) or self._voice().ground is None:
            del self._refused_with_passages[conversation]
            self._notices.withdraw(conversation, _PASSAGES_KEY)

    def _renew(self, conversation: str | None, use: ContextUse) -> None:
        """Makes what stands there true of what is written now, and its buttons with it."""
        words = self._words(use.message, use.room, is_exact=use.is_exact, is_sure=use.is_surely_too_long)
        if words != self._worded:
            self._notices.show(conversation, self._notice_of(use))

    def _use(self) -> ContextUse | None:
        history = self._known_history()
        if history is None:
            return None
        draft, count = self._pane.composer.text().strip(), self._count
        if count is None or not count.is_of(self._pane.current, draft, history):
            return estimate(history, draft, self._tokens, self._scale)
        if count.is_in_force(self._tokens, history):
            return counted_use(history, count.event.counted)
        return use_elsewhere(history, count.event.counted, self._tokens)

    def _known_history(self) -> ContextHistory | None:
        """Returns what stands before the message; None: there is no model."""
        if self._history is None or self._pane.edited_message != self._edited:
            self._edited = self._pane.edited_message
            self._tokens = self._context()
            self._history = self._make_history() if self._tokens else None
        return self._history

    def _make_history(self) -> ContextHistory:
        pane, settings = self._pane, self._settings()
        messages = list(pane.transcript.messages)
        if self._edited is not None:  # ids grow along what is shown
            messages = [message for message in messages if message.id < self._edited]
        return history_of(self._voice(), messages, pane.transcript.messages_cut, settings.max_tokens or None)

    def _notice_of(self, use: ContextUse) -> Notice:
        return self._notice(use.message, use.room, is_exact=use.is_exact, is_sure=use.is_surely_too_long)

    def _notice(self, tokens: int, room: int, *, is_exact: bool, is_sure: bool) -> Notice:
        self._worded = self._words(tokens, room, is_exact=is_exact, is_sure=is_sure)
        select = NoticeAction(self.tr("Select what is too much"), partial(self._select_surplus, tokens, room))
        shorten = self.tr("Shorten it, or give the model a context of {tokens} tokens: {price} more memory.")
        none = self.tr("Shorten it: a larger context is more than this model or this computer's memory takes.")
        ways, remedy = self._larger_for(tokens if is_exact else round(tokens * ESTIMATE_MARGIN), shorten, none)
        title, detail = self._worded
        return Notice(title, detail, remedy, actions=(select, *ways), severity=Severity.PROBLEM, key=TOO_LONG_KEY)

    def _notice_of_passages(self, error: MessageTooLongError) -> Notice:
        title = self.tr("Not even one passage of the documents fits into the model's context beside the question.")
        detail = self.tr("Together they take {tokens} tokens; there is room for {room}.")
        detail = detail.format(tokens=f"{error.tokens:,}", room=f"{error.room:,}")
        enlarge = self.tr("Give the model a context of {tokens} tokens: {price} more memory.")
        none = self.tr(
            "A larger context is more than this model or this computer's memory takes: choose another model."
        )
        ways, remedy = self._larger_for(error.tokens, enlarge, none)
        return Notice(title, detail, remedy, actions=ways, severity=Severity.PROBLEM, key=_PASSAGES_KEY)

    def _larger_for(self, needed: int, remedy: str, none: str) -> tuple[tuple[NoticeAction, ...], str]:
        """Returns the button for a context with so much room, and what to do; ``none``: where there is no such."""
        larger = self._larger(needed)
        if larger is None:
            return (), none
        price = format_bytes(larger.price)
        text = self.tr("Larger context (+{price})").format(price=price)
        action = NoticeAction(text, partial(self._enlarge, larger.tokens))
        return (action,), remedy.format(tokens=f"{larger.tokens:,}", price=price)

    def _words(self, tokens: int, room: int, *, is_exact: bool, is_sure: bool) -> tuple[str, str]:
        """Returns the title and what is said of the length; of a guess only as much as it is good for."""
        title = self.tr("This message is too long for the model.")
        if not is_sure:
            title = self.tr("This message may be too long for the model.")
        detail = self.tr("It takes about {tokens} tokens; there is room for {room}.")
        if is_exact:
            detail = self.tr("It takes {tokens} tokens; there is room for {room}.")
        return title, detail.format(tokens=token_words(tokens, about=not is_exact), room=f"{room:,}")

    def _select_surplus(self, tokens: int, room: int) -> None:
        """Selects the end of the message from where it no longer fits, from the beginning of a word."""
        composer = self._pane.composer
        text = composer.text()
        use = self._use()
        if use is not None and use.is_too_long:  # as it is now: it may have been counted since that was said
            tokens, room = use.message, use.room
        # The whole is as long as was said; its parts are as their characters.
        composer.edit.select_from(fitting_length(text, room, tokens / max(1, estimate_tokens(text))))
        self._pane.focus_composer()
