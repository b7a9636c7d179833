from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled
from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import AbortFlag, Native
from desktop.engine.llama.deadline import Deadline
from desktop.engine.llama.session import Session
from desktop.engine.threads.tuner import Phase, Step
from tests.engine.llama.test_session import PROMPT, generate
from tests.support.engine_harness import GREEDY, Harness, config_for, user
from tests.support.hosted_here import HostedHere
from tests.support.opened_session import logits, opened, read
from tests.support.patience import wait_for


@pytest.fixture(scope="module")
def native() -> Native:
    return bindings.load()


@pytest.fixture
def cut_off() -> Iterator[Deadline]:
    deadline = Deadline()
    yield deadline
    deadline.close()
    deadline.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "cut-off"]


def stops_native_code(flag: AbortFlag) -> bool:
    return flag._buffer.value != b""


def wait_until_stopped(flag: AbortFlag) -> None:
    wait_for("the time to be over", lambda: stops_native_code(flag))


def test_it_interrupts_when_the_time_is_over_and_takes_that_back(cut_off: Deadline) -> None:
    flag = AbortFlag()
    for seconds in (0.0, 0.05, 0.01):
        with cut_off.after(seconds, flag):
            wait_until_stopped(flag)
            assert not flag.is_set()
        assert not stops_native_code(flag)


def test_what_ends_in_time_is_left_alone() -> None:
    now = 0.0
    cut_off, flag = Deadline(lambda: now), AbortFlag()
    with cut_off.after(10.0, flag):
        pass
    now = 11.0
    with cut_off._changed:
        cut_off._changed.notify()  # it looks what has become of it
    wait_for("the thread to find nothing to do", lambda: cut_off._wakes == math.inf)
    assert not stops_native_code(flag)
    cut_off.close()


def test_an_earlier_end_wakes_the_thread(cut_off: Deadline) -> None:
    flag = AbortFlag()
    with cut_off.after(1000, flag):  # the thread sleeps until then
        pass
    with cut_off.after(0.01, flag):  # and must wake earlier
        wait_until_stopped(flag)


def test_what_somebody_asked_for_is_not_taken_back(cut_off: Deadline) -> None:
    flag = AbortFlag()
    with cut_off.after(0.0, flag):
        wait_until_stopped(flag)
        flag.set()

    assert flag.is_set() and stops_native_code(flag)


def test_the_time_is_over_only_once(cut_off: Deadline) -> None:
    first, second = AbortFlag(), AbortFlag()
    with cut_off.after(0.0, first):
        wait_until_stopped(first)
    with cut_off.after(1000, second):
        wait_for("the thread to look", lambda: cut_off._wakes == cut_off._end)
        assert not stops_native_code(first) and not stops_native_code(second)


def test_a_token_that_was_cut_off_is_evaluated_again(native: Native, tiny_model: Path) -> None:
    """THEN the answer is the same, and so are the model's thoughts to the last bit."""
    with opened(native, tiny_model) as session:
        read(session, PROMPT)
        expected = generate(session, 8)
        logits_after = logits(session)
        read(session, PROMPT)

        tokens = []
        with session.sampler(GREEDY) as sampler:
            for _ in range(8):
                tokens.append(session.pick(sampler))
                flag = AbortFlag()
                for _ in range(3):
                    flag.interrupt(True)  # as if the time were over already
                    assert session.accept(tokens[-1], flag, slowest=1e-3) is False
                    assert session.tokens == (*PROMPT, *tokens[:-1])
                assert session.accept(tokens[-1], flag, slowest=1e-3) is True

        assert tokens == expected
        assert session.tokens == (*PROMPT, *tokens)
        assert logits(session) == logits_after


def test_a_stop_that_somebody_asked_for_is_not_a_cut_off(native: Native, tiny_model: Path) -> None:
    flag = AbortFlag()
    flag.set()
    with opened(native, tiny_model) as session:
        read(session, PROMPT)
        with session.sampler(GREEDY) as sampler, pytest.raises(Cancelled):
            session.accept(session.pick(sampler), flag, slowest=1e-3)
        assert session.tokens == tuple(PROMPT)


def test_a_batch_that_lags_is_read_again(native: Native, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.engine.llama.eval_progress._REPORT_SECONDS", 0.0)
    monkeypatch.setattr("desktop.engine.llama.eval_progress._CUT_OFF_SECONDS", 0.0)
    told: list[bool] = []
    shown: list[int] = []

    def between(cut_off: bool) -> float:
        told.append(cut_off)
        return 0.0 if cut_off else 1e9  # tokens per second: more than there can be

    prompt = PROMPT[:200]
    with opened(native, tiny_model) as session:
        assert read(session, prompt) == 0  # and the length of the graph is known
        expected = logits(session)
        session.clear()
        session.read(prompt, AbortFlag(), lambda done, total: shown.append(done), between)

        assert told == [False, True]
        assert shown[0] == 0 and 0 in shown[1:] and shown[-1] == len(prompt)
        assert session.tokens == tuple(prompt)
        assert logits(session) == expected


def test_few_tokens_are_read_to_their_end(native: Native, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.engine.llama.eval_progress._REPORT_SECONDS", 0.0)
    monkeypatch.setattr("desktop.engine.llama.eval_progress._CUT_OFF_SECONDS", 0.0)
    told: list[bool] = []

    def between(cut_off: bool) -> float:
        told.append(cut_off)
        return 1e9

    with opened(native, tiny_model) as session:
        read(session, PROMPT)
        session.clear()
        session.read(PROMPT[:20], AbortFlag(), lambda done, total: None, between)

    assert told == [False]


def test_an_answer_with_tokens_cut_off_is_the_same(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GIVEN two threads that never keep up; THEN each token comes once, made by one thread at last."""
    sampling = replace(GREEDY, max_tokens=24)
    config = config_for(tiny_model, threads=0)
    with Harness(replace(config, threads=1)) as engine:
        plain = engine.ask(user("hello"), sampling=sampling)
        expected = engine.text(plain.request_id)

    asked: list[tuple[Phase, int, bool]] = []

    def step(self: object, phase: Phase, done: int, limit: int, *, cut_off: bool = False) -> Step:
        asked.append((phase, done, cut_off))
        return Step(1) if cut_off else Step(1, slowest=1e-3)

    accept = Session.accept

    def hang(session: Session, token: int, abort: AbortFlag, slowest: float = 0.0) -> bool:
        abort.interrupt(slowest > 0)
        return accept(session, token, abort, slowest)

    monkeypatch.setattr("desktop.engine.threads.tuner.ThreadTuner.step", step)
    monkeypatch.setattr(Session, "accept", hang)
    with Harness(config, HostedHere) as engine:
        cut = engine.ask(user("hello"), sampling=sampling)
        assert engine.text(cut.request_id) == expected

    generating = [(done, again) for phase, done, again in asked if phase is Phase.DECODE]
    first = generating[0][0]
    made = plain.stats.generated_tokens - 1  # the last one is not evaluated
    assert cut.stats.generated_tokens == plain.stats.generated_tokens
    assert generating == [(first + number, again) for number in range(made) for again in (False, True)]
