"""What Catnap takes of the memory: measured, written down where that is wanted, and shown in a panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QWidget

from desktop.app.services import Services
from desktop.app.watching.memory_recorder import MemoryRecorder
from desktop.app.windows.dialogs import make_memory_panel
from desktop.engine.types import EngineEvent
from desktop.lifecycle.memory_history import MemoryHistory
from desktop.lifecycle.memory_table import MemoryTable

if TYPE_CHECKING:
    from desktop.ui.memory.panel import MemoryPanel


class MemoryUse(QObject):
    """Keeps the measurements of the last minutes.

    Attributes:
        history: The measurements.
        recorder: Measures while a model is in memory, and writes.
    """

    def __init__(self, services: Services, parent: QObject) -> None:
        """
        Args:
            services: Know machine, model and settings.
            parent: Owner.
        """
        super().__init__(parent)
        self._services = services
        state, store = services.supervisor.state, services.store
        self.history = MemoryHistory(services.machine.memory.read, state)
        table = MemoryTable(services.memory_file, services.writer.put)
        self.recorder = MemoryRecorder(state, self.history, table, lambda: store.current.record_memory, self)
        self._panel: MemoryPanel | None = None

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes what the engine does: a nap gives memory back, and asleep nothing is measured."""
        self.history.on_engine_event(event)
        self.recorder.follow()

    def show_panel(self, corner: QPoint, window: QWidget) -> None:
        """Opens the panel, or closes it.

        Args:
            corner: Above which it stands, on the screen.
            window: Owns it.
        """
        if self._panel is None:
            self._panel = make_memory_panel(self._services, self.history, window)
            self._panel.sleepRequested.connect(self._services.supervisor.sleep)
        self._panel.open_above(corner)
