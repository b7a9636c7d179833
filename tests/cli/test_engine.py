"""The engine of the headless verbs: what is said of one that stands still."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from desktop.cli import common
from desktop.cli.engine import Engine
from desktop.engine.types import FinishReason
from tests.support.engine_harness import GREEDY, config_for, user
from tests.support.parrot import make_parrot


class Standstill:
    """Stops the engine's process at its first word, lets it go on when that is said, and ends the answer after that."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.process = 0
        self.warned: list[str] = []
        self.texts = 0  # pieces of the answer that came after the warning

    def on_text(self, _text: str) -> None:
        if not self.process:
            assert self.engine.process_id is not None
            self.process = self.engine.process_id
            os.kill(self.process, signal.SIGSTOP)
        elif self.warned:
            self.texts += 1
            self.engine._worker.cancel(1)

    def on_warning(self, text: str) -> None:
        if self.process:  # a busy machine may stand still by itself
            self.warned.append(text)
            self.go_on()

    def go_on(self) -> None:
        if self.process:
            os.kill(self.process, signal.SIGCONT)


@pytest.mark.skipif(os.name != "posix", reason="stops processes by signals")
def test_an_engine_that_does_not_move_is_said_and_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Slow and without end: a short answer might be whole before its process is stopped.
    model = make_parrot(tmp_path / "slow.gguf", endless=True, layers=150)
    with Engine(config_for(model), common.ProgressLine(), stall_patience=0.2) as engine:
        standstill = Standstill(engine)
        monkeypatch.setattr(common, "warn", standstill.on_warning)
        try:
            # GIVEN an answer whose process is stopped in the middle
            answer = engine.ask((user("hello"),), GREEDY, conversation_id="c", on_text=standstill.on_text)
        finally:
            standstill.go_on()

    # THEN that is said, with what can be done, and the answer goes on with the process
    assert "the engine has not moved for" in standstill.warned[0] and "Ctrl+C" in standstill.warned[0]
    assert standstill.texts and answer.reason is FinishReason.STOPPED
