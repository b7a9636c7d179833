"""The GGUF files of the user's own: remembered by path in imports.json, never copied.

The file: ``{"version": 1, "files": [{"path", "name", "size", "sha256", "label", "languages", "hidden", "student"}]}``;
``sha256`` is empty until the file was verified once, and a relative path is one from the folder of the list on. It is
read for every question, since another Catnap may have changed it. Students that were made here stand in the same list:
they alone were copied into the model folder, and their files go with them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.file_lock import changing_alone
from desktop.common.json_file import StateFile, is_count, not_saved
from desktop.common.paths import named_in
from desktop.gguf.header import read_header
from desktop.gguf.naming import stem
from desktop.gguf.parts import model_identity
from desktop.models.remembered.facts import ModelFacts, languages_of
from desktop.models.students import StudentCard

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
        student: It was made here, and this is known of it; None: it is a file of the user's.
    """

    path: str
    name: str
    size: int
    sha256: str = ""
    label: str = ""
    languages: tuple[str, ...] = ()
    hidden: bool = False
    student: StudentCard | None = None


class Imports:
    """The list of imported files."""

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: Path of imports.json; made when the first file is imported.
        """
        self._file = StateFile(file, lambda document: _files(document, file), version=_VERSION)

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

    def find(self, path: str) -> ImportedFile | None:
        """Returns what is remembered of a file; None: nothing."""
        return next((file for file in self.files() if file.path == path), None)

    def relabel(self, file: ImportedFile, label: str, languages: tuple[str, ...]) -> None:
        """Shows a file under another name and languages; one that is not listed is remembered from now on.

        Args:
            file: As it is to be remembered where it is not yet.
            label: The name; empty, or the one in the file: that one.
            languages: Codes; empty: those in the file.

        Raises:
            UserFacingError: The list cannot be saved.
        """
        label = "" if label == file.name else label
        self.add(replace(self.find(file.path) or file, label=label, languages=languages, hidden=False))

    def leave_out(self, path: str, folder: Path) -> None:
        """Forgets a file; one that lies in the model folder, where it would be found again, is hidden.

        Args:
            path: The file.
            folder: The model folder.

        Raises:
            UserFacingError: The list cannot be saved.
        """
        if Path(path).parent == folder and Path(path).exists():
            file = self.find(path) or ImportedFile(path, stem(Path(path).name), 0)
            self.add(replace(file, hidden=True, label=""))
        else:
            self.forget(path)

    def is_unchanged(self, path: str) -> bool:
        """Tells whether a file is remembered, and has the size that it had."""
        file = self.find(path)
        return file is not None and not _is_changed(file)

    def compare(self, path: Path, digest: str) -> bool:
        """Tells whether a file is what it was when it was verified first; this may be the first time.

        Args:
            path: The file.
            digest: Its sha256 now.

        Raises:
            UserFacingError: Its header cannot be read, or the list cannot be saved.
        """
        file = self.find(str(path))
        if file is not None and file.sha256:
            return file.sha256 == digest
        facts = ModelFacts.of(read_header(path), path.name)
        if file is not None and _is_changed(file):
            return False
        file = file or ImportedFile(str(path), facts.name, facts.size)
        self.add(replace(file, sha256=digest))
        return True

    def _change(self, change: Callable[[list[ImportedFile]], list[ImportedFile]]) -> None:
        try:
            self._file.path.parent.mkdir(parents=True, exist_ok=True)
            with changing_alone(self._file.path):
                old = list(self.files())
                new = change(old)
                if new != old:
                    self._file.write({"files": [asdict(file) for file in new]})
        except OSError as problem:
            title = QT_TRANSLATE_NOOP("Errors", "The list of imported models could not be saved.")
            raise not_saved(title, self._file.path, problem) from problem


def _files(document: dict[str, Any], file: Path) -> tuple[ImportedFile, ...]:
    return tuple(_entry(entry, file) for entry in document["files"])


def _entry(entry: Any, file: Path) -> ImportedFile:
    path, name, size, sha256 = entry["path"], entry["name"], entry["size"], entry.get("sha256", "")
    label, hidden = entry.get("label", ""), entry.get("hidden", False)
    if not all(isinstance(text, str) for text in (path, name, sha256, label)) or not is_count(size):
        raise ValueError("wrong type")
    if not path or "\0" in path:
        raise ValueError("no path")
    os.fsencode(path)  # half a surrogate pair is in no name either; the error is a ValueError
    if not Path(path).is_absolute():  # written by hand
        path = str(named_in(file, path))
    card = entry.get("student")
    student = StudentCard.parse(card) if isinstance(card, dict) else None
    return ImportedFile(path, name, size, sha256, label, languages_of(entry.get("languages")), hidden is True, student)


def _is_changed(file: ImportedFile) -> bool:
    try:
        return model_identity(Path(file.path)).size != file.size
    except OSError:
        return True
