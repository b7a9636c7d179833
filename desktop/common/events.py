"""One event, several receivers. Standard library only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Publisher(Generic[P]):
    """Hands each event to its subscribers, in the order in which they came. Not for use across threads.

    It lets a service be built before the windows that will show its events.
    """

    def __init__(self) -> None:
        self._receivers: list[Callable[P, object]] = []

    def subscribe(self, receiver: Callable[P, object]) -> None:
        """Adds a receiver for all later events."""
        self._receivers.append(receiver)

    def __call__(self, *event: P.args, **details: P.kwargs) -> None:
        """Hands an event on: to every receiver, also when one before it has raised.

        Raises:
            Exception: What a receiver raised, when all have had the event; several in one ExceptionGroup.
        """
        failures: list[Exception] = []
        for receiver in tuple(self._receivers):
            try:
                receiver(*event, **details)
            except Exception as failure:
                failures.append(failure)
        if len(failures) > 1:
            raise ExceptionGroup("several receivers of one event failed", failures)
        if failures:
            raise failures[0]
