"""A trial in a process of its own, as whoever waits for it sees it, without the process."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

from desktop.common.errors import Cancelled
from tests.support.patience import PATIENCE_S

_Order = TypeVar("_Order")
_Outcome = TypeVar("_Outcome")


class PlayedTrial(Generic[_Order, _Outcome]):
    """A trial whose outcome the test decides.

    Attributes:
        order: What is tried.
        was_cancelled: Whether anybody has given it up.
        has_ended: Whether whoever waits for it has heard of its end.
    """

    def __init__(self, order: _Order) -> None:
        self.order = order
        self._outcome: _Outcome | Exception = Cancelled()
        self._known = threading.Event()
        self.was_cancelled = self.has_ended = False

    def ends(self, outcome: _Outcome | Exception) -> None:
        """Comes to its end, with what is raised or returned."""
        self._outcome = outcome
        self._known.set()

    def run(self) -> _Outcome:
        assert self._known.wait(PATIENCE_S)
        self.has_ended = True
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    def cancel(self) -> None:
        self.was_cancelled = True
        self.ends(Cancelled())
