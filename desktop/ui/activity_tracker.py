"""Follows the engine's events and says what it is doing. GUI thread only; no Qt."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from desktop.engine.types import Asleep, Awake, EngineEvent, Failed, Finished, Reading, SleepReason, Token, Waking
from desktop.ui.activity import Activity, ActivityKind

# A speed over less time than this jumps about too much to be read.
_SPEED_AFTER_S = 0.5
# ... and it is shown anew at most this often.
_SPEED_EVERY_S = 0.25


class ActivityTracker:
    """Turns the stream of engine events into the state that tray, window and quick box show.

    Args:
        now: A monotonic clock in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._listeners: list[Callable[[Activity, int | None], None]] = []
        self._first_token_at: float | None = None
        self._shown_at = 0.0
        self._tokens = 0
        self.current = Activity(ActivityKind.ASLEEP)
        self.awake: Awake | None = None

    def subscribe(self, listener: Callable[[Activity, int | None], None]) -> None:
        """Calls ``listener(activity, request id)`` at every change; the id is None between requests."""
        self._listeners.append(listener)

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine."""
        if isinstance(event, Waking):
            self._show(Activity(ActivityKind.WAKING, fraction=event.fraction), event.request_id)
        elif isinstance(event, Awake):
            self.awake = event
            self._show(Activity(ActivityKind.AWAKE), None)
        elif isinstance(event, Reading):
            self._first_token_at = None
            self._show(
                Activity(ActivityKind.READING, tokens_done=event.done, tokens_total=event.total), event.request_id
            )
        elif isinstance(event, Token):
            self._on_token(event)
        elif isinstance(event, Asleep):
            self.awake = None
            self._show(Activity(ActivityKind.ASLEEP, for_memory=event.reason is SleepReason.MEMORY), None)
        elif isinstance(event, Finished | Failed):
            self._first_token_at = None

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
        if activity == self.current:
            return
        self.current = activity
        for listener in self._listeners:
            listener(activity, request_id)
