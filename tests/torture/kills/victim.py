"""The whole program with a person at it, to be killed: ``python -m tests.torture.kills.victim ORDER``.

``ORDER`` is JSON: ``{"data", "catalog", "exchange", "seed", "first", "report", "words", "at"}``. Reports go to the
descriptor ``report``. It begins to use the program at the first line on stdin; where ``words`` are given, it dies at
the change number ``at`` from then on to a file whose path holds them.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import traceback
from pathlib import Path
from typing import Any

from desktop.__main__ import main as catnap
from desktop.app import run
from desktop.app.run import Program
from desktop.machine.process import die_with_parent
from tests.torture.kills import dying
from tests.torture.kills.user import Reporter, User


async def live(program: Program, reporter: Reporter, order: dict[str, Any]) -> None:
    """Says when the program is there, and uses it until it is killed."""
    try:
        await asyncio.sleep(0)  # it is built; its window comes next
        problems = [str(problem) for problem in program.services.problems]
        user = User(program, reporter, random.Random(order["seed"]), Path(order["exchange"]))
        reporter.tell("ready", problems=problems)
        if not await asyncio.to_thread(sys.stdin.readline):
            return
        if order["words"]:
            dying.arm(order["words"], order["at"], order["report"])
        await user.live(order["first"])
    except Exception:
        reporter.tell("broken", why=traceback.format_exc())


def main() -> int:
    die_with_parent()  # whoever stops the torture shall not be left with this
    order = json.loads(sys.argv[1])
    reporter = Reporter(order["report"])
    build = run.build
    lives: list[asyncio.Task[None]] = []

    def built(*given: Any) -> Program:
        program = build(*given)
        lives.append(asyncio.get_running_loop().create_task(live(program, reporter, order)))
        return program

    run.build = built  # type: ignore[assignment]
    return catnap(["--data-dir", order["data"], "--catalog", order["catalog"]])


if __name__ == "__main__":
    sys.exit(main())
