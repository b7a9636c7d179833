"""Devices, libraries and verdicts of graphics processors for tests; a process that tries one, and does as it is told.

``python -m tests.support.gpu DOES`` takes an order as the real one does: "die", "hang", "refuse", "nonsense", or "say",
which is what has come of it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from desktop.common.errors import UserFacingError
from desktop.engine.backends import GpuDevice, GpuKind, GpuLibrary, GpuUse
from desktop.engine.gpu.comparison import Agreement, ProductDifference
from desktop.engine.gpu.messages import FROM_PROCESS, LIMIT, TO_PROCESS, Found, Speeds, Tried
from desktop.engine.gpu.verdict import FoundLibrary, GpuVerdict, Outcome, Presence
from desktop.engine.process.channel import Receiver, Sender
from desktop.engine.process.messages import Refused
from desktop.engine.types import Stats

DEVICE = GpuDevice("Vulkan0", "A device", GpuKind.OWN_MEMORY, 8_000_000_000, 7_500_000_000, "driver 1")
LIBRARY = GpuLibrary(Path("/nowhere/libggml-vulkan.so"), 29_000_000, "00" * 32)
USE = GpuUse(LIBRARY, DEVICE.name, DEVICE.driver, -1)
READY = FoundLibrary(Presence.READY, LIBRARY, LIBRARY.path)
GOOD = GpuVerdict(
    Outcome.GOOD,
    device=DEVICE.description,
    name=DEVICE.name,
    driver=DEVICE.driver,
    layers=-1,
    of_layers=28,
    gain=3.0,
    reading=5.0,
    generation=2.5,
    divergence=0.001,
    memory=4_000_000_000,
    has_own_memory=True,
)
TRIED = Tried(
    *(DEVICE, -1, 28, Agreement(0.004, 0.01, 1.0), 0.003, Speeds(50.0, 8.0), Speeds(400.0, 24.0)),
    *(ProductDifference("Qcur-3", 1.004, 422), 0.015, 4_000_000_000),
)


def command(does: str) -> list[str]:
    """Returns what starts a process that does this."""
    return [sys.executable, "-P", "-m", "tests.support.gpu", does]


def main(does: str) -> None:
    """The process."""
    receiver = Receiver(0, TO_PROCESS, LIMIT)
    order = receiver.receive()
    send = Sender(1, FROM_PROCESS).send
    send(Found((DEVICE,), ("a wall",)))
    match does:
        case "die":
            print("GGML_ASSERT(device) failed", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGABRT)
        case "hang":
            threading.Event().wait()
        case "refuse":
            send(Refused.of(0, UserFacingError("No.", "It has no room."), Stats()))
        case "nonsense":
            os.write(1, b"nonsense of a process that was taken over")
        case _:
            assert order.layers == -1
            send(TRIED)


if __name__ == "__main__":
    main(sys.argv[1])
