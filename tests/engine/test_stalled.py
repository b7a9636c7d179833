"""A process that does not move while an answer is waited for: it is said, and whoever waits decides."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.commands import Cancel, Job, Sleep
from desktop.engine.dispatcher import Dispatcher
from desktop.engine.process.handle import EngineProcess
from desktop.engine.process.messages import Delivery
from desktop.engine.process.stall import FRUITLESS_SECONDS, PATIENCE_SECONDS
from desktop.engine.types import (
    Asleep,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Generation,
    Reading,
    Recovered,
    SleepReason,
    Stalled,
    Token,
)
from tests.support.engine_harness import GREEDY, Harness, config_for, user
from tests.support.misbehaving import ANSWER, SAID, command, starting
from tests.support.patience import PATIENCE_S

if os.name != "posix":
    pytest.skip("stops processes by signals", allow_module_level=True)

MODEL = Path("mine.gguf")


def test_a_stopped_process_is_noticed_and_when_it_goes_on_that_is_noticed_too(endless_parrot_model: Path) -> None:
    with Harness(config_for(endless_parrot_model, n_ctx=4096), stall_patience=0.2) as engine:
        # GIVEN an answer on its way
        request = engine.send(user("hello"))
        engine.wait(Token)
        assert engine.worker.process_id is not None

        # WHEN its process is stopped
        os.kill(engine.worker.process_id, signal.SIGSTOP)
        # THEN that is said of the answer
        assert engine.wait(Stalled).request_id == request

        # AND WHEN it goes on, so does the answer
        os.kill(engine.worker.process_id, signal.SIGCONT)
        assert engine.wait(Recovered).request_id == request
        engine.wait(Token)
        engine.worker.cancel(request)
        assert isinstance(engine.end_of(request), Finished)


def test_an_answer_that_waits_for_a_stalled_preparation_hears_of_it(endless_parrot_model: Path) -> None:
    with Harness(config_for(MODEL), starting(("reading", "stop")), stall_patience=0.2) as engine:
        # GIVEN a preparation whose process has stopped, and a question behind it
        engine.prepare(user("hello"), conversation="other")
        engine.wait(Reading)
        request = engine.send(user("hello"))

        # THEN whoever asked is told, and may end it
        assert engine.wait(Stalled, lambda event: event.request_id == request).seconds >= 0
        engine.worker.cancel(request)
        assert engine.end_of(request) == Finished(request, FinishReason.STOPPED, engine.of(Finished)[-1].stats)


@pytest.mark.parametrize(("at", "does"), [("reading", "compute"), ("reading", "begin again"), ("answering", "compute")])
def test_a_process_that_computes_for_ever_is_noticed_and_ended_by_whoever_waits(at: str, does: str) -> None:
    with Harness(config_for(MODEL), starting((at, does)), stall_patience=2.0, fruitless_patience=1.0) as engine:
        # GIVEN an answer whose process computes and gets no further
        request = engine.send(user("hello"))

        # THEN that is said, as what it is
        stalled = engine.wait(Stalled)
        assert (stalled.request_id, stalled.computes) == (request, True)
        assert not engine.of(Finished) and not engine.of(Failed)

        # AND whoever waits may end it, and ask again
        engine.worker.cancel(request)
        end = engine.end_of(request)
        assert isinstance(end, Finished) and end.reason is FinishReason.STOPPED
        assert engine.text(request) == (SAID if at == "answering" else "")
        again = engine.ask(user("and now?"))
        assert engine.text(again.request_id) == "".join(ANSWER)


def test_a_real_engine_whose_tokens_are_no_text_is_noticed_and_goes_on(speechless_model: Path) -> None:
    # GIVEN a model that makes tokens for ever which stand for nothing that could be shown
    config = config_for(speechless_model, n_ctx=8192)
    with Harness(config, stall_patience=1.0, fruitless_patience=0.3) as engine:
        request = engine.send(user("hello"))
        assert engine.wait(Stalled).computes

        # WHEN that is ended
        engine.worker.cancel(request)
        end = engine.end_of(request)

        # THEN the engine stops by itself, and is not killed for it
        assert isinstance(end, Finished) and end.reason is FinishReason.STOPPED
        engine.rest()
        assert not engine.of(Asleep)


def test_a_real_engine_beside_busy_programs_is_not_accused(endless_parrot_model: Path) -> None:
    # GIVEN two programs for each processor there is, and patience of a hundredth of what people get
    with (
        _busy_programs(2 * (os.cpu_count() or 1)),
        Harness(
            config_for(endless_parrot_model, n_ctx=4096),
            stall_patience=PATIENCE_SECONDS / 10,
            fruitless_patience=FRUITLESS_SECONDS / 40,
        ) as engine,
    ):
        # WHEN a long prompt is read and answered
        request = engine.send(user("hello " * 1500), sampling=replace(GREEDY, max_tokens=200))
        engine.end_of(request)

        # THEN nobody says that it was stuck
        assert not engine.of(Stalled)


@contextlib.contextmanager
def _busy_programs(count: int) -> Iterator[None]:
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for each in programs:
            each.kill()
            each.wait()


class Unkillable(EngineProcess):
    """As the kernel holds a process that waits for a disk: it takes no signal."""

    def kill(self) -> None:
        self._was_killed = True

    @property
    def was_killed(self) -> bool:
        return self._was_killed

    def end(self) -> None:
        super().kill()


class Ticking:
    """A dispatcher, its processes, and a clock that goes on when the test says so."""

    def __init__(self, *behaviours: tuple[str, str]) -> None:
        self.now = 0.0
        self.events: list[EngineEvent] = []
        self.processes: list[Unkillable] = []
        self._arrived: queue.SimpleQueue[tuple[EngineProcess, Delivery]] = queue.SimpleQueue()
        self._behaviours = iter(behaviours)
        self.dispatcher = Dispatcher(
            self.events.append, config_for(MODEL), None, self._start, lambda: self.now, PATIENCE_SECONDS
        )

    def _start(self) -> EngineProcess:
        at, does = next(self._behaviours)
        process = Unkillable(lambda process, delivery: self._arrived.put((process, delivery)), command(at, does))
        self.processes.append(process)
        return process

    def obey(self, what: Job | Cancel | Sleep) -> None:
        self.dispatcher.obey(what)
        self.dispatcher.advance()

    def hear_until(self, kind: type[EngineEvent], text: str = "") -> None:
        """Takes messages of the processes until an event of a kind, and so much of the answer, was posted."""
        known = len(self.events)
        while not any(isinstance(each, kind) for each in self.events[known:]) or not self.text.endswith(text):
            self.dispatcher.hear(*self._arrived.get(timeout=PATIENCE_S))
            self.dispatcher.advance()

    def let_pass(self, seconds: float) -> None:
        """Lets time pass, with whatever is due in it."""
        end = self.now + seconds
        while self.dispatcher.due <= end:
            self.now = self.dispatcher.due
            self.dispatcher.on_time()
            self.dispatcher.advance()
        self.now = end

    @property
    def text(self) -> str:
        return "".join(each.text for each in self.events if isinstance(each, Token))

    def of(self, kind: type[EngineEvent]) -> list[EngineEvent]:
        return [each for each in self.events if isinstance(each, kind)]


@pytest.fixture
def ticking() -> Iterator[Ticking]:
    made = Ticking(("answering", "stop"), ("never", "well"))
    yield made
    for process in made.processes:
        process.end()


def _job(request_id: int) -> Job:
    return Job(Generation(request_id, "c", (user("hello"),)), prepares=False)


def test_a_stall_is_said_again_and_again_and_ends_nothing(ticking: Ticking) -> None:
    # GIVEN an answer whose process has stopped
    ticking.obey(_job(1))
    ticking.hear_until(Token, SAID)

    # WHEN nothing happens for an hour
    ticking.let_pass(PATIENCE_SECONDS - 1)
    assert ticking.of(Stalled) == []
    ticking.let_pass(3600)

    # THEN the seconds count up, and nobody was ended for it
    seconds = [each.seconds for each in ticking.events if isinstance(each, Stalled)]
    assert seconds[0] == PATIENCE_SECONDS
    assert seconds == sorted(set(seconds))
    assert seconds[-1] > 3600
    assert ticking.of(Finished) == []


def test_a_process_that_cannot_be_ended_does_not_keep_the_next_message_waiting(ticking: Ticking) -> None:
    # GIVEN an answer whose process does not move, and cannot be ended
    ticking.obey(_job(1))
    ticking.hear_until(Token, SAID)
    ticking.let_pass(PATIENCE_SECONDS)

    # WHEN whoever waited has enough of it, and asks again
    ticking.obey(Cancel(1))
    ticking.let_pass(5)
    assert [each.reason for each in ticking.events if isinstance(each, Finished)] == [FinishReason.STOPPED]
    ticking.obey(_job(2))
    ticking.let_pass(10)

    # THEN another process answers, and the one left alone says nothing any more
    assert ticking.of(Asleep) == [Asleep(SleepReason.ASKED)]
    ticking.hear_until(Finished)
    assert ticking.text == SAID + "".join(ANSWER)
    assert len(ticking.processes) == 2


def test_a_process_is_not_ended_for_what_it_could_not_do_while_the_computer_slept() -> None:
    # GIVEN a process that is starting
    ticking = Ticking(("start", "stop"))
    try:
        ticking.obey(_job(1))
        ticking.let_pass(10)

        # WHEN the computer sleeps for a night, of which this system's clock knows
        ticking.now += 8 * 3600
        ticking.dispatcher.on_time()

        # THEN it has some time to start in, and not without an end
        assert ticking.of(Failed) == []
        ticking.let_pass(15)
        assert not ticking.processes[0].was_killed
        ticking.let_pass(20)
        assert ticking.processes[0].was_killed
    finally:
        ticking.processes[0].end()
