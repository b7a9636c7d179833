"""Keeps the libraries up to date in the background, while there are any: one file after the other, at low priority."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from desktop.common.errors import Cancelled, UserFacingError
from desktop.documents.library.files import LibraryFiles
from desktop.documents.library.folders import LibraryList
from desktop.documents.library.libraries import DocumentLibrary, LibraryProgress, LibraryState
from desktop.documents.library.store import DocumentStore
from desktop.documents.library.updating import Updated, update

_log = logging.getLogger(__name__)
# Looking at 2,000 files takes some 20 ms.
_INTERVAL_SECONDS: Final = 300.0
# Who asks a library has it looked at before that, but not at every word.
_AGAIN_AFTER_SECONDS: Final = 15.0
_END_SECONDS: Final = 3.0
# Files after which their documents are counted again, which looks at all of them.
_COUNTED_AFTER: Final = 25


class LibraryWatch:
    """Looks at the folders of all libraries from time to time, in a thread of its own.

    There is no thread while there is no library. Methods may be called from any thread.
    """

    def __init__(
        self,
        libraries: LibraryList,
        documents_file: Path,
        changed: Callable[[], None],
        *,
        interval: float = _INTERVAL_SECONDS,
        update_one: Callable[..., Updated] = update,
    ) -> None:
        """
        Args:
            libraries: Which there are.
            documents_file: The database of the documents.
            changed: Is called whenever :meth:`states` has become another, on the thread that works.
            interval: Seconds between two looks.
            update_one: Brings one library up to date; other than the default in tests only.
        """
        self._libraries, self._documents_file, self._changed = libraries, documents_file, changed
        self._interval, self._update = interval, update_one
        self._lock = threading.Lock()
        self._wake = threading.Condition(self._lock)
        self._states: dict[str, LibraryState] = {}
        self._wanted: set[str] = set()  # to be looked at without waiting, and its refused files again
        self._documents: dict[str, frozenset[str]] = {}  # as far as they were asked for
        self._looked = -_AGAIN_AFTER_SECONDS  # when all were looked at last, by the monotonic clock
        self._reading = ""
        self._given_up = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begins to look at the libraries, if there are any."""
        if self._libraries:
            with self._lock:
                self._run()

    def states(self) -> tuple[LibraryState, ...]:
        """Returns how the libraries are, in the order in which they came."""
        there = self._libraries.all()
        with self._lock:
            return tuple(replace(self._states.get(each.id, LibraryState(each)), library=each) for each in there)

    def documents(self, library_id: str) -> frozenset[str]:
        """Returns the ids of the documents of a library, as it was last looked at; it is looked at again soon.

        May be asked with every key that is pressed.

        Raises:
            UserFacingError: The database cannot be read.
        """
        with self._lock:
            if time.monotonic() > self._looked + _AGAIN_AFTER_SECONDS:
                self._run()
                self._wake.notify()
            known = self._documents.get(library_id)
        if known is None:
            with closing(DocumentStore(self._documents_file)) as store:
                known = LibraryFiles(store.connection).documents(library_id)
            with self._lock:
                self._documents[library_id] = known
        return known

    def add(self, folder: Path, name: str = "") -> DocumentLibrary:
        """Adds a folder and begins to read it; see :meth:`LibraryList.add`."""
        library = self._libraries.add(folder, name)
        self.look_again(library.id)
        return library

    def remove(self, library_id: str) -> None:
        """Removes a library; its folder stays, and so does what conversations are about."""
        self._libraries.remove(library_id)
        with self._lock:
            self._states.pop(library_id, None)
            self._documents.pop(library_id, None)
            if self._reading == library_id:
                self._given_up.set()
            self._run()  # forgets its files, and ends if there is no other
            self._wake.notify()
        self._changed()

    def look_again(self, library_id: str) -> None:
        """Has a library looked at now, also the files that could not be read."""
        with self._lock:
            self._wanted.add(library_id)
            self._run()
            self._wake.notify()

    def end(self) -> None:
        """Ends the thread; what it reads is given up, and read the next time."""
        with self._lock:
            self._stopping = True
            self._given_up.set()
            self._wake.notify()
            thread = self._thread
        if thread is not None:
            thread.join(_END_SECONDS)

    def _run(self) -> None:
        """Starts the thread if there is none; with the lock held."""
        if self._thread is None and not self._stopping:
            self._thread = threading.Thread(target=self._work, name="libraries", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            began = time.monotonic()
            try:
                self._look_at_all()
            except UserFacingError as problem:  # the database, which none of them can do without
                _log.warning("libraries: %s", problem)
                for library in self._libraries.all():
                    self._set(LibraryState(library, problem=problem, is_known=True))
            except Exception:
                _log.exception("the libraries could not be looked at")
            with self._lock:
                if not self._wanted and not self._stopping and self._libraries:
                    self._wake.wait(max(0.0, began + self._interval - time.monotonic()))
                if self._stopping or not (self._wanted or self._libraries):
                    self._thread = None
                    return

    def _look_at_all(self) -> None:
        with self._lock:
            wanted, self._wanted = self._wanted, set()
        store = DocumentStore(self._documents_file)  # closed in between, so that it takes nothing while nobody asks
        try:
            files = LibraryFiles(store.connection)
            there = self._libraries.all()
            files.forget_others(each.id for each in there)
            for library in there:
                with self._lock:
                    if self._stopping:
                        return
                    self._reading = library.id
                    self._given_up.clear()
                self._look_at(library, store, files, library.id in wanted)
        finally:
            with self._lock:
                self._reading = ""
                self._documents.clear()
                self._looked = time.monotonic()
            store.close()

    def _look_at(self, library: DocumentLibrary, store: DocumentStore, files: LibraryFiles, again: bool) -> None:
        state = _state(library, store, files)

        def show(progress: LibraryProgress) -> None:
            nonlocal state
            if progress.done % _COUNTED_AFTER == 0:
                state = _state(library, store, files)
                with self._lock:
                    self._documents.pop(library.id, None)
            self._set(replace(state, progress=progress))

        try:
            updated = self._update(library, store, progress=show, given_up=self._given_up, again=again)
        except Cancelled:
            return
        except UserFacingError as problem:
            self._set(replace(_state(library, store, files), problem=problem))
            return
        self._set(replace(_state(library, store, files), is_whole=updated.is_whole))

    def _set(self, state: LibraryState) -> None:
        with self._lock:
            if self._states.get(state.library.id) == state:
                return
            self._states[state.library.id] = state
        self._changed()


def _state(library: DocumentLibrary, store: DocumentStore, files: LibraryFiles) -> LibraryState:
    documents = [stored for each in files.documents(library.id) if (stored := store.get(each)) is not None]
    refused = {path: each.problem for path, each in files.of(library.id).items() if each.problem is not None}
    return LibraryState(
        library, len(documents), sum(each.characters for each in documents), MappingProxyType(refused), is_known=True
    )
