"""A process that dies, hangs, or says what makes no sense: a sentence, and the engine goes on."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.engine import request_queue
from desktop.engine.process import life, plain_text
from desktop.engine.process.handle import EngineProcess
from desktop.engine.process.messages import Delivery
from desktop.engine.process.validation import Validator
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
    Token,
    Waking,
    Work,
)
from desktop.machine.endings import SystemAccount
from tests.support.engine_harness import Harness, config_for, user
from tests.support.misbehaving import ANSWER, NO_MESSAGES, SAID, TELLING, WHILE_ANSWERING, command, starting
from tests.support.patience import wait_for

if os.name != "posix":
    pytest.skip("what misbehaves here uses signals", allow_module_level=True)

MODEL = Path("mine.gguf")
_WHOLE = "".join(ANSWER)
_SHORT_S = 0.3


def config(idle_seconds: float | None = None) -> EngineConfig:
    return config_for(MODEL, idle_seconds=idle_seconds)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def assert_goes_on(engine: Harness) -> None:
    """Asks a process that behaves."""
    end = engine.ask(user("and now?"))
    assert engine.text(end.request_id) == _WHOLE


# The moment, the deed, what is said, and of which work.
DEATHS = [
    ("start", "abort", "ended while it was starting", Work.STARTING),
    ("start", "exit", "ended while it was starting", Work.STARTING),
    ("loading", "abort", "brought the engine down while loading", Work.LOADING),
    ("loading", "exit", "brought the engine down while loading", Work.LOADING),
    ("loading", "bad_alloc", "run out of memory", Work.LOADING),
    ("loading", "be killed", "Another program, or the system, has ended", Work.LOADING),
    ("reading", "abort", "ended before the model could answer", Work.READING),
    ("answering", "abort", "What it said so far is kept", Work.ANSWERING),
    ("answering", "be killed", "Another program, or the system, has ended", Work.ANSWERING),
    ("answering", "use up the processor", "processor time", Work.ANSWERING),
    ("answering", "half a message", "What it said so far is kept", Work.ANSWERING),
]


@pytest.mark.parametrize(("at", "does", "words", "work"), DEATHS)
def test_a_death_is_a_sentence_and_what_was_said_is_kept(at: str, does: str, words: str, work: Work) -> None:
    with Harness(config(), starting((at, does))) as engine:
        end = engine.end_of(engine.send(user("hello")))
        crashed = engine.wait(Crashed)
        assert engine.wait(Asleep).reason is SleepReason.CRASHED
        assert_goes_on(engine)

    assert isinstance(end, Failed)
    assert words in end.error.title and end.error.remedy
    assert (MODEL.name in end.error.detail) is (work is not Work.STARTING)  # no model has a part in that
    assert engine.text(end.request_id) == (SAID if at == "answering" else "")
    from_outside = does in ("be killed", "use up the processor")
    assert crashed == Crashed(MODEL, work, out_of_memory="memory" in words, from_outside=from_outside, was_asked=True)
    assert crashed.is_due_to_the_file is (at == "loading" and does in ("abort", "exit"))
    if does == "abort":
        assert end.error.detail.endswith(f"SIGABRT: ggml.c:12: {TELLING}.")
    assert end.stats.generated_tokens == (len(SAID.split()) if at == "answering" else 0)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not count")
@pytest.mark.parametrize(("before", "after"), [(2, 3), (3, 3)])
def test_memory_was_short_only_if_the_kernel_says_so(tmp_path: Path, before: int, after: int) -> None:
    # GIVEN a kernel that has counted one more, or not, when the process is killed
    counter = tmp_path / "proc/vmstat"
    counter.parent.mkdir()

    def start(deliver: Callable[[EngineProcess, Delivery], None]) -> EngineProcess:
        counter.write_text(f"oom_kill {before}\n")
        account = SystemAccount(tmp_path)
        counter.write_text(f"oom_kill {after}\n")
        return EngineProcess(deliver, command("answering", "be killed"), account)

    with Harness(config(), start) as engine:
        end = engine.end_of(engine.send(user("hello")))
        crashed = engine.wait(Crashed)

    # THEN it is said so, or not
    assert isinstance(end, Failed)
    words = "since memory was short" if after > before else "Another program, or the system"
    assert words in end.error.title
    assert crashed.out_of_memory is (after > before)
    assert engine.text(end.request_id) == SAID


def test_a_mistake_in_the_check_itself_ends_the_process_and_not_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_validator: Validator, _message: object) -> None:
        raise ZeroDivisionError

    with Harness(config(), starting()) as engine:
        with monkeypatch.context() as context:
            context.setattr(Validator, "check", fail)
            end = engine.end_of(engine.send(user("hello")))
        assert engine.wait(Asleep).reason is SleepReason.CRASHED
        assert_goes_on(engine)

    assert isinstance(end, Failed) and "makes no sense" in end.error.title


def test_a_death_in_dozing_is_told_and_the_next_question_is_answered() -> None:
    with Harness(config(idle_seconds=0.0), starting(("dozing", "abort"))) as engine:
        engine.ask(user("hello"))
        assert engine.wait(Crashed) == Crashed(MODEL, Work.DOZING)
        assert_goes_on(engine)

    assert not engine.of(Failed)


def test_a_death_at_rest_is_told_and_the_next_question_is_answered() -> None:
    with Harness(config(), starting(("resting", "abort"))) as engine:
        engine.ask(user("hello"))
        assert engine.wait(Crashed) == Crashed(MODEL, Work.RESTING)
        assert_goes_on(engine)

    assert not engine.of(Failed)


def test_a_death_in_saving_is_logged_and_it_sleeps_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    with Harness(config(), starting(("saving", "abort"))) as engine, caplog.at_level(logging.WARNING):
        engine.ask(user("hello"))
        engine.worker.sleep(SleepReason.MEMORY)
        assert engine.wait(Asleep).reason is SleepReason.MEMORY
        assert_goes_on(engine)

    assert TELLING in caplog.text
    assert not engine.of(Failed) and not engine.of(Crashed)


@pytest.mark.parametrize("does", ["hang", "stop"])
@pytest.mark.parametrize(
    ("at", "kind"), [("start", Waking), ("loading", Waking), ("reading", Reading), ("answering", Token)]
)
def test_stop_is_heard_also_by_a_process_that_hears_nothing(
    monkeypatch: pytest.MonkeyPatch, at: str, kind: type, does: str
) -> None:
    assert request_queue._CANCEL_SECONDS == 2.0
    monkeypatch.setattr(request_queue, "_CANCEL_SECONDS", _SHORT_S)
    with Harness(config(), starting((at, does))) as engine:
        request_id = engine.send(user("hello"))
        engine.wait(kind)
        while engine.text(request_id) != (SAID if at == "answering" else ""):
            engine.next()
        pid = engine.worker.process_id
        assert pid is not None
        engine.worker.cancel(request_id)
        end = engine.end_of(request_id)
        engine.wait(Asleep)
        assert is_gone(pid)
        assert_goes_on(engine)

    assert isinstance(end, Finished) and end.reason is FinishReason.STOPPED
    assert engine.text(request_id) == (SAID if at == "answering" else "")
    assert not engine.of(Crashed)


@pytest.mark.parametrize("at", ["start", "loading", "reading", "answering", "dozing", "saving"])
def test_the_app_ends_while_the_process_hangs(monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    monkeypatch.setattr(request_queue, "_CANCEL_SECONDS", _SHORT_S)
    monkeypatch.setattr(life, "_SAVE_SECONDS", _SHORT_S)
    with Harness(config(idle_seconds=0.0 if at == "dozing" else None), starting((at, "hang"))) as engine:
        engine.send(user("hello"))
        engine.wait({"reading": Reading, "answering": Token, "dozing": Awake, "saving": Awake}.get(at, Waking))
        pid = engine.worker.process_id

    assert pid is not None and is_gone(pid)
    engine.drain()
    assert engine.of(Asleep)[-1].reason is SleepReason.STOPPED
    assert len(engine.of(Finished)) == 1 and not engine.of(Failed)


def test_a_process_that_never_begins_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "_START_SECONDS", _SHORT_S)
    with Harness(config(), starting(("start", "hang"))) as engine:
        end = engine.end_of(engine.send(user("hello")))
        monkeypatch.setattr(life, "_START_SECONDS", 60.0)
        assert_goes_on(engine)

    assert isinstance(end, Failed) and "no longer answered" in end.error.title


def test_a_doze_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "_SAVE_SECONDS", _SHORT_S)
    with Harness(config(idle_seconds=0.0), starting(("dozing", "hang"))) as engine:
        engine.ask(user("hello"))
        assert engine.wait(Asleep).reason is SleepReason.CRASHED
        assert_goes_on(engine)

    assert not engine.of(Failed) and len(engine.of(Dozing)) <= 1


def test_a_question_while_a_doze_hangs_is_stopped_or_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_queue, "_CANCEL_SECONDS", _SHORT_S)
    with Harness(config(idle_seconds=0.0), starting(("dozing", "stop"))) as engine:
        engine.ask(user("hello"))
        engine.wait(Awake)
        second = engine.send(user("again"))
        engine.worker.cancel(second)
        end = engine.end_of(second)
        assert isinstance(end, Finished) and end.reason is FinishReason.STOPPED
        assert_goes_on(engine)


@pytest.mark.parametrize("does", ["hang", "stop", "close"])
def test_one_that_ignores_that_it_should_leave_is_ended(monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    monkeypatch.setattr(life, "_SAVE_SECONDS", _SHORT_S)
    with Harness(config(), starting(("saving", does))) as engine:
        engine.ask(user("hello"))
        pid = engine.worker.process_id
        assert pid is not None
        engine.worker.sleep()
        waiting = engine.send(user("meanwhile"))
        assert engine.wait(Asleep).reason is SleepReason.ASKED
        assert is_gone(pid)
        engine.end_of(waiting)
        assert engine.text(waiting) == _WHOLE


def test_a_process_that_closes_its_pipe_and_lives_on_is_ended() -> None:
    with Harness(config(), starting(("answering", "close"))) as engine:
        request_id = engine.send(user("hello"))
        pid = wait_for("a process", lambda: engine.worker.process_id)
        end = engine.end_of(request_id)
        assert is_gone(pid)
        assert_goes_on(engine)

    assert isinstance(end, Failed) and "makes no sense" in end.error.title
    assert engine.text(request_id) == SAID


@pytest.mark.parametrize("does", [*NO_MESSAGES, *WHILE_ANSWERING, "print without end"])
def test_what_makes_no_sense_ends_the_process_with_a_sentence(does: str) -> None:
    with Harness(config(), starting(("answering", does))) as engine:
        request_id = engine.send(user("hello"))
        pid = wait_for("a process", lambda: engine.worker.process_id)
        end = engine.end_of(request_id)
        assert engine.wait(Asleep).reason is SleepReason.CRASHED
        assert is_gone(pid)
        assert_goes_on(engine)

    if does == "finished twice":
        assert isinstance(end, Finished)
    else:
        assert isinstance(end, Failed)
        assert "makes no sense" in end.error.title and end.error.remedy
        assert end.error.detail.startswith(f"{MODEL.name}: ")
    assert engine.text(request_id).startswith(SAID)
    assert len(engine.text(request_id)) < 2_000_000, "what it floods with does not pile up"
    assert all(0 <= event.fraction <= 1 for event in engine.of(Waking))
    assert all(0 < event.n_ctx < 5000 for event in engine.of(Awake))


@pytest.mark.parametrize("does", ["another protocol", "a token before it was ready"])
def test_one_that_begins_with_nonsense_is_ended(does: str) -> None:
    with Harness(config(), starting(("start", does))) as engine:
        end = engine.end_of(engine.send(user("hello")))
        assert_goes_on(engine)

    assert isinstance(end, Failed) and "makes no sense" in end.error.title


@pytest.mark.parametrize("does", ["rests without end", "ready twice", "lines without end", "loads without end"])
def test_one_that_rests_cannot_put_the_nap_off(does: str) -> None:
    with Harness(config(idle_seconds=3600.0), starting(("resting", does))) as engine:
        engine.ask(user("hello"))
        assert engine.wait(Asleep).reason is SleepReason.CRASHED
        assert_goes_on(engine)


def test_a_preparation_gets_no_words() -> None:
    with Harness(config(), starting(("reading", "a token"))) as engine:
        end = engine.end_of(engine.prepare())
        assert_goes_on(engine)

    assert isinstance(end, Failed) and not engine.text(end.request_id)


def test_a_log_line_of_the_process_cannot_pass_for_another(caplog: pytest.LogCaptureFixture) -> None:
    before = set(logging.root.manager.loggerDict)
    with caplog.at_level(logging.INFO):
        plain_text.log_of_process(logging.WARNING, "desktop.engine.process.host", "one\n2026-01-01 CRITICAL two\x1b[2J")
        plain_text.log_of_process(logging.WARNING, "root.of.all", "three")

    first, second = caplog.records
    assert first.name == "desktop.engine.process.host" and second.name == "desktop.engine"
    assert first.getMessage() == "one\n    2026-01-01 CRITICAL two [2J"
    assert set(logging.root.manager.loggerDict) == before


def test_many_deaths_leave_nothing_behind() -> None:
    deaths = [("answering", "abort"), ("loading", "garbage"), ("start", "exit"), ("reading", "close")] * 2
    before = _handles()
    with Harness(config(), starting(*deaths)) as engine:
        pids = set()
        for _ in deaths:
            request_id = engine.send(user("hello"))
            pids.add(wait_for("a process", lambda: engine.worker.process_id))
            assert isinstance(engine.end_of(request_id), Failed)
            engine.wait(Asleep)
        assert_goes_on(engine)

    assert all(is_gone(pid) for pid in pids)
    wait_for("the threads of the processes", lambda: not _threads_of_processes())
    assert _handles() <= before


def _threads_of_processes() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("engine")]


def _handles() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0
