"""Layers that can go are found, and models are written without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.distillation.client import AskedModel
from desktop.gguf.header import read_header
from desktop.student.judging import judge
from desktop.student.project import Project
from desktop.student.pruning import LayerSearch, Try, write_pruned
from desktop.student.sequences import read_sequences


@pytest.fixture
def search(collected: Project) -> LayerSearch:
    (collected.folder / "search.json").unlink(missing_ok=True)
    return LayerSearch(collected, layers=6, tokens=24, threads=1)


def test_each_layer_has_an_influence(search: LayerSearch) -> None:
    influence = search.influence()
    assert len(influence) == 6 and all(0 <= each <= 2 for each in influence)
    assert search.influence() == influence


def test_the_best_of_what_was_tried_is_found_and_a_second_search_tries_nothing(
    search: LayerSearch, collected: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert search.tries(4, 3) == 6
    steps = list(search.steps(4, 3))
    assert [step.done for step in steps] == [*range(6), 6] and steps[0].best is None
    best = steps[-1].best
    assert best is not None and len(best.without) == 2
    # THEN none of the other tries of its round is better
    again = LayerSearch(collected, layers=6, tokens=24, threads=1)
    first = [again.judge((layer,)) for layer in sorted(range(6), key=lambda each: again.influence()[each])[:3]]
    kept = min(first, key=lambda each: round(each.kl, 3)).without[0]
    assert kept in best.without
    # AND what was tried is known
    monkeypatch.setattr("desktop.student.pruning.rewrite_model", None)
    assert list(again.steps(4, 3))[-1].best == best
    # BUT not for other answers
    with pytest.raises(TypeError):
        LayerSearch(collected, layers=6, tokens=8, threads=1).judge(best.without)


def test_it_goes_by_answers_that_are_learnt_from(search: LayerSearch, collected: Project) -> None:
    learnt_from = {answer.id for answer in read_sequences(collected.collected)}
    assert {answer.id for answer in search.sequences} <= learnt_from
    assert sum(answer.length for answer in search.sequences) == 24


def test_equal_tries_are_parted_by_agreement_then_influence_then_the_later_layer(search: LayerSearch) -> None:
    influence = list(search.influence())
    influence[2] = influence[3] = influence[4]
    search._influence = tuple(influence)
    tries = [Try((2,), 0.5001, 0.5), Try((3,), 0.5004, 0.6), Try((4,), 0.4999, 0.6), Try((1,), 0.51, 0.9)]
    assert min(tries, key=lambda each: search._order(each, ())).without == (4,)


def test_a_pruned_model_has_fewer_layers_and_a_name_and_answers(collected: Project, search: LayerSearch) -> None:
    target = write_pruned(collected, (1, 4), 6, collected.student("four"), 1)
    header = read_header(target)
    assert header.n_layers == 4 and header.name == "tiny, 4 of 6 layers"
    assert header.file_size < read_header(collected.teacher).file_size
    with AskedModel(target, 256) as model:
        figures = judge(model, read_sequences(collected.held_out))
    assert figures.tokens > 0 and figures.kl.value > 0
    with pytest.raises(UserFacingError, match="such a student already"):
        write_pruned(collected, (1,), 6, collected.student("four"), 1)
    assert {path.suffix for path in target.parent.iterdir()} == {target.suffix}, "nothing half is left"
    target.unlink()


def test_without_answers_there_is_nothing_to_go_by(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UserFacingError, match="cannot be read"):
        LayerSearch(project, layers=6, tokens=24, threads=1)
