"""The window while many other programs ask the API: how long its thread is ever kept waiting."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import subprocess
import sys
from pathlib import Path

from desktop.api.state import ApiKind, ApiState
from desktop.app.run import Program
from desktop.chat.events import AnswerFailed, AnswerStored, ChatEvent
from tests.bench.heartbeat import Heartbeat
from tests.bench.prompts import words
from tests.support.patience import LONG_PATIENCE_S

_ROOT = Path(__file__).parents[2]
_SETTLE_S = 2.0
_KEY_S = 0.08  # between two keys of somebody who writes quickly
_LETTERS, _SCROLLS = 40, 20  # of a draft; turns of the wheel
_LATE_S = 0.016
_LONGEST, _WORDS, _TURNS = 12, 40, 2  # tokens of an answer; of a question, and how many before it begins


async def measure_api(program: Program, seconds: float) -> dict[str, float]:
    """Returns the longest wait of the thread of the windows in seconds, and what became of the clients."""
    program.shell.start(hidden=False)
    await asyncio.sleep(_SETTLE_S)
    port = await _switch_on(program)
    token = program.services.programs.renew_token()
    window = program.shell.window
    assert window is not None
    program.services.store.change(max_tokens=_LONGEST)
    for number in range(_TURNS):  # there is something to look at, and the model is awake
        await _ask(program, words(_WORDS, seed=number))
    await asyncio.sleep(_SETTLE_S)
    heart = Heartbeat(program.shell)
    heart.enter("load")
    clients = _start_clients(port, token, seconds)
    for round_ in itertools.count(1):
        if clients.poll() is not None:
            break
        await _use(program, round_)
    heart.stop()
    assert clients.stdout is not None
    counts: dict[str, float] = json.loads(clients.stdout.read())
    return counts | {
        "blocked": heart.longest["load"],
        "own": heart.without_others["load"],
        "queued": heart.queued["load"],
        "worked": heart.worked["load"],
        "beats": float(heart.beats["load"]),
        "late": heart.late(_LATE_S, "load"),
    }


def _start_clients(port: int, token: str, seconds: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.bench.api_clients", str(port), token, str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=_ROOT)


async def _use(program: Program, round_: int) -> None:
    """Writes, scrolls, opens another conversation and comes back, and asks now and then."""
    window, chat = program.shell.window, program.shell.chat
    assert window is not None
    assert chat is not None
    composer, view = window.pane.composer, window.pane.transcript
    draft = words(20, seed=round_)[:_LETTERS]
    for length in range(1, len(draft) + 1):
        composer.set_text(draft[:length])
        await asyncio.sleep(_KEY_S)
    for _ in range(_SCROLLS):
        view.scroll_bar.setValue(view.scroll_bar.value() - view.scroll_bar.pageStep() // 4)
        await asyncio.sleep(_KEY_S / 2)
    view.go_to_end()
    if round_ % 2:
        composer.set_text("")
        await _ask(program, words(12, seed=round_))
    else:
        here = chat.current
        chat.open(None)
        await asyncio.sleep(_KEY_S)
        chat.open(here)


async def _ask(program: Program, text: str) -> None:
    """Presses Enter, and waits for the answer."""
    window, ended = program.shell.window, asyncio.Event()
    assert window is not None

    def on_chat_event(event: ChatEvent) -> None:
        if isinstance(event, AnswerStored | AnswerFailed):
            ended.set()

    program.services.chat_events.subscribe(on_chat_event)
    window.pane.composer.set_text(text)
    window.pane.composer.submit()
    await asyncio.wait_for(ended.wait(), LONG_PATIENCE_S)


async def _switch_on(program: Program) -> int:
    """Has the API listen on a port that is free; returns it."""
    is_on = asyncio.Event()

    def on_state(state: ApiState) -> None:
        if state.kind is ApiKind.ON:
            is_on.set()

    program.services.programs.subscribe(on_state)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    program.services.store.change(api=True, api_port=port)
    await asyncio.wait_for(is_on.wait(), LONG_PATIENCE_S)
    return program.services.programs.state.port
