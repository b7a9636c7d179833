"""What "faster answers" was found to bring on this machine, remembered for each model. One thread.

Whatever is wrong with the file counts as not measured: it is found out again within seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from desktop.common.json_file import FileFault, StateFile, is_count
from desktop.engine.repacking import RepackGain
from desktop.engine.threads.tuner import choose_threads
from desktop.gguf.parts import model_identity
from desktop.machine.cpu import Processors, read_processor, read_processors

# Times as fast; nothing is.
_MOST_GAIN = 1000.0
_log = logging.getLogger(__name__)

# Of the file: raised when another llama.cpp rewrites weights otherwise, so that all is measured anew.
_FORMAT = 1
# Models remembered; those measured last stay.
_KEPT = 40


@dataclass(frozen=True)
class RepackKey:
    """What a measurement holds for, beside the backend; it is repeated when one of these changes.

    No :class:`~desktop.common.file_identity.FileIdentity`: a file that is moved to another disk computes as fast as
    before, while a verdict about what it does to the engine ends with any doubt.

    Attributes:
        file: Name of the model file, without its folder: it may be moved.
        size: Its bytes.
        modified: When it was written, in nanoseconds.
        processor: Name of the processor.
        threads: That generate.
    """

    file: str
    size: int
    modified: int
    processor: str
    threads: int


_Entry = tuple[RepackKey, RepackGain]


class RememberedGains:
    """A small file with what was measured.

    Attributes:
        backend: The code that computes now, by its name; what another one has been measured with does not hold. Empty:
            not known, so all does.
    """

    def __init__(self, file: Path | None, processor: str = "", processors: Processors | None = None) -> None:
        """
        Args:
            file: Where it lies; None: nothing outlives the program.
            processor: Name of the processor; empty: looked up when it is first needed.
            processors: What there is of it; None: looked up likewise.
        """
        self._file = None if file is None else StateFile(file, _read, version=_FORMAT, version_key="format")
        self._processor = processor
        self._processors = processors
        self._entries: Sequence[_Entry] | None = None
        self.backend = ""

    def key(self, path: Path, threads: int) -> RepackKey | None:
        """Returns what a measurement of a model would hold for; None: the file is not there.

        Args:
            path: The model file.
            threads: As in the settings; 0: automatic.
        """
        try:
            found = model_identity(path)
        except OSError:
            return None
        self._processor = self._processor or read_processor().name
        self._processors = self._processors or read_processors()
        count = choose_threads(threads, self._processors)
        return RepackKey(path.name, found.size, found.mtime_ns, self._processor, count)

    def get(self, path: Path, threads: int) -> RepackGain | None:
        """Returns what was measured; None: nothing yet. Takes as good as no time where nothing was.

        Args:
            path: The model file.
            threads: As in the settings; 0: automatic.
        """
        of_that_name = [entry for entry in self._load() if entry[0].file == path.name]
        if not of_that_name:
            return None
        key = self.key(path, threads)
        for known, gain in of_that_name:
            if known == key and (not self.backend or not gain.backend or gain.backend == self.backend):
                return gain
        return None

    def pays(self, path: Path, threads: int) -> bool:
        """Returns whether the setting is to be obeyed with a model; what was not measured is believed to pay.

        Args:
            path: The model file.
            threads: As in the settings; 0: automatic.
        """
        gain = self.get(path, threads)
        return gain is None or gain.pays

    def put(self, key: RepackKey, gain: RepackGain) -> None:
        """Remembers a measurement; where it cannot be written, until the program ends."""
        others = [each for each in self._load() if each[0] != key]
        self._entries = [(key, gain), *others][:_KEPT]
        if self._file is None:
            return
        measured = [asdict(key) | asdict(gain) for key, gain in self._entries]
        try:
            self._file.path.parent.mkdir(parents=True, exist_ok=True)
            self._file.write({"measured": measured}, durable=False, indent=None)
        except OSError as problem:
            _log.info("what faster answers bring is not remembered: %s", problem)

    def look(self) -> FileFault | None:
        """Reads the file, and returns what is wrong with it, to be said once; None: nothing."""
        self._load()
        return self._file.problem if self._file is not None else None

    def _load(self) -> Sequence[_Entry]:
        if self._entries is None:
            self._entries = (self._file.read() if self._file is not None else None) or []
        return self._entries


def _read(document: dict[str, Any]) -> list[_Entry]:
    measured = document["measured"]
    if not isinstance(measured, list):
        raise TypeError("no list")
    return [entry for each in measured if (entry := _entry(each)) is not None]


def _entry(value: Any) -> _Entry | None:
    match value:
        case {
            "file": str(file),
            "size": int(size),
            "modified": int(modified),
            "processor": str(processor),
            "threads": int(threads),
            "reading": float(reading),
            "generation": float(generation),
            "memory": int(memory),
            "backend": str(backend),
        }:
            if not (type(memory) is int and is_count(abs(memory))) or not (
                0 < reading < _MOST_GAIN and 0 < generation < _MOST_GAIN
            ):
                return None
            key = RepackKey(file, size, modified, processor, threads)
            return key, RepackGain(reading, generation, memory, backend)
    return None
