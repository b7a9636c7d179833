"""A library follows its folder: added, changed, renamed, removed files, and those that cannot be read."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.common.regular_file import open_regular
from desktop.documents.library import updating
from desktop.documents.library.files import LibraryFiles
from desktop.documents.library.folders import FolderLimits
from desktop.documents.library.libraries import DocumentLibrary, LibraryProgress
from desktop.documents.library.store import DocumentStore
from desktop.documents.library.updating import Updated, update
from desktop.documents.problems import cannot_start
from desktop.documents.types import Document, DocumentKind, Part, PartKind


class _Reader:
    """Reads text at once, and remembers what it has read."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.failure: Exception | None = None

    def __call__(self, path: Path, given_up: threading.Event) -> Document:
        self.names.append(path.name)
        if self.failure is not None:
            raise self.failure
        text = path.read_text(encoding="utf-8")
        if "damaged" in text:
            raise UserFacingError("This document is damaged.", f"{path.name}.", "Try another.")
        return Document(path.name, DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", text),))

    def taken(self) -> list[str]:
        names, self.names = self.names, []
        return names


class _House:
    """A folder with two documents that were read."""

    def __init__(self, folder: Path, store: DocumentStore) -> None:
        self.folder, self.store = folder, store
        self.library = DocumentLibrary("house", "House", folder)
        self.reader = _Reader()
        self.files = LibraryFiles(store.connection)
        folder.mkdir()
        self.write("cats.txt", "The cat is called Minka and sleeps on the roof.")
        self.write("dogs.txt", "The dog is called Rex and guards the door.")

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def update(self, *, again: bool = False, limits: FolderLimits | None = None) -> Updated:
        return update(self.library, self.store, read=self.reader, again=again, limits=limits)

    def ask(self, question: str) -> str:
        """Returns the path of the file that answers."""
        found = self.store.passages.find(question, self.files.documents("house"))
        return self.files.path_of("house", found[0].document_id) if found else ""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DocumentStore]:
    store = DocumentStore(tmp_path / "documents.db")
    yield store
    store.close()


@pytest.fixture
def house(tmp_path: Path, store: DocumentStore) -> _House:
    return _House(tmp_path / "house", store)


def test_all_is_read_once_and_can_be_asked(house: _House) -> None:
    assert house.update() == Updated(read=2)
    assert sorted(house.reader.taken()) == ["cats.txt", "dogs.txt"]
    assert house.ask("What is the cat called?") == "cats.txt"
    # WHEN nothing has changed
    assert house.update() == Updated()
    # THEN nothing is read
    assert house.reader.taken() == []


def test_a_new_file_is_read_alone(house: _House) -> None:
    house.update()
    house.reader.taken()
    house.write("birds.txt", "The parrot says good morning.")
    assert house.update() == Updated(read=1)
    assert house.reader.taken() == ["birds.txt"]
    assert house.ask("What does the parrot say?") == "birds.txt"


def test_a_changed_file_is_read_again_and_its_old_text_is_not_found(house: _House) -> None:
    house.update()
    house.reader.taken()
    house.write("cats.txt", "The cat moved to Vienna.")
    house.update()
    assert house.reader.taken() == ["cats.txt"]
    assert house.ask("Where did the cat move? Vienna") == "cats.txt"
    assert house.ask("Minka roof") == ""


def test_a_file_that_was_touched_is_not_read_again(house: _House) -> None:
    house.update()
    house.reader.taken()
    os.utime(house.folder / "cats.txt", (1, 1))
    assert house.update() == Updated(read=1)
    assert house.reader.taken() == []
    assert house.update() == Updated()


@pytest.mark.parametrize("target", ["felines.txt", "sub/cats.txt"])
def test_a_renamed_file_is_not_read_again(house: _House, target: str) -> None:
    house.update()
    house.reader.taken()
    (house.folder / "sub").mkdir()
    (house.folder / "cats.txt").rename(house.folder / target)
    assert house.update() == Updated(read=1, gone=1)
    assert house.reader.taken() == []
    assert house.ask("What is the cat called?") == target


def test_a_removed_file_is_no_longer_found_but_kept_for_conversations(house: _House) -> None:
    house.update()
    document = house.files.of("house")["cats.txt"].document
    (house.folder / "cats.txt").unlink()
    assert house.update() == Updated(gone=1)
    assert house.ask("Minka on the roof") == ""
    assert document is not None and house.store.get(document) is not None


def test_the_same_content_twice_is_one_document(house: _House) -> None:
    shutil.copy(house.folder / "cats.txt", house.folder / "copy.txt")
    house.update()
    assert sorted(house.reader.taken()) == ["cats.txt", "dogs.txt"]
    assert len(house.files.documents("house")) == 2
    (house.folder / "cats.txt").unlink()
    house.update()
    assert house.ask("What is the cat called?") == "copy.txt"


def test_what_cannot_be_read_is_said_once_and_left_until_it_changes(house: _House) -> None:
    house.write("bad.txt", "damaged")
    assert house.update() == Updated(read=3, refused=1)
    told = house.files.of("house")["bad.txt"].problem
    assert told is not None and (told.title, told.detail) == ("This document is damaged.", "bad.txt.")
    house.reader.taken()
    # WHEN it stays as it is
    house.update()
    assert house.reader.taken() == []
    # WHEN somebody wants it tried again
    assert house.update(again=True) == Updated(read=1, refused=1)
    assert house.reader.taken() == ["bad.txt"]
    # WHEN it was repaired
    house.write("bad.txt", "Snails are slow.")
    house.update()
    assert house.files.of("house")["bad.txt"].problem is None
    assert house.ask("slow snails") == "bad.txt"


def test_a_file_that_is_too_large_is_not_opened(house: _House) -> None:
    house.write("big.txt", "x" * 1000)
    assert house.update(limits=FolderLimits(file_bytes=500)) == Updated(read=3, refused=1)
    told = house.files.of("house")["big.txt"].problem
    assert told is not None and "too large" in told.title
    assert "big.txt" not in house.reader.taken()


@pytest.mark.parametrize("failure", [PermissionError(13, "Permission denied"), FileNotFoundError(2, "No such file")])
def test_a_file_that_cannot_be_opened_is_said(house: _House, monkeypatch: pytest.MonkeyPatch, failure: OSError) -> None:
    def refuse(path: Path) -> BufferedReader:
        if path.name == "cats.txt":
            raise failure
        return open_regular(path)

    monkeypatch.setattr(updating, "open_regular", refuse)
    assert house.update() == Updated(read=2, refused=1)
    assert house.ask("What is the dog called?") == "dogs.txt"
    # WHEN it can be opened again, and somebody says so
    monkeypatch.setattr(updating, "open_regular", open_regular)
    house.update(again=True)
    assert house.ask("Minka on the roof") == "cats.txt"


def test_a_folder_that_is_gone_loses_nothing(house: _House, tmp_path: Path) -> None:
    house.update()
    house.folder.rename(tmp_path / "elsewhere")
    with pytest.raises(UserFacingError, match="cannot be read"):
        house.update()
    assert house.ask("What is the cat called?") == "cats.txt"
    (tmp_path / "elsewhere").rename(house.folder)
    assert house.update() == Updated()


def test_where_nothing_can_be_read_at_all_no_file_is_blamed(house: _House) -> None:
    house.reader.failure = cannot_start("no more processes")
    with pytest.raises(UserFacingError, match="cannot be started"):
        house.update()
    assert house.files.of("house") == {}
    house.reader.failure = None
    assert house.update() == Updated(read=2)


def test_what_was_read_until_it_was_given_up_is_kept(house: _House) -> None:
    given_up = threading.Event()
    shown: list[LibraryProgress] = []

    def stop_at_the_second(progress: LibraryProgress) -> None:
        shown.append(progress)
        if progress.done == 1:
            given_up.set()

    with pytest.raises(Cancelled):
        update(house.library, house.store, read=house.reader, progress=stop_at_the_second, given_up=given_up)
    assert [(each.done, each.total, each.file) for each in shown] == [(0, 2, "cats.txt"), (1, 2, "dogs.txt")]
    assert list(house.files.of("house")) == ["cats.txt"]


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_is_a_name(house: _House) -> None:
    (house.folder / os.fsdecode(b"caf\xe9.txt")).write_text("Coffee is served at ten.", encoding="utf-8")
    house.update()
    assert house.ask("When is coffee served?") == os.fsdecode(b"caf\xe9.txt")


def test_libraries_share_documents_but_not_files(house: _House, tmp_path: Path) -> None:
    house.update()
    other = DocumentLibrary("other", "Other", tmp_path / "other")
    shutil.copytree(house.folder, other.folder)
    house.reader.taken()
    update(other, house.store, read=house.reader)
    assert house.reader.taken() == []
    assert house.files.documents("other") == house.files.documents("house") == house.files.documents()
    house.files.forget_others(["other"])
    assert house.files.of("house") == {} and len(house.files.of("other")) == 2


def test_a_real_document_is_read_in_its_own_process(house: _House) -> None:
    update(house.library, house.store)
    assert house.ask("What is the dog called?") == "dogs.txt"
