"""The process that runs one program of a model; started by Catnap with a verb that nobody types.

A small model writes what it has seen, and nobody has read it before it runs: so it runs where there is nothing to be
had, behind the walls that the engine has as well, and with no file but those of Python itself. Where the system has no
such walls it does not run at all.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from desktop.check.sandbox.messages import (
    FROM_PROCESS,
    MESSAGE_LIMIT,
    NoWalls,
    Raised,
    Ready,
    Returned,
    Run,
    RunLimits,
)
from desktop.common.json_file import parse_json, to_json
from desktop.engine.cage.walls import shut_in
from desktop.engine.process.channel import Sender
from desktop.engine.process.errand import take_errand

_FAILED: Final = 1
# The walls without which nothing runs, by how desktop/engine/cage/walls.py begins their words.
_NEEDED: Final = ("memory", "no new privileges", "files", "system calls")
_MOST_DEPTH: Final = 20
_MOST_VALUES: Final = 10_000


def main() -> int:
    """Runs the process; returns its exit code."""
    errand = take_errand(Run, MESSAGE_LIMIT, "The process that runs programs of models")
    if errand is None:
        return 2
    order, results = errand
    sender = Sender(results, FROM_PROCESS)
    _import_library()
    _be_silent()
    walls = shut_in("nothing", (), (), order.limits.memory, _cpu_limit(order.limits))
    if missing := [needed for needed in _NEEDED if not any(wall.startswith(needed) for wall in walls)]:
        _leave(sender, NoWalls(", ".join(missing)))
    sender.send(Ready())
    return _leave(sender, _run(order.code, order.function, order.calls))


def _import_library() -> None:
    """Imports what small programs import; here, since the bundle has only modules that something imports."""
    # ruff: noqa: F401
    import bisect
    import collections
    import copy
    import datetime
    import decimal
    import fractions
    import functools
    import heapq
    import itertools
    import operator
    import random
    import re
    import statistics
    import string
    import textwrap
    import time
    import typing


def _be_silent() -> None:
    """Whatever it prints, for ever perhaps, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for handle in (1, 2):
        os.dup2(nowhere, handle)
    os.close(nowhere)


def _cpu_limit(limits: RunLimits) -> int:
    times = os.times()
    return math.ceil(times.user + times.system) + limits.cpu_seconds


def _leave(sender: Sender, last: NoWalls | Returned | Raised) -> NoReturn:
    try:
        sender.send(last)
    except OSError:  # nobody waits any more
        os._exit(_FAILED)
    os._exit(0)  # whatever threads of the program still run


def _run(code: str, function: str, calls: str) -> Returned | Raised:
    try:
        namespace: dict[str, Any] = {"__name__": "answer"}
        exec(compile(code, "<answer>", "exec"), namespace)
        called = namespace[function]
        values = to_json([_plain(called(*arguments)) for arguments in parse_json(calls)])
    except BaseException as problem:  # SystemExit and KeyboardInterrupt are no more of an answer
        return Raised(type(problem).__name__[:80])
    return Returned(values) if len(values) * 4 < MESSAGE_LIMIT else Raised("too much")


def _plain(value: Any, depth: int = 0) -> Any:
    """Returns a value as JSON has it; a tuple is a list, and so is a set, in order."""
    if depth > _MOST_DEPTH:
        raise ValueError("nested too deep")
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, Mapping):
        if len(value) > _MOST_VALUES:
            raise ValueError("too many")
        return {str(key): _plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        if len(value) > _MOST_VALUES:
            raise ValueError("too many")
        each = sorted(value) if isinstance(value, set | frozenset) else value
        return [_plain(one, depth + 1) for one in each]
    raise TypeError(type(value).__name__)
