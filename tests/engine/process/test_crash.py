"""What is said of a process that has died."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop.common.errors import EngineDiedError, WayOut
from desktop.engine.process.crash import cause_of, died, is_from_outside, ran_out_of_memory
from desktop.engine.process.messages import Ended
from desktop.engine.types import Work
from desktop.machine.endings import Limit

MODEL = Path("/models/tiny.gguf")
SEGV = Ended(-11, ())
ABORT = Ended(-6, ("loading", "/build/llama.cpp/ggml/src/ggml.c:1712: GGML_ASSERT(n > 0) failed"))
BAD_ALLOC = Ended(-6, ("terminate called after throwing an instance of 'std::bad_alloc'",))


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_cause_is_in_the_words_of_the_machine() -> None:
    assert cause_of(SEGV) == "SIGSEGV"
    assert cause_of(ABORT) == "SIGABRT: ggml.c:1712: GGML_ASSERT(n > 0) failed"
    assert cause_of(Ended(-11, ("Fatal Python error: Segmentation fault", "Thread 0x1"))) == "SIGSEGV"
    assert cause_of(Ended(1, ("Fatal Python error: no codec",))) == "exit code 1: Fatal Python error: no codec"
    assert cause_of(Ended(3, ())) == "exit code 3"


@pytest.mark.parametrize("work", list(Work))
def test_each_work_has_a_sentence_that_is_true(work: Work) -> None:
    error = died(MODEL, work, SEGV)
    assert isinstance(error, EngineDiedError)
    assert ("is kept" in error.title) is (work is Work.ANSWERING)
    assert ("loading" in error.title) is (work is Work.LOADING)
    assert ("starting" in error.title) is (work is Work.STARTING)
    # AND names the model where that has a part in it
    assert ("tiny.gguf" in error.detail) is (work is not Work.STARTING)
    assert error.remedy
    assert WayOut.REPORT in error.ways
    assert (WayOut.ANOTHER_MODEL in error.ways) is (work is not Work.STARTING)
    # A smaller context helps no file that cannot be loaded.
    assert (WayOut.SMALLER_CONTEXT in error.ways) is (work not in (Work.STARTING, Work.LOADING))


OUT_OF_MEMORY = {
    "counted by the kernel": Ended(-9, (), limit=Limit.MEMORY),
    "bad_alloc": BAD_ALLOC,
    "STATUS_NO_MEMORY": Ended(0xC0000017, ()),
    "STATUS_COMMITMENT_LIMIT": Ended(0xC000012D, ()),
}


@pytest.mark.parametrize("ended", OUT_OF_MEMORY.values(), ids=OUT_OF_MEMORY)
def test_too_little_memory_is_told_from_a_bad_model(ended: Ended) -> None:
    assert ran_out_of_memory(ended) and not is_from_outside(ended)
    error = died(MODEL, Work.LOADING, ended)
    assert isinstance(error, EngineDiedError)
    assert "memory" in error.title and "tiny.gguf" in error.detail
    assert ("The system has ended" in error.title) is (ended.limit is not None)
    assert error.ways == (WayOut.ANOTHER_MODEL, WayOut.SMALLER_CONTEXT)
    assert not ran_out_of_memory(SEGV)
    assert not ran_out_of_memory(ABORT)


FROM_OUTSIDE = {
    "SIGKILL": Ended(-9, ()),
    "SIGTERM": Ended(-15, ()),
    "SIGHUP": Ended(-1, ()),
    "STATUS_CONTROL_C_EXIT": Ended(0xC000013A, ()),
    "DBG_TERMINATE_PROCESS": Ended(0x40010004, ()),
}


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("name", FROM_OUTSIDE)
@pytest.mark.parametrize("work", list(Work))
def test_who_was_killed_by_somebody_is_not_said_to_have_lacked_memory(name: str, work: Work) -> None:
    ended = FROM_OUTSIDE[name]
    assert is_from_outside(ended) and not ran_out_of_memory(ended)
    error = died(MODEL, work, ended)
    assert isinstance(error, EngineDiedError)
    if work is Work.STARTING and sys.platform == "darwin":
        assert "while it was starting" in error.title
        return
    assert error.title == "Another program, or the system, has ended the engine."
    assert name in error.detail and error.remedy.startswith("Try again")
    assert WayOut.REPORT in error.ways
    assert (WayOut.SMALLER_CONTEXT in error.ways) is (work is not Work.STARTING)


@pytest.mark.parametrize("code", [-24, -9])
def test_a_limit_on_processor_time_is_named(code: int) -> None:
    ended = Ended(code, (), limit=Limit.PROCESSOR_TIME)
    error = died(MODEL, Work.ANSWERING, ended)
    assert "processor time" in error.title and "ulimit -t" in error.remedy
    assert is_from_outside(ended) and not ran_out_of_memory(ended)


def test_what_the_app_has_ended_is_laid_at_nobody_s_door() -> None:
    ended = Ended(-9, (), was_killed=True, limit=Limit.MEMORY)
    assert not ran_out_of_memory(ended) and not is_from_outside(ended)
    assert "no longer answered" in died(MODEL, Work.ANSWERING, ended).title


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0xC0000005, "STATUS_ACCESS_VIOLATION (0xc0000005)"),
        (0xC0000374, "STATUS_HEAP_CORRUPTION (0xc0000374)"),
        (0xC0000409, "STATUS_STACK_BUFFER_OVERRUN (0xc0000409)"),
        (0xC0DECAFE, "0xc0decafe"),
    ],
)
def test_a_crash_on_windows_has_its_name(code: int, words: str) -> None:
    ended = Ended(code, ())
    assert cause_of(ended) == words
    assert not is_from_outside(ended) and not ran_out_of_memory(ended)
    assert died(MODEL, Work.LOADING, ended).title == "This model has brought the engine down while loading."


@pytest.mark.parametrize("is_windows", [True, False])
def test_the_task_manager_gives_a_code_of_its_own(monkeypatch: pytest.MonkeyPatch, is_windows: bool) -> None:
    monkeypatch.setattr(sys, "platform", "win32" if is_windows else "linux")
    assert is_from_outside(Ended(1, ())) is is_windows
    assert not is_from_outside(Ended(1, ("ImportError: DLL load failed",)))


def test_without_a_model_the_detail_is_the_cause_alone() -> None:
    assert died(None, Work.STARTING, Ended(3, ())).detail == "Exit code 3."
