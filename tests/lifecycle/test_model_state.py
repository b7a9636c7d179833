"""What is known of the local model."""

from __future__ import annotations

from pathlib import Path

from desktop.common.errors import UserFacingError
from desktop.engine.types import (
    Asleep,
    Awake,
    Crashed,
    Dozing,
    EngineConfig,
    Failed,
    Finished,
    FinishReason,
    Reading,
    SleepReason,
    Stats,
    Token,
    Waking,
    Work,
)
from desktop.lifecycle.model_state import ModelState

CONFIG = EngineConfig(Path("/models/tiny.gguf"))
PROBLEM = UserFacingError("It is broken.")


def test_it_knows_whether_a_model_is_in_memory() -> None:
    state = ModelState()
    found = []
    for event in (
        Failed(1, PROBLEM, Stats()),
        Waking(2, 0.0),
        Awake("tiny", 512, 2, False, CONFIG),
        Token(2, "Hel"),
        Finished(2, FinishReason.COMPLETE, Stats()),
        Asleep(SleepReason.IDLE),
        Finished(3, FinishReason.STOPPED, Stats()),
    ):
        state.on_engine_event(event)
        found.append(state.is_in_memory)
    assert found == [False, True, True, True, True, False, False]


def test_it_knows_since_when_and_how_it_was_loaded() -> None:
    now = 100.0
    state = ModelState(lambda: now)
    state.on_engine_event(Waking(1, 0.0))
    assert (state.woken_at, state.loaded_with) == (100.0, None)
    now = 101.0
    state.on_engine_event(Awake("tiny", 512, 2, False, CONFIG))
    assert (state.woken_at, state.loaded_with) == (100.0, CONFIG)
    state.on_engine_event(Asleep(SleepReason.IDLE))
    assert state.loaded_with is None
    now = 200.0
    state.on_engine_event(Waking(2, 0.0))
    assert state.woken_at == 200.0


def test_a_dozing_model_is_in_memory_and_must_be_let_in_anew() -> None:
    now = 100.0
    state = ModelState(lambda: now)
    for event in (Waking(1, 0.0), Awake("tiny", 512, 2, False, CONFIG), Dozing()):
        state.on_engine_event(event)
    assert (state.is_in_memory, state.is_dozing, state.loaded_with) == (True, True, None)
    # WHEN it wakes
    now = 200.0
    state.on_engine_event(Waking(2, 0.0))
    assert (state.is_in_memory, state.is_dozing, state.woken_at) == (True, False, 200.0)
    state.on_engine_event(Awake("tiny", 512, 2, False, CONFIG))
    assert state.loaded_with == CONFIG
    # WHEN it goes from a doze to sleep
    state.on_engine_event(Dozing())
    state.on_engine_event(Asleep(SleepReason.IDLE))
    assert (state.is_in_memory, state.is_dozing) == (False, False)


def test_a_crash_leaves_nothing_in_memory() -> None:
    state = ModelState()
    state.on_engine_event(Crashed(None, Work.STARTING))
    assert not state.is_in_memory, "there was nothing, and a crash brings nothing"
    state.on_engine_event(Awake("tiny", 512, 2, False, CONFIG))
    state.asked(1)
    for event in (
        Failed(1, PROBLEM, Stats()),
        Crashed(CONFIG.model_path, Work.ANSWERING),
        Asleep(SleepReason.CRASHED),
    ):
        state.on_engine_event(event)
    assert (state.is_in_memory, state.is_answering, state.loaded_with) == (False, False, None)


def test_only_what_was_asked_for_is_an_answer() -> None:
    state = ModelState()
    # WHEN the engine reads ahead THEN it does not answer
    for event in (Waking(1, 0.0), Awake("tiny", 512, 2, False, CONFIG), Reading(1, 5, 10)):
        state.on_engine_event(event)
        assert not state.is_answering
    state.asked(2)
    state.asked(3)
    assert state.is_answering
    state.on_engine_event(Finished(1, FinishReason.STOPPED, Stats()))
    state.on_engine_event(Finished(2, FinishReason.COMPLETE, Stats()))
    assert state.is_answering
    state.on_engine_event(Failed(3, PROBLEM, Stats()))
    assert not state.is_answering
