"""What trials of graphics processors came to, remembered for each model. One thread.

Whatever is wrong with the file counts as not tried: it is found out again within a minute.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from desktop.common.json_file import FileFault, StateFile
from desktop.engine.backends import GpuLibrary
from desktop.engine.gpu.verdict import GpuVerdict, Outcome
from desktop.engine.types import EngineConfig
from desktop.gguf.parts import model_identity

_log = logging.getLogger(__name__)

# Of the file: raised when a trial says something else than it did.
_FORMAT: Final = 2
_KEPT: Final = 40
_MOST_LAYERS: Final = 10_000


@dataclass(frozen=True)
class GpuKey:
    """What a verdict holds for, beside the device and its driver, which stand in it.

    Attributes:
        library: Hash of the code for the device.
        file: Name of the model file, without its folder.
        size: Its bytes.
        modified: When it was written, in nanoseconds.
        layers: That were asked for; -1: as many as fit.
        kv: Their part of the conversation's memory is on the device.
        n_ctx: Context in tokens.
        kv_type: Precision of the conversation's memory.
        flash_attention: Whether flash attention is used.
    """

    library: str
    file: str
    size: int
    modified: int
    layers: int
    kv: bool
    n_ctx: int
    kv_type: str
    flash_attention: str


_Entry = tuple[GpuKey, GpuVerdict]


def gpu_key(library: GpuLibrary, config: EngineConfig, layers: int, *, kv: bool) -> GpuKey | None:
    """Returns what a verdict would hold for; None: there is no model, or its file is gone.

    Args:
        library: The code for the device.
        config: How the model will be loaded.
        layers: That are asked for.
        kv: See :class:`GpuKey`.
    """
    path = config.model_path
    if path is None:
        return None
    try:
        found = model_identity(path)
    except OSError:
        return None
    facts = config.n_ctx, config.kv_type.value, config.flash_attention.value
    return GpuKey(library.sha256, path.name, found.size, found.mtime_ns, layers, kv, *facts)


class RememberedVerdicts:
    """A small file with the verdicts."""

    def __init__(self, file: Path | None) -> None:
        """
        Args:
            file: Where it lies; None: nothing outlives the program.
        """
        self._file = None if file is None else StateFile(file, _read, version=_FORMAT, version_key="format")
        self._entries: Sequence[_Entry] | None = None

    def get(self, key: GpuKey) -> GpuVerdict | None:
        """Returns what a trial came to; None: there was none."""
        return next((verdict for known, verdict in self._load() if known == key), None)

    def put(self, key: GpuKey, verdict: GpuVerdict) -> None:
        """Remembers a verdict; where it cannot be written, until the program ends."""
        self._save([(key, verdict), *(each for each in self._load() if each[0] != key)][:_KEPT])

    def drop(self, key: GpuKey) -> None:
        """Forgets a verdict, so that it is tried again."""
        if self.get(key) is not None:
            self._save([each for each in self._load() if each[0] != key])

    def look(self) -> FileFault | None:
        """Reads the file, and returns what is wrong with it, to be said once; None: nothing."""
        self._load()
        return self._file.problem if self._file is not None else None

    def _save(self, entries: Sequence[_Entry]) -> None:
        self._entries = entries
        if self._file is None:
            return
        tried = [{"of": asdict(key), **asdict(verdict), "outcome": verdict.outcome.value} for key, verdict in entries]
        try:
            self._file.path.parent.mkdir(parents=True, exist_ok=True)
            self._file.write({"tried": tried}, durable=False, indent=None)
        except OSError as problem:
            _log.info("verdicts on graphics processors are not remembered: %s", problem)

    def _load(self) -> Sequence[_Entry]:
        if self._entries is None:
            self._entries = (self._file.read() if self._file is not None else None) or []
        return self._entries


def _read(document: dict[str, Any]) -> list[_Entry]:
    if document["format"] != _FORMAT:  # a trial that looked at less
        return []
    tried = document["tried"]
    if not isinstance(tried, list):
        raise TypeError("no list")
    return [entry for each in tried[:_KEPT] if (entry := _entry(each)) is not None]


def _entry(value: Any) -> _Entry | None:
    """Returns an entry of the file; None: it is none, and is found out again."""
    try:
        verdict = {name: each for name, each in value.items() if name != "of"}
        found = GpuVerdict(**{**verdict, "outcome": Outcome(verdict["outcome"])})
        key = GpuKey(**value["of"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    plain = GpuVerdict(found.outcome)
    fits = all(type(each) is type(asdict(plain)[name]) for name, each in asdict(found).items())
    return (key, found) if fits and -1 <= found.layers <= _MOST_LAYERS and type(key.layers) is int else None
