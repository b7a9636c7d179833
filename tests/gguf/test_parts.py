"""Models in several files: their names, and their headers added up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.gguf.header import read_header
from desktop.gguf.parts import first_part, model_identity, part_name, part_paths, present_parts
from tests.support.gguf_files import write_gguf
from tests.support.split_models import split_model


@pytest.fixture
def parts(tmp_path: Path, tiny_model: Path) -> tuple[Path, ...]:
    return split_model(tiny_model, tmp_path / "split")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("x-00001-of-00003.gguf", ("x", 1, 3)),
        ("x-00003-of-00003.gguf", ("x", 3, 3)),
        ("a/b-00002-of-00010.gguf", ("a/b", 2, 10)),
        ("模型-00002-of-00010.gguf", ("模型", 2, 10)),
        ("x-00001-of-00001.gguf", None),
        ("x-00000-of-00003.gguf", None),
        ("x-00004-of-00003.gguf", None),
        ("x-00001-of-99999.gguf", None),
        ("x-1-of-3.gguf", None),
        ("-00001-of-00003.gguf", None),
        ("x-00001-of-00003.gguf.part", None),
        ("x.gguf", None),
    ],
)
def test_names_of_parts(name: str, found: tuple[str, int, int] | None) -> None:
    named = part_name(name)
    assert (named and (named.prefix, named.number, named.count)) == found


def test_every_part_leads_to_the_first_and_that_to_all(parts: tuple[Path, ...]) -> None:
    assert {first_part(part) for part in parts} == {parts[0]}
    assert part_paths(parts[0]) == parts
    assert part_paths(parts[1]) == (parts[1],)


def test_a_file_that_only_looks_like_a_part_stays_alone(tmp_path: Path) -> None:
    lonely = write_gguf(tmp_path / "x-00001-of-00002.gguf")
    assert present_parts(lonely) == (lonely,)
    assert read_header(lonely).files == 1


def test_the_header_of_the_first_part_counts_all_of_them_in(parts: tuple[Path, ...], tiny_model: Path) -> None:
    whole, joined = read_header(tiny_model), read_header(parts[0])
    assert (joined.files, whole.files) == (3, 1)
    assert joined.file_size == sum(part.stat().st_size for part in parts)
    assert joined.parameters == whole.parameters
    assert sorted(tensor.name for tensor in joined.tensors) == sorted(tensor.name for tensor in whole.tensors)
    assert joined.context_trained == whole.context_trained
    assert read_header(parts[2]) == joined


def test_missing_parts_are_named(parts: tuple[Path, ...]) -> None:
    parts[1].unlink()
    for part in (parts[0], parts[2]):
        with pytest.raises(UserFacingError, match="missing") as caught:
            read_header(part)
        assert parts[1].name in caught.value.detail
        assert parts[0].name not in caught.value.detail


def test_a_part_under_another_name_is_told_which_it_is(parts: tuple[Path, ...], tmp_path: Path) -> None:
    renamed = tmp_path / "mine.gguf"
    shutil.copy(parts[1], renamed)
    with pytest.raises(UserFacingError, match="name does not say") as caught:
        read_header(renamed)
    assert "part 2 of 3" in caught.value.detail


def test_parts_of_two_models_are_not_taken_for_one(parts: tuple[Path, ...]) -> None:
    shutil.copy(parts[2], parts[1])
    with pytest.raises(UserFacingError, match="do not belong together"):
        read_header(parts[0])


def test_an_incomplete_part_is_named(parts: tuple[Path, ...]) -> None:
    parts[2].write_bytes(parts[2].read_bytes()[:-100])
    with pytest.raises(UserFacingError, match="incomplete") as caught:
        read_header(parts[0])
    assert parts[2].name in caught.value.detail


def test_the_identity_of_a_model_is_that_of_all_its_parts(parts: tuple[Path, ...], tiny_model: Path) -> None:
    before = model_identity(parts[0])
    assert before == model_identity(parts[0])
    assert before.size == sum(part.stat().st_size for part in parts)
    parts[2].write_bytes(parts[2].read_bytes())
    assert model_identity(parts[0]) != before
    assert model_identity(tiny_model).inode == tiny_model.stat().st_ino
