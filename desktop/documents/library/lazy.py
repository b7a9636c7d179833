"""Libraries where there may be none: nothing of them is imported, opened or started before there is one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.common.json_file import FileFault

if TYPE_CHECKING:
    from desktop.documents.library.watching import LibraryWatch


class LazyLibraries:
    """Makes a :class:`~desktop.documents.library.watching.LibraryWatch` when it is called first. GUI thread."""

    def __init__(self, list_file: Path, documents_file: Path) -> None:
        """
        Args:
            list_file: Which libraries there are; not there while there is none.
            documents_file: The database of the documents.
        """
        self._list_file, self._documents_file = list_file, documents_file
        self._receivers: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._made: LibraryWatch | None = None

    def __call__(self) -> LibraryWatch:
        if self._made is None:
            from desktop.documents.library.folders import LibraryList
            from desktop.documents.library.watching import LibraryWatch

            self._made = LibraryWatch(LibraryList(self._list_file), self._documents_file, self._tell)
        return self._made

    def subscribe(self, receiver: Callable[[], None]) -> None:
        """Calls ``receiver`` whenever the state of a library has become another, on the thread that works."""
        with self._lock:
            self._receivers.append(receiver)

    def look(self) -> FileFault | None:
        """Returns what is wrong with the list of the libraries, to be said once; None: nothing, or there are none."""
        if not os.path.lexists(self._list_file):
            return None
        from desktop.documents.library.folders import LibraryList

        return LibraryList(self._list_file).look()

    def begin(self) -> None:
        """Begins to keep the libraries up to date, if there are any."""
        if self._list_file.exists():
            self().begin()

    def documents(self, library_id: str) -> frozenset[str]:
        """Returns the ids of the documents of a library, as it was last looked at; none: it is gone, or empty.

        Raises:
            UserFacingError: The database cannot be read.
        """
        return self().documents(library_id) if self._list_file.exists() else frozenset()

    def end(self) -> None:
        """Ends what works in the background."""
        if self._made is not None:
            self._made.end()

    def _tell(self) -> None:
        with self._lock:
            receivers = tuple(self._receivers)
        for receiver in receivers:
            receiver()
