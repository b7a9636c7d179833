"""Passages that are read by an embedding model in the background: when it may, and as far as it came."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.documents.library.libraries import VectorState
from desktop.documents.library.preparing import VectorWork
from desktop.documents.library.store import DocumentStore
from desktop.documents.types import Document, DocumentKind, Part, PartKind
from tests.support.patience import wait_for
from tests.support.subjects import Subjects


class _Works:
    """A store with five passages, and what has them read."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "documents.db"
        self.model: Subjects | None = Subjects()
        self.may = threading.Event()
        self.may.set()
        self.told: list[VectorState] = []
        self.work = VectorWork(
            self.file, lambda: self.model, self.may.is_set, lambda: self.told.append(self.work.state), look_seconds=0.02
        )
        with closing(DocumentStore(self.file)) as store:
            parts = tuple(Part(PartKind.PAGE, page, "", f"Page {page} is about trains.") for page in range(1, 6))
            store.index(store.add(Document("a.pdf", DocumentKind.PDF, parts)).id)

    def counts(self) -> tuple[int, int]:
        with closing(DocumentStore(self.file)) as store:
            return store.vectors.counts()


@pytest.fixture
def works(tmp_path: Path) -> Iterator[_Works]:
    works = _Works(tmp_path)
    yield works
    works.work.end()


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "vectors"]


def test_all_is_read_and_the_thread_ends(works: _Works) -> None:
    works.work.wake()
    wait_for("all passages to be read", lambda: works.counts() == (5, 5))
    wait_for("the thread to end", lambda: not _threads())
    assert works.work.state == VectorState(5, 5)
    assert [state.done for state in works.told] == [0, 1, 2, 3, 4, 5]


def test_it_waits_for_its_moment_and_says_so(works: _Works) -> None:
    works.may.clear()
    works.work.wake()
    wait_for("it to say that it waits", lambda: works.work.state.is_waiting)
    assert works.model is not None and works.model.read == []
    works.may.set()
    wait_for("all passages to be read", lambda: works.counts() == (5, 5))
    assert not works.work.state.is_waiting


def test_the_end_does_not_wait_for_its_moment(works: _Works) -> None:
    works.may.clear()
    works.work.wake()
    wait_for("it to say that it waits", lambda: works.work.state.is_waiting)
    works.work.end()
    assert not _threads() and works.counts() == (0, 5)
    works.work.wake()  # too late, which nobody minds
    assert not _threads()


def _chosen(works: _Works, choose: Callable[[], Subjects | None]) -> None:
    works.work.wake()
    wait_for("all passages to be read", lambda: works.counts() == (5, 5))
    works.model = choose()
    works.work.wake()


def test_another_model_begins_anew(works: _Works) -> None:
    other = Subjects("other")
    _chosen(works, lambda: other)
    wait_for("the other model to read all", lambda: len(other.read) == 5)
    wait_for("the thread to end", lambda: not _threads())
    assert works.counts() == (5, 5)


def test_switched_off_nothing_is_left(works: _Works) -> None:
    _chosen(works, lambda: None)
    wait_for("all vectors to go", lambda: works.counts() == (0, 5))
    wait_for("the thread to end", lambda: not _threads())
    assert works.work.state == VectorState()


def test_a_model_that_is_changed_while_it_waits_reads_nothing(works: _Works) -> None:
    first = works.model
    assert first is not None
    works.may.clear()
    works.work.wake()
    wait_for("it to say that it waits", lambda: works.work.state.is_waiting)
    works.model = Subjects("other")
    works.may.set()
    wait_for("all passages to be read", lambda: works.counts() == (5, 5))
    assert first.read == [] and len(works.model.read) == 5


def test_what_fails_is_said_and_goes_on_when_there_is_more(works: _Works) -> None:
    assert works.model is not None
    works.model.fails_after = 2
    works.work.wake()
    wait_for("the problem", lambda: works.work.state.problem)
    assert works.counts() == (2, 5)
    works.model.fails_after = 10**9
    works.work.wake()
    wait_for("all passages to be read", lambda: works.counts() == (5, 5))
    assert works.work.state.problem is None


def test_where_there_are_no_documents_no_database_is_made(tmp_path: Path) -> None:
    work = VectorWork(tmp_path / "documents.db", Subjects, lambda: True, lambda: None)
    work.wake()
    wait_for("the thread to end", lambda: not _threads())
    assert not (tmp_path / "documents.db").exists()
