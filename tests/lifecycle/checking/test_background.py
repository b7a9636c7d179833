"""A check in the background, with the real engine: it ends, it pauses at once, it says what went wrong."""

from __future__ import annotations

from pathlib import Path

from desktop.check.store import ResultStore, Setup
from desktop.check.tasks import TaskSet
from desktop.check.types import Kind, Language, Outcome, Task
from desktop.engine.types import EngineConfig
from desktop.lifecycle.checking.background import BackgroundCheck, CheckPhase
from tests.support.patience import PATIENCE_S, wait_for

SETUP = Setup("Parrot", "a" * 24, "F16", "f16", "1.0", "b" * 24)


def make_tasks(count: int, tokens: int = 64) -> TaskSet:
    expect = {"type": "any", "words": ["parrot"]}
    return TaskSet(
        "",
        tuple(
            Task(f"t{at}", Kind.FACTS, Language.ENGLISH, f"Who are you, {at}?", expect, max_tokens=tokens)
            for at in range(count)
        ),
    )


def test_it_runs_to_its_end_and_keeps_everything(tmp_path: Path, parrot_model: Path) -> None:
    store = ResultStore(tmp_path / "checks")
    tasks = make_tasks(3)
    check = BackgroundCheck(lambda: (tasks, EngineConfig(parrot_model), SETUP), store)
    check.begin()
    assert check.wait(PATIENCE_S)
    assert check.has_ended
    assert check.state.phase is CheckPhase.DONE
    assert check.state.progress is not None
    assert (check.state.progress.done, check.state.progress.total) == (3, 3)
    assert [each.outcome for each in store.open(SETUP).results] == [Outcome.RIGHT] * 3


def test_it_pauses_in_the_middle_of_an_answer_and_another_one_goes_on(
    tmp_path: Path, endless_parrot_model: Path, parrot_model: Path
) -> None:
    # GIVEN a check whose first answer would take for ever
    store = ResultStore(tmp_path / "checks")
    tasks = make_tasks(2, 2_000)
    check = BackgroundCheck(lambda: (tasks, EngineConfig(endless_parrot_model, n_ctx=4096), SETUP), store)
    check.begin()
    wait_for("the first question", lambda: check.state.progress)
    # WHEN it is paused
    check.pause()
    # THEN it ends, with its engine, and nothing half was kept
    assert check.wait(PATIENCE_S)
    assert check.state.phase is CheckPhase.PAUSED
    assert not store.open(SETUP).results
    # AND another one does all of it
    again = BackgroundCheck(lambda: (tasks, EngineConfig(parrot_model), SETUP), store)
    again.begin()
    assert again.wait(PATIENCE_S)
    assert again.state.phase is CheckPhase.DONE
    assert len(store.open(SETUP).results) == 2


def test_one_that_was_paused_before_it_began_asks_nothing(tmp_path: Path, parrot_model: Path) -> None:
    store = ResultStore(tmp_path / "checks")
    check = BackgroundCheck(lambda: (make_tasks(2), EngineConfig(parrot_model), SETUP), store)
    check.pause()
    check.begin()
    assert check.wait(PATIENCE_S)
    assert check.state.phase is CheckPhase.PAUSED
    assert not store.open(SETUP).results


def test_a_model_that_cannot_be_loaded_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing more")
    check = BackgroundCheck(lambda: (make_tasks(1), EngineConfig(broken), SETUP), ResultStore(tmp_path / "checks"))
    check.begin()
    assert check.wait(PATIENCE_S)
    assert check.state.phase is CheckPhase.FAILED
    assert check.state.error is not None
    assert check.state.error.title


def test_results_that_cannot_be_written_end_it_with_a_sentence(tmp_path: Path, parrot_model: Path) -> None:
    (tmp_path / "checks").write_text("in the way")
    check = BackgroundCheck(
        lambda: (make_tasks(1), EngineConfig(parrot_model), SETUP), ResultStore(tmp_path / "checks")
    )
    check.begin()
    assert check.wait(PATIENCE_S)
    assert check.state.phase is CheckPhase.FAILED
    assert check.state.error is not None
