"""What the app and the process that runs a model's program say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

VERB: Final = "check-process"
# Bytes of a message: code of 20,000 characters, and what its function may return.
MESSAGE_LIMIT: Final = 256 * 1024
_MB: Final = 1024 * 1024


@dataclass(frozen=True)
class RunLimits:
    """What a program may take, beyond what the process had before it.

    Attributes:
        memory: Bytes of address space.
        cpu_seconds: Time of the processor.
        seconds: By the clock on the wall.
        start_seconds: For the process to be ready, however busy the machine is.
    """

    memory: int = 256 * _MB
    cpu_seconds: int = 3
    seconds: float = 15.0
    start_seconds: float = 60.0


@dataclass(frozen=True)
class Run:
    """To the process: the one thing that it is to do.

    Attributes:
        code: Of a stranger.
        function: Which function of it is called.
        calls: JSON: a list of lists of arguments. What they should return is not told.
    """

    code: str
    function: str
    calls: str
    limits: RunLimits


@dataclass(frozen=True)
class Ready:
    """The walls stand, and the program begins now."""


@dataclass(frozen=True)
class NoWalls:
    """This system cannot shut a process in, so nothing is run; the last message.

    Attributes:
        missing: Which walls, in words.
    """

    missing: str


@dataclass(frozen=True)
class Returned:
    """What the calls returned, as a JSON list; the last message."""

    values: str


@dataclass(frozen=True)
class Raised:
    """There is nothing to return; the last message."""

    what: str


TO_PROCESS: Final = (Run,)
FROM_PROCESS: Final = (Ready, NoWalls, Returned, Raised)
