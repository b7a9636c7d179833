"""What a process may say of what it has counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.engine.backends import Backend, EngineFacts
from desktop.engine.process.channel import ProtocolError
from desktop.engine.process.messages import PROTOCOL, Begin, Ready, Run
from desktop.engine.process.validation import Validator
from desktop.engine.threads.tuner import Counts
from desktop.engine.types import Counted, EngineConfig, Generation, Message, Role

REQUEST = Generation(7, "c", (Message(Role.USER, "Hi"), Message(Role.ASSISTANT, "Ho"), Message(Role.USER, "Hm")))


def validator(*, prepares: bool) -> Validator:
    """Returns the account of a process that was asked."""
    made = Validator()
    made.sent(Begin(PROTOCOL, EngineConfig(Path("m.gguf"), n_ctx=2048), Counts(0, 0), 10))
    made.check(Ready(PROTOCOL, EngineFacts("1", "1", Backend("haswell", "", ()))))
    made.sent(Run(REQUEST, prepares))
    return made


@pytest.mark.parametrize("count", [Counted(7, 40, 12, 0, 2048, 512), Counted(7, 0, 90_000, 2, 2048, 512)])
def test_a_count_of_a_draft_is_believed(count: Counted) -> None:
    validator(prepares=True).check(count)


@pytest.mark.parametrize(
    "count",
    [
        Counted(8, 40, 12, 0, 2048, 512),
        Counted(7, -1, 12, 0, 2048, 512),
        Counted(7, 40, 2**40, 0, 2048, 512),
        Counted(7, 40, 12, 4, 2048, 512),
        Counted(7, 40, 12, -1, 2048, 512),
        Counted(7, 40, 12, 0, 2048, 4096),
        Counted(7, 40, 12, 0, 999_999, 512),
        Counted(7, 40, 12, 0, 2048, -1),
    ],
)
def test_a_count_that_makes_no_sense_is_not(count: Counted) -> None:
    with pytest.raises(ProtocolError):
        validator(prepares=True).check(count)


def test_nobody_counts_for_an_answer() -> None:
    with pytest.raises(ProtocolError, match="nobody asked for"):
        validator(prepares=False).check(Counted(7, 40, 12, 0, 2048, 512))
