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
from desktop.engine.types import EngineConfig, Finished
from desktop.machine.vital_signs import VitalSigns
from tests.support.engine_harness import config_for
from tests.support.gguf_files import with_number
from tests.support.patience import wait_for

# A process that begins, and then does one thing.
_BEGINS = """
import os, sys, time
from desktop.engine.process.channel import Sender, Receiver, TO_PROCESS_LIMIT
from desktop.engine.process.messages import FROM_PROCESS, PROTOCOL, TO_PROCESS, Loaded, Ready, Waking
from desktop.engine.backends import Backend, EngineFacts
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


class Machine:
    """A clock that stands still until a process has begun and then runs ahead, and what is counted meanwhile."""

    def __init__(self, computed: float = 0.0, moved: int = 0, step: float = 10.0) -> None:
        """
        Args:
            computed: Seconds of the processor that the process gets in each second of the clock.
            moved: Bytes that it reads from the disk in each.
            step: Seconds that pass whenever the clock is looked at.
        """
        self.begun = threading.Event()
        self.now = 0.0
        self._computed, self._moved, self._step = computed, moved, step

    def __call__(self) -> float:
        if self.begun.is_set():
            self.now += self._step
        return self.now

    def read(self, _pid: int) -> VitalSigns:
        moved = int(self.now * self._moved)
        return VitalSigns(self.now * self._computed, moved, fetched=moved)


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


_TALKS = "\nwhile True: send(Waking(1, 0.5)); time.sleep(0.02)"


def tried_on(machine: Machine, model: Path, then: str) -> tuple[Verdict, Watched]:
    """Tries a model whose process begins and then does one thing; the machine's time runs from then on."""
    watched = Watched(_BEGINS + then)
    watched.after = lambda delivery: machine.begun.set() if isinstance(delivery, Ready) else None
    given_up = threading.Event()
    return try_model(config_for(model), given_up, start=watched.start, clock=machine, read=machine.read), watched


@pytest.mark.parametrize("then", ["time.sleep(1e6)", _TALKS], ids=["silent", "talkative"])
def test_a_model_that_computes_for_ever_is_ended_and_the_verdict_is_against_it(parrot_model: Path, then: str) -> None:
    # GIVEN a process that gets all of two processors, and says nothing or the same progress for ever
    verdict, watched = tried_on(Machine(computed=2.0), parrot_model, then)
    # THEN that is the verdict, and the process is gone
    assert verdict.outcome is Outcome.SILENT
    assert parrot_model.name in sentence(verdict)
    assert isinstance(watched.heard[-1], Ended)


@pytest.mark.parametrize(
    "machine",
    [Machine(), Machine(computed=0.01), Machine(computed=0.5, moved=20_000), Machine(moved=300_000)],
    ids=["gives no time", "gives hardly any", "swaps", "has a slow disk"],
)
def test_a_machine_that_is_starved_never_speaks_against_a_model(parrot_model: Path, machine: Machine) -> None:
    # GIVEN a model that has not answered after an hour on a machine that has no time for it
    verdict, watched = tried_on(machine, parrot_model, "time.sleep(1e6)")
    # THEN nothing is found out, and that is said with what can be done
    assert verdict.outcome is Outcome.UNDECIDED
    assert parrot_model.name in sentence(verdict)
    assert "Close other programs" in sentence(verdict)
    assert isinstance(watched.heard[-1], Ended)


def test_a_model_that_works_may_take_many_minutes_on_a_starved_machine(parrot_model: Path) -> None:
    # GIVEN a machine on which a process gets hardly any time
    machine, watched = Machine(computed=0.01, step=2.0), Watched()
    watched.after = lambda delivery: machine.begun.set() if isinstance(delivery, Ready) else None

    def start(take: Callable[[EngineProcess, Delivery], None]) -> EngineProcess:
        def late(process: EngineProcess, delivery: Delivery) -> None:
            if isinstance(delivery, Finished):
                wait_for("minutes", lambda: machine.now >= 150)
            take(process, delivery)

        return watched.start(late)

    # WHEN a good model is tried
    verdict = try_model(config_for(parrot_model), threading.Event(), start=start, clock=machine, read=machine.read)
    # THEN it is waited for
    assert verdict == Verdict(Outcome.WORKS)


def test_a_process_that_never_begins_says_nothing_about_the_model(parrot_model: Path) -> None:
    machine, watched = Machine(), Watched("import time; time.sleep(1e6)")
    machine.begun.set()
    with pytest.raises(UserFacingError, match="does not begin"):
        try_model(config_for(parrot_model), threading.Event(), start=watched.start, clock=machine, read=machine.read)
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
