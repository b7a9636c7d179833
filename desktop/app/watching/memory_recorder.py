"""Looks at the memory while a model is in it, and every ten seconds where the use of memory is to be written down."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from desktop.lifecycle.memory_history import MemoryHistory
from desktop.lifecycle.memory_table import EVERY_SECONDS, MemoryTable
from desktop.lifecycle.model_state import ModelState


class MemoryRecorder(QObject):
    """A timer that runs only while there is something to look at: asleep, and nothing to write, the processor rests."""

    def __init__(
        self,
        state: ModelState,
        history: MemoryHistory,
        table: MemoryTable,
        is_wanted: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            state: Whether there is a model in memory.
            history: Measures, and remembers.
            table: Where measurements are written, if that is wanted.
            is_wanted: Whether it is, by the settings.
            parent: Owner.
        """
        super().__init__(parent)
        self._state = state
        self._history = history
        self._table = table
        self._is_wanted = is_wanted
        self._timer = QTimer(self, interval=round(EVERY_SECONDS * 1000))
        self._timer.timeout.connect(self._measure)

    @property
    def is_running(self) -> bool:
        return self._timer.isActive()

    def follow(self) -> None:
        """Starts or stops; to be called after each event of the engine and each change of the settings."""
        should = self._is_wanted() or self._state.is_in_memory
        if should and not self._timer.isActive():
            self._timer.start()
        elif not should:
            self._timer.stop()

    def _measure(self) -> None:
        self._history.measure()
        if self._is_wanted():
            self._table.add(self._history.samples()[-1])
