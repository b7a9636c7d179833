"""The far side of a companion (:mod:`desktop.engine.process.companion`): how such a process begins, and how it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn

from desktop.common.errors import UserFacingError
from desktop.engine.process.channel import ProtocolError, Receiver, Sender
from desktop.engine.process.pipes import leave_signals_to_the_app, take_pipes
from desktop.machine.process import lower_priority

_FAILED: Final = 1
_DETAIL: Final = 1000  # characters


def take_order(
    to_process: Sequence[type], from_process: Sequence[type], limit: int, firsts: tuple[type, ...], who: str
) -> tuple[Any, Receiver, Sender] | None:
    """Returns the first order with both ends of the channel; None: it was not the app that started the process.

    Args:
        to_process: Kinds of messages from the app, in the order that both sides know.
        from_process: Kinds of messages to it.
        limit: Bytes of a message from it at the most.
        firsts: What an order may be.
        who: "The process that ...", for whoever has typed the verb.
    """
    leave_signals_to_the_app()
    commands, results = take_pipes()
    receiver = Receiver(commands, to_process, limit)
    try:
        order = receiver.receive()
    except ProtocolError:
        order = None
    if not isinstance(order, firsts):
        print(f"{who} is started by Catnap itself.", file=sys.stderr)
        return None
    lower_priority()
    return order, receiver, Sender(results, from_process)


def detail_of(problem: Exception) -> str:
    """Returns what went wrong, as a last message says it."""
    detail = problem.detail or problem.title if isinstance(problem, UserFacingError) else str(problem)
    return detail[:_DETAIL]


def leave(send: Callable[[Any], None], last: object) -> NoReturn:
    """Says why nothing more comes, and ends."""
    send(last)
    os._exit(_FAILED)
