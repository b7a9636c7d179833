"""The whole app, started in a process of its own and told to end as soon as it is built."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.command_line import python

_CODE = (
    "import json, sys\n"
    "from desktop.app import run\n"
    "build = run.build\n"
    "def built(*given):\n"
    "    program = build(*given)\n"
    "    print(json.dumps([str(problem) for problem in program.services.problems]), flush=True)\n"
    "    program.request_quit()\n"
    "    return program\n"
    "run.build = built\n"
    "from desktop.__main__ import main\n"
    "sys.exit(main(sys.argv[1:]))\n"
)


def start_and_quit(data: Path) -> list[str]:
    """Starts the app with a data folder, makes sure that it ends in order, and returns what it had to say."""
    done = python(_CODE, "--data-dir", str(data), "--hidden")
    assert done.code == 0, done.err
    problems: list[str] = json.loads(done.out)
    return problems
