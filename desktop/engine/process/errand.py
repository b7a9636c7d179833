"""What a process of our own that does one thing does first: it takes its order from Catnap."""

from __future__ import annotations

import os
import sys
from typing import TypeVar

from desktop.engine.process.channel import ProtocolError, Receiver
from desktop.engine.process.pipes import leave_signals_to_the_app, take_pipes
from desktop.machine.process import lower_priority

Order = TypeVar("Order")


def take_errand(kind: type[Order], limit: int, who: str) -> tuple[Order, int] | None:
    """Returns what is to be done, and the handle of the pipe for what comes of it; nothing else can be read then.

    Args:
        kind: Of the order.
        limit: Bytes of it at the most.
        who: What this process is, for somebody who has started it by hand.

    Returns:
        None: nobody has given an order, which is said.
    """
    leave_signals_to_the_app()
    commands, results = take_pipes()
    try:
        order = Receiver(commands, (kind,), limit).receive()
    except ProtocolError:
        order = None
    if not isinstance(order, kind):
        print(f"{who} is started by Catnap itself.", file=sys.stderr)
        return None
    os.close(commands)
    lower_priority()
    return order, results
