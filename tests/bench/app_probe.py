"""The real app in a process of its own, driven from inside, so that its own thread can be watched.

    python -m tests.bench.app_probe memory|blocks|quiet|reading|api DATA_DIR [--seconds N] [--naps N]

The data folder has its settings and its model. One JSON object on stdout: figures by name.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from desktop.app.garbage import GarbageCollector
from desktop.app.run import Program, build, shut_down
from desktop.arguments.parsing import AppOptions
from desktop.common.logs import set_up_logging
from desktop.common.paths import Paths, resolve_paths
from desktop.engine.types import Asleep, Awake, Dozing, EngineEvent, Failed, Finished, Reading, Token, Waking
from desktop.settings.store import SettingsStore
from desktop.ui.theme.theme import apply_theme
from tests.bench.api_probe import measure_api
from tests.bench.heartbeat import Heartbeat
from tests.bench.prompts import words
from tests.bench.reading_probe import measure_reading

_SETTLE_S = 2.0
_PATIENCE_S = 240.0
_QUESTION_WORDS = 400  # some 500 tokens: a second or more of reading
# A doze "after no time", in minutes; 0 is never.
_AT_ONCE = 0.001


class Driver:
    """Talks to the app as its windows do."""

    def __init__(self, program: Program, on_event: Callable[[EngineEvent], None] | None = None) -> None:
        """
        Args:
            program: The app, built.
            on_event: Sees every engine event on the GUI thread.
        """
        self._program = program
        self._on_event = on_event
        self._ended = asyncio.Event()
        self._asleep = asyncio.Event()
        self._dozing = asyncio.Event()
        self._error: Exception | None = None
        program.services.engine_events.subscribe(self._take)

    async def ask_quietly(self, text: str) -> None:
        """Asks without any window."""
        self._ended.clear()
        self._program.services.chat.send(None, text)
        await self._wait(self._ended)

    def write(self, text: str) -> None:
        """Puts a text into the composer."""
        window = self._program.shell.window
        assert window is not None
        window.pane.composer.set_text(text)

    async def ask_in_window(self) -> None:
        """Presses Enter in the composer, where the text stands; the answer streams into the window."""
        window = self._program.shell.window
        assert window is not None
        self._ended.clear()
        window.pane.composer.submit()
        await self._wait(self._ended)

    async def nap(self) -> None:
        """Sends the model to sleep and waits until its memory is given back."""
        self._asleep.clear()
        self._program.services.engine.sleep()
        await self._wait(self._asleep)

    async def doze(self) -> None:
        """Has the model doze and waits until it does."""
        store = self._program.services.store
        self._dozing.clear()
        store.change(idle_minutes=_AT_ONCE)
        await self._wait(self._dozing)
        store.change(idle_minutes=0.0)

    async def _wait(self, what: asyncio.Event) -> None:
        await asyncio.wait_for(what.wait(), _PATIENCE_S)
        if self._error is not None:
            raise self._error

    def _take(self, event: EngineEvent) -> None:
        if self._on_event is not None:
            self._on_event(event)
        if isinstance(event, Failed):
            self._error = event.error
        if isinstance(event, Finished | Failed):
            self._ended.set()
        elif isinstance(event, Asleep):
            self._asleep.set()
        elif isinstance(event, Dozing):
            self._dozing.set()


async def measure_memory(program: Program, naps: int) -> dict[str, float]:
    """Returns memory of both processes with no window open: before the first load, awake, dozing, after each nap."""
    driver, memory = Driver(program), program.services.machine.memory
    program.shell.start(hidden=True)
    await asyncio.sleep(_SETTLE_S)
    never = memory.read()
    await driver.ask_quietly(words(_QUESTION_WORDS, seed=0))
    awake = memory.read()
    await driver.doze()
    dozing = memory.read()
    program.services.store.change(max_tokens=2)
    after = []
    for number in range(naps):
        await driver.nap()
        await asyncio.sleep(0.5)
        after.append(memory.read())
        if number < naps - 1:
            await driver.ask_quietly(words(20, seed=number + 1))
    return {
        "never_rss": never.rss,
        "never_anonymous": never.anonymous,
        "awake_rss": awake.rss,
        "awake_anonymous": awake.anonymous,
        "dozing_rss": dozing.rss,
        "dozing_anonymous": dozing.anonymous,
        "after_rss": after[0].rss,
        "after_naps_rss": after[-1].rss,
        "after_anonymous": after[0].anonymous,
        "after_naps_anonymous": after[-1].anonymous,
        "most_anonymous": max(reading.anonymous for reading in after),
    }


async def measure_blocks(program: Program) -> dict[str, float]:
    """Returns the longest wait of the GUI thread in seconds while an answer comes in an open window, and in naps."""
    program.shell.start(hidden=False)
    await asyncio.sleep(_SETTLE_S)
    heart = Heartbeat(program.shell)

    def follow(event: EngineEvent) -> None:
        if isinstance(event, Waking):
            heart.enter("load")
        elif isinstance(event, Reading | Awake):
            heart.enter("reading")
        elif isinstance(event, Token):
            heart.enter("generation")
        elif isinstance(event, Asleep | Dozing):
            heart.enter("quiet")

    driver = Driver(program, follow)
    for number in range(2):  # the second time the window has a conversation to show, and is warm
        driver.write(words(_QUESTION_WORDS, seed=number))
        await asyncio.sleep(_SETTLE_S)
        heart.enter("sending")
        await driver.ask_in_window()
        await asyncio.sleep(1)
        heart.enter("doze")
        await driver.doze()
        await asyncio.sleep(1)
        heart.enter("sleep")
        await driver.nap()
        await asyncio.sleep(1)
    heart.stop()
    return heart.longest | {f"{phase}_own": seconds for phase, seconds in heart.without_others.items()}


async def measure_quiet(program: Program, seconds: float) -> dict[str, float]:
    """Returns how often the threads of both processes woke up in a time with no window open, dozing and asleep."""
    driver = Driver(program)
    program.shell.start(hidden=True)
    await driver.ask_quietly(words(20, seed=0))
    await driver.doze()
    dozing, dozing_threads = await _wake_ups(program, seconds)
    await driver.nap()
    asleep, asleep_threads = await _wake_ups(program, seconds)
    return {
        "dozing": dozing,
        "dozing_threads": dozing_threads,
        "asleep": asleep,
        "asleep_threads": asleep_threads,
    }


async def _wake_ups(program: Program, seconds: float) -> tuple[int, int]:
    """Returns how often threads woke up in a time, and how many threads there are."""
    await asyncio.sleep(_SETTLE_S)
    engine = program.services.engine.process_id
    processes = ["self"] if engine is None else ["self", str(engine)]
    before = _voluntary_switches(processes)
    await asyncio.sleep(seconds)
    after = _voluntary_switches(processes)
    return sum(count - before.get(thread, 0) for thread, count in after.items()), len(after)


def _voluntary_switches(processes: Sequence[str]) -> dict[str, int]:
    """Returns for each thread how often it has waited for something; Linux only."""
    switches = {}
    for thread in (each for process in processes for each in Path("/proc", process, "task").iterdir()):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            status = (thread / "status").read_text(encoding="ascii", errors="replace")
            switches[thread.name] = int(status.partition("\nvoluntary_ctxt_switches:")[2].split(maxsplit=1)[0])
    return switches


async def _main(arguments: argparse.Namespace, app: QApplication, paths: Paths) -> dict[str, float]:
    tail = set_up_logging(paths.log_file)
    store = SettingsStore(paths.settings_file)
    program = build(paths, store, AppOptions(data_dir=paths.data), app, tail)
    try:
        match arguments.what:
            case "memory":
                return await measure_memory(program, arguments.naps)
            case "blocks":
                return await measure_blocks(program)
            case "reading":
                return await measure_reading(program)
            case "api":
                return await measure_api(program, arguments.seconds)
            case _:
                return await measure_quiet(program, arguments.seconds)
    finally:
        await shut_down(program)
        tail.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("memory", "blocks", "quiet", "reading", "api"))
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--naps", type=int, default=5)
    arguments = parser.parse_args()
    paths = resolve_paths(arguments.data_dir)
    paths.create()
    psutil.Process().create_time()  # as the start of the app does for its log: 1.3 MB that are there from then on
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    apply_theme(app, "system")
    collector = GarbageCollector(app)
    with QEventLoop(app) as loop:
        result = loop.run_until_complete(_main(arguments, app, paths))
    collector.close()
    print(json.dumps(result), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
