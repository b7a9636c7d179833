"""How the engine and the computer are: memory, battery, deaths of the engine, slowness; shown where people look."""

from __future__ import annotations

import os
from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop.app.reclaim import MemoryReclaimer
from desktop.app.services import Services
from desktop.app.watching.machine_monitor import MachineMonitor
from desktop.app.windows.crash_notices import CrashNotices
from desktop.app.windows.memory_use import MemoryUse
from desktop.app.windows.slowness import SlownessPresenter
from desktop.engine.types import EngineEvent, Stats


class Health:
    """Looks after them.

    Attributes:
        monitor: Polls what the engine's life depends on.
        memory: Shows and records what memory is used.
        crashes: What is said of the engine's deaths.
        slowness: Says why it is slow.
    """

    def __init__(
        self,
        services: Services,
        last_stats: Callable[[], Stats | None],
        can_think: Callable[[], bool | None],
        parent: QObject,
    ) -> None:
        """
        Args:
            services: What is looked at.
            last_stats: See :class:`SlownessPresenter`.
            can_think: See there.
            parent: Owner.
        """
        self._services = services
        supervisor, store = services.supervisor, services.store
        self.monitor = MachineMonitor(
            supervisor.state, supervisor.low_memory, services.machine.power, lambda: store.current.spare_battery, parent
        )
        self.memory = MemoryUse(services, parent)
        self._reclaimer = MemoryReclaimer(parent=parent)
        self.crashes = CrashNotices(supervisor.crash_marks, services.choice.ready, parent)
        self.slowness = SlownessPresenter(services, os.getpid, last_stats, can_think, parent)

    def begin(self) -> None:
        """Follows the engine from now on: after those who show the error of an answer."""
        services = self._services
        services.engine_events.subscribe(self._reclaimer.on_engine_event)
        services.engine_events.subscribe(self.crashes.on_engine_event)
        services.chat_events.subscribe(self.crashes.on_chat_event)

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine, once it is known what the engine does."""
        self.memory.on_engine_event(event)
        self.monitor.follow()

    def on_settings(self) -> None:
        """Takes new settings."""
        self.monitor.refresh()
        self.memory.recorder.follow()
