"""What the engine is doing, in the words of the window."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtCore import QCoreApplication

from desktop.common.events import Publisher
from desktop.engine.types import (
    Asleep,
    Awake,
    Dozing,
    EngineEvent,
    Failed,
    Finished,
    Reading,
    Recovered,
    SleepReason,
    Stalled,
    Token,
    Waking,
)
from desktop.ui.theme.icons import CatState
from desktop.ui.words import duration_words


class ActivityKind(Enum):
    """The states a person can tell apart."""

    NO_MODEL = "no model"
    ASLEEP = "asleep"
    DOZING = "dozing"
    WAKING = "waking"
    READING = "reading"
    THINKING = "thinking"
    WRITING = "writing"
    STALLED = "stalled"
    AWAKE = "awake"


@dataclass(frozen=True)
class Activity:
    """What the engine is doing.

    Attributes:
        kind: The state.
        fraction: How much of the waking is done, 0 to 1; None: not known.
        tokens_done: Tokens of the prompt that are read.
        tokens_total: Tokens of the prompt that had to be read; 0: not known.
        takes_long: It has read for so long that somebody wants to know how far it is.
        tokens_per_second: Speed of the answer; None: not known yet.
        for_memory: It sleeps because the computer ran short of memory.
        still_for: Seconds for which the engine has got no further, though it should.
        computes: It computes all the while.
        place: Host of the server that does it; empty: it is this computer's engine.
        for_program: Another program has asked.
    """

    kind: ActivityKind
    fraction: float | None = None
    tokens_done: int = 0
    tokens_total: int = 0
    takes_long: bool = False
    tokens_per_second: float | None = None
    for_memory: bool = False
    still_for: int = 0
    computes: bool = False
    place: str = ""
    for_program: bool = False

    @property
    def progress(self) -> float | None:
        """How much is done of what has an end, 0 to 1; None where there is none, or where it is not known."""
        if self.kind is ActivityKind.WAKING:
            return None if self.fraction is None else min(1.0, max(0.0, self.fraction))
        if self.kind is ActivityKind.READING and self.tokens_total > 0:
            return min(1.0, self.tokens_done / self.tokens_total)
        return None

    @property
    def is_busy(self) -> bool:
        return self.kind in (
            ActivityKind.WAKING,
            ActivityKind.READING,
            ActivityKind.THINKING,
            ActivityKind.WRITING,
            ActivityKind.STALLED,
        )

    @property
    def cat(self) -> CatState:
        """The cat that shows it."""
        return {
            ActivityKind.NO_MODEL: CatState.ASLEEP,
            ActivityKind.ASLEEP: CatState.ASLEEP,
            ActivityKind.DOZING: CatState.DOZING,
            ActivityKind.WAKING: CatState.WAKING,
            ActivityKind.AWAKE: CatState.AWAKE,
        }.get(self.kind, CatState.THINKING)


def activity_words(activity: Activity, *, is_answer: bool = False) -> str:
    """Returns the state in words: ``Waking 40 %``, ``Reading your message… 15 %``, ``Writing · 12.3 tokens/s``.

    Args:
        activity: The state.
        is_answer: It belongs to an answer; else what is read may be a document, or what is being written.
    """
    if activity.place:
        return _words_elsewhere(activity)
    words = _words(activity, is_answer=is_answer)
    if not activity.for_program:
        return words
    return QCoreApplication.translate("Activity", "{what} · for another program").format(what=words)


def _words(activity: Activity, *, is_answer: bool) -> str:
    if activity.kind is ActivityKind.ASLEEP:
        if activity.for_memory:
            return QCoreApplication.translate("Activity", "Asleep: the computer ran short of memory")
        return QCoreApplication.translate("Activity", "Asleep")
    if activity.kind is ActivityKind.NO_MODEL:
        return QCoreApplication.translate("Activity", "No model yet")
    if activity.kind is ActivityKind.DOZING:
        return QCoreApplication.translate("Activity", "Dozing")
    if activity.kind is ActivityKind.AWAKE:
        return QCoreApplication.translate("Activity", "Awake")
    if activity.kind is ActivityKind.WAKING:
        if activity.progress is None:
            return QCoreApplication.translate("Activity", "Waking")
        return QCoreApplication.translate("Activity", "Waking {percent} %").format(percent=int(activity.progress * 100))
    if activity.kind is ActivityKind.READING:
        words = (
            QCoreApplication.translate("Activity", "Reading your message…")
            if is_answer
            else QCoreApplication.translate("Activity", "Reading…")
        )
        if activity.progress is None or not activity.takes_long:
            return words
        return QCoreApplication.translate("Activity", "{what} {percent} %").format(
            what=words, percent=int(activity.progress * 100)
        )
    if activity.kind is ActivityKind.STALLED:
        if activity.computes:
            words = QCoreApplication.translate("Activity", "Computing without getting any further for {duration}")
        else:
            words = QCoreApplication.translate("Activity", "The engine has not moved for {duration}")
        return words.format(duration=duration_words(activity.still_for))
    # "Thinking" is said of a model's thoughts alone, which not every model has: the settings call them so.
    thinks = activity.kind is ActivityKind.THINKING
    if activity.tokens_per_second is None:
        return (
            QCoreApplication.translate("Activity", "Thinking")
            if thinks
            else QCoreApplication.translate("Activity", "Writing")
        )
    words = (
        QCoreApplication.translate("Activity", "Thinking · {speed} tokens/s")
        if thinks
        else QCoreApplication.translate("Activity", "Writing · {speed} tokens/s")
    )
    return words.format(speed=f"{activity.tokens_per_second:.1f}")


def _words_elsewhere(activity: Activity) -> str:
    """Returns what a server does, as far as that is heard of here."""
    if activity.kind is ActivityKind.STALLED:
        words = QCoreApplication.translate("Activity", "{host} has sent nothing for {duration}")
        return words.format(host=activity.place, duration=duration_words(activity.still_for))
    if activity.kind not in (ActivityKind.THINKING, ActivityKind.WRITING):
        return QCoreApplication.translate("Activity", "Waiting for {host}…").format(host=activity.place)
    if activity.kind is ActivityKind.THINKING:
        words = QCoreApplication.translate("Activity", "{host} is thinking")
    else:
        words = QCoreApplication.translate("Activity", "{host} is writing")
    words = words.format(host=activity.place)
    if activity.tokens_per_second is None:
        return words
    speed = QCoreApplication.translate("Activity", "{speed} tokens/s").format(speed=f"{activity.tokens_per_second:.1f}")
    return f"{words} \u00b7 {speed}"


def activity_tip(activity: Activity) -> str:
    """Returns what a state means, and how far it is in the field's own terms, for a tooltip."""
    if activity.place:
        return QCoreApplication.translate(
            "Activity", "A server answers; your words have left this computer. Nothing wakes here for it."
        )
    tip = activity_help(activity.kind)
    if activity.kind is not ActivityKind.READING or activity.tokens_total <= 0:
        return tip
    words = QCoreApplication.translate("Activity", "{done} of {total} tokens").format(
        done=f"{activity.tokens_done:,}", total=f"{activity.tokens_total:,}"
    )
    return f"{tip}\n{words}"


def activity_help(kind: ActivityKind) -> str:
    """Returns what a state means, with the field's own terms, for a tooltip."""
    return {
        ActivityKind.NO_MODEL: QCoreApplication.translate(
            "Activity", "There is no model to answer yet. The button on the right leads to the models."
        ),
        ActivityKind.ASLEEP: QCoreApplication.translate(
            "Activity",
            "The model is not in memory. It wakes with the next message (the GGUF file is loaded in a new process).",
        ),
        ActivityKind.DOZING: QCoreApplication.translate(
            "Activity",
            "The model has given back what takes most of its memory (context, pages of the weights). It wakes at once.",
        ),
        ActivityKind.WAKING: QCoreApplication.translate(
            "Activity", "The model is being loaded into memory, and the state of the conversation with it (KV cache)."
        ),
        ActivityKind.READING: QCoreApplication.translate(
            "Activity", "The model reads what it has not read yet of the conversation (prompt evaluation)."
        ),
        ActivityKind.THINKING: QCoreApplication.translate(
            "Activity", "The model writes its thoughts, which come before the answer (thinking mode)."
        ),
        ActivityKind.WRITING: QCoreApplication.translate(
            "Activity", "The model writes the answer, one token after the other (generation)."
        ),
        ActivityKind.STALLED: QCoreApplication.translate(
            "Activity",
            "The engine's process gets no further. Its disk may not answer, another program may have stopped it, or it"
            " computes what has no end.",
        ),
        ActivityKind.AWAKE: QCoreApplication.translate(
            "Activity", "The model is in memory and answers at once. When nobody asks it dozes, and later it sleeps."
        ),
    }[kind]


# A speed over less time than this jumps about too much to be read.
_SPEED_AFTER_S = 0.5
# ... and it is shown anew at most this often.
_SPEED_EVERY_S = 0.25
# Waking from a doze takes less than that, unless the weights must come from the disk again: a word and a bar that are
# gone before they can be read only flicker.
_WAKING_AFTER_S = 0.4
# A share of what is read is said when the reading takes longer.
_LONG_READING_S = 2.0


class ActivityTracker:
    """Turns the stream of engine events into the state that tray, window and quick box show."""

    def __init__(
        self, now: Callable[[], float] = time.monotonic, is_of_program: Callable[[int], bool] = lambda _request: False
    ) -> None:
        """
        Args:
            now: A monotonic clock in seconds.
            is_of_program: Whether another program has made a request.
        """
        self._now, self._is_of_program = now, is_of_program
        self._changed = Publisher[Activity, int | None]()
        self._first_token_at: float | None = None
        self._shown_at = 0.0
        self._tokens = 0
        self._has_model = True
        self._reading: tuple[int | None, float] = (None, 0.0)  # a request, and when its reading began
        self._roused_at: float | None = None  # when it began to wake from a doze
        self._before_stall: Activity | None = None
        self.current = Activity(ActivityKind.ASLEEP)
        self.awake: Awake | None = None

    def subscribe(self, listener: Callable[[Activity, int | None], None]) -> None:
        """Calls ``listener(activity, request id)`` at every change; the id is None between requests."""
        self._changed.subscribe(listener)

    def set_has_model(self, there: bool) -> None:
        """Says whether there is a model: without one nothing sleeps."""
        self._has_model = there
        if self.current.kind in (ActivityKind.ASLEEP, ActivityKind.NO_MODEL):
            rests = Activity(ActivityKind.ASLEEP) if there else Activity(ActivityKind.NO_MODEL)
            if rests.kind is not self.current.kind:
                self._show(rests, None)

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine."""
        if isinstance(event, Waking):
            self._on_waking(event)
        elif isinstance(event, Awake):
            self.awake = event
            self._show(Activity(ActivityKind.AWAKE), None)
        elif isinstance(event, Reading):
            self._on_reading(event)
        elif isinstance(event, Token):
            self._on_token(event)
        elif isinstance(event, Asleep):
            self.awake = None
            asleep = Activity(ActivityKind.ASLEEP, for_memory=event.reason is SleepReason.MEMORY)
            self._show(asleep if self._has_model else Activity(ActivityKind.NO_MODEL), None)
        elif isinstance(event, Dozing):
            self.awake = self._roused_at = None
            self._show(Activity(ActivityKind.DOZING), None)
        elif isinstance(event, Stalled):
            if self.current.kind is not ActivityKind.STALLED:
                self._before_stall = self.current
            self._show(
                Activity(ActivityKind.STALLED, still_for=event.seconds, computes=event.computes), event.request_id
            )
        elif isinstance(event, Recovered):
            if self.current.kind is ActivityKind.STALLED and self._before_stall is not None:
                self._show(self._before_stall, event.request_id)
        elif isinstance(event, Finished | Failed):
            self._first_token_at = self._roused_at = None

    def _on_waking(self, event: Waking) -> None:
        now = self._now()
        if self.current.kind is ActivityKind.DOZING:
            if self._roused_at is None:
                self._roused_at = now
            if now - self._roused_at < _WAKING_AFTER_S:
                return
        self._show(Activity(ActivityKind.WAKING, fraction=event.fraction), event.request_id)

    def _on_reading(self, event: Reading) -> None:
        self._first_token_at, now = None, self._now()
        if self._reading[0] != event.request_id:
            self._reading = event.request_id, now
        reading = Activity(
            ActivityKind.READING,
            tokens_done=event.done,
            tokens_total=event.total,
            takes_long=now - self._reading[1] >= _LONG_READING_S,
        )
        self._show(reading, event.request_id)

    def _on_token(self, event: Token) -> None:
        now, kind = self._now(), ActivityKind.THINKING if event.thinking else ActivityKind.WRITING
        if self._first_token_at is None:
            self._first_token_at, self._tokens = now, 0
            self._show(Activity(kind), event.request_id)
            self._shown_at = now
            return
        self._tokens += event.tokens
        elapsed = now - self._first_token_at
        if elapsed >= _SPEED_AFTER_S and now - self._shown_at >= _SPEED_EVERY_S:
            self._shown_at = now
            self._show(Activity(kind, tokens_per_second=self._tokens / elapsed), event.request_id)
        elif kind is not self.current.kind:
            self._show(replace(self.current, kind=kind), event.request_id)

    def _show(self, activity: Activity, request_id: int | None) -> None:
        if request_id is not None and activity.is_busy:
            activity = replace(activity, for_program=self._is_of_program(request_id))
        if activity == self.current:
            return
        self.current = activity
        self._changed(activity, request_id)
