"""Students that were made here: copied into the model folder with a card, and gone from the disk when removed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.models.disk import SPARE
from desktop.models.imports import Imports
from desktop.models.library import Library
from desktop.models.students import StudentCard
from desktop.models.types import Catalog
from tests.support.gguf_files import write_gguf

CARD = StudentCard("Teacher 135M", "Somebody", "apache-2.0", "https://example.org/teacher", 61, 80, 100)
EMPTY = Catalog((), "")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "models", tmp_path / "state", EMPTY)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return write_gguf(tmp_path / "project" / "small.gguf", name="Small")


def test_it_is_copied_and_listed_with_its_card(library: Library, source: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    added = library.add_student(source, "teacher-small.gguf", "Small one", CARD, lambda *each: told.append(each))
    target = tmp_path / "models" / "teacher-small.gguf"
    size = source.stat().st_size
    # THEN the file is a copy, whole, and its sha256 is kept
    assert target.read_bytes() == source.read_bytes() and told[-1] == (size, size)
    kept = Imports(tmp_path / "state" / "imports.json").find(str(target))
    assert kept is not None and kept.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    # AND another look at the same folder finds it once, as one of the user's own
    (found,) = Library(tmp_path / "models", tmp_path / "state", EMPTY).installed()
    assert found == added and (found.name, found.path, found.student) == ("Small one", target, CARD)
    assert found.needs_trial and not found.is_trusted and found.spec is None
    # AND the project keeps its own
    assert source.exists()


def test_removing_it_frees_the_disk_and_forgets_it(library: Library, source: Path) -> None:
    model = library.add_student(source, "s.gguf", "", CARD)
    library.remove(model.id)
    assert not model.path.exists() and library.installed() == () and source.exists()
    # BUT a file of the user's own in the same folder stays
    own = write_gguf(library.folder / "own.gguf")
    library.remove(f"file:{own}")
    assert own.exists()


def test_its_file_is_checked_against_what_was_installed(library: Library, source: Path) -> None:
    model = library.add_student(source, "s.gguf", "", CARD)
    assert library.verify(model.id)
    data = bytearray(model.path.read_bytes())
    data[-1] ^= 1
    model.path.write_bytes(data)
    assert not library.verify(model.id)


def test_a_name_and_another_import_do_not_lose_the_card(library: Library, source: Path) -> None:
    model = library.add_student(source, "s.gguf", "", CARD)
    library.rename(model, "Mine", ["en"])
    library.import_file(model.path)
    (found,) = library.installed()
    assert (found.name, found.languages, found.student) == ("Mine", ("en",), CARD)


def test_the_same_again_is_the_same_and_another_of_that_name_is_refused(
    library: Library, source: Path, tmp_path: Path
) -> None:
    first = library.add_student(source, "s.gguf", "", CARD)
    assert library.add_student(source, "s.gguf", "", CARD).id == first.id
    other = write_gguf(tmp_path / "project" / "other.gguf", name="Another")
    before = first.path.read_bytes()
    with pytest.raises(UserFacingError, match="Another model of that name"):
        library.add_student(other, "s.gguf", "", CARD)
    assert first.path.read_bytes() == before
    for name in ("../s.gguf", "con.gguf", "a:b.gguf"):
        with pytest.raises(UserFacingError):
            library.add_student(source, name, "", CARD)
    assert [path.name for path in library.folder.iterdir()] == ["s.gguf"]


def test_what_is_no_model_and_what_has_no_room_leave_nothing(
    library: Library, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text.gguf").write_text("no model")
    with pytest.raises(UserFacingError):
        library.add_student(tmp_path / "text.gguf", "s.gguf", "", CARD)
    monkeypatch.setattr("desktop.models.students.room", lambda _folder: SPARE)
    with pytest.raises(UserFacingError, match="not enough room"):
        library.add_student(source, "s.gguf", "", CARD)
    assert not library.folder.exists() or list(library.folder.iterdir()) == []
    assert library.installed() == ()


def test_a_card_written_by_hand_is_believed_only_as_far_as_it_can_be(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "imports.json").write_text(
        '{"version": 1, "files": [{"path": "/a.gguf", "name": "a", "size": 1, "student": {"teacher": "T\\u202e\\n"}},'
        '{"path": "/b.gguf", "name": "b", "size": 1, "student": "none"}]}'
    )
    one, other = Imports(state / "imports.json").files()
    assert one.student == StudentCard("T") and other.student is None
    with pytest.raises(ValueError, match="wrong type"):
        StudentCard.parse({"teacher": "T", "asked": -1})
