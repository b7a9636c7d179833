"""Models that have brought the engine down while loading, remembered over restarts. No Qt; GUI thread.

A file that kills the engine's process whenever it is loaded would do so at every first key of a question. After the
second death it is marked: nobody loads it before a question asks for it, and the models dialog says why. The mark is
about the content of a file, so it ends when that changes, and when the model loads after all: then it was something
else, such as a disk that failed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.common.events import Publisher
from desktop.common.file_identity import FileIdentity
from desktop.common.json_file import FileFault, StateFile
from desktop.engine.types import Awake, Crashed, EngineEvent
from desktop.gguf.parts import model_identity

_log = logging.getLogger(__name__)

# One death may be anything's fault.
_DEATHS = 2
# Files that are remembered; the oldest goes first.
_FILES = 100


@dataclass(frozen=True)
class _Deaths:
    """How often a file has brought the engine down, as it was then.

    The number of the file system is left out: many systems give it anew at each start, or whenever a disk is put in.
    """

    inode: int
    size: int
    mtime_ns: int
    count: int

    def is_about(self, file: FileIdentity) -> bool:
        return (self.inode, self.size, self.mtime_ns) == (file.inode, file.size, file.mtime_ns)


class CrashMarks:
    """Counts, and keeps the count in a small file. No method raises: what cannot be written is logged.

    Attributes:
        load_problem: What was wrong with the file, to be said once; None: nothing.
    """

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: Where the counts lie; its folder exists. Not there while there are none.
        """
        self._file = StateFile(file, _read, version_key="format")
        self._deaths = self._file.read() or {}
        self.load_problem: FileFault | None = self._file.problem
        self._changed = Publisher[[]]()

    def subscribe(self, listener: Callable[[], object]) -> None:
        """Calls ``listener()`` when a mark has come or gone."""
        self._changed.subscribe(listener)

    def is_marked(self, model: Path) -> bool:
        """Tells whether a file, as it is now, has brought the engine down twice. Looks at its facts: some 10 µs."""
        deaths = self._deaths.get(str(model))
        if deaths is None or deaths.count < _DEATHS:
            return False
        file = _identity(model)
        return file is not None and deaths.is_about(file)

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine."""
        if isinstance(event, Crashed):
            if event.is_due_to_the_file and event.model_path is not None:
                self._count(event.model_path)
        elif isinstance(event, Awake) and (path := event.loaded_with.model_path) is not None:
            self._forget(path)

    def _count(self, model: Path) -> None:
        file = _identity(model)
        if file is None:
            return
        known = self._deaths.pop(str(model), None)  # to stand at the end
        before = known.count if known is not None and known.is_about(file) else 0
        self._deaths[str(model)] = _Deaths(file.inode, file.size, file.mtime_ns, before + 1)
        while len(self._deaths) > _FILES:
            del self._deaths[next(iter(self._deaths))]
        _log.warning("%s has brought the engine down while loading, %d times so far", model.name, before + 1)
        self._write()
        self._changed()

    def _forget(self, model: Path) -> None:
        if self._deaths.pop(str(model), None) is not None:
            self._write()
            self._changed()

    def _write(self) -> None:
        files = {
            path: {"inode": each.inode, "size": each.size, "mtime_ns": each.mtime_ns, "deaths": each.count}
            for path, each in self._deaths.items()
        }
        try:
            if files:
                # Without a wait for the disk, which may be a second on the GUI thread.
                self._file.write({"files": files}, durable=False, indent=None)
            else:
                self._file.remove()
        except OSError as problem:
            _log.warning("deaths of the engine not remembered: %s", problem.strerror or problem)


def _identity(path: Path) -> FileIdentity | None:
    try:
        return model_identity(path)
    except OSError:
        return None


def _read(document: dict[str, Any]) -> dict[str, _Deaths]:
    return {path: deaths for path, entry in document["files"].items() if (deaths := _deaths(entry)) is not None}


def _deaths(entry: object) -> _Deaths | None:
    match entry:
        case {"inode": int(inode), "size": int(size), "mtime_ns": int(mtime_ns), "deaths": int(count)}:
            return _Deaths(inode, size, mtime_ns, count)
    return None
