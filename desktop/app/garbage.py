"""Keeps Python's garbage collector on the GUI thread.

The collector runs in whatever thread happens to allocate, and destroys what it finds there. A widget in a reference
cycle would be destroyed by the engine thread, and Qt crashes when that has timers or signals under way. So the
automatic collection is switched off and done here instead, where Qt expects it.

What is there once the program has started stays until it ends, modules and classes for the most part. It is set aside,
since looking through all of it keeps the GUI thread busy for 35 ms, and three times as long on an old laptop.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

from desktop.app.reclaim import forget_sources

# A wake-up every ten seconds is nothing to a battery, and cycles are made by people clicking, not by tokens arriving.
_EVERY_MS = 10_000


class GarbageCollector(QObject):
    """Collects garbage on the GUI thread until :meth:`close`."""

    def __init__(self, parent: QObject | None = None) -> None:
        """
        Args:
            parent: Owner.
        """
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        self._has_frozen = False
        gc.disable()
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self.collect_if_due)
        self._timer.start()

    def collect_if_due(self) -> None:
        """Collects the oldest generation whose threshold is passed; takes microseconds when none is.

        The first time it sets aside what is there but for the sources of modules, and collects nothing.
        """
        if not self._has_frozen:
            self._has_frozen = True
            forget_sources()
            gc.freeze()
            return
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation] > 0:
                gc.collect(generation)
                return

    def close(self) -> None:
        """Hands the work back to Python. May be called again."""
        if self._timer.isActive():
            self._timer.stop()
            if self._has_frozen:
                gc.unfreeze()
            if self._was_enabled:
                gc.enable()
