"""Brings what is known of a library up to date: only files that have changed are read, one after the other."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError
from desktop.common.regular_file import open_regular
from desktop.documents.library.files import KnownFile, LibraryFiles
from desktop.documents.library.folders import FolderLimits, SeenFile, scan
from desktop.documents.library.libraries import DocumentLibrary, LibraryProgress
from desktop.documents.library.store import DocumentStore
from desktop.documents.problems import CannotStartError, Reason, problem
from desktop.documents.reader import read_document
from desktop.documents.types import Document

# Reads a file, or raises what :func:`desktop.documents.reader.read_document` raises.
Read = Callable[[Path, threading.Event], Document]
_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class Updated:
    """What has come of looking at a folder.

    Attributes:
        read: Files that were read.
        refused: Those of them that cannot be.
        gone: Files that are no longer there, or elsewhere.
        is_whole: The folder has no more documents than are read of one.
    """

    read: int = 0
    refused: int = 0
    gone: int = 0
    is_whole: bool = True


def update(
    library: DocumentLibrary,
    store: DocumentStore,
    *,
    progress: Callable[[LibraryProgress], None] | None = None,
    given_up: threading.Event | None = None,
    limits: FolderLimits | None = None,
    again: bool = False,
    read: Read | None = None,
) -> Updated:
    """Reads what is new or has changed in the folder of a library, and forgets what is gone.

    Documents that no library has any more stay in the store: a conversation may be about them.

    Args:
        library: Which.
        store: Of this thread.
        progress: Is called before each file that is read.
        given_up: Set by anybody to end it; what was read until then is kept.
        limits: How much is looked at; None: the usual.
        again: Also try those that could not be read before.
        read: Reads a document; None: a process of its own.

    Raises:
        Cancelled: It was given up.
        UserFacingError: The folder is not there or cannot be read, and all is as it was; or the database cannot be
            written.
    """
    return _Update(library, store, limits or FolderLimits(), given_up or threading.Event(), read or _read).run(
        progress or (lambda _: None), again=again
    )


class _Update:
    def __init__(
        self,
        library: DocumentLibrary,
        store: DocumentStore,
        limits: FolderLimits,
        given_up: threading.Event,
        read: Read,
    ) -> None:
        self._library, self._store, self._limits = library, store, limits
        self._given_up, self._read = given_up, read
        self._files = LibraryFiles(store.connection)

    def run(self, progress: Callable[[LibraryProgress], None], *, again: bool) -> Updated:
        try:
            found = scan(self._library.folder, self._limits)
        except OSError as failure:
            raise _not_there(self._library, failure) from failure
        known = self._files.of(self._library.id)
        changed = [
            seen
            for seen in found.files
            if (before := known.get(seen.path)) is None or before.seen != seen or (again and before.document is None)
        ]
        refused = 0
        for place, seen in enumerate(changed):
            if self._given_up.is_set():
                raise Cancelled
            progress(LibraryProgress(place, len(changed), seen.path))
            now = self._look_at(seen, known.get(seen.path), again=again)
            self._files.keep(self._library.id, now)
            refused += now.document is None
        # Only now: a file that has another name by now was recognised by what was known of it.
        gone = known.keys() - {seen.path for seen in found.files}
        self._files.forget(self._library.id, gone)
        return Updated(len(changed), refused, len(gone), found.is_whole)

    def _look_at(self, seen: SeenFile, before: KnownFile | None, *, again: bool) -> KnownFile:
        """Returns what is to be known of a file from now on."""
        path = self._library.folder / seen.path
        if seen.size > self._limits.file_bytes:
            return KnownFile(seen, "", None, problem(Reason.TOO_LARGE, path.name))
        try:
            digest = self._digest(path)
        except FileNotFoundError:  # it has just gone, and will be by the next look
            return KnownFile(seen, "", None, problem(Reason.GONE, path.name))
        except OSError:
            return KnownFile(seen, "", None, problem(Reason.NOT_ALLOWED, path.name))
        document = self._files.with_digest(digest)
        if document is not None and self._store.get(document) is not None:
            self._store.index(document)
            return KnownFile(seen, digest, document)
        if before is not None and before.digest == digest and before.problem is not None and not again:
            return KnownFile(seen, digest, None, before.problem)
        try:
            read = self._read(path, self._given_up)
        except CannotStartError:  # that is not about this file
            raise
        except UserFacingError as refused:
            return KnownFile(seen, digest, None, refused)
        stored = self._store.add(read, path)
        self._store.index(stored.id)
        return KnownFile(seen, digest, stored.id)

    def _digest(self, path: Path) -> str:
        digest = hashlib.sha256()
        with open_regular(path) as file:
            while chunk := file.read(_CHUNK):
                if self._given_up.is_set():
                    raise Cancelled
                digest.update(chunk)
        return digest.hexdigest()


def _read(path: Path, given_up: threading.Event) -> Document:
    return read_document(path, given_up=given_up)


def _not_there(library: DocumentLibrary, failure: OSError) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The folder of the library cannot be read."),
        f"{library.folder}: {failure.strerror or failure}.",
        QT_TRANSLATE_NOOP("Errors", "Connect the disk it lies on. What was read of it before is still known."),
    )
