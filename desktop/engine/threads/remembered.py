"""Remembers how many threads were best on this machine, so that the next run begins with them. Any thread."""

from __future__ import annotations

import logging
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from desktop.common.json_file import FileFault, StateFile, is_count
from desktop.engine.threads.tuner import Counts
from desktop.machine.cpu import Processors

_log = logging.getLogger(__name__)
# No machine has more, and no more are sent to the engine's process.
_MOST_THREADS: Final = 4096


class RememberedThreads:
    """A small file in the cache folder. Machines that share the folder do not disturb each other.

    Whatever is wrong with the file counts as not remembering: it is found out again within seconds.
    """

    def __init__(self, file: Path | None) -> None:
        """
        Args:
            file: Where it lies; None: nothing is remembered.
        """
        self._file = None if file is None else StateFile(file, _machines, version_key="format")

    def look(self) -> FileFault | None:
        """Reads the file, and returns what is wrong with it, to be said once; None: nothing."""
        self._entries()
        return self._file.problem if self._file is not None else None

    def load(self, processors: Processors) -> Counts:
        """Returns what is remembered of this machine; zeros for nothing."""
        entry = self._entries().get(_machine(processors))
        match entry:
            case {"generating": generating, "reading": reading}:
                if is_count(generating, _MOST_THREADS) and is_count(reading, _MOST_THREADS):
                    return Counts(generating, reading)
        return Counts()

    def save(self, processors: Processors, counts: Counts) -> None:
        """Remembers ``counts``, unless they are what is remembered already."""
        if self._file is None or counts == self.load(processors):
            return
        entry = {"generating": counts.generating, "reading": counts.reading}
        machines = {**self._entries(), _machine(processors): entry}
        try:
            self._file.path.parent.mkdir(parents=True, exist_ok=True)
            self._file.write({"machines": machines}, durable=False, indent=None)
        except OSError as problem:
            _log.info("numbers of threads not remembered: %s", problem)

    def _entries(self) -> Mapping[str, object]:
        return (self._file.read() if self._file is not None else None) or {}


def _machines(document: dict[str, Any]) -> Mapping[str, object]:
    machines = document["machines"]
    if not isinstance(machines, dict):
        raise TypeError("no object")
    return machines


def _machine(processors: Processors) -> str:
    quota = "" if processors.quota == float("inf") else f", {processors.quota:g} granted"
    return f"{platform.node()}, {platform.machine()}, {processors.physical} of {processors.logical}{quota}"
