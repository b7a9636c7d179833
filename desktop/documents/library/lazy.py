"""Libraries where there may be none: nothing of them is imported, opened or started before there is one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.common.json_file import FileFault
from desktop.documents.library.libraries import VectorState

if TYPE_CHECKING:
    from desktop.documents.library.preparing import VectorWork
    from desktop.documents.library.watching import LibraryWatch
    from desktop.documents.passages.understanding import Embedder


class LazyLibraries:
    """Makes a :class:`~desktop.documents.library.watching.LibraryWatch` when it is called first. GUI thread."""

    def __init__(
        self,
        list_file: Path,
        documents_file: Path,
        embedder: Callable[[], Embedder | None] = lambda: None,
        may_compute: Callable[[], bool] = lambda: True,
    ) -> None:
        """
        Args:
            list_file: Which libraries there are; not there while there is none.
            documents_file: The database of the documents.
            embedder: Returns the model that finds passages by what they mean; None: there is none.
            may_compute: Whether that may read now; asked on another thread.
        """
        self._list_file, self._documents_file = list_file, documents_file
        self._embedder, self._may_compute = embedder, may_compute
        self._work: VectorWork | None = None
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
        self.document_came()

    def document_came(self) -> None:
        """Has its passages read, if there is a model that finds them by what they mean."""
        if self._embedder() is not None:
            self.prepare_meanings()

    def prepare_meanings(self) -> None:
        """Has the passages read that the model in force has not read; where there is none, forgets what others read."""
        with self._lock:
            if self._work is None:
                from desktop.documents.library.preparing import VectorWork

                self._work = VectorWork(self._documents_file, self._embedder, self._may_compute, self._pass_on)
            work = self._work
        work.wake()

    def meanings(self) -> VectorState | None:
        """Returns how far that is; None: it was not begun."""
        return None if self._work is None else self._work.state

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
        if self._work is not None:
            self._work.end()

    def _tell(self) -> None:
        if all(state.progress is None for state in self().states()):
            self.document_came()
        self._pass_on()

    def _pass_on(self) -> None:
        with self._lock:
            receivers = tuple(self._receivers)
        for receiver in receivers:
            receiver()
