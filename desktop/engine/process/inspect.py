"""Asks a process what it is, for ``catnap doctor``: the native library is loaded there and not here."""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from dataclasses import replace

from desktop.common.errors import UserFacingError
from desktop.engine.process.crash import died
from desktop.engine.process.handle import EngineProcess
from desktop.engine.process.messages import PROTOCOL, Begin, Delivery, Ended, Leave, Ready, Refused
from desktop.engine.threads.tuner import Counts
from desktop.engine.types import EngineConfig, EngineFacts, Work

_SECONDS = 60.0


def inspect_engine() -> EngineFacts:
    """Starts a process, asks, and ends it; some tenths of a second.

    Raises:
        UserFacingError: It cannot be started, or does not work.
    """
    arrived: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
    process = EngineProcess(lambda _process, delivery: arrived.put(delivery))
    # Without a model; the limit is there so that its wall is tried as well.
    process.send(Begin(PROTOCOL, EngineConfig(None, memory_limit=0), Counts(), logging.WARNING))
    facts: EngineFacts | None = None
    error: UserFacingError | None = None
    give_up = time.monotonic() + _SECONDS
    while True:
        try:
            delivery = arrived.get(timeout=min(max(0.0, give_up - time.monotonic()), threading.TIMEOUT_MAX))
        except queue.Empty:
            process.kill()
            give_up = math.inf  # it ends now
            continue
        match delivery:
            case Ready(_, facts):
                process.send(Leave(keep_state=False))
            case Refused() as refused:
                error = refused.as_error()
            case Ended() as ended:
                break
            case _:
                pass
    if facts is not None:
        return replace(facts, walls=(*facts.walls, *process.walls))
    raise error or died(None, Work.STARTING, ended)
