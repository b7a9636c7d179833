"""Has an embedding model read the passages of documents, one after the other: in the background, and only when it may.

A question is answered meanwhile by its words where passages have not been read, and what was read is kept at once, so
it can be broken off at any time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

from desktop.common.errors import Cancelled, UserFacingError
from desktop.documents.library.libraries import VectorState
from desktop.documents.library.store import DocumentStore
from desktop.documents.passages.meaning import FOREIGN, level_of
from desktop.documents.passages.understanding import Embedder
from desktop.documents.passages.vectors import LANGUAGES, Meaning

_log = logging.getLogger(__name__)
# Passages that are asked for at a time; each is kept as soon as it was read.
_AT_A_TIME: Final = 16
# Passages after which it is found out anew how like a question is that none of them answers.
_LEVELS_AFTER: Final = 512
# How often it is looked whether it may go on.
_LOOK_SECONDS: Final = 5.0
_END_SECONDS: Final = 5.0


def prepare(
    store: DocumentStore,
    embedder: Embedder,
    progress: Callable[[int, int], None],
    go_on: Callable[[], None] = lambda: None,
) -> None:
    """Has every passage read that was not yet.

    Args:
        store: Of this thread.
        embedder: The model in force; the vectors of another are forgotten.
        progress: Is told how many are done, of how many.
        go_on: Is called before each passage; waits until it may be read, or raises Cancelled.

    Raises:
        Cancelled: ``go_on`` has raised it; what was read is kept.
        UserFacingError: The model, or the database, cannot go on.
    """
    vectors = store.vectors
    model = embedder.identity
    vectors.begin(model)
    since = 0
    done, total = vectors.counts()
    while unread := vectors.unread(_AT_A_TIME):
        for passage in unread:
            progress(done, total)
            go_on()
            vectors.put(model, passage, embedder.embed(passage.texts, is_question=False))
            done, since = done + 1, since + 1
        done, total = vectors.counts()
        if since >= _LEVELS_AFTER:
            _find_levels(store, embedder)
            since = 0
    if since or (done and not any(map(vectors.levels, FOREIGN))):
        _find_levels(store, embedder)
    progress(done, total)


def _find_levels(store: DocumentStore, embedder: Embedder) -> None:
    """Finds out how like questions are that are about something else."""
    model = embedder.identity
    for language, questions in FOREIGN.items():
        asked = embedder.embed(questions, is_question=True)
        found = [tuple(store.vectors.likeness(Meaning(model, vector)).values()) for vector in asked]
        for of_passage in LANGUAGES:
            alike = [[each.cosine for each in one if each.language == of_passage] for one in found]
            if all(alike):
                store.vectors.set_level(model, language, of_passage, level_of([max(each) for each in alike]))


class VectorWork:
    """Prepares the passages of the store in a thread of its own, which ends when all is done. Any thread."""

    def __init__(
        self,
        documents_file: Path,
        embedder: Callable[[], Embedder | None],
        may_compute: Callable[[], bool],
        changed: Callable[[], None],
        *,
        look_seconds: float = _LOOK_SECONDS,
    ) -> None:
        """
        Args:
            documents_file: The database of the documents.
            embedder: Returns the model in force; None: there is none, and its vectors are forgotten.
            may_compute: Whether now is a good moment; asked before each passage, on the thread that works.
            changed: Is called when :attr:`state` has become another, on the thread that works.
            look_seconds: How often it is looked whether it may go on.
        """
        self._documents_file, self._embedder, self._may_compute = documents_file, embedder, may_compute
        self._changed, self._look_seconds = changed, look_seconds
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._again = False
        self._thread: threading.Thread | None = None
        self._state = VectorState()

    @property
    def state(self) -> VectorState:
        """How far it is."""
        return self._state

    def wake(self) -> None:
        """There may be something to do: passages have come, or another model is in force."""
        with self._lock:
            self._again = True
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._work, name="vectors", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """Ends the thread; what was read is kept."""
        self._stop.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(_END_SECONDS)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._again or self._stop.is_set():
                    self._thread = None
                    return
                self._again = False
            try:
                self._prepare()
            except Cancelled:
                pass
            except UserFacingError as problem:
                _log.warning("passages not prepared: %s", problem)
                self._set(replace(self._state, problem=problem, is_waiting=False))
            except Exception:
                _log.exception("the passages could not be prepared")

    def _prepare(self) -> None:
        if not self._documents_file.exists():
            return
        embedder = self._embedder()
        with closing(DocumentStore(self._documents_file)) as store:
            if embedder is None:
                store.vectors.begin("")
                self._set(VectorState())
            else:
                prepare(store, embedder, self._show, lambda: self._wait_for_its_moment(embedder))

    def _wait_for_its_moment(self, embedder: Embedder) -> None:
        while True:
            if self._stop.is_set():
                raise Cancelled
            if self._embedder() is not embedder:  # another one was chosen, which begins anew
                with self._lock:
                    self._again = True
                raise Cancelled
            if self._may_compute():
                return
            self._set(replace(self._state, is_waiting=True))
            self._stop.wait(self._look_seconds)

    def _show(self, done: int, total: int) -> None:
        self._set(VectorState(done, total))

    def _set(self, state: VectorState) -> None:
        if state != self._state:
            self._state = state
            self._changed()
