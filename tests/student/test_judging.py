"""How far a model is from its teacher, and how sure that is."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from desktop.engine.distillation.client import AskedModel
from desktop.student.checking import Line, verdict
from desktop.student.judging import ModelFigures, PromptFigures, divergence, judge
from desktop.student.project import Project
from desktop.student.sequences import read_sequences
from tests.support.tiny import make_tiny


def test_the_divergence_is_that_of_the_whole_where_all_is_kept() -> None:
    mine, theirs = (1.0, 0.0, -2.0), (0.5, 0.5, 0.5)
    total, their_total = (math.log(sum(map(math.exp, each))) for each in (mine, theirs))
    right = sum(math.exp(x - total) * (x - total - math.log(1 / 3)) for x in mine)
    assert divergence(mine, total, theirs, their_total) == pytest.approx(right)
    # THEN a rest as one makes it smaller, never larger
    part = divergence(mine[:1], total, theirs[:1], their_total)
    assert 0 < part < right
    assert divergence(mine, total, mine, total) == 0


def test_a_teacher_is_no_way_from_itself_and_another_model_is(
    collected: Project, asked: AskedModel, tmp_path: Path
) -> None:
    held_out = list(read_sequences(collected.held_out))
    same = judge(asked, held_out)
    assert same.kl.value < 2e-3 and same.top1.value == 1.0
    with AskedModel(make_tiny(tmp_path / "other.gguf", layers=6, ascii_only=True, seed=2), 256) as model:
        other = judge(model, held_out)
    assert other.kl.value > 0.5 and other.top1.value < 0.5 and other.perplexity.value > same.perplexity.value
    # AND few logits give the same order
    assert judge(asked, held_out, 8).kl.value < 2e-3
    assert other.further_than(same).interval.low > 0


def test_an_interval_holds_the_figure_and_is_the_same_each_time() -> None:
    figures = ModelFigures(tuple(PromptFigures(f"{n}", 10, float(n), n % 10, 5.0) for n in range(20)))
    assert figures.kl.value == pytest.approx(0.95)
    assert figures.kl.interval.low < 0.95 < figures.kl.interval.high
    assert figures.kl == ModelFigures(figures.prompts).kl
    alike = ModelFigures(tuple(PromptFigures(f"{n}", 10, 9.5, 5, 5.0) for n in range(20)))
    assert alike.kl.interval.low == alike.kl.interval.high == pytest.approx(0.95)
    assert figures.perplexity.value == pytest.approx(math.exp(0.5))


def line(name: str, size: int, *kl: float) -> Line:
    return Line(name, size, ModelFigures(tuple(PromptFigures(f"{n}", 1, each, 1, 1.0) for n, each in enumerate(kl))))


def test_a_student_is_held_against_the_best_of_its_size() -> None:
    plain = [line("teacher", 100, *[0.0] * 9), line("Q4", 60, *[0.3] * 9), line("Q2", 40, *[2.0] * 9)]
    better = verdict(line("good", 60, *[0.1, 0.2, 0.15] * 3), plain)
    assert better.beats and "good beats plain quantisation for the same bytes: KL 0.150 against 0.300" in better.words
    worse = verdict(line("bad", 59, *[2.5] * 9), plain)
    assert not worse.beats and "bad does not beat plain quantisation for the same bytes" in worse.words
    assert "2.000 of Q2" in worse.words, "Q4 is larger, so it is no rival"
    unsure = verdict(line("so so", 60, *[0.2, 0.4, 0.3] * 3), plain)
    assert not unsure.beats and "beyond chance" in unsure.words
    small = verdict(line("tiny", 10, *[5.0] * 9), plain)
    assert not small.beats and "smaller than any plain quantisation" in small.words
