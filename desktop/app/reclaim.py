"""Gives back memory that the app itself does not need any more, when the model has gone to rest.

Laying out answers and opening windows takes memory for a moment. When that is freed the C library keeps it, for what
may come: some 6 MB after a few answers and dialogs, as ``make soak`` measures it. And what lies in reference cycles, as
closed dialogs do, is not freed before Python has collected ten times ten generations, a quarter of an hour of use: up
to 2 MB. While the model rests nothing comes, and nobody types.

WORKAROUND(PySide 6.8, shibokensupport/feature.py): where a function imports something, PySide looks for its own name in
the source of what was imported, and :mod:`linecache` keeps that source: 0.8 MB with the start and 0.3 MB with the first
answer, in a program that runs from source.
"""

from __future__ import annotations

import gc
import linecache
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from desktop.engine.types import Asleep, Dozing, EngineEvent
from desktop.machine.process import reclaim_memory

# What is shown of the nap is shown by then. It takes 6 ms of the GUI thread, some 20 on an old laptop, once a nap.
_AFTER_MS = 2_000


def give_back() -> None:
    """Collects garbage and returns freed memory to the system. GUI thread: see :mod:`desktop.app.garbage`."""
    forget_sources()
    gc.collect()
    reclaim_memory()


def forget_sources() -> None:
    """Drops the source texts of modules that were kept; whoever writes a traceback reads those that it needs again."""
    linecache.clearcache()


class MemoryReclaimer(QObject):
    """Does so once for each nap, a moment after it began."""

    def __init__(self, reclaim: Callable[[], None] = give_back, parent: QObject | None = None) -> None:
        """
        Args:
            reclaim: Gives memory back; called on the GUI thread.
            parent: Owner.
        """
        super().__init__(parent)
        self._timer = QTimer(self, interval=_AFTER_MS)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(reclaim)

    @property
    def is_due(self) -> bool:
        """Whether it is about to."""
        return self._timer.isActive()

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine."""
        if isinstance(event, Asleep | Dozing):
            self._timer.start()
        else:
            self._timer.stop()  # it is at work again, and will need what is there
