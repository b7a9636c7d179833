"""A stand-in for the app that will be killed: an engine's process, brought to a point of its work.

    python -m tests.torture.victim MODEL STATE [hold]

Prints the id of the process when it is there, which is then held if asked for, and waits for its end.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from tests.torture.judge import Asker
from tests.torture.states import State, hold, reach


def main() -> None:
    path, state, holds = Path(sys.argv[1]), State(sys.argv[2]), sys.argv[3:] == ["hold"]

    def arrived(pid: int) -> None:
        if holds:
            hold(pid)
        print(pid, flush=True)

    with Asker() as asker:
        reach(asker, path, state, arrived)
        threading.Event().wait()


if __name__ == "__main__":
    main()
