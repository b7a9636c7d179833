"""Programs that mean harm, or well, run by the process that runs programs of models."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from desktop.check.sandbox.messages import RunLimits
from desktop.check.sandbox.runner import NoWallsError, run_python
from desktop.common.errors import Cancelled
from desktop.engine.cage import landlock

LIMITS = RunLimits(cpu_seconds=1, seconds=6.0)
needs_walls = pytest.mark.skipif(
    sys.platform != "linux" or not landlock.version(), reason="this system cannot shut a program in"
)
HOSTILE = {
    "a fork bomb": "import os\ndef f(x):\n while True: os.fork()",
    "a loop without an end": "def f(x):\n while True: pass",
    "10 GB in a list": "def f(x): return len([0] * (10 * 1024**3 // 8))",
    "a signal to the app": "import os\ndef f(x): os.kill(os.getppid(), 9); return 4",
    "a signal to all": "import os\ndef f(x): os.kill(-1, 9); return 4",
    "its own end": "import os\ndef f(x): os.kill(os.getpid(), 9)",
    "its own halt": "import os, signal\ndef f(x): os.kill(os.getpid(), signal.SIGSTOP); return 4",
    "the users of this machine": "def f(x): return len(open('/etc/passwd').read()) * 0 + 4",
    "a file": "def f(x): open('{file}', 'w').write('x'); return 4",
    "a socket": "import socket\ndef f(x): socket.socket(); return 4",
    "another program": "import subprocess\ndef f(x): subprocess.run(['true']); return 4",
    "sys.exit": "import sys\ndef f(x): sys.exit(0)",
    "an exit on import": "import os\nos._exit(0)\ndef f(x): return 4",
    "print for ever": "def f(x):\n while True: print('x' * 10_000)",
    "a sleep for ever": "import time\ndef f(x): time.sleep(1e6); return 4",
    "memory that is nobody's": "import ctypes\ndef f(x): return ctypes.string_at(0)",
    "threads for ever": "import threading\ndef f(x):\n while True: threading.Thread(target=f, args=(x,)).start()",
    "no depth": "def f(x): return f(x)",
    "nonsense for the app": "import os\ndef f(x):\n for h in range(3, 20):\n  try: os.write(h, b'x' * 99)\n  except OSError: pass\n return 4",  # noqa: E501
    "a closed pipe": "import os\ndef f(x): os.closerange(3, 50); return 4",
    "too long a value": "def f(x): return 'x' * 10**7",
    "a value that is none": "def f(x): return f",
    "a list of itself": "def f(x):\n a = []\n a.append(a)\n return a",
    "no function": "f = 4",
    "an error": "def f(x): raise ValueError",
    "a question": "def f(x): return int(input())",
}


@needs_walls
@pytest.mark.parametrize("name", HOSTILE)
def test_harm_comes_to_nothing(name: str, tmp_path: Path) -> None:
    # GIVEN a program that would have the right value after doing harm, or never ends
    file = tmp_path / "written"
    # WHEN it is run
    values = run_python(HOSTILE[name].replace("{file}", str(file)), "f", [[2]], limits=LIMITS)
    # THEN there is no value, and nothing was done
    assert values is None
    assert not file.exists()
    assert os.getppid() > 0


@needs_walls
def test_values_come_back_as_json_has_them() -> None:
    code = (
        "import math, re, collections, statistics\n"
        "def f(*a): return [*a, (1, 2), {3, 1}, {'k': math.floor(2.5)}, None, statistics.mean([1, 3])]\n"
        "if __name__ == '__main__': raise SystemExit"
    )
    assert run_python(code, "f", [[1], ["zwei", True]]) == [
        [1, [1, 2], [1, 3], {"k": 2}, None, 2],
        ["zwei", True, [1, 2], [1, 3], {"k": 2}, None, 2],
    ]


@needs_walls
def test_one_that_is_given_up_ends() -> None:
    given_up = threading.Event()
    given_up.set()
    with pytest.raises(Cancelled):
        run_python("import time\ndef f(): time.sleep(1e6)", "f", [[]], given_up=given_up)


def test_without_walls_nothing_is_run(tmp_path: Path) -> None:
    # GIVEN a system on which no wall stands
    file = tmp_path / "written"
    wall_less = (
        "from desktop.check.sandbox import process\n"
        "process.shut_in = lambda *_: ('memory: as predicted', 'no new privileges')\n"
        "raise SystemExit(process.main())"
    )
    # WHEN a program is to be run
    with pytest.raises(NoWallsError):
        run_python(f"open({str(file)!r}, 'w')\ndef f(): return 1", "f", [[]], command=[sys.executable, "-c", wall_less])
    # THEN it was not
    assert not file.exists()
