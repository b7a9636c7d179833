"""Libraries are kept up to date in the background; nothing runs while there is none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.documents.library.folders import LibraryList
from desktop.documents.library.libraries import LibraryState
from desktop.documents.library.updating import update
from desktop.documents.library.watching import LibraryWatch
from desktop.documents.types import Document, DocumentKind, Part, PartKind
from tests.support.patience import wait_for


class _Reader:
    """Reads text, when it is allowed to."""

    def __init__(self) -> None:
        self.may_read = threading.Event()
        self.may_read.set()
        self.names: list[str] = []

    def __call__(self, path: Path, given_up: threading.Event) -> Document:
        self.names.append(path.name)
        wait_for("leave to read", lambda: self.may_read.is_set() or given_up.is_set())
        if given_up.is_set():
            raise Cancelled
        text = path.read_text(encoding="utf-8")
        if "damaged" in text:
            raise UserFacingError("This document is damaged.", f"{path.name}.")
        return Document(path.name, DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", text),))


class _Watched:
    """A watch over a folder of two files, one of them damaged."""

    def __init__(self, home: Path, interval: float = 3600.0) -> None:
        self.reader = _Reader()
        self.libraries = LibraryList(home / "libraries.json")
        self.folder = home / "house"
        self.folder.mkdir()
        (self.folder / "cats.txt").write_text("The cat is called Minka.", encoding="utf-8")
        (self.folder / "dogs.txt").write_text("damaged", encoding="utf-8")
        self.seen: list[tuple[LibraryState, ...]] = []
        self.database = home / "documents.db"
        self.watch = LibraryWatch(
            self.libraries,
            self.database,
            lambda: self.seen.append(self.watch.states()),
            interval=interval,
            update_one=partial(update, read=self.reader),
        )

    def at_rest(self, documents: int) -> LibraryState | None:
        """Returns the state of the library if nothing is read and it has so many documents."""
        states = self.watch.states()
        if states and states[0].is_known and states[0].progress is None and states[0].documents == documents:
            return states[0]
        return None


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[_Watched]:
    watched = _Watched(tmp_path)
    yield watched
    watched.reader.may_read.set()
    watched.watch.end()


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "libraries"]


def test_nothing_runs_and_no_database_is_made_while_there_is_no_library(watched: _Watched) -> None:
    watched.watch.begin()
    assert watched.watch.states() == () and _threads() == [] and not watched.database.exists()


def test_a_folder_that_is_added_is_read_and_what_cannot_be_is_told(watched: _Watched) -> None:
    added = watched.watch.add(watched.folder)
    state = wait_for("the library to be read", lambda: watched.at_rest(1))
    assert state.library == added and state.characters == len("The cat is called Minka.")
    assert [(path, problem.title) for path, problem in state.refused.items()] == [
        ("dogs.txt", "This document is damaged.")
    ]
    # ... and how far it was could be seen meanwhile
    progress = [each.progress for states in watched.seen for each in states if each.progress is not None]
    assert [(each.done, each.total, each.file) for each in progress] == [(0, 2, "cats.txt"), (1, 2, "dogs.txt")]


def test_what_changes_is_found_without_asking(tmp_path: Path) -> None:
    watched = _Watched(tmp_path, interval=0.05)
    watched.watch.add(watched.folder)
    wait_for("the library to be read", lambda: watched.at_rest(1))
    (watched.folder / "birds.txt").write_text("The parrot talks.", encoding="utf-8")
    wait_for("the new file to be read", lambda: watched.at_rest(2))
    assert watched.reader.names.count("dogs.txt") == 1
    watched.watch.end()


def test_looking_again_also_tries_what_was_refused(watched: _Watched) -> None:
    added = watched.watch.add(watched.folder)
    wait_for("the library to be read", lambda: watched.at_rest(1))
    (watched.folder / "dogs.txt").write_text("The dog is called Rex.", encoding="utf-8")
    watched.watch.look_again(added.id)
    state = wait_for("the repaired file to be read", lambda: watched.at_rest(2))
    assert not state.refused


def test_a_folder_that_is_gone_is_told_and_its_documents_stay(watched: _Watched, tmp_path: Path) -> None:
    added = watched.watch.add(watched.folder)
    wait_for("the library to be read", lambda: watched.at_rest(1))
    watched.folder.rename(tmp_path / "elsewhere")
    watched.watch.look_again(added.id)
    state = wait_for("the problem", lambda: next((each for each in watched.watch.states() if each.problem), None))
    assert state.documents == 1 and state.problem is not None and "cannot be read" in state.problem.title


def test_a_library_that_is_removed_while_it_is_read_is_given_up_and_forgotten(watched: _Watched) -> None:
    watched.reader.may_read.clear()
    added = watched.watch.add(watched.folder)
    wait_for("reading to begin", lambda: watched.reader.names)
    watched.watch.remove(added.id)
    assert watched.watch.states() == ()
    wait_for("the thread to end", lambda: not _threads())
    assert watched.reader.names == ["cats.txt"]
    assert (watched.folder / "cats.txt").exists()


def test_a_database_that_cannot_be_opened_keeps_nobody_busy(tmp_path: Path) -> None:
    watched = _Watched(tmp_path)
    watched.database.symlink_to(tmp_path / "a drive that is not there" / "documents.db")
    added = watched.watch.add(watched.folder)
    wait_for("a look", lambda: watched.watch.states()[0].problem)
    watched.database.unlink()
    watched.watch.look_again(added.id)
    wait_for("the library to be read", lambda: watched.at_rest(1))
    watched.watch.end()


def test_its_documents_are_those_of_the_last_look_however_often_they_are_asked_for(watched: _Watched) -> None:
    # GIVEN a library that was read
    added = watched.watch.add(watched.folder)
    wait_for("the library to be read", lambda: watched.at_rest(1))
    first = watched.watch.documents(added.id)
    assert len(first) == 1 and watched.watch.documents(added.id) is first
    assert watched.watch.documents("nobody") == frozenset()
    # WHEN another document comes and it is looked at again
    (watched.folder / "birds.txt").write_text("The parrot talks.", encoding="utf-8")
    watched.watch.look_again(added.id)
    # THEN it is among them
    wait_for("the new document", lambda: len(watched.watch.documents(added.id)) == 2)


def test_a_new_name_shows(watched: _Watched) -> None:
    added = watched.watch.add(watched.folder)
    wait_for("the library to be read", lambda: watched.at_rest(1))
    watched.libraries.rename(added.id, "Pets")  # as the command line does
    assert [each.library.name for each in watched.watch.states()] == ["Pets"] and watched.at_rest(1)


def test_the_end_gives_up_what_is_read(watched: _Watched) -> None:
    watched.reader.may_read.clear()
    watched.watch.add(watched.folder)
    wait_for("reading to begin", lambda: watched.reader.names)
    watched.watch.end()
    assert _threads() == [] and watched.reader.names == ["cats.txt"]
    watched.watch.look_again("anything")  # too late, which nobody minds
    assert _threads() == []
