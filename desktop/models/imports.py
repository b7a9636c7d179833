"""The GGUF files of the user's own: remembered by path in imports.json, never copied.

The file: ``{"version": 1, "files": [{"path", "name", "size", "sha256", "label", "languages", "hidden"}]}``; ``sha256``
is empty until the file was verified once. It is read for every question, since another Catnap may have changed it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import StateFile, is_count
from desktop.models.facts import languages_of

_VERSION = 1


@dataclass(frozen=True)
class ImportedFile:
    """A file of the user's own.

    Attributes:
        path: Absolute path.
        name: What it was called when it was imported.
        size: Bytes at that time, of all its parts.
        sha256: Of the whole file, when it was first verified; empty before.
        label: The name that the user gave it; empty: none.
        languages: Codes of the languages that the user says it speaks.
        hidden: It lies in the model folder, where it would be found, and the user does not want it listed.
    """

    path: str
    name: str
    size: int
    sha256: str = ""
    label: str = ""
    languages: tuple[str, ...] = ()
    hidden: bool = False


class Imports:
    """The list of imported files."""

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: Path of imports.json; made when the first file is imported.
        """
        self._file = StateFile(file, _files, version=_VERSION)

    @property
    def load_problem(self) -> UserFacingError | None:
        """Something to say once: the list was malformed or of a newer version; None: nothing so far."""
        if self._file.problem is None:
            return None
        return self._file.problem.as_error(
            QT_TRANSLATE_NOOP("Errors", "The list of imported models was malformed."),
            QT_TRANSLATE_NOOP("Errors", "The list of imported models was written by a newer Catnap."),
            QT_TRANSLATE_NOOP("Errors", "It was kept; import your model files again."),
        )

    def files(self) -> tuple[ImportedFile, ...]:
        """Returns what is remembered, oldest first; empty where the list cannot be read."""
        return self._file.read() or ()

    def add(self, new: ImportedFile) -> None:
        """Remembers a file, or replaces what was remembered of it.

        Raises:
            UserFacingError: The list cannot be saved; nothing has changed then.
        """
        self._change(lambda files: [file for file in files if file.path != new.path] + [new])

    def forget(self, path: str) -> None:
        """Forgets a file; does nothing where it is not known.

        Raises:
            UserFacingError: The list cannot be saved.
        """
        self._change(lambda files: [file for file in files if file.path != path])

    def _change(self, change: Callable[[list[ImportedFile]], list[ImportedFile]]) -> None:
        old = list(self.files())
        new = change(old)
        if new == old:
            return
        try:
            self._file.path.parent.mkdir(parents=True, exist_ok=True)
            self._file.write({"files": [asdict(file) for file in new]})
        except OSError as problem:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The list of imported models could not be saved."),
                f"{self._file.path}: {problem.strerror or problem}.",
                QT_TRANSLATE_NOOP("Errors", "Check that the disk is not full and the folder is writable."),
            ) from problem


def _files(document: dict[str, Any]) -> tuple[ImportedFile, ...]:
    return tuple(_entry(entry) for entry in document["files"])


def _entry(entry: Any) -> ImportedFile:
    path, name, size, sha256 = entry["path"], entry["name"], entry["size"], entry.get("sha256", "")
    label, hidden = entry.get("label", ""), entry.get("hidden", False)
    if not all(isinstance(text, str) for text in (path, name, sha256, label)) or not is_count(size):
        raise ValueError("wrong type")
    if not path or "\0" in path:
        raise ValueError("no path")
    os.fsencode(path)  # half a surrogate pair is in no name either; the error is a ValueError
    return ImportedFile(path, name, size, sha256, label, languages_of(entry.get("languages")), hidden is True)
