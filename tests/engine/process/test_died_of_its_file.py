"""What is said of a process that died of its model's file, and not of the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.common.errors import AnswerInterruptedError
from desktop.engine.process.crash import died
from desktop.engine.process.messages import Ended, Refused
from desktop.engine.types import Stats, Work

MODEL = Path("/models/cat.gguf")


@pytest.mark.parametrize("code", [-7, -11, -6, 0xC0000006])
@pytest.mark.parametrize("work", [Work.LOADING, Work.ANSWERING, Work.RESTING])
def test_a_file_that_changed_is_to_blame_whatever_came_of_it(code: int, work: Work) -> None:
    error = died(MODEL, work, Ended(code, ("GGML_ASSERT(false) failed",)), file_changed=True)
    assert isinstance(error, AnswerInterruptedError)
    assert "has changed while Catnap was using it" in error.title
    assert str(MODEL) in error.detail and "GGML_ASSERT" in error.detail


@pytest.mark.parametrize("code", [-7, -10, 0xC0000006])
def test_a_file_that_did_not_change_could_not_be_read(code: int) -> None:
    error = died(MODEL, Work.ANSWERING, Ended(code, ()))
    assert "cannot be read" in error.title
    assert str(MODEL) in error.detail


def test_other_deaths_are_the_models_own() -> None:
    assert "brought the engine down" in died(MODEL, Work.ANSWERING, Ended(-11, ())).title


def test_an_interruption_is_still_one_on_the_other_side() -> None:
    error = Refused.of(1, AnswerInterruptedError("The file has changed.", "x."), Stats()).as_error()
    assert isinstance(error, AnswerInterruptedError)
