from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from desktop.cli import common
from desktop.cli.engine import Engine
from tests.support.engine_harness import GREEDY, config_for, user
from tests.support.parrot import PARROT_TEXT


@pytest.mark.skipif(os.name != "posix", reason="stops processes by signals")
def test_an_engine_that_does_not_move_is_said_and_waited_for(
    parrot_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warned: list[str] = []
    stopped: list[int] = []
    with Engine(config_for(parrot_model), common.ProgressLine(), stall_patience=0.2) as engine:

        def stop(_text: str) -> None:
            process = engine.process_id
            if process is not None and not stopped:
                stopped.append(process)
                os.kill(process, signal.SIGSTOP)

        def go_on(text: str) -> None:
            warned.append(text)
            if stopped:
                os.kill(stopped[0], signal.SIGCONT)

        # GIVEN an answer whose process is stopped in the middle
        monkeypatch.setattr(common, "warn", go_on)
        answer = engine.ask((user("hello"),), GREEDY, conversation_id="c", on_text=stop)

    # THEN that is said, with what can be done, and the answer goes on with the process
    assert stopped
    assert "the engine has not moved for" in warned[-1] and "Ctrl+C" in warned[-1]
    assert answer.text == PARROT_TEXT
