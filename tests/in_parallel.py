"""``make test``: the tests in as many processes as there are processors, each with its share of the files.

    python -m tests.in_parallel [ARGUMENTS OF PYTEST]

The first one's output is seen as it comes, that of each other when it has ended. Each is a pytest of its own: where one
is brought down by what it tests, the others go on, and its end is told. At the very end stands again what failed in any
of them: of a long output often its end alone is kept. Exit code: the first that is not good.
"""

from __future__ import annotations

import codecs
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_MOST = 4
_GOOD, _NO_TESTS = 0, 5  # of pytest
_LINES = 40  # of a share's end that are told again


def main(arguments: Sequence[str]) -> int:
    """Runs the tests and returns the exit code."""
    count = max(
        1, min(_MOST, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    )
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="catnap-tests-")))
        processes: list[subprocess.Popen[bytes]] = []
        for share in range(1, count + 1):
            colour = ["--color=yes"] if share == 1 and sys.stdout.isatty() else []
            command = [sys.executable, "-m", "pytest", f"--share={share}/{count}", *colour, *arguments]
            output = subprocess.PIPE if share == 1 else opened.enter_context((folder / str(share)).open("wb"))
            processes.append(subprocess.Popen(command, cwd=_ROOT, stdout=output, stderr=subprocess.STDOUT))
        codes, ends = [], []
        for share, process in enumerate(processes, start=1):
            if share == 1:
                said = _pass_on(process)
                codes.append(process.wait())
            else:
                codes.append(process.wait())
                said = (folder / str(share)).read_text(encoding="utf-8", errors="replace")
                print(f"\n===== share {share} of {count} =====\n{said}", flush=True)
            if codes[-1] not in (_GOOD, _NO_TESTS):
                ends.append(f"share {share} of {count} ended with {codes[-1]}:\n{_end_of(said)}")
    print(*ends, sep="\n\n", flush=True)
    bad = [code for code in codes if code not in (_GOOD, _NO_TESTS)]
    return bad[0] if bad else min(codes)


def _pass_on(process: subprocess.Popen[bytes]) -> str:
    """Shows what a process says while it does, and returns it when it has ended."""
    assert process.stdout is not None
    said, decoder = [], codecs.getincrementaldecoder("utf-8")("replace")
    with process.stdout as stream:
        while piece := os.read(stream.fileno(), 65536):
            said.append(decoder.decode(piece))
            print(said[-1], end="", flush=True)
    return "".join(said)


def _end_of(said: str) -> str:
    """Returns the lines that name what failed; where there are none, the last ones."""
    _before, found, summary = said.rpartition("short test summary info")
    return "\n".join((summary if found else said).splitlines()[-_LINES:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
