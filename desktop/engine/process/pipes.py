"""What a process of our own does first: the pipes to the app are taken away from everybody else in it."""

from __future__ import annotations

import os
import signal
import sys

_STDIN, _STDOUT, _STDERR = 0, 1, 2


def leave_signals_to_the_app() -> None:
    """Ctrl+C in a terminal, and the end of a session, reach every process; the app then says what is to be done."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def take_pipes() -> tuple[int, int]:
    """Returns handles of our own for both pipes; 0 and 1 are then what harms nobody."""
    if sys.platform == "win32":
        import msvcrt

        for handle in (_STDIN, _STDOUT):
            msvcrt.setmode(handle, os.O_BINARY)
    commands, events = os.dup(_STDIN), os.dup(_STDOUT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, _STDIN)
    os.close(nothing)
    os.dup2(_STDERR, _STDOUT)
    return commands, events
