"""What is said of a process that has died."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop.common.errors import EngineDiedError, WayOut
from desktop.engine.process.crash import cause_of, died, ran_out_of_memory
from desktop.engine.process.messages import Ended
from desktop.engine.types import Work

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


@pytest.mark.parametrize("ended", [Ended(-9, ()), BAD_ALLOC], ids=["killed", "bad_alloc"])
def test_too_little_memory_is_told_from_a_bad_model(ended: Ended) -> None:
    assert ran_out_of_memory(ended)
    error = died(MODEL, Work.LOADING, ended)
    assert isinstance(error, EngineDiedError)
    assert "memory" in error.title and "tiny.gguf" in error.detail
    assert error.ways == (WayOut.ANOTHER_MODEL, WayOut.SMALLER_CONTEXT)
    assert not ran_out_of_memory(SEGV)
    assert not ran_out_of_memory(ABORT)


def test_without_a_model_the_detail_is_the_cause_alone() -> None:
    assert died(None, Work.STARTING, Ended(3, ())).detail == "Exit code 3."
