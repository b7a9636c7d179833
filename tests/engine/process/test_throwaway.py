from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.engine.process.handle import EngineProcess
from desktop.engine.process.inspect import inspect_engine
from desktop.engine.process.messages import Delivery, Ready
from desktop.engine.process.throwaway import Throwaways
from tests.support.engine_harness import config_for
from tests.support.misbehaving import command, starting
from tests.support.patience import PATIENCE_S, wait_for

if sys.platform == "win32":
    pytest.skip("what misbehaves here uses signals", allow_module_level=True)

CONFIG = config_for(Path("mine.gguf"))
_FOR_EVER = float("inf")


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_whatever_happens_all_processes_are_gone_at_the_end() -> None:
    # GIVEN two processes, one of which hangs
    started: list[EngineProcess] = []
    with pytest.raises(ValueError, match="ours"), Throwaways(starting(("start", "stop"))) as processes:
        started += [processes.begin(CONFIG), processes.begin(CONFIG)]
        arrived = processes.hear(_FOR_EVER)
        assert arrived is not None and arrived[0] is started[1] and isinstance(arrived[1], Ready)
        # WHEN the work fails
        raise ValueError("ours")
    # THEN nothing is left
    assert all(_is_gone(process.pid) for process in started)


def test_a_deadline_passes() -> None:
    now = iter([0.0, 1.0])
    with Throwaways(starting(("start", "stop")), clock=lambda: next(now, 61.0)) as processes:
        processes.begin(CONFIG)
        assert processes.hear(60.0) is None


def test_work_that_is_given_up_ends_while_it_waits() -> None:
    given_up = threading.Event()
    with pytest.raises(Cancelled), Throwaways(starting(("start", "stop")), given_up) as processes:
        processes.begin(CONFIG)
        threading.Timer(0.0, given_up.set).start()
        processes.hear(_FOR_EVER)


def test_a_process_that_cannot_be_ended_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a process that the kernel holds, so that it takes no signal
    monkeypatch.setattr("desktop.engine.process.throwaway._END_SECONDS", 0.1)
    with monkeypatch.context() as held:
        held.setattr(EngineProcess, "kill", lambda _self: None)
        with Throwaways(starting(("start", "stop"))) as processes:
            process = processes.begin(CONFIG)
    # THEN nobody waits for it any more
    assert not _is_gone(process.pid)
    process.kill()
    wait_for("its end", lambda: _is_gone(process.pid))


@pytest.mark.parametrize(("does", "words"), [("stop", "no longer answered"), ("abort", "ended while it was starting")])
def test_an_engine_that_cannot_say_what_it_is_is_a_sentence(does: str, words: str) -> None:
    began: list[EngineProcess] = []

    def start(deliver: Callable[[EngineProcess, Delivery], None]) -> EngineProcess:
        began.append(EngineProcess(deliver, command("start", does)))
        return began[-1]

    patience = iter([0.0, 0.0]) if does == "stop" else iter([0.0] * 10_000)
    with pytest.raises(UserFacingError, match=words):
        inspect_engine(start, lambda: next(patience, PATIENCE_S + 61.0))
    assert _is_gone(began[0].pid)
