"""The real app in a process of its own, played with from inside for many rounds.

    python -m tests.soak.app FOLDER ROUNDS STAY SEED [--only NAME,NAME] [--leak] [--explain ROUND,ROUND] --model FILE

FOLDER gets everything that is written. A line of JSON on stdout for each round, ``{"round": ...}``; for each turn of an
engine that lives on, ``{"stay": ...}``; and, after the rounds that are to be explained, ``{"explained": ...}``.
``--model`` is given for each model. ``--leak`` leaves in each round what must not be left: somebody has to find it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.soak.clock import Clock

if TYPE_CHECKING:
    from desktop.app.run import Program
    from tests.soak.player import Squeeze
    from tests.soak.samples import Memory

_ACTIONS = 4  # a round draws so many
_LOOK_AGAIN_S = 0.05
_LOOKS = 100
_LEAKED = 8 << 20


class Rounds:
    """The rounds, once the app is built.

    Attributes:
        failure: Why they ended early; empty: they did not.
    """

    def __init__(self, arguments: argparse.Namespace, squeeze: Squeeze, clock: Clock) -> None:
        """
        Args:
            arguments: What was asked for.
            squeeze: The memory of the machine, as the app sees it.
            clock: The time of day, as the app sees it.
        """
        self.failure = ""
        self._given, self._squeeze, self._clock = arguments, squeeze, clock
        self._task: asyncio.Task[None] | None = None
        self._leaked: list[object] = []

    def begin(self, program: Program) -> None:
        """Starts playing as soon as the app is there."""
        self._task = asyncio.ensure_future(self._play(program))

    async def _play(self, program: Program) -> None:
        try:
            await self._rounds(program)
        except BaseException:
            self.failure = traceback.format_exc()
        finally:
            program.request_quit()

    async def _rounds(self, program: Program) -> None:
        from tests.soak.anatomy import explain
        from tests.soak.player import ACTIONS, Player

        models = await self._get_ready(program)
        rng = random.Random(self._given.seed)
        only = self._given.only
        actions = [action for action in ACTIONS if not only or action.__name__ in only]
        player = Player(program, models, rng, self._squeeze, self._clock, self._given.folder)
        for number in range(self._given.rounds):
            began = time.monotonic()
            # In the first round everything happens once: what is made at the first use is there from then on.
            for action in actions if number == 0 else [Player.send, *rng.choices(actions, k=_ACTIONS)]:
                await action(player)
            if self._given.leak:
                self._leak()
            engine = await player.come_to_rest()
            tell(await sample(program, engine, number, time.monotonic() - began))
            if number in self._given.explain:
                tell({"explained": number, **explain()})
        for number in range(self._given.stay):
            tell({"stay": number, **asdict(await player.stay())})

    def _leak(self) -> None:
        """Leaves one of everything."""
        from PySide6.QtWidgets import QLabel

        file = tempfile.NamedTemporaryFile(delete=False)  # noqa: SIM115 (it is not to be closed)
        thread = threading.Thread(target=threading.Event().wait, daemon=True)
        thread.start()
        self._leaked += [QLabel("left"), file, b"x" * _LEAKED]

    async def _get_ready(self, program: Program) -> list[str]:
        """Puts the models in, and the settings in force; returns the ids of the models."""
        from tests.soak.player import USUAL
        from tests.support.own_models import use_own

        await asyncio.sleep(0)  # the window is shown in this turn of the loop
        models = [use_own(program.services, path).id for path in self._given.model]
        if program.shell.models.dialog is not None:
            program.shell.models.dialog.close()
        values = {key: value for key, value in vars(USUAL).items() if key != "model"}
        program.services.store.change(**values, model=models[0])
        return models


async def sample(program: Program, engine: Memory, number: int, seconds: float) -> dict[str, Any]:
    """Returns what a round has left behind, as soon as two looks at it see the same."""
    import psutil
    from PySide6.QtWidgets import QApplication

    from desktop.common.paths import resolve_paths
    from desktop.history.rescue.backups import backups
    from tests.soak.samples import Sample, bytes_of, read_memory, temporary_files

    history = program.services.history.file
    paths = resolve_paths(history.parent)
    process, before = psutil.Process(), (-1, -1, -1)
    for _ in range(_LOOKS):
        memory, left = read_memory(process), temporary_files(paths)
        now = memory.handles, memory.threads, len(left)
        if now == before:
            break
        before = now
        await asyncio.sleep(_LOOK_AGAIN_S)
    states = paths.snapshots_dir.iterdir() if paths.snapshots_dir.is_dir() else ()
    return Sample(
        round=number,
        seconds=seconds,
        app_rss=memory.rss,
        app_anonymous=memory.anonymous,
        engine_rss=engine.rss,
        engine_anonymous=engine.anonymous,
        engine_handles=engine.handles,
        engine_threads=engine.threads,
        handles=memory.handles,
        threads=memory.threads,
        widgets=len(QApplication.allWidgets()),
        objects=len(gc.get_objects()),
        temporary=len(left),
        states=bytes_of(states),
        database=bytes_of(history.parent.glob(f"{history.name}*")),
        copies=bytes_of(backups(history)),
    ).record()


def tell(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("rounds", type=int)
    parser.add_argument("stay", type=int)
    parser.add_argument("seed", type=int)
    parser.add_argument("--only", type=lambda text: text.split(","), default=[])
    parser.add_argument("--leak", action="store_true")
    parser.add_argument("--explain", type=lambda text: [int(part) for part in text.split(",")], default=[])
    parser.add_argument("--model", type=Path, action="append", required=True)
    arguments = parser.parse_args()
    clock = Clock(time.time)
    time.time = clock  # before the app comes, which takes it for default arguments
    from tests.soak.player import Squeeze

    squeeze = Squeeze()
    rounds = Rounds(arguments, squeeze, clock)

    from desktop.__main__ import main as catnap
    from desktop.app import reclaim, run, services

    build = run.build

    def built(*given: Any) -> Program:
        program = build(*given)
        rounds.begin(program)
        return program

    setattr(run, "build", built)  # noqa: B010 (mypy lets nobody replace a function)
    reclaim._AFTER_MS = 0  # nobody waits for it 500 times
    setattr(services, "make_pressure_reader", lambda _memory: squeeze)  # noqa: B010
    data = arguments.folder / "data"
    data.mkdir()
    (data / "settings.json").write_text('{"version": 1, "values": {"first_steps": false}}\n', encoding="utf-8")
    code = catnap(["--data-dir", str(data)])
    if rounds.failure:
        print(rounds.failure, file=sys.stderr)
    return code or int(bool(rounds.failure))


if __name__ == "__main__":
    sys.exit(main())
