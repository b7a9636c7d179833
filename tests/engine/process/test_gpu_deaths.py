"""A process that computes on a graphics processor and dies, or cannot: the processor answers, and it is said why."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.types import (
    Asleep,
    Awake,
    Crashed,
    EngineConfig,
    Failed,
    Finished,
    FinishReason,
    GpuGivenUp,
    SleepReason,
    Work,
)
from tests.support.engine_harness import Harness, config_for, user
from tests.support.gpu import USE
from tests.support.misbehaving import ANSWER, SAID, starting

if os.name != "posix":
    pytest.skip("what misbehaves here uses signals", allow_module_level=True)

MODEL = Path("mine.gguf")
_WHOLE = "".join(ANSWER)


def _config() -> EngineConfig:
    return replace(config_for(MODEL), gpu=USE)


@pytest.mark.parametrize(("at", "work"), [("loading", Work.LOADING), ("reading", Work.READING)])
def test_who_dies_before_a_word_is_read_is_followed_by_the_processor(at: str, work: Work) -> None:
    with Harness(_config(), starting((at, "abort"))) as engine:
        end = engine.end_of(engine.send(user("hello")))
        assert isinstance(end, Finished) and end.reason is FinishReason.COMPLETE
        assert engine.text(end.request_id) == _WHOLE

    given_up, crashed = engine.of(GpuGivenUp), engine.of(Crashed)
    assert [(each.use, each.model_path, each.is_lasting, each.has_died, each.was_told) for each in given_up] == [
        (USE, MODEL, True, True, False)
    ]
    assert "died while the graphics processor" in given_up[0].problem.title
    assert "SIGABRT" in given_up[0].problem.detail
    assert [(each.gpu, each.work) for each in crashed] == [(USE, work)]
    assert not crashed[0].is_due_to_the_file  # the model is not marked for it
    assert engine.of(Awake)[-1].loaded_with.gpu is None


def test_what_was_said_is_kept_and_the_next_question_goes_to_the_processor() -> None:
    with Harness(_config(), starting(("answering", "abort"))) as engine:
        end = engine.end_of(engine.send(user("hello")))
        after = engine.ask(user("and now?"))
        assert engine.text(after.request_id) == _WHOLE

    assert isinstance(end, Failed)
    assert end.error.title == "The engine died on the graphics processor. What it said so far is kept."
    assert "the processor answers" in end.error.remedy
    assert engine.text(end.request_id) == SAID
    assert [each.was_told for each in engine.of(GpuGivenUp)] == [True]
    assert [each.loaded_with.gpu for each in engine.of(Awake)][-1] is None


def test_a_death_at_rest_is_told() -> None:
    with Harness(_config(), starting(("resting", "abort"))) as engine:
        engine.ask(user("hello"))
        given_up = engine.wait(GpuGivenUp)
        assert engine.wait(Asleep).reason is SleepReason.CRASHED
        after = engine.ask(user("and now?"))
        assert engine.text(after.request_id) == _WHOLE
    assert given_up.has_died and not given_up.was_told


def test_being_ended_by_somebody_else_is_not_the_devices_fault_for_good() -> None:
    with Harness(_config(), starting(("loading", "be killed"))) as engine:
        engine.ask(user("hello"))
    assert [each.is_lasting for each in engine.of(GpuGivenUp)] == [False]


@pytest.mark.parametrize(
    ("at", "does", "is_lasting", "words"),
    [
        ("loading", "refuse", False, "cannot be used with this model"),
        ("start", "refuse at all", True, "There is another driver."),
    ],
)
def test_who_cannot_is_followed_by_the_processor_and_it_is_said_once(
    at: str, does: str, is_lasting: bool, words: str
) -> None:
    with Harness(_config(), starting((at, does))) as engine:
        end = engine.end_of(engine.send(user("hello")))
        assert isinstance(end, Finished)
        assert engine.text(end.request_id) == _WHOLE
        engine.ask(user("and now?"))

    given_up = engine.of(GpuGivenUp)
    assert [(each.is_lasting, each.has_died) for each in given_up] == [(is_lasting, False)]
    assert words in given_up[0].problem.title
    assert not engine.of(Crashed)


def test_a_model_that_nobody_can_load_says_so_and_nothing_of_the_device() -> None:
    with Harness(_config(), starting(("loading", "refuse"), ("loading", "refuse"))) as engine:
        end = engine.end_of(engine.send(user("hello")))
    assert isinstance(end, Failed) and "no room" in end.error.title
    assert not engine.of(GpuGivenUp)


def test_what_the_computer_has_no_room_for_is_not_loaded_without_the_device() -> None:
    """Its memory was reckoned as the device's, and nobody has agreed to swap."""
    config = replace(_config(), memory_limit=1 << 50)
    with Harness(config, starting(("loading", "refuse"), ("loading", "refuse"))) as engine:
        for _ in range(2):  # each time the device is tried again: its memory may be free by then
            end = engine.end_of(engine.send(user("hello")))
            assert isinstance(end, Failed) and "without it there is no room" in end.error.title
            assert MODEL.name in end.error.detail
        after = engine.ask(user("and now?"))
        assert engine.text(after.request_id) == _WHOLE
        assert engine.of(Awake)[-1].loaded_with.gpu == USE
    assert [(each.is_lasting, each.was_told) for each in engine.of(GpuGivenUp)] == [(False, True)] * 2


def test_the_same_device_is_not_taken_again_before_it_was_taken_back() -> None:
    with Harness(_config(), starting(("loading", "abort"))) as engine:
        engine.ask(user("hello"))
        engine.worker.configure(replace(_config(), n_batch=128))
        engine.ask(user("again"))
        assert engine.of(Awake)[-1].loaded_with.gpu is None
        engine.worker.configure(replace(_config(), gpu=None))
        engine.worker.configure(_config())
        engine.ask(user("and again"))
        assert engine.of(Awake)[-1].loaded_with.gpu == USE


def test_a_model_on_a_device_sleeps_instead_of_dozing() -> None:
    assert config_for(MODEL).can_doze
    assert not _config().can_doze


def test_another_device_needs_another_load_and_other_states() -> None:
    other = replace(_config(), gpu=replace(USE, layers=3))
    assert other.needs_reload(_config()) and not other.shares_snapshots(_config())
    assert config_for(MODEL).needs_reload(_config())
