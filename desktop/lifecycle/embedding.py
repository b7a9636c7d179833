"""Which embedding model is in force, and whether there is memory for it now. No Qt; any thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.engine.footprint import Fit, Footprint, fits
from desktop.machine.memory import MemoryReader

if TYPE_CHECKING:  # only who has chosen one has it imported
    from desktop.engine.embedding.engine import EmbeddingEngine

_log = logging.getLogger(__name__)


def check_embedding_model(path: Path) -> None:
    """Makes sure that a file is an embedding model's; reads its header, some 0.1 s.

    Raises:
        UserFacingError: It is none, or cannot be read.
    """
    from desktop.engine.embedding.engine import EmbeddingEngine

    EmbeddingEngine(path).check()


class EmbeddingInUse:
    """Hands out the model that the settings name."""

    def __init__(self, file: Callable[[], str], reader: MemoryReader, cores: int) -> None:
        """
        Args:
            file: Returns the file that is chosen; empty: none is.
            reader: Tells how much memory there is.
            cores: Physical ones of this machine; half of them compute.
        """
        self._file, self._reader, self._threads = file, reader, max(1, cores // 2)
        self._lock = threading.Lock()
        self._engine: EmbeddingEngine | None = None

    def __call__(self) -> EmbeddingEngine | None:
        """Returns the model; None: none is chosen. The process of another one ends."""
        file = self._file()
        with self._lock:
            engine = self._engine
            if engine is not None and str(engine.path) == file:
                return engine
            self._engine = None
            if file:
                from desktop.engine.embedding.engine import EmbeddingEngine

                self._engine = EmbeddingEngine(Path(file), self._has_room, threads=self._threads)
            made = self._engine
        if engine is not None:
            engine.end()
        return made

    def end(self) -> None:
        """Ends the process, if there is one."""
        with self._lock:
            engine = self._engine
        if engine is not None:
            engine.end()

    def _has_room(self, needed: Footprint) -> bool:
        machine = self._reader.read()
        if fits(needed, machine) is Fit.TOO_BIG:
            _log.info("no embedding model: it needs %d bytes, and %d can be had", needed.rss, machine.machine_available)
            return False
        return True
