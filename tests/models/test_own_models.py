"""Models of the user's own: what they are, their names, files put into the folder by hand, models in several files."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.gguf.kind import ModelKind
from desktop.models.additions import Additions, added_spec
from desktop.models.imports import ImportedFile, Imports
from desktop.models.library import Library
from desktop.models.remembered.checksums import hash_file, write_note
from desktop.models.remembered.facts import ModelFacts
from desktop.models.types import AddedSpec, Catalog, InstalledModel, MirrorKind, ModelPiece
from tests.support.gguf_files import write_gguf
from tests.support.split_models import split_model

EMPTY = Catalog((), "")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "models").mkdir()
    return Library(tmp_path / "models", tmp_path / "state", EMPTY)


def only(library: Library) -> InstalledModel:
    (model,) = library.installed()
    return model


def test_a_file_put_into_the_folder_by_hand_is_an_own_model(library: Library) -> None:
    # GIVEN a model file of an unknown name in the model folder WHEN one looks THEN it is there, with what it says
    path = write_gguf(library.folder / "Some-1B-Instruct.gguf", name="")
    model = only(library)
    assert (model.id, model.name, model.path) == (f"file:{path}", "Some-1B-Instruct", path)
    assert model.size == path.stat().st_size
    assert model.facts is not None and model.facts.kind is ModelKind.CHAT
    assert library.path_of(model.id) == path
    assert model.needs_trial


def test_its_header_is_read_once(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_gguf(library.folder / "own.gguf")
    before = library.installed()
    read: list[Path] = []
    monkeypatch.setattr("desktop.models.remembered.facts.read_header", read.append)
    assert library.installed() == before
    assert read == []
    os.utime(path, (1, 1))
    with pytest.raises(AttributeError):  # it is read again, and this one returns nothing
        library.installed()
    assert read == [path]


def test_what_is_no_model_is_listed_with_what_it_is(library: Library) -> None:
    write_gguf(library.folder / "mmproj-f16.gguf", architecture="clip", kind="mmproj")
    model = only(library)
    assert model.is_bad and model.verdict is not None and model.verdict.problem is not None
    assert "projector" in model.verdict.problem.title


def test_what_cannot_be_read_says_why(library: Library) -> None:
    (library.folder / "half.gguf").write_bytes(b"GGUF\x03\x00\x00\x00")
    (library.folder / "page.gguf").write_text("<html>login")
    half, page = library.installed()
    assert half.is_bad and page.is_bad
    assert page.verdict is not None and "web page" in page.verdict.title


def test_unfinished_and_hidden_files_and_folders_are_passed_over(library: Library) -> None:
    for name in ("a.gguf.part", ".b.gguf", "c.gguf.bad-1", "d.txt"):
        (library.folder / name).write_bytes(b"GGUF")
    (library.folder / "folder.gguf").mkdir()
    assert library.installed() == ()


def test_removed_from_the_list_it_stays_off_the_list_until_it_is_imported(library: Library) -> None:
    path = write_gguf(library.folder / "own.gguf")
    library.remove(only(library).id)
    assert library.installed() == () and path.exists()
    library.import_file(path)
    assert only(library).path == path


def test_renamed_it_keeps_its_file_and_another_look_finds_the_name(library: Library, tmp_path: Path) -> None:
    path = write_gguf(library.folder / "own.gguf")
    library.rename(only(library), "  Nina's\n\u202ecat  ", ("de", "EN"))
    model = only(Library(library.folder, tmp_path / "state", EMPTY))
    assert (model.name, model.languages, model.path) == ("Nina's cat", ("de", "en"), path)
    library.rename(model, "", ())
    assert (only(library).name, only(library).languages) == ("own", ())


def test_a_language_that_is_none_is_refused_and_nothing_changes(library: Library) -> None:
    write_gguf(library.folder / "own.gguf")
    with pytest.raises(UserFacingError, match="not the code of a language"):
        library.rename(only(library), "new", ("english",))
    assert only(library).name == "own"


def test_a_name_of_122_letters_stays_whole_here(library: Library) -> None:
    name = "x" * 122
    write_gguf(library.folder / f"{name}.gguf")
    assert only(library).name == name


@pytest.mark.parametrize("given", [0, 1, 2])
def test_any_part_imports_the_model(library: Library, tmp_path: Path, tiny_model: Path, given: int) -> None:
    parts = split_model(tiny_model, tmp_path / "elsewhere")
    model = library.import_file(parts[given])
    assert model.path == parts[0]
    assert model.size == sum(part.stat().st_size for part in parts)
    assert only(library) == model
    assert model.facts is not None and model.facts.files == 3


def test_a_model_in_several_files_is_listed_once(library: Library, tiny_model: Path) -> None:
    parts = split_model(tiny_model, library.folder)
    assert only(library).path == parts[0]
    parts[1].unlink()
    problem = only(library).verdict
    assert problem is not None and "missing" in problem.title and parts[1].name in problem.detail


def test_checking_an_own_model_covers_all_parts(library: Library, tmp_path: Path, tiny_model: Path) -> None:
    parts = split_model(tiny_model, tmp_path / "elsewhere")
    model = library.import_file(parts[0])
    assert library.verify(model.id)
    parts[2].write_bytes(parts[2].read_bytes()[:-1] + b"x")
    assert not library.verify(model.id)


def added(parts: tuple[Path, ...]) -> AddedSpec:
    return added_spec(
        "hf:owner/name/tiny", name="tiny", repo="owner/name", revision="0" * 40, licence="MIT", languages=("en",),
        kind=ModelKind.CHAT, context=0, kv_bytes_per_token=0, mirrors=(MirrorKind.HUGGING_FACE,),
        pieces=tuple(
            ModelPiece(part.name, f"sub/{part.name}", part.stat().st_size, hash_file(part)) for part in parts
        ),
    )  # fmt: skip


def test_an_added_model_in_several_files_is_one_model(library: Library, tiny_model: Path) -> None:
    # GIVEN a model of three files that was added and downloaded
    parts = split_model(tiny_model, library.folder)
    spec = added(parts)
    library.add_spec(spec)
    for part, piece in zip(parts, spec.files, strict=True):
        write_note(part, piece.sha256)
    # THEN it is one model, whole and verified, and yet a stranger's: it must be tried
    model = only(library)
    assert (model.id, model.size, model.is_vouched) == (spec.id, spec.size, True)
    assert model.needs_trial and library.is_verified(spec.id)
    # WHEN one part is damaged THEN that one is set aside
    told: list[tuple[int, int]] = []
    assert library.verify(spec.id, lambda done, total: told.append((done, total)))
    assert told[-1] == (spec.size, spec.size)
    parts[1].write_bytes(b"GGUF" + parts[1].read_bytes()[4:-1] + b"x")
    assert not library.verify(spec.id)
    assert not parts[1].exists() and parts[0].exists() and parts[2].exists()
    # WHEN it is removed THEN all of it goes
    library.remove(spec.id)
    assert [path.name for path in library.folder.iterdir() if "bad" not in path.name] == []
    assert library.added() == ()


def test_an_added_model_is_renamed_in_its_own_list(library: Library, tmp_path: Path, tiny_model: Path) -> None:
    parts = split_model(tiny_model, library.folder)
    library.add_spec(added(parts))
    library.rename(only(library), "My tiny", ("zh",))
    assert (only(library).name, only(library).languages) == ("My tiny", ("zh",))
    library.rename(only(library), "", ("zh",))
    assert only(library).name == "tiny"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b'{"version": 1, "models": [{}]}', b"[" * 200_000, b"\xff",
        b'{"version": 1, "models": "many"}', b'{"version": 1, "models": null}',
    ],
)  # fmt: skip
def test_a_malformed_list_is_set_aside_and_said(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "additions.json"
    file.write_bytes(content)
    additions = Additions(file)
    assert additions.specs() == ()
    assert additions.load_problem is not None and "malformed" in additions.load_problem.title
    (aside,) = tmp_path.glob("additions.broken-*")
    assert aside.read_bytes() == content and str(aside) in additions.load_problem.detail


def test_a_list_of_a_newer_catnap_stays_until_there_is_another(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "state" / "additions.json"
    file.parent.mkdir()
    file.write_text('{"version": 2, "models": []}')
    assert library.added() == ()
    (problem,) = library.load_problems
    assert "newer" in problem.title and file.is_file()
    library.add_spec(
        added_spec(
            "hf:owner/name/x", name="x", repo="owner/name", revision="0" * 40, licence="", languages=(),
            kind=ModelKind.CHAT, context=0, kv_bytes_per_token=0, mirrors=(MirrorKind.HUGGING_FACE,),
            pieces=(ModelPiece("x.gguf", "x.gguf", 1, "0" * 64),),
        )
    )  # fmt: skip
    (aside,) = file.parent.glob("additions.v2-*")
    assert aside.read_text() == '{"version": 2, "models": []}' and len(library.added()) == 1


@pytest.mark.parametrize("name", ["../x.gguf", "CON.gguf", "a\x00.gguf", "x" * 300 + ".gguf", "x.exe", "a/b.gguf"])
def test_a_list_cannot_name_files_outside_of_the_folder(library: Library, tmp_path: Path, name: str) -> None:
    piece = ModelPiece(name, "x.gguf", 1, "0" * 64)
    spec = added_spec(
        "hf:owner/name/x", name="x", repo="owner/name", revision="0" * 40, licence="", languages=(),
        kind=ModelKind.CHAT, context=0, kv_bytes_per_token=0, mirrors=(MirrorKind.HUGGING_FACE,), pieces=(piece,),
    )  # fmt: skip
    with pytest.raises(UserFacingError, match="cannot be added"):
        library.add_spec(spec)
    # Nor can a list that somebody else has written.
    library.add_spec(replace(spec, pieces=(replace(piece, file="x.gguf"),)))
    file = tmp_path / "state" / "additions.json"
    document = json.loads(file.read_text())
    document["models"][0]["files"][0]["file"] = name
    file.write_text(json.dumps(document))
    assert library.added() == () and len(library.load_problems) == 1


def test_facts_that_cannot_be_read_are_read_from_the_files_again(library: Library, tmp_path: Path) -> None:
    write_gguf(library.folder / "own.gguf")
    before = only(library)
    (tmp_path / "state" / "facts.json").write_bytes(b"[" * 100_000)
    after = only(library)
    assert after == before and isinstance(after.facts, ModelFacts)


def test_what_many_import_at_once_is_all_there(tmp_path: Path) -> None:
    files = [ImportedFile(str(tmp_path / f"{number}.gguf"), "own", 1) for number in range(8)]
    with ThreadPoolExecutor(len(files)) as pool:
        list(pool.map(lambda each: Imports(tmp_path / "state" / "imports.json").add(each), files))
    assert {each.path for each in Imports(tmp_path / "state" / "imports.json").files()} == {each.path for each in files}
