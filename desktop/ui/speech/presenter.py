"""Reads messages aloud when somebody asks, and answers by themselves where that is wished."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from enum import Enum, auto

from PySide6.QtCore import QObject, Signal

from desktop.chat.events import (
    AnswerBegan,
    AnswerDropped,
    AnswerFailed,
    AnswerGrew,
    AnswerStored,
    AnswerUnsaved,
    ChatEvent,
    DraftCounted,
    HistoryTrouble,
    MessageStored,
    PathChanged,
    TemplateSubstituted,
)
from desktop.common.errors import UserFacingError
from desktop.history.records import MessageState
from desktop.settings.options import Settings
from desktop.speech.reading import Reader
from desktop.ui.chat.pane import ConversationPane
from desktop.ui.chat.window import ChatWindow
from desktop.ui.speech.engine import SpeechProcess
from desktop.ui.transcript.maths.spotting import inline_formula

_log = logging.getLogger(__name__)


class _Occasion(Enum):
    """Why something is read."""

    ASKED = auto()  # somebody asked for a message
    ANSWER = auto()  # answers are read by themselves
    TRIAL = auto()  # the button in the settings


class ReadAloud(QObject):
    """Has a conversation read; silent again with Esc, a new question, another conversation.

    Signals:
        troubled: (UserFacingError, bool) It cannot be read; whether it was the sentence that tries the voice.
        heard: A sentence was said to its end.
    """

    troubled = Signal(object, bool)
    heard = Signal()

    def __init__(self, engine: SpeechProcess, settings: Callable[[], Settings], parent: QObject | None = None) -> None:
        """
        Args:
            engine: The voice.
            settings: Returns the settings in force.
            parent: Owner.
        """
        super().__init__(parent)
        self._engine, self._settings = engine, settings
        self._reader = Reader(engine, inline_formula, self._on_changed)
        self._pane: ConversationPane | None = None
        self._window: ChatWindow | None = None
        self._shown: str | None = None  # the conversation in view, or coming into it: the pane may be a turn behind
        self._where: str | None = None  # the conversation that is read from
        self._growing: str | None = None  # the conversation whose answer is read while it grows
        self._occasion = _Occasion.ASKED
        self._told: set[str] = set()  # of the sentences about answers: each is said once, and not with each answer
        engine.said.connect(self._reader.said)
        engine.said.connect(lambda _number: self.heard.emit())
        engine.failed.connect(self._on_failed)

    @property
    def is_reading(self) -> bool:
        """Whether something is read, or will be as soon as there is a sentence of it."""
        return self._reader.is_reading

    def follow(self, window: ChatWindow) -> None:
        """Takes the window whose conversations are read."""
        self._window, self._pane = window, window.pane
        self._shown = window.pane.current
        menu, page = window.menu, window.pane.transcript
        page.requests.readRequested.connect(self.toggle)
        menu.read_aloud.triggered.connect(lambda _checked: self._toggle_in_reach())
        menu.stop.triggered.connect(lambda _checked: self.stop())
        window.pane.changed.connect(self._show)
        self._show()

    def toggle(self, message_id: int) -> None:
        """Reads a message of the conversation that is shown; one that is being read is not read any more."""
        if self._pane is None:
            return
        is_read = self._reader.is_reading and self._reader.key == message_id
        message = next((one for one in self._pane.transcript.messages if one.id == message_id), None)
        self.stop()
        if not is_read and message is not None:
            self._begin(_Occasion.ASKED, message.conversation_id)
            self._reader.read(message_id, message.text)

    def try_out(self) -> None:
        """Says a sentence as the settings are now; again: falls silent."""
        is_trial = self._reader.is_reading and self._occasion is _Occasion.TRIAL
        self.stop()
        if not is_trial:
            self._begin(_Occasion.TRIAL, None)
            self._reader.read(None, self.tr("This is how your answers are read to you."))

    def stop(self) -> None:
        """Falls silent."""
        self._growing = None
        self._reader.stop()

    def turn_to(self, conversation_id: str | None) -> None:
        """Takes which conversation is shown; another one than is read ends the reading."""
        self._shown = conversation_id
        if self._reader.is_reading and self._occasion is not _Occasion.TRIAL and conversation_id != self._where:
            self.stop()

    def close(self) -> None:
        """Falls silent for good."""
        self.stop()
        self._engine.close()

    def on_settings(self, old: Settings, new: Settings) -> None:
        """Takes that settings have changed."""
        if old.read_answers and not new.read_answers and self._growing is not None:
            self.stop()
        if new.read_answers and not old.read_answers:
            self._told.clear()  # whoever switches it on wants to know why nothing is heard

    def on_chat_event(self, event: ChatEvent) -> None:
        """Takes an event of the conversation service, after the window has."""
        if isinstance(event, TemplateSubstituted | HistoryTrouble | DraftCounted) or self._pane is None:
            return
        if isinstance(event, MessageStored | AnswerBegan | PathChanged):
            where = event.message.conversation_id if isinstance(event, MessageStored) else event.conversation_id
            if where in (self._where, self._shown) and self._occasion is not _Occasion.TRIAL:
                self.stop()
        if isinstance(event, AnswerBegan):
            self._begin_answer(event)
        elif isinstance(event, AnswerGrew) and event.conversation_id == self._growing:
            self._reader.grow(event.text)
        elif isinstance(event, AnswerStored) and event.message.conversation_id == self._growing:
            self._growing = None
            if event.message.state is MessageState.STOPPED:
                self.stop()
            else:
                self._reader.end(event.message.id)
        elif isinstance(event, AnswerUnsaved | AnswerDropped | AnswerFailed) and event.conversation_id == self._growing:
            self._growing = None
            self._reader.end()

    def _begin_answer(self, event: AnswerBegan) -> None:
        is_shown = self._window is not None and self._window.isVisible()
        if self._settings().read_answers and is_shown and event.conversation_id == self._shown:
            self._begin(_Occasion.ANSWER, event.conversation_id)
            self._growing = event.conversation_id
            self._reader.begin()

    def _begin(self, occasion: _Occasion, conversation_id: str | None) -> None:
        self._occasion, self._where = occasion, conversation_id
        settings = self._settings()
        self._engine.set_manner(math.log2(settings.reading_speed / 100), settings.reading_volume / 100)

    def _toggle_in_reach(self) -> None:
        if self._reader.is_reading:
            self.stop()
        elif self._pane is not None and (message := self._pane.transcript.reach.message()) is not None:
            self.toggle(message.id)

    def _on_failed(self, error: UserFacingError) -> None:
        occasion = self._occasion
        _log.info("cannot read aloud: %s %s", error.title, error.detail)
        self.stop()
        if occasion is _Occasion.ANSWER:
            if error.title in self._told:
                return
            self._told.add(error.title)
        self.troubled.emit(error, occasion is _Occasion.TRIAL)

    def _on_changed(self) -> None:
        self._show()

    def _show(self) -> None:
        if self._window is not None:
            is_reading = self._reader.is_reading
            self._window.pane.transcript.set_read(self._reader.key if is_reading else None)
            self._window.menu.follow_reading(self._window.pane, is_reading=is_reading)
