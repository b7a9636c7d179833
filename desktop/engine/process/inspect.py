"""Asks a process what it is, for ``catnap doctor``: the native library is loaded there and not here."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from desktop.engine.backends import EngineFacts
from desktop.engine.process.crash import died
from desktop.engine.process.handle import EngineProcess, StartProcess
from desktop.engine.process.messages import Ended, Ready, Refused
from desktop.engine.process.throwaway import Throwaways
from desktop.engine.types import EngineConfig, Work

_SECONDS = 60.0


def inspect_engine(start: StartProcess = EngineProcess, clock: Callable[[], float] = time.monotonic) -> EngineFacts:
    """Starts a process, asks, and ends it; some tenths of a second.

    Args:
        start: Starts a process.
        clock: Seconds, monotonic: it is waited for a minute.

    Raises:
        UserFacingError: It cannot be started, or does not work.
    """
    with Throwaways(start, clock=clock) as processes:
        # Without a model; the limit is there so that its wall is tried as well.
        process = processes.begin(EngineConfig(None, memory_limit=0))
        deadline = clock() + _SECONDS
        while (arrived := processes.hear(deadline)) is not None:
            match arrived[1]:
                case Ready(_, facts):
                    return replace(facts, walls=(*facts.walls, *process.walls))
                case Refused() as refused:
                    raise refused.as_error()
                case Ended() as ended:
                    raise died(None, Work.STARTING, ended)
                case _:
                    pass
    raise died(None, Work.STARTING, Ended(0, (), was_killed=True))
