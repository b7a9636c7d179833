"""How long tests wait for what must happen. No Qt.

A test never needs a thing to happen within a time, only before its patience is at an end; and that is only reached when
something is broken, on a machine however busy. So all of them share one long patience.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_S = 120.0
PATIENCE_MS = 120_000
# For a program that goes through many steps, each of which may take its time.
LONG_PATIENCE_S = 900.0
_LOOK_AGAIN_S = 0.02

T = TypeVar("T")


class NotThereError(AssertionError):
    """Something that should have happened has not."""


def wait_for(what: str, probe: Callable[[], T | None], seconds: float = PATIENCE_S) -> T:
    """Calls ``probe`` until it returns something true: for what tells nobody when it happens.

    Raises:
        NotThereError: It did not within ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > deadline:
            raise NotThereError(f"waited {seconds:.0f} s for {what}")
        time.sleep(_LOOK_AGAIN_S)
