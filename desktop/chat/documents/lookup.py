"""Looking through documents for an answer, while the window goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from desktop.chat.pending import Looking, PendingAnswer
from desktop.common.detached import Begin, hear
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError

T = TypeVar("T")


class DocumentLookup:
    """Has documents looked through, one thing at a time for each answer. GUI thread."""

    def __init__(self, begin: Begin) -> None:
        """
        Args:
            begin: Begins to look; where it does so on another thread, the asyncio loop that runs here hears of the end.
        """
        self._begin = begin

    def run(
        self,
        answer: PendingAnswer,
        look: Callable[[threading.Event], T],
        take: Callable[[T | UserFacingError], None],
        instead: Callable[[], None],
    ) -> None:
        """Looks for something.

        Args:
            answer: What it is for; :attr:`PendingAnswer.looking` until it is there.
            look: Finds it, on any thread; it may give up when the event is set.
            take: Takes what was found, or why nothing could be; not called when the answer does not look for it any
                more by then.
            instead: Does what follows if somebody stops it.
        """
        looking = answer.looking = Looking(instead)

        def end(done: Future[T]) -> None:
            if answer.looking is not looking:
                return
            answer.looking = None
            problem = done.exception()
            if problem is None:
                take(done.result())
            elif isinstance(problem, UserFacingError):
                take(problem)
            else:
                take(_unexpected(problem))
                raise problem

        hear(self._begin(partial(look, looking.given_up)), end)


def _unexpected(bug: BaseException) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Looking through the documents failed, for a reason that Catnap does not know."),
        f"{type(bug).__name__}.",
        QT_TRANSLATE_NOOP("Errors", "Try again. If it stays so, open the documents again."),
    )
