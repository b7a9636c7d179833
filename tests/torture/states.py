"""Brings an engine's process to a point of its work, and does something to it there."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Final

import psutil

from desktop.engine.types import (
    Awake,
    Dozing,
    EngineConfig,
    EngineEvent,
    Finished,
    Message,
    Reading,
    Role,
    Token,
    Waking,
)
from tests.support.parrot import LONG_TEXT, make_parrot
from tests.torture.judge import LONG_S, Asker, LostError

_LONG_QUESTION: Final = (Message(Role.USER, "words and more words " * 60),)
_QUESTION: Final = (Message(Role.USER, "hello"),)
_LOOK_AGAIN_S = 0.002


class State(Enum):
    """What the process does."""

    STARTING = "starting"
    LOADING = "loading"
    READING = "reading"
    ANSWERING = "answering"
    RESTING = "resting"
    DOZING = "dozing"

    @property
    def is_asked(self) -> bool:
        """Somebody waits for an answer."""
        return self not in (State.RESTING, State.DOZING)


def endless_model(folder: Path) -> Path:
    """Writes a slow model that goes on until it is stopped."""
    return make_parrot(folder / "endless.gguf", LONG_TEXT, endless=True, layers=100)


def configuration(path: Path, state: State) -> EngineConfig:
    """Returns a configuration with which a process comes to a state."""
    return EngineConfig(
        path,
        n_ctx=2048,
        threads=1,
        idle_seconds=0.0 if state is State.DOZING else None,
        sleep_seconds=None,
        memory_limit=1 << 30,
        snapshots_dir=path.parent / "states",
    )


def reach(asker: Asker, path: Path, state: State, then: Callable[[int], None]) -> int:
    """Has the process come to a state, and calls ``then`` with its id there; returns the id of the request.

    ``then`` runs on the engine thread as soon as the event comes, but for the start, of which there is none.

    Raises:
        LostError: It does not come there.
    """
    arrived = threading.Event()
    seen: list[EngineEvent] = []

    def on_event(event: EngineEvent) -> None:
        seen.append(event)
        if not arrived.is_set() and _is_there(state, seen):
            then(asker.worker.process_id or 0)
            arrived.set()

    asker.on_event = on_event if state is not State.STARTING else lambda event: None
    asker.worker.configure(configuration(path, state))
    question = _LONG_QUESTION if state is State.READING else _QUESTION
    request_id = asker.ask(question, max_tokens=1000 if state.is_asked else 4)
    if state is State.STARTING:
        deadline = time.monotonic() + LONG_S
        while asker.worker.process_id is None and time.monotonic() < deadline:
            time.sleep(_LOOK_AGAIN_S)
        then(asker.worker.process_id or 0)
    elif not arrived.wait(LONG_S):
        raise LostError(f"it did not come to {state.value}")
    asker.on_event = lambda event: None
    return request_id


def _is_there(state: State, seen: list[EngineEvent]) -> bool:
    match state, seen[-1]:
        case State.LOADING, Waking():
            return sum(isinstance(event, Waking) for event in seen) > 1  # the first one is the worker's own
        case (State.READING, Reading()) | (State.DOZING, Dozing()):
            return True
        case State.ANSWERING, Token():
            return sum(isinstance(event, Token) for event in seen) > 2
        case State.RESTING, Awake():
            return any(isinstance(event, Finished) for event in seen)
    return False


def hold(pid: int) -> None:
    """Stops a process as it stands."""
    os.kill(pid, signal.SIGSTOP)


def kill_held(pid: int, number: signal.Signals) -> None:
    """Sends a signal to a process that is held, and lets it go on to die of it."""
    os.kill(pid, number)
    os.kill(pid, signal.SIGCONT)


def is_gone(pid: int) -> bool:
    """Tells whether a process runs no more; what is left until its parent has asked for it is no process."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def seconds_until_gone(pid: int, most: float) -> float | None:
    """Returns the time until a process was gone; None: it took longer than ``most`` seconds."""
    began = time.monotonic()
    while time.monotonic() < began + most:
        if is_gone(pid):
            return time.monotonic() - began
        time.sleep(_LOOK_AGAIN_S)
    return None
