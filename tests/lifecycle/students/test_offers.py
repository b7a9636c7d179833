"""The sizes that are offered are those that come out."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.engine.distillation.client import rewrite_model
from desktop.engine.distillation.messages import Rewrite
from desktop.gguf.header import read_header
from desktop.lifecycle.students.offers import offers_of
from desktop.student.exporting import format_of
from tests.support.tiny import make_tiny


@pytest.mark.parametrize(("layers", "stay"), [(30, [22, 20]), (24, [18, 16]), (28, [21, 19]), (12, [9, 8])])
def test_a_quarter_and_a_third_fewer(tmp_path: Path, layers: int, stay: list[int]) -> None:
    offers = offers_of(read_header(make_tiny(tmp_path / "model.gguf", layers=layers)))
    assert [offer.layers for offer in offers] == stay
    assert [offer.is_smallest for offer in offers] == [False, True]


def test_what_has_learnt_is_written_in_another_format_than_its_teacher_came_in(tmp_path: Path) -> None:
    teacher, four = make_tiny(tmp_path / "model.gguf", layers=12), tmp_path / "four.gguf"
    assert {offer.kind for offer in offers_of(read_header(teacher))} == {"Q4_0"}
    rewrite_model(Rewrite(teacher, four, "Q4_0", 0))
    assert {offer.kind for offer in offers_of(read_header(four))} == {"IQ4_NL"}


def test_sizes_that_would_be_the_same_are_offered_once(tmp_path: Path) -> None:
    (offer,) = offers_of(read_header(make_tiny(tmp_path / "model.gguf", layers=6)))
    assert (offer.layers, offer.is_smallest) == (4, True)


def test_nothing_is_offered_of_a_few_layers(tmp_path: Path) -> None:
    assert offers_of(read_header(make_tiny(tmp_path / "model.gguf", layers=4))) == ()


def test_the_size_is_what_is_written(tmp_path: Path) -> None:
    # GIVEN a model, and one that was made smaller of it as the command line does
    teacher = make_tiny(tmp_path / "model.gguf", layers=12)
    pruned, student = tmp_path / "pruned.gguf", tmp_path / "student.gguf"
    rewrite_model(Rewrite(teacher, pruned, "copy", 0, (4, 5, 6)))
    wanted = format_of("Q4_0", plain=False)
    rewrite_model(Rewrite(pruned, student, wanted.kind, 0, embedding=wanted.embedding, others=wanted.others))
    # THEN its size was known before
    (offer, _) = offers_of(read_header(teacher))
    assert offer.size == pytest.approx(student.stat().st_size, rel=0.05)
