"""What is installed, imported, removed and verified."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

import gguf
import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.models.library import Library
from desktop.models.remembered.checksums import hash_file, is_noted, note_path, write_note
from desktop.models.types import Catalog, InstalledModel
from tests.support.downloads import model_bytes, spec_of
from tests.support.gguf_files import write_gguf

CONTENT = model_bytes(200_000)
SPEC = spec_of(CONTENT, None)
CATALOG = Catalog((SPEC, spec_of(model_bytes(1000, seed=9), None, model_id="other", file="other.gguf")), "model")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "models", tmp_path / "state", CATALOG)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return write_gguf(tmp_path / "own.gguf", name="My own")


def _put(library: Library, content: bytes = CONTENT, *, noted: bool = True) -> Path:
    path = library.folder / SPEC.file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    if noted:
        write_note(path, SPEC.sha256)
    return path


def _ids(library: Library) -> list[str]:
    return [model.id for model in library.installed()]


def test_nothing_yet(library: Library) -> None:
    assert library.installed() == ()
    assert not library.folder.exists()


def test_a_downloaded_model(library: Library) -> None:
    path = _put(library)
    assert library.installed() == (
        InstalledModel("model", "A model", path, len(CONTENT), SPEC, is_vouched=True, languages=("en",)),
    )
    assert library.path_of("model") == path
    assert library.is_verified("model")


def test_a_model_dropped_in_by_hand(library: Library) -> None:
    _put(library, noted=False)
    assert _ids(library) == ["model"]
    assert not library.is_verified("model")
    assert library.verify("model")
    assert library.is_verified("model")


def test_a_model_that_changed_is_no_longer_verified(library: Library) -> None:
    path = _put(library)
    os.utime(path, (1, 1))
    assert not library.is_verified("model")


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b"x", b"<htm" + CONTENT[4:]])
def test_a_file_that_cannot_be_the_model_does_not_count(library: Library, content: bytes) -> None:
    _put(library, content, noted=False)
    assert library.installed() == ()


def test_parts_and_files_set_aside_do_not_count(library: Library) -> None:
    path = _put(library)
    path.rename(path.with_name(f"{path.name}.part"))
    (library.folder / f"{path.name}.bad-1").write_bytes(CONTENT)
    assert library.installed() == ()


def test_a_model_that_is_not_there(library: Library) -> None:
    with pytest.raises(UserFacingError, match="not installed"):
        library.path_of("model")
    with pytest.raises(UserFacingError, match="not installed"):
        library.verify("nonsense")
    with pytest.raises(UserFacingError, match="no such model"):
        library.remove("nonsense")


def test_remove_deletes_the_file_and_its_note(library: Library) -> None:
    path = _put(library)
    library.remove("model")
    assert list(library.folder.iterdir()) == []
    assert not path.exists()
    library.remove("model")


def test_import_does_not_copy(library: Library, own: Path) -> None:
    model = library.import_file(own)
    assert model == InstalledModel(f"file:{own}", "own", own, own.stat().st_size)
    assert library.installed() == (model,)
    assert library.path_of(model.id) == own
    assert not library.folder.exists()


def test_import_is_remembered_and_counted_once(library: Library, own: Path, tmp_path: Path) -> None:
    library.import_file(own)
    library.import_file(own)
    other = Library(library.folder, tmp_path / "state", CATALOG)
    assert _ids(other) == [f"file:{own}"]


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_import_of_a_file_whose_name_is_no_text(library: Library, own: Path) -> None:
    path = own.rename(own.with_name(os.fsdecode(b"caf\xe9.gguf")))
    model = library.import_file(path)
    assert library.installed() == (model,)
    assert library.path_of(model.id) == path


def test_import_by_a_relative_path(library: Library, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(own.parent)
    assert library.import_file(Path("own.gguf")).id == f"file:{own}"
    monkeypatch.setenv("HOME", str(own.parent))
    assert library.import_file(Path("~/own.gguf")).id == f"file:{own}"
    assert len(library.installed()) == 1


def test_import_of_a_model_of_the_folder_names_that_one(library: Library, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    path = write_gguf(tmp_path / "models" / "known.gguf")
    spec = spec_of(path.read_bytes(), None, model_id="known", file="known.gguf")
    library = Library(tmp_path / "models", tmp_path / "state", Catalog((spec,), "known"))
    assert library.import_file(path).id == "known"
    assert _ids(library) == ["known"]


def test_an_imported_file_that_is_gone(library: Library, own: Path) -> None:
    model = library.import_file(own)
    own.unlink()
    assert [(gone.id, gone.missing) for gone in library.installed()] == [(model.id, True)]
    with pytest.raises(UserFacingError, match="no longer there"):
        library.path_of(model.id)
    assert not library.is_verified(model.id)


def test_remove_only_forgets_an_imported_file(library: Library, own: Path) -> None:
    model = library.import_file(own)
    library.remove(model.id)
    assert library.installed() == ()
    assert own.exists()


def test_import_refuses_what_is_no_model(library: Library, tmp_path: Path) -> None:
    (tmp_path / "page.gguf").write_text("<html>")
    with pytest.raises(UserFacingError, match="web page"):
        library.import_file(tmp_path / "page.gguf")
    with pytest.raises(UserFacingError, match="cannot be read"):
        library.import_file(tmp_path / "none.gguf")
    for kind, architecture, what in (
        ("adapter", "llama", "LoRA adapter"),
        ("mmproj", "clip", "projector"),
        ("model", "clip", "projector"),
        ("model", "nomic-bert", "embedding model"),
        ("imatrix", "", "importance matrix"),
    ):
        path = write_gguf(tmp_path / f"{kind}.gguf", kind=kind, architecture=architecture)
        with pytest.raises(UserFacingError, match=f"This is an? {what}"):
            library.import_file(path)
    assert library.installed() == ()


def test_import_refuses_vocabularies_and_parts(library: Library, tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "vocabulary.gguf", "qwen2")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(UserFacingError, match="vocabulary only"):
        library.import_file(tmp_path / "vocabulary.gguf")
    writer = gguf.GGUFWriter(tmp_path / "part.gguf", "qwen2")
    writer.add_uint16("split.count", 3)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(UserFacingError, match="only one part"):
        library.import_file(tmp_path / "part.gguf")


def test_a_damaged_download_is_set_aside(library: Library) -> None:
    wrong = CONTENT[:100_000] + bytes([CONTENT[100_000] ^ 1]) + CONTENT[100_001:]
    path = _put(library, wrong)
    assert not library.verify("model")
    assert library.installed() == ()
    assert (library.folder / f"{path.name}.bad-1").read_bytes() == wrong
    assert not note_path(path).exists()


def test_verify_of_an_imported_file_compares_with_the_first_time(library: Library, own: Path) -> None:
    model = library.import_file(own)
    assert library.verify(model.id)
    content = bytearray(own.read_bytes())
    content[-1] ^= 1
    own.write_bytes(content)
    assert not library.verify(model.id)
    assert own.exists(), "it is the user's own"
    library.import_file(own)
    assert library.verify(model.id), "imported anew it is what the user wants it to be"


def test_verify_notices_that_an_imported_file_was_cut(library: Library, own: Path) -> None:
    model = library.import_file(own)
    with own.open("r+b") as stream:
        stream.truncate(own.stat().st_size - 100)
    with pytest.raises(UserFacingError, match="incomplete"):
        library.verify(model.id)


def test_verify_reports_and_can_be_cancelled(library: Library) -> None:
    path = library.folder / SPEC.file
    library.folder.mkdir()
    big = model_bytes(40_000_000)
    path.write_bytes(big)
    spec = spec_of(big, None)
    library = Library(library.folder, library.folder, Catalog((spec,), "model"))
    told: list[tuple[int, int]] = []
    assert library.verify("model", lambda done, total: told.append((done, total)))
    assert [total for _, total in told] == [len(big)] * len(told)
    assert told[-1][0] == len(big) and len(told) == 3
    stop = threading.Event()
    with pytest.raises(Cancelled):
        library.verify("model", lambda done, total: stop.set(), stop.is_set)


def test_an_unreadable_folder_is_said(library: Library) -> None:
    library.folder.write_text("a file, not a folder")
    with pytest.raises(UserFacingError) as caught:
        library.installed()
    assert caught.value.title == "The model folder cannot be read."
    assert str(library.folder) in caught.value.detail


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("{", "The list of imported models was malformed."),
        ("[]", "The list of imported models was malformed."),
        ('{"version": 1, "files": [5]}', "The list of imported models was malformed."),
        ('{"version": 1, "files": [{"path": 1, "name": "", "size": 1}]}', "The list of imported models was malformed."),
        ('{"version": 2, "files": "unknown"}', "The list of imported models was written by a newer Catnap."),
    ],
)
def test_a_broken_list_of_imports_is_kept_aside_and_said_once(
    library: Library, own: Path, tmp_path: Path, text: str, title: str
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "imports.json").write_text(text)
    assert not library.load_problems
    assert library.installed() == ()
    (problem,) = library.load_problems
    assert problem.title == title
    (aside,) = state.iterdir()
    assert aside.read_text() == text and aside.name in problem.detail
    library.import_file(own)
    assert _ids(library) == [f"file:{own}"]


def test_imports_that_cannot_be_saved_are_said(library: Library, own: Path, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, not a folder")
    with pytest.raises(UserFacingError, match="could not be saved"):
        library.import_file(own)


def test_the_list_of_imports_carries_a_version(library: Library, own: Path, tmp_path: Path) -> None:
    library.import_file(own)
    document = json.loads((tmp_path / "state" / "imports.json").read_text(encoding="utf-8"))
    assert document["version"] == 1
    assert document["files"][0]["path"] == str(own)


def test_a_relative_path_in_the_list_of_imports_is_one_from_its_folder_on(
    library: Library, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a list that somebody has edited, and a program that was started anywhere
    library.import_file(own)
    file = tmp_path / "state" / "imports.json"
    relative = os.path.relpath(own, file.parent)
    file.write_text(file.read_text(encoding="utf-8").replace(str(own), relative), encoding="utf-8")
    monkeypatch.chdir("/")
    # THEN the file is found
    (model,) = library.installed()
    assert (model.id, model.missing) == (f"file:{own}", False)


def test_notes_that_make_no_sense_are_no_notes(library: Library) -> None:
    path = _put(library)
    for text in ("", "[]", '{"version": 2}', '{"version": 1, "sha256": null, "size": 1, "mtime_ns": "x"}'):
        note_path(path).write_text(text)
        assert not is_noted(path, SPEC.sha256)
    write_note(path, "0" * 64)
    assert not library.is_verified("model")


def test_hash_of_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert hash_file(tmp_path / "empty").startswith("e3b0c44298fc1c14")


def test_with_an_empty_catalogue_imports_stay_usable(tmp_path: Path, own: Path) -> None:
    library = Library(tmp_path / "models", tmp_path / "state", Catalog((), ""))
    library.import_file(own)
    assert _ids(library) == [f"file:{own}"]
