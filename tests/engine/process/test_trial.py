"""Models tried in a process that is thrown away: good ones, bad ones, and those that bring it down."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.engine.process.handle import EngineProcess, StartProcess
from desktop.engine.process.messages import Delivery, Ended, Ready
from desktop.engine.process.trial import Outcome, Verdict, try_model
from desktop.engine.types import EngineConfig
from tests.support.engine_harness import config_for
from tests.support.gguf_files import with_number

# A process that begins, and then does one thing.
_BEGINS = """
import os, sys, time
from desktop.engine.process.channel import Sender, Receiver, TO_PROCESS_LIMIT
from desktop.engine.process.messages import FROM_PROCESS, PROTOCOL, TO_PROCESS, Loaded, Ready, Waking
from desktop.engine.types import Backend, EngineFacts
send = Sender(1, FROM_PROCESS).send
receiver = Receiver(0, TO_PROCESS, TO_PROCESS_LIMIT)
receiver.receive()
send(Ready(PROTOCOL, EngineFacts("1", "1", Backend("none", "", ()))))
"""


class Watched:
    """Starts processes, and knows what they said."""

    def __init__(self, script: str = "") -> None:
        self.command = [sys.executable, "-c", script] if script else None
        self.after: Callable[[Delivery], object] = lambda _delivery: None
        self.heard: list[Delivery] = []

    def start(self, deliver: Callable[[EngineProcess, Delivery], None]) -> EngineProcess:
        def hear(process: EngineProcess, delivery: Delivery) -> None:
            self.heard.append(delivery)
            deliver(process, delivery)
            self.after(delivery)

        return EngineProcess(hear, self.command)


def tried(config: EngineConfig, start: StartProcess = EngineProcess) -> Verdict:
    return try_model(config, threading.Event(), start=start)


class Patience:
    """A clock that stands still until a process has begun and that was heard, and then is far ahead."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self._asked = 0

    def __call__(self) -> float:
        self._asked += self.begun.is_set()
        return 1e9 if self._asked > 2 else 0.0


def sentence(verdict: Verdict) -> str:
    assert verdict.problem is not None
    return str(verdict.problem)


def test_a_model_that_works_leaves_nothing_behind(tmp_path: Path, parrot_model: Path) -> None:
    # GIVEN a configuration that would keep states of conversations
    states = tmp_path / "states"
    config = EngineConfig(parrot_model, n_ctx=512, threads=1, snapshots_dir=states)
    watched = Watched()
    # WHEN the model is tried
    verdict = tried(config, watched.start)
    # THEN it works, the process is gone, and no state was kept
    assert verdict == Verdict(Outcome.WORKS)
    assert isinstance(watched.heard[-1], Ended)
    assert not states.exists()


def test_a_model_that_brings_the_process_down_is_named_with_what_it_said(tmp_path: Path, parrot_model: Path) -> None:
    model = with_number(parrot_model, tmp_path / "no-layers.gguf", "qwen2.block_count", 0)
    verdict = tried(config_for(model, n_ctx=512))
    assert verdict.outcome is Outcome.DIED
    assert "no-layers.gguf" in sentence(verdict)
    assert "GGML_ASSERT" in sentence(verdict)


def test_a_model_that_the_engine_does_not_take_is_refused_with_its_sentence(tmp_path: Path, parrot_model: Path) -> None:
    model = with_number(parrot_model, tmp_path / "three-heads.gguf", "qwen2.attention.head_count", 3)
    verdict = tried(config_for(model, n_ctx=512))
    assert verdict.outcome is Outcome.REFUSED
    assert "three-heads.gguf" in sentence(verdict)


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    verdict = tried(config_for(tmp_path / "gone.gguf"))
    assert verdict.outcome is Outcome.REFUSED
    assert "no longer there" in sentence(verdict)


def test_a_process_that_dies_while_it_answers_is_told_apart_from_one_that_dies_loading(parrot_model: Path) -> None:
    script = _BEGINS + "send(Loaded('some', 512, 1, False)); receiver.receive(); os.abort()"
    verdict = tried(config_for(parrot_model), Watched(script).start)
    assert verdict.outcome is Outcome.DIED
    assert "when it was tried" in sentence(verdict)
    assert parrot_model.name in sentence(verdict)


def test_a_process_that_runs_out_of_memory_does_not_speak_against_the_model(parrot_model: Path) -> None:
    script = _BEGINS + "sys.stderr.write('std::bad_alloc\\n'); sys.stderr.flush(); os._exit(3)"
    verdict = tried(config_for(parrot_model), Watched(script).start)
    assert verdict.outcome is Outcome.NO_MEMORY
    assert "memory" in sentence(verdict)


@pytest.mark.parametrize("then", ["time.sleep(1e6)", "\nwhile True: send(Waking(1, 0.5))"], ids=["silent", "talkative"])
def test_a_model_that_leads_nowhere_is_ended(parrot_model: Path, then: str) -> None:
    # GIVEN a process that hangs with its model, or reports progress for ever
    patience, watched = Patience(), Watched(_BEGINS + then)
    watched.after = lambda delivery: patience.begun.set() if isinstance(delivery, Ready) else None
    # WHEN the time is over
    verdict = try_model(config_for(parrot_model), threading.Event(), start=watched.start, clock=patience)
    # THEN that is the verdict, and the process is gone
    assert verdict.outcome is Outcome.SILENT
    assert parrot_model.name in sentence(verdict)
    assert isinstance(watched.heard[-1], Ended)


def test_a_process_that_never_begins_says_nothing_about_the_model(parrot_model: Path) -> None:
    patience, watched = Patience(), Watched("import time; time.sleep(1e6)")
    patience.begun.set()
    with pytest.raises(UserFacingError, match="does not begin"):
        try_model(config_for(parrot_model), threading.Event(), start=watched.start, clock=patience)
    assert isinstance(watched.heard[-1], Ended)


def test_a_process_that_cannot_run_says_nothing_about_the_model(parrot_model: Path) -> None:
    with pytest.raises(UserFacingError, match="while it was starting"):
        tried(config_for(parrot_model), Watched("raise SystemExit(3)").start)


def test_a_trial_is_given_up(parrot_model: Path) -> None:
    # GIVEN a model that hangs
    given_up, watched = threading.Event(), Watched(_BEGINS + "time.sleep(1e6)")
    watched.after = lambda delivery: given_up.set() if isinstance(delivery, Ready) else None
    # WHEN the trial is given up
    with pytest.raises(Cancelled):
        try_model(config_for(parrot_model), given_up, start=watched.start)
    # THEN the process is gone
    assert isinstance(watched.heard[-1], Ended)
