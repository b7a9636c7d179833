"""What was found out about model files, remembered by file: it ends with any change of its file.

The file: ``{"version": 1, "by": "1.2.3", "files": [{"device", "inode", "size", "mtime_ns", ...}]}``. All of it ends
with another version of Catnap, which may find out more. Whatever is lost is found out once more, so a list that cannot
be read is just begun anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from desktop import __version__
from desktop.common.file_identity import FileIdentity
from desktop.common.file_lock import changing_alone
from desktop.common.json_file import FileFault, StateFile
from desktop.gguf.parts import model_identity

_VERSION: Final = 1

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class FileMemory(Generic[_T]):
    """One value for each file. Any thread."""

    def __init__(
        self,
        file: Path,
        to_json: Callable[[_T], Mapping[str, Any]],
        from_json: Callable[[Any], _T],
        *,
        kept: int,
        most: int,
    ) -> None:
        """
        Args:
            file: Where it is remembered; made with the first value.
            to_json: Returns the fields of a value, to stand beside those of the file's identity.
            from_json: Makes a value of an entry; what it raises is named at :class:`StateFile`.
            kept: Files that are remembered; the oldest go first.
            most: Bytes of the file.
        """
        self._file = StateFile(file, self._parse, version=_VERSION, most=most)
        self._to_json = to_json
        self._from_json = from_json
        self._kept = kept

    @property
    def problem(self) -> FileFault | None:
        """What was wrong with the file when it was read, to be said once; None: nothing so far."""
        return self._file.problem

    def read(self) -> Mapping[FileIdentity, _T]:
        """Returns all that is remembered."""
        return self._file.read() or {}

    def lookup(self) -> Callable[[Path], _T | None]:
        """Reads all of it; returns what tells the value of a model's file as it is now, None where there is none."""
        known = self.read()

        def value(path: Path) -> _T | None:
            if not known:
                return None
            try:
                return known.get(model_identity(path))
            except OSError:
                return None

        return value

    def remember(self, new: Mapping[FileIdentity, _T]) -> None:
        """Remembers values, which are the newest then; where that fails, they will be found out once more."""
        try:
            self._file.path.parent.mkdir(parents=True, exist_ok=True)
            with changing_alone(self._file.path):
                known = {file: value for file, value in self.read().items() if file not in new} | dict(new)
                newest = list(known.items())[-self._kept :]
                entries = [{**asdict(identity), **self._to_json(value)} for identity, value in newest]
                self._file.write({"by": __version__, "files": entries})
        except OSError as problem:
            _log.warning("%s not written: %s", self._file.path.name, problem)

    def _parse(self, document: dict[str, Any]) -> dict[FileIdentity, _T]:
        if document["by"] != __version__ and isinstance(document["by"], str):
            return {}
        return dict(self._entry(entry) for entry in document["files"])

    def _entry(self, entry: Any) -> tuple[FileIdentity, _T]:
        numbers = [entry[key] for key in ("device", "inode", "size", "mtime_ns")]
        if not all(isinstance(number, int) for number in numbers):
            raise ValueError("wrong type")
        return FileIdentity(*numbers), self._from_json(entry)
