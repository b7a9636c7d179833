"""What small sums are made of: the model's arithmetic, the terms of the loss, lessons in another vocabulary.

PyTorch comes from the environment that `make student` makes; the rest, NumPy included, from that of the tests.
"""

from __future__ import annotations

import json
import math
import struct
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from desktop.engine.distillation.client import AskedModel, rewrite_model
from desktop.engine.distillation.messages import Rewrite
from desktop.student.environment import default_folder
from desktop.student.judging import divergence as judged_divergence
from desktop.student.project import Project
from desktop.student.pruning import write_pruned
from desktop.student.sequences import read_sequences
from desktop.student.training.pieces import write_pieces
from desktop.student.training.preparation import prepare_training
from desktop.student.training.settings import Job, TrainingSettings
from tests.student.conftest import collect, make_project
from tests.support.tiny import make_tiny

_VERSION = f"python{sys.version_info[0]}.{sys.version_info[1]}"
sys.path.append(str(default_folder() / "lib" / _VERSION / "site-packages"))

torch = pytest.importorskip("torch", reason="make student")

from desktop.student.training.inside import losses  # noqa: E402
from desktop.student.training.inside.adapters import make_adapters, with_adapters  # noqa: E402
from desktop.student.training.inside.lessons import Alignment, Lessons, aligned, batch_of, read_lessons  # noqa: E402
from desktop.student.training.inside.loop import Training  # noqa: E402
from desktop.student.training.inside.model import Shape, pack, read  # noqa: E402
from desktop.student.training.inside.output import best_tokens, token_logs  # noqa: E402
from desktop.student.training.inside.preparing import prepare  # noqa: E402
from desktop.student.training.inside.updates import TIMED, rate_at, warm_share  # noqa: E402
from desktop.student.training.inside.weights import load, save  # noqa: E402

CPU = torch.device("cpu")


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "qwen3"])
def test_the_arithmetic_is_that_of_llama_cpp(architecture: str, tmp_path: Path) -> None:
    teacher = make_tiny(tmp_path / "t.gguf", architecture=architecture, layers=3, ascii_only=True)
    project = make_project(tmp_path / "project", teacher)
    with AskedModel(teacher, 256) as asked:
        collect(project, asked)
    start = tmp_path / "start.gguf"
    rewrite_model(Rewrite(teacher, start, "F16", 0))
    header, weights = load(start)
    lessons = read_lessons([project.held_out], (), None, 0.0)
    batch = batch_of([lessons.lesson(number) for number in range(len(lessons))], CPU)
    assert batch.texts.shared > 5  # what the template begins with is computed once
    student = read(weights, Shape.of(header), batch.texts, batch.places)
    assert float(losses.divergence(student.logs(batch.ids), batch.chances[0]).mean()) < 0.002
    assert float((student.best() == batch.ids[:, 0]).float().mean()) > 0.9


def test_texts_read_together_are_read_as_each_alone(collected: Project, teacher: Path, tmp_path: Path) -> None:
    start = tmp_path / "start.gguf"
    rewrite_model(Rewrite(teacher, start, "F16", 0))
    header, weights = load(start)
    lessons = read_lessons([collected.collected], (), None, 0.0)
    together = [lessons.lesson(0), lessons.lesson(0), lessons.lesson(1)]
    batch = batch_of(together, CPU)
    whole = read(weights, Shape.of(header), batch.texts, batch.places).last
    begin = 0
    for lesson in together:
        alone = batch_of([lesson], CPU)
        part = read(weights, Shape.of(header), alone.texts, alone.places).last
        torch.testing.assert_close(part, whole[begin : begin + len(part)], atol=1e-4, rtol=1e-4)
        begin += len(part)


def test_what_is_written_is_what_was_read(teacher: Path, tmp_path: Path) -> None:
    start, copy = tmp_path / "start.gguf", tmp_path / "copy.gguf"
    rewrite_model(Rewrite(teacher, start, "F16", 0))
    _, weights = load(start)
    save(start, copy, weights)
    assert copy.read_bytes() == start.read_bytes()
    # AND a tensor that was changed is another one, and nothing else is
    name = "blk.2.ffn_up.weight"
    save(start, copy, {name: weights[name] + 1})
    _, changed = load(copy)
    assert {each for each in weights if not torch.equal(weights[each], changed[each])} == {name}


def test_the_divergence_is_the_one_that_students_are_judged_by() -> None:
    chance = torch.Generator().manual_seed(3)
    teacher, student = (3 * torch.randn(7, 50, generator=chance) for _ in range(2))
    best, ids = teacher.topk(10)
    totals = torch.logsumexp(teacher, -1)
    chances = (best - totals[:, None]).exp()
    logs = torch.log_softmax(student, -1).gather(1, ids)
    found = losses.divergence(logs, chances)
    for row in range(7):
        wanted = judged_divergence(
            best[row].tolist(),
            float(totals[row]),
            student[row, ids[row]].tolist(),
            float(torch.logsumexp(student[row], -1)),
        )
        assert float(found[row]) == pytest.approx(wanted, abs=1e-4)
    # AND of all tokens, at another temperature, the textbook's
    whole, order = teacher.topk(50)
    warm = torch.softmax(whole / 2, -1)
    theirs = torch.log_softmax(student / 2, -1).gather(1, order)
    textbook = (warm * (warm.log() - theirs)).sum(-1)
    torch.testing.assert_close(losses.divergence(theirs, warm), textbook, atol=1e-4, rtol=1e-3)
    # AND it is nothing where both think the same, even where some tokens do not count
    chances[:, 3] = 0
    assert float(losses.divergence(best - totals[:, None], chances).abs().max()) < 1e-4


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_what_is_thought_of_tokens_and_its_gradient_are_those_of_the_long_way(temperature: float) -> None:
    chance = torch.Generator().manual_seed(4)
    last, output = torch.randn(37, 12, generator=chance), torch.randn(90, 12, generator=chance)
    ids = torch.randint(90, (37, 5), generator=chance)
    weights = torch.randn(37, 5, generator=chance)
    gradients = []
    for is_short in (True, False):
        one, other = last.clone().requires_grad_(True), output.clone().requires_grad_(True)
        logs = (
            token_logs(one, other, ids, temperature)
            if is_short
            else torch.log_softmax(one @ other.t() / temperature, -1).gather(1, ids)
        )
        (logs * weights).sum().backward()
        gradients.append((logs, one.grad, other.grad))
    for mine, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-4, rtol=1e-4)
    assert best_tokens(last, output).tolist() == (last @ output.t()).argmax(-1).tolist()


def test_other_terms_are_nothing_where_nothing_is_apart() -> None:
    states = torch.randn(4, 16, generator=torch.Generator().manual_seed(1))
    assert float(losses.hidden_distance(states, 3 * states, None).abs().max()) < 1e-5
    assert float(losses.hidden_distance(states, states, torch.eye(16)).abs().max()) < 1e-9
    assert float(losses.hidden_distance(states, -states, None).min()) == pytest.approx(2, abs=1e-5)
    logs = torch.log_softmax(states, -1)
    assert float(losses.consistency(logs[:, :3], logs[:, :3]).abs().max()) < 1e-5
    assert float(losses.consistency(logs[:, :3], logs.flip(-1)[:, :3]).min()) > 0
    assert float(losses.mean_where(torch.tensor([1.0, 5.0]), torch.tensor([True, False]))) == 1


def test_the_last_part_of_an_answer_can_be_left_out(collected: Project) -> None:
    sequences = [*read_sequences(collected.collected)]
    lesson = Lessons(sequences, masked_tail=0.25).lesson(0)
    assert lesson.counts.tolist() == [True] * 6 + [False] * 2
    assert Lessons(sequences, masked_tail=0.25).whole().lesson(0).counts.all()


def test_adapters_change_nothing_before_they_have_learnt() -> None:
    weights = {"blk.0.ffn_up.weight": torch.ones(6, 4), "blk.0.ffn_norm.weight": torch.ones(4)}
    adapters = make_adapters(weights, ["blk.0.ffn_up.weight"], 2, seed=1)
    assert all(torch.equal(each, weights[name]) for name, each in with_adapters(weights, adapters).items())
    adapters["blk.0.ffn_up.weight.up"] += 1
    assert not torch.equal(with_adapters(weights, adapters)["blk.0.ffn_up.weight"], weights["blk.0.ffn_up.weight"])
    assert sum(each.numel() for each in adapters.values()) == 2 * (6 + 4)


def test_rates_rise_stay_and_fall_and_do_not_hang_on_a_length_that_is_not_known_yet() -> None:
    settings = TrainingSettings(rate=1.0, warm_up=4, falling=0.5)
    rates = [rate_at(step, 100, settings) for step in range(100)]
    assert rates[:4] == [0.25, 0.5, 0.75, 1.0] and rates[49] == 1.0 and 0 < rates[99] < 0.03
    assert rates == sorted(rates[:4]) + sorted(rates[4:], reverse=True)
    eager = replace(settings, warm_up=0, falling=1.0)
    for step in range(TIMED):
        assert rate_at(step, 0, eager) == rate_at(step, 40, eager) and warm_share(step, 0) == warm_share(step, 40)
    assert warm_share(39, 40) == 0


def test_what_has_no_partner_is_left_out_of_the_loss(collected: Project, tmp_path: Path) -> None:
    sequence = next(read_sequences(collected.collected))
    lesson = Lessons([sequence]).lesson(0)
    vocabulary = sequence.layout.vocabulary
    # GIVEN a vocabulary without the best token of the first place, in which two others are one
    lost, one, other = (int(token) for token in lesson.ids[0, :3])
    partners = np.arange(vocabulary)
    partners[lost], partners[other] = -1, one
    made = aligned(lesson, Alignment(sequence.tokens, sequence.first, tuple(range(8))), partners)
    # THEN what is left is made whole again, and the two have what both had
    rest = 1 - float(lesson.chances[0, 0, 0])
    together = float(lesson.chances[0, 0, 1] + lesson.chances[0, 0, 2])
    assert float(made.chances[0, 0, 1]) == pytest.approx(together / rest, rel=1e-4)
    assert made.chances[0, 0, 0] == 0 and made.chances[0, 0, 2] == 0
    # AND where most of the probability is lost nothing is learnt, nor where no token begins at the same place
    assert bool(made.counts[0]) == (float(lesson.chances[0, 0, 0]) < 0.5)
    places = (0, -1, 1, 2, 3, 4, 5, 6)
    made = aligned(lesson, Alignment(sequence.tokens, sequence.first, places), np.arange(vocabulary))
    assert made.counts.tolist() == [True] * 7 + [False]
    assert made.ids[1].tolist() == lesson.ids[2].tolist()


def test_pieces_stand_where_the_token_begins(collected: Project, tmp_path: Path) -> None:
    sequence = next(read_sequences(collected.collected))
    pieces: list[tuple[int, ...]] = [(token,) for token in range(sequence.layout.vocabulary)]
    long = sequence.tokens[sequence.first]
    pieces[long] = (7, 8)
    write_pieces(tmp_path / "a", [sequence], pieces)
    lines = (tmp_path / "a").read_text(encoding="ascii").splitlines()
    tokens, first, places = json.loads(lines[1])
    assert json.loads(lines[0])[long] == 7
    assert tokens[first : first + 2] == [7, 8] and places[:2] == [0, 2]
    assert math.isclose(len(tokens) - first, 8 + sum(token == long for token in sequence.tokens[sequence.first :]))
    assert pack([tokens, tokens], CPU).shared == len(tokens) - 1


def test_where_a_teacher_of_other_tokens_thought_nothing_only_the_token_itself_is_learnt(collected: Project) -> None:
    sequence = next(read_sequences(collected.collected))
    size = len(sequence.thoughts) // sequence.length
    unknown = struct.pack("<f", -1e4) + sequence.thoughts[4:size]  # the first place, with no chance for any best token
    lesson = Lessons([replace(sequence, thoughts=unknown + sequence.thoughts[size:])]).lesson(0)
    assert lesson.counts.tolist() == [False] + [True] * (sequence.length - 1)
    assert len(lesson.targets) == sequence.length


class Processor:
    """A clock of the processor that a step takes on by as much as other work lets it."""

    def __init__(self) -> None:
        self.spent = 0.0
        self.each = 0.1

    def __call__(self) -> float:
        return self.spent


@pytest.mark.parametrize("later", [0.02, 0.3], ids=["left alone", "beside other work"])
def test_a_training_keeps_to_its_minutes_whatever_else_begins(
    later: float, collected: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = TrainingSettings(
        steps=0, minutes=0.2, batch=2, every=10, validation=2, patience=0, precision="f32", device="cpu"
    )
    name = f"paced-{later}"
    student = write_pruned(collected, (1, 4), 6, collected.student(name), 1)
    folder = prepare_training(collected, student, f"{name}-trained", settings, left_out=[])
    processor, step = Processor(), Training._step

    def timed(training: Training) -> float:
        processor.spent += later if training.progress.step >= 25 else processor.each
        return step(training)

    monkeypatch.setattr("time.process_time", processor)
    monkeypatch.setattr(Training, "_step", timed)
    training, _said = prepare(Job.read(folder))
    planned = set()
    for _ in training.steps(lambda: False):
        planned.add(training.progress.steps)
    # The twelve seconds were planned as 120 steps, and are kept to when steps turn out longer or shorter.
    assert 120 in planned and len(planned) > 2
    assert training.progress.step == training.progress.steps and processor.spent == pytest.approx(12, rel=0.06)
