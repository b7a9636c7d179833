"""Libraries: folders of documents that questions are asked about; what lies in one of them.

Which there are stands in one small file, so that a start knows whether there are any without opening a database, and so
that they outlive one that is damaged: what was read of them can be read again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.file_lock import changing_alone
from desktop.common.json_file import FileFault, StateFile
from desktop.common.printable import storable
from desktop.documents.library.libraries import DocumentLibrary

_log = logging.getLogger(__name__)
_MOST_LIBRARIES: Final = 50
_MOST_NAME: Final = 100
_KEYS: Final = ("id", "name", "folder")
# What is looked into. Others may be text as well, but a folder of a program has thousands of them.
_ENDINGS: Final = frozenset(
    (
        *(".pdf", ".docx", ".pptx", ".xlsx", ".xlsm", ".xls", ".xlsb", ".odt", ".ods", ".odp", ".epub"),
        *(".html", ".htm", ".xhtml", ".md", ".markdown", ".txt", ".text", ".rst", ".adoc", ".csv", ".tsv"),
        *(".py", ".js", ".ts", ".java", ".c", ".h", ".cpp", ".cs", ".go", ".rs", ".sql", ".sh", ".tex"),
    )
)
# Where an office program says that it has a file open; no document.
_LOCKS: Final = ("~$", ".~")
_DEEPEST: Final = 20


@dataclass(frozen=True)
class FolderLimits:
    """What is read of a folder at the most.

    Attributes:
        files: Documents in it and below; the others are left out, and that is said.
        file_bytes: Of one of them.
        all_bytes: Of all of them.
        looked_at: Entries of folders that are looked at in search of them.
    """

    files: int = 2_000
    file_bytes: int = 64 * 1024 * 1024
    all_bytes: int = 2 * 1024 * 1024 * 1024
    looked_at: int = 100_000


@dataclass(frozen=True)
class SeenFile:
    """A document in a folder, as the system knows it.

    Attributes:
        path: From the folder on, with "/" between names.
        modified: Nanoseconds since the epoch.
    """

    path: str
    size: int
    modified: int


@dataclass(frozen=True)
class Scan:
    """What lies in a folder.

    Attributes:
        files: Folder by folder, by their names.
        is_whole: There are no more; else the limits were reached.
    """

    files: tuple[SeenFile, ...]
    is_whole: bool = True


class LibraryList:
    """Which libraries there are, in a file that the app and the command line share: it is read anew each time.

    Any thread.
    """

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: Its folder exists; not there while there is no library.
        """
        self._path = file

    def __bool__(self) -> bool:
        return self._path.exists()

    def look(self) -> FileFault | None:
        """Returns what is wrong with the file, to be said once; None: nothing."""
        file = self._file()
        file.read()
        return file.problem

    def all(self) -> tuple[DocumentLibrary, ...]:
        """Returns the libraries in the order in which they came."""
        return self._file().read() or ()

    def get(self, name: str) -> DocumentLibrary | None:
        """Returns a library by its id or name, in whatever case and with any spaces; None: there is none."""
        wanted = _plain(name).casefold()
        return next((each for each in self.all() if name == each.id or wanted == each.name.casefold()), None)

    def at(self, folder: Path) -> DocumentLibrary | None:
        """Returns the library that a folder is, by whatever path it is named; None: it is none."""
        return _at(self.all(), folder)

    def add(self, folder: Path, name: str = "") -> DocumentLibrary:
        """Adds a folder.

        Args:
            folder: From the root on.
            name: Empty: that of the folder.

        Raises:
            UserFacingError: It is no folder, or one already; the name is taken; the file cannot be written.
        """
        if not folder.is_dir():
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "There is no such folder."),
                f"{folder}.",
                QT_TRANSLATE_NOOP("Errors", "Choose a folder that has documents in it."),
            )
        with self._changing():
            there = self.all()
            if len(there) >= _MOST_LIBRARIES:
                raise UserFacingError(
                    QT_TRANSLATE_NOOP("Errors", "There are as many libraries as there can be."),
                    f"{_MOST_LIBRARIES}.",
                    QT_TRANSLATE_NOOP("Errors", "Remove one that is not used; its documents stay where they are."),
                )
            if (known := _at(there, folder)) is not None:
                raise UserFacingError(
                    QT_TRANSLATE_NOOP("Errors", "This folder is a library already."),
                    f"{known.name}: {known.folder}.",
                    QT_TRANSLATE_NOOP("Errors", "Ask that one."),
                )
            title = _checked(name, there) if name.strip() else _free(folder, there)
            added = DocumentLibrary(uuid.uuid4().hex, title, folder)
            self._write((*there, added))
        return added

    def rename(self, library_id: str, name: str) -> None:
        """Gives a library another name.

        Raises:
            KeyError: There is no such library.
            UserFacingError: The name is taken or empty, or the file cannot be written.
        """
        with self._changing():
            there = self.all()
            others = tuple(each for each in there if each.id != library_id)
            if len(others) == len(there):
                raise KeyError(library_id)
            name = _checked(name, others)
            self._write(tuple(replace(each, name=name) if each.id == library_id else each for each in there))

    def remove(self, library_id: str) -> None:
        """Removes a library, if it is there; its folder stays as it is.

        Raises:
            UserFacingError: The file cannot be written.
        """
        with self._changing():
            left = tuple(each for each in self.all() if each.id != library_id)
            if left:
                self._write(left)
            else:
                self._file().remove()

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """From reading to writing: neither a thread nor another program comes in between."""
        try:
            with changing_alone(self._path):
                yield
        except OSError as problem:
            raise _not_kept(self._path, problem) from problem

    def _file(self) -> StateFile[tuple[DocumentLibrary, ...]]:
        return StateFile(self._path, _stored)

    def _write(self, libraries: tuple[DocumentLibrary, ...]) -> None:
        file = self._file()
        file.read()  # what will not do is put aside before it is written over
        file.write(
            {"libraries": [dict(zip(_KEYS, (e.id, e.name, storable(str(e.folder))), strict=True)) for e in libraries]}
        )


def scan(folder: Path, limits: FolderLimits | None = None) -> Scan:
    """Looks for documents in a folder and below; none is opened. Links are not followed, hidden ones are left out.

    Args:
        folder: From the root on.
        limits: How much is looked at; None: the usual.

    Raises:
        OSError: The folder itself cannot be read; of those below, only those that can be are looked into.
    """
    limits = limits or FolderLimits()
    files: list[SeenFile] = []
    looked_at = all_bytes = 0
    os.scandir(folder).close()
    for entry, path in _entries(folder):
        looked_at += 1
        if looked_at > limits.looked_at:
            return Scan(tuple(files), is_whole=False)
        if PurePath(entry.name).suffix.lower() not in _ENDINGS or entry.name.startswith(_LOCKS):
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:  # it has just gone
            continue
        all_bytes += status.st_size if status.st_size <= limits.file_bytes else 0
        if len(files) == limits.files or all_bytes > limits.all_bytes:
            return Scan(tuple(files), is_whole=False)
        files.append(SeenFile(path, status.st_size, status.st_mtime_ns))
    return Scan(tuple(files))


def _entries(folder: Path) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Yields regular files with their paths, folder by folder."""
    waiting = [(str(folder), "")]
    while waiting:
        place, beginning = waiting.pop(0)
        try:
            with os.scandir(place) as entries:
                found = sorted(entries, key=lambda each: each.name)
        except OSError as problem:
            _log.info("a folder of a library is left out: %s", problem.strerror)
            continue
        for entry in found:
            if entry.name.startswith("."):
                continue
            try:
                if entry.is_file(follow_symlinks=False):
                    yield entry, beginning + entry.name
                elif entry.is_dir(follow_symlinks=False) and beginning.count("/") < _DEEPEST:
                    waiting.append((entry.path, f"{beginning}{entry.name}/"))
            except OSError:
                continue


def _stored(document: dict[str, Any]) -> tuple[DocumentLibrary, ...]:
    entries = document["libraries"]
    if not isinstance(entries, list):
        raise TypeError
    found = []
    for entry in entries[:_MOST_LIBRARIES]:
        identity, name, folder = (entry[key] for key in _KEYS)
        if not all(isinstance(each, str) and each and "\0" not in each for each in (identity, name, folder)):
            raise TypeError
        found.append(DocumentLibrary(identity, name[:_MOST_NAME], Path(folder)))
    return tuple(found)


def _at(libraries: tuple[DocumentLibrary, ...], folder: Path) -> DocumentLibrary | None:
    return next((each for each in libraries if _same(each.folder, folder)), None)


def _plain(name: str) -> str:
    return " ".join(storable(name).split())[:_MOST_NAME].rstrip()


def _checked(name: str, others: tuple[DocumentLibrary, ...]) -> str:
    name = _plain(name)
    if not name:
        raise UserFacingError(QT_TRANSLATE_NOOP("Errors", "A library needs a name."))
    if any(each.name.casefold() == name.casefold() for each in others):
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "Another library has this name."),
            f"{name}.",
            QT_TRANSLATE_NOOP("Errors", "Choose another one."),
        )
    return name


def _free(folder: Path, others: tuple[DocumentLibrary, ...]) -> str:
    name = " ".join(storable(folder.name or str(folder)).split())[: _MOST_NAME - 4] or "1"
    taken = {each.name.casefold() for each in others}
    numbered = (name if number == 1 else f"{name} {number}" for number in range(1, _MOST_LIBRARIES + 2))
    return next(each for each in numbered if each.casefold() not in taken)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one == other


def _not_kept(file: Path, problem: OSError) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The list of libraries cannot be written."),
        f"{file}: {problem.strerror or problem}.",
        QT_TRANSLATE_NOOP("Errors", "Make the folder writable, or make room on the disk."),
    )
