"""Carries the engine's events from its thread to the GUI thread."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from desktop.engine.types import EngineEvent, Token

# Two frames of a 60 Hz screen. A transcript that is laid out anew for every token takes eight times as long for an
# answer of 2,000 tokens (6.9 s against 0.8 s); nobody sees the difference.
JOIN_MS = 33


class EngineBridge(QObject):
    """Takes events from any thread and emits them on its own, tokens joined.

    Tokens of the same request and the same kind (thought or answer) are joined for ``JOIN_MS``; any other event emits
    what was joined first, so that the order holds and the text stays whole. What comes at once is emitted one by one,
    the event loop having its turn between two of them: the end of an answer and what follows from it are some 10 ms of
    work each, and a click shall not wait for their sum. :meth:`close` comes before its destruction.

    Attributes:
        event: Emits each :data:`EngineEvent` on the thread this object lives in. (The agreed name; it hides
            ``QObject.event``, which nothing here overrides.)
    """

    event = Signal(object)  # type: ignore[assignment]
    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._open = True
        self._joined: list[Token] = []
        self._waiting: deque[EngineEvent] = deque()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(JOIN_MS)
        self._timer.timeout.connect(self._flush)
        self._turns = QTimer(self)
        self._turns.setSingleShot(True)
        self._turns.setInterval(0)
        self._turns.timeout.connect(self._next)
        self._posted.connect(self._receive, Qt.ConnectionType.QueuedConnection)

    def post(self, event: EngineEvent) -> None:
        """Hands an event over and returns at once; does nothing after :meth:`close`. Any thread."""
        with self._lock:  # held while emitting, so that close() waits until this thread is out of the object
            if self._open:
                self._posted.emit(event)

    def close(self) -> None:
        """Drops what has not been emitted and ignores everything posted from now on. GUI thread; may be repeated."""
        with self._lock:
            self._open = False
        self._timer.stop()
        self._turns.stop()
        self._joined.clear()
        self._waiting.clear()

    @Slot(object)
    def _receive(self, event: EngineEvent) -> None:
        if not self._open:
            return
        if self._waiting or not isinstance(event, Token):
            self._waiting.append(event)
            if not self._turns.isActive():
                self._turns.start()
        else:
            self._join(event)

    @Slot()
    def _next(self) -> None:
        """Emits one event: the next that is no token, or what was joined before it."""
        while self._waiting:
            event = self._waiting[0]
            if isinstance(event, Token) and (not self._joined or _same_stream(self._joined[-1], event)):
                self._waiting.popleft()
                self._join(event)
                continue
            self._turns.start()
            if self._joined:
                self._flush()
            else:
                self.event.emit(self._waiting.popleft())
            return

    def _join(self, token: Token) -> None:
        if self._joined and not _same_stream(self._joined[-1], token):
            self._flush()
        self._joined.append(token)
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _flush(self) -> None:
        self._timer.stop()
        if not self._joined:
            return
        # Emptied before the signal: whoever receives it may run an event loop of its own.
        pieces, self._joined = self._joined, []
        joined = replace(
            pieces[0],
            text="".join(piece.text for piece in pieces),
            tokens=sum(piece.tokens for piece in pieces),
        )
        self.event.emit(joined)


def _same_stream(one: Token, other: Token) -> bool:
    return (one.request_id, one.thinking) == (other.request_id, other.thinking)
