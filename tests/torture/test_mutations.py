from __future__ import annotations

import random
from pathlib import Path

import gguf
import pytest

from desktop.gguf.header import read_header
from tests.support.tiny import make_tiny
from tests.torture import document
from tests.torture.bases import REAL, WHOLE, Bases
from tests.torture.cases import CASES
from tests.torture.document import Document, Kind
from tests.torture.models_part import COUNT, Plan, file_name, plans, write
from tests.torture.mutations import KINDS, mutate


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Document:
    return document.read(make_tiny(tmp_path_factory.mktemp("tiny") / "tiny.gguf").read_bytes())


def test_a_file_taken_apart_is_put_together_again(tiny_model: Path) -> None:
    assert document.read(tiny_model.read_bytes()).write() == tiny_model.read_bytes()


def test_the_real_model_cut_down_is_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "real.gguf"
    path.write_bytes(Bases(tmp_path).get(REAL).write())

    header = read_header(path)
    assert (header.n_layers, header.lengths["tokenizer.ggml.tokens"]) == (2, 8192)
    assert header.expected_size <= path.stat().st_size < 11_000_000
    # Read by somebody else, so that what is mutated is not wrong already.
    reader = gguf.GGUFReader(path)
    assert [str(tensor.name) for tensor in reader.tensors] == [tensor.name for tensor in header.tensors]


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutation_is_the_same_for_the_same_seed_and_another_for_another(kind: str, healthy: Document) -> None:
    again = [[mutate(random.Random(seed), kind, healthy) for seed in range(12)] for _ in range(2)]

    assert again[0] == again[1]
    assert len({mutant.content for mutant in again[0]}) > 3
    assert any(mutant.content != healthy.write() for mutant in again[0])


def test_what_is_tried_is_the_same_for_the_same_seed() -> None:
    assert list(plans(1)) == list(plans(1))
    assert list(plans(1)) != list(plans(2))
    # A number stands for the same however many are tried.
    assert list(plans(1, 500)) == list(plans(1))[:500]


def test_enough_is_tried_of_each_kind_and_much_of_it_real() -> None:
    tried = list(plans(1))
    assert len(tried) == COUNT == 1000
    assert sum(plan.base in (REAL, WHOLE) for plan in tried) >= 400
    drawn = [plan.kind for plan in tried[len(CASES) :]]
    assert min(drawn.count(kind) for kind in KINDS) >= 20


def test_no_case_is_there_twice_and_none_leaves_its_model_whole(tmp_path: Path) -> None:
    assert len({(case.base, case.name) for case in CASES}) == len(CASES)
    bases = Bases(tmp_path)
    for number, case in enumerate(CASES):
        if case.base != "tiny":
            continue
        path = tmp_path / "case.gguf"
        write(Plan(number, case.base, case.name, next(plans(1)).manner, ""), bases, path)
        if path.is_file():
            assert path.read_bytes() != bases.get(case.base).write(), case.name
            path.unlink()
        elif path.is_dir():
            path.rmdir()
        else:
            path.unlink()  # a pipe


def test_the_names_of_the_files_are_all_different() -> None:
    names = [file_name(plan) for plan in plans(1)]
    assert len(set(names)) == len(names)
    assert max(len(name.encode("utf-8", "surrogateescape")) for name in names) < 255


def test_counts_and_lengths_say_what_they_are_told(healthy: Document) -> None:
    value = document.scalar("a", Kind.U32, -1)
    assert value.data == b"\xff" * 4
    changed = healthy.with_value(document.text("general.name", b"\xff"))
    assert document.read(changed.write()).get("general.name").data == b"\x01" + bytes(7) + b"\xff"
