"""The process of ``make demo`` in which the real app runs and is played with.

python -m tests.e2e.demo_app DATA_FOLDER MODELS_JSON SCREENSHOT_FOLDER
"""

from __future__ import annotations

import ipaddress
import signal
import sys
from pathlib import Path
from typing import Any

from tests.e2e.demo_report import Report


class Watch:
    """Notes every address the process connects to, and refuses those beyond this machine.

    Attributes:
        beyond: Hosts that were refused.
        connections: How many connections to this machine there were.
    """

    def __init__(self) -> None:
        self.beyond: list[str] = []
        self.connections = 0

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Called by the interpreter for every audited event, in any thread."""
        if event != "socket.connect" or not isinstance(arguments[1], tuple):
            return  # a tuple is an internet address; the path of a Unix socket is not
        host = str(arguments[1][0])
        if ipaddress.ip_address(host).is_loopback:
            self.connections += 1
        else:
            self.beyond.append(host)
            raise PermissionError(f"the demo stays on this machine: {host}")


def main(data: Path, catalog: Path, pictures: Path) -> int:
    """Plays everything and returns the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C ends the demo, not a slot of Qt's
    watch = Watch()
    sys.addaudithook(watch.audit)
    report = Report(sys.stdout, pictures)
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as problem:
        print(f"Qt cannot be loaded: {problem}.", file=sys.stderr)
        print("Debian, Ubuntu: sudo apt-get install libegl1 libgl1 libdbus-1-3 libxkbcommon0", file=sys.stderr)
        return 1
    from tests.e2e import demo_play

    demo_play.play(report, data, catalog)
    report.check(
        not watch.beyond, f"network: {watch.connections} to this machine, none beyond", f"none to {set(watch.beyond)}"
    )
    report.end()
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main(*(Path(argument) for argument in sys.argv[1:4])))
