"""Which libraries there are, and what lies in their folders."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.documents.library.folders import FolderLimits, LibraryList, scan


@pytest.fixture
def libraries(tmp_path: Path) -> LibraryList:
    return LibraryList(tmp_path / "libraries.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "Handbook"
    folder.mkdir()
    return folder


def test_there_is_no_file_while_there_is_no_library(libraries: LibraryList, folder: Path, tmp_path: Path) -> None:
    assert not libraries and libraries.all() == ()
    added = libraries.add(folder)
    assert libraries and libraries.all() == (added,)
    assert (added.name, added.folder) == ("Handbook", folder)
    libraries.remove(added.id)
    assert not libraries and not (tmp_path / "libraries.json").exists()
    assert folder.is_dir()


def test_another_program_sees_what_was_added(libraries: LibraryList, folder: Path, tmp_path: Path) -> None:
    other = LibraryList(tmp_path / "libraries.json")
    added = libraries.add(folder, "Rules")
    assert other.get("rules") == other.get(added.id) == added
    assert other.get("nothing") is None
    other.rename(added.id, "  House \n rules ")
    assert [each.name for each in libraries.all()] == ["House rules"]


@pytest.mark.parametrize("other", ["Handbook/missing", "file.txt"])
def test_only_a_folder_can_be_one(libraries: LibraryList, folder: Path, other: str) -> None:
    (folder.parent / "file.txt").write_text("x")
    with pytest.raises(UserFacingError, match="no such folder"):
        libraries.add(folder.parent / other)


def test_a_folder_is_one_library_and_a_name_is_one(libraries: LibraryList, folder: Path, tmp_path: Path) -> None:
    first = libraries.add(folder)
    with pytest.raises(UserFacingError, match="a library already"):
        libraries.add(tmp_path / "Handbook" / ".." / "Handbook")
    second_folder = tmp_path / "other" / "Handbook"
    second_folder.mkdir(parents=True)
    second = libraries.add(second_folder)
    assert second.name == "Handbook 2"
    with pytest.raises(UserFacingError, match="has this name"):
        libraries.rename(second.id, "handbook")
    with pytest.raises(UserFacingError, match="has this name"):
        libraries.rename(first.id, "HANDBOOK 2")
    with pytest.raises(UserFacingError, match="needs a name"):
        libraries.rename(first.id, " ")
    with pytest.raises(KeyError):
        libraries.rename("nobody", "x")


def test_a_damaged_list_is_put_aside_and_begun_anew(libraries: LibraryList, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "libraries.json").write_text("[[[", encoding="utf-8")
    assert libraries.all() == ()
    libraries.add(folder)
    assert len(libraries.all()) == 1
    assert any("broken" in each.name for each in tmp_path.iterdir())


def test_documents_are_found_in_all_folders_and_hidden_ones_are_not(folder: Path) -> None:
    wanted = ["a.PDF", "sub/b.txt", "sub/deep/猫.md"]
    for path in [*wanted, ".hidden.txt", ".git/x.txt", "~$a.docx", "photo.jpg", "noending", "sub/.~lock.b.odt#"]:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("x")
    found = scan(folder)
    assert [each.path for each in found.files] == wanted and found.is_whole
    assert found.files[0].size == 1 and found.files[0].modified == (folder / "a.PDF").stat().st_mtime_ns


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_links_and_pipes_are_left_alone(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("x")
    (folder / "link").symlink_to(outside)
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    (folder / "circle").symlink_to(folder)
    os.mkfifo(folder / "pipe.txt")
    assert scan(folder).files == ()


@pytest.mark.parametrize(
    ("limits", "count"),
    [(FolderLimits(files=3), 3), (FolderLimits(all_bytes=25), 2), (FolderLimits(looked_at=4), 4), (FolderLimits(), 5)],
)
def test_no_more_is_looked_at_than_the_limits_allow(folder: Path, limits: FolderLimits, count: int) -> None:
    for number in range(5):
        (folder / f"{number}.txt").write_text("x" * 10)
    found = scan(folder, limits)
    assert len(found.files) == count and found.is_whole == (count == 5)


def test_a_folder_that_is_gone_is_no_empty_one(folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(OSError):
        scan(folder)


def test_what_many_add_at_once_is_all_there(tmp_path: Path) -> None:
    folders = [tmp_path / f"folder {number}" for number in range(8)]
    for each in folders:
        each.mkdir()
    with ThreadPoolExecutor(len(folders)) as pool:
        list(pool.map(lambda each: LibraryList(tmp_path / "libraries.json").add(each), folders))
    assert {each.folder for each in LibraryList(tmp_path / "libraries.json").all()} == set(folders)


@pytest.mark.parametrize("name", ["a\nb", " a  b ", "x" * 300, "x" * 99 + " y"])
def test_a_library_is_found_by_the_name_that_it_was_given(libraries: LibraryList, folder: Path, name: str) -> None:
    assert libraries.get(name) is None
    added = libraries.add(folder, name)
    assert libraries.get(name) == added
