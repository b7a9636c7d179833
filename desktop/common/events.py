"""One event, several receivers. Standard library only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Relay(Generic[T]):
    """Hands each event to its subscribers, in the order in which they came. Not for use across threads.

    It lets a service be built before the windows that will show its events.
    """

    def __init__(self) -> None:
        self._receivers: list[Callable[[T], None]] = []

    def subscribe(self, receiver: Callable[[T], None]) -> None:
        """Adds a receiver for all later events."""
        self._receivers.append(receiver)

    def __call__(self, event: T) -> None:
        """Hands ``event`` on."""
        for receiver in tuple(self._receivers):
            receiver(event)
