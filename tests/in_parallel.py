"""``make test``: the tests in as many processes as there are processors, each with its share of the files.

    python -m tests.in_parallel [ARGUMENTS OF PYTEST]

The first one's output is seen as it comes, that of each other when it has ended. Each is a pytest of its own: where one
is brought down by what it tests, the others go on, and its end is told. Exit code: the first that is not good.
"""

from __future__ import annotations

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


def main(arguments: Sequence[str]) -> int:
    """Runs the tests and returns the exit code."""
    count = max(
        1, min(_MOST, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    )
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="catnap-tests-")))
        processes: list[subprocess.Popen[bytes]] = []
        for share in range(1, count + 1):
            command = [sys.executable, "-m", "pytest", f"--share={share}/{count}", *arguments]
            output = None if share == 1 else opened.enter_context((folder / str(share)).open("wb"))
            processes.append(subprocess.Popen(command, cwd=_ROOT, stdout=output, stderr=output))
        codes = []
        for share, process in enumerate(processes, start=1):
            codes.append(process.wait())
            if share > 1:
                print(f"\n===== share {share} of {count} =====", flush=True)
                print((folder / str(share)).read_text(encoding="utf-8", errors="replace"), flush=True)
            if codes[-1] not in (_GOOD, _NO_TESTS):
                print(f"share {share} of {count} ended with {codes[-1]}", flush=True)
    bad = [code for code in codes if code not in (_GOOD, _NO_TESTS)]
    return bad[0] if bad else min(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
