"""The whole app, started in a process of its own and told to end as soon as it is built."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.support.command_line import environment
from tests.support.patience import PATIENCE_S

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
    done = subprocess.run(
        [sys.executable, "-c", _CODE, "--data-dir", str(data), "--hidden"],
        env=environment({"QT_QPA_PLATFORM": "offscreen"}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    problems: list[str] = json.loads(done.stdout)
    return problems
