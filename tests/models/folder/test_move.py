"""The model folder is moved: by renaming, by copying, interrupted, and where something is in the way."""

from __future__ import annotations

import os
import shutil
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.common import detached
from desktop.common.errors import UserFacingError
from desktop.models.download.part_file import PartFile, info_path, part_path
from desktop.models.folder import move
from desktop.models.library import Library
from desktop.models.remembered.checksums import is_noted, note_path, write_note
from desktop.models.types import Catalog
from tests.support.downloads import model_bytes, spec_of
from tests.support.patience import PATIENCE_S

CONTENT = model_bytes(300_000)
SPEC = spec_of(CONTENT, None)
HALF = spec_of(model_bytes(200_000, seed=2), None, model_id="half", file="half.gguf")
CATALOG = Catalog((SPEC, HALF), "model")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A folder with a whole model, half a download, a model that left the catalogue, and the user's own things."""
    folder = tmp_path / "old"
    folder.mkdir()
    for name in (SPEC.file, "formerly.gguf"):
        (folder / name).write_bytes(CONTENT)
        write_note(folder / name, SPEC.sha256)
    part = PartFile(folder, HALF)
    part.open()
    part.begin("host", '"etag"', 0)
    part.append(model_bytes(200_000, seed=2)[:100_000])
    part.close()
    (folder / "holiday.jpg").write_bytes(b"picture")
    (folder / "own.gguf").write_bytes(CONTENT)
    return Library(folder, tmp_path / "state", CATALOG)


@pytest.fixture(params=["rename", "copy"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "copy":
        _elsewhere(monkeypatch)
    return str(request.param)


def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the two folders look as if they lay on different disks."""
    monkeypatch.setattr(move, "_on_one_file_system", lambda old, new: False)


def _is_whole(folder: Path) -> bool:
    return (folder / SPEC.file).exists() and (folder / SPEC.file).read_bytes() == CONTENT


def test_everything_of_ours_moves_and_nothing_else(library: Library, tmp_path: Path, way: str) -> None:
    old, new = library.folder, tmp_path / "somewhere" / "new"
    told: list[tuple[int, int]] = []
    library.move_folder(new, lambda done, total: told.append((done, total)))
    assert library.folder == new
    # What today's catalogue no longer has is the user's own now.
    assert [model.id for model in library.installed()] == ["model", f"file:{new / 'formerly.gguf'}"]
    assert library.is_verified("model")
    assert is_noted(new / "formerly.gguf", SPEC.sha256)
    half = new / HALF.file
    assert part_path(half).stat().st_size == 100_000
    assert info_path(half).exists()
    assert sorted(path.name for path in old.iterdir()) == ["holiday.jpg", "own.gguf"]
    assert not list(new.glob("*.moving"))
    assert told[-1][0] == told[-1][1] and [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_moved_part_can_be_taken_up(library: Library, tmp_path: Path, way: str) -> None:
    library.move_folder(tmp_path / "new", None)
    part = PartFile(tmp_path / "new", HALF)
    part.open()
    assert part.size == 100_000
    assert part.etag("host") == '"etag"'
    part.close()


def test_to_itself(library: Library, tmp_path: Path) -> None:
    library.move_folder(library.folder, None)
    (tmp_path / "link").symlink_to(library.folder)
    library.move_folder(tmp_path / "link", None)
    assert _is_whole(tmp_path / "old")


def test_from_a_folder_that_is_not_there(tmp_path: Path) -> None:
    library = Library(tmp_path / "none", tmp_path, CATALOG)
    library.move_folder(tmp_path / "new", None)
    assert library.folder == tmp_path / "new"


def test_no_room(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _elsewhere(monkeypatch)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10**12, 10**12, 64_700_000))
    with pytest.raises(UserFacingError) as caught:
        library.move_folder(tmp_path / "new", None)
    assert caught.value.title == "There is not enough room in the new folder."
    assert "64.7 MB free" in caught.value.detail
    assert _is_whole(tmp_path / "old")
    assert library.folder == tmp_path / "old"


def test_a_file_in_the_way(library: Library, tmp_path: Path, way: str) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / SPEC.file).write_bytes(b"something else")
    with pytest.raises(UserFacingError) as caught:
        library.move_folder(tmp_path / "new", None)
    assert caught.value.title == "A different file of the same name is in the way."
    assert (tmp_path / "new" / SPEC.file).read_bytes() == b"something else"
    assert _is_whole(tmp_path / "old")


def test_the_same_file_is_there_already(library: Library, tmp_path: Path, way: str) -> None:
    (tmp_path / "new").mkdir()
    shutil.copy(library.folder / SPEC.file, tmp_path / "new")
    write_note(tmp_path / "new" / SPEC.file, SPEC.sha256)
    library.move_folder(tmp_path / "new", None)
    assert _is_whole(tmp_path / "new") and library.is_verified("model")
    assert not (tmp_path / "old" / SPEC.file).exists()


def test_not_while_a_download_runs(library: Library, tmp_path: Path, way: str) -> None:
    part = PartFile(library.folder, HALF)
    part.open()
    try:
        with pytest.raises(UserFacingError, match="while a download is running"):
            library.move_folder(tmp_path / "new", None)
    finally:
        part.close()
    assert _is_whole(tmp_path / "old")
    library.move_folder(tmp_path / "new", None)


def test_a_target_that_is_no_folder(library: Library, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserFacingError, match="could not be moved"):
        library.move_folder(tmp_path / "file", None)
    assert _is_whole(tmp_path / "old")


class Interruption(BaseException):
    """As hard as a key press or the end of the process."""


def _interrupt_at(call: int) -> Callable[[int, int], None]:
    calls = 0

    def progress(done: int, total: int) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise Interruption

    return progress


@pytest.mark.parametrize("call", range(1, 8))
def test_interrupted_anywhere_nothing_is_lost_and_it_can_be_finished(
    library: Library, tmp_path: Path, way: str, call: int
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    try:
        library.move_folder(new, _interrupt_at(call))
    except Interruption:
        assert _is_whole(old) or _is_whole(new)
        assert part_path(old / HALF.file).exists() or part_path(new / HALF.file).exists()
    Library(old, tmp_path / "state", CATALOG).move_folder(new, None)
    assert _is_whole(new)
    assert is_noted(new / SPEC.file, SPEC.sha256)
    assert part_path(new / HALF.file).stat().st_size == 100_000
    assert not (old / SPEC.file).exists() and not note_path(old / SPEC.file).exists()
    assert not list(new.glob("*.moving"))


def test_a_rename_that_fails_half_way_is_taken_back(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, calls = Path.replace, 0

    def failing(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise OSError(5, os.strerror(5))
        return replace(self, target)

    before = sorted(path.name for path in library.folder.iterdir())
    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(UserFacingError, match="could not be moved"):
        library.move_folder(tmp_path / "new", None)
    assert sorted(path.name for path in library.folder.iterdir()) == before


def test_a_real_second_file_system(library: Library) -> None:
    """Where the machine has one: the memory file system of Linux."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == library.folder.stat().st_dev or not os.access(memory, os.W_OK):
        pytest.skip("this machine has no second file system to write to; copying is tested above in any case")
    new = memory / f"catnap-test-{os.getpid()}"
    try:
        old = library.folder
        library.move_folder(new, None)
        assert _is_whole(new) and library.is_verified("model")
        assert not (old / SPEC.file).exists()
    finally:
        shutil.rmtree(new, ignore_errors=True)


@pytest.mark.skipif(os.name != "posix", reason="pipes have no path there")
@pytest.mark.parametrize("where", ["old", "new"])
def test_a_pipe_under_a_model_s_name_is_never_waited_for(
    library: Library, tmp_path: Path, way: str, where: str
) -> None:
    # GIVEN a pipe that nobody writes to, in the place of a model
    new = tmp_path / "new"
    new.mkdir()
    if where == "old":
        (tmp_path / "old" / SPEC.file).unlink()
    os.mkfifo(tmp_path / where / SPEC.file)

    # WHEN the folder is moved
    moving = detached.start(lambda: library.move_folder(new, None), "move")

    # THEN what is no file stays where it is, and is not written over
    if where == "old":
        moving.result(PATIENCE_S)
        assert (tmp_path / "old" / SPEC.file).is_fifo()
        assert (new / "formerly.gguf").is_file()
    else:
        with pytest.raises(UserFacingError, match="in the way"):
            moving.result(PATIENCE_S)
        assert (new / SPEC.file).is_fifo()
