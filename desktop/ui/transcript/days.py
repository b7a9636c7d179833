"""Where another day begins in a conversation. Pure functions.

An answer belongs to its question, also after midnight, so that only questions open a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from desktop.engine.types import Role
from desktop.history.records import StoredMessage
from desktop.ui.conversations.moments import day_of, is_known


def is_on_several(messages: Sequence[StoredMessage]) -> bool:
    """Returns whether the first and the last question were asked on different days, as far as that is known."""
    first = next(_days(messages, range(len(messages))), None)
    last = next(_days(messages, range(len(messages) - 1, -1, -1)), None)
    return first is not None and last is not None and first != last


def day_begun(messages: Sequence[StoredMessage], index: int) -> date | None:
    """Returns the day of a question if the one before it was asked on another; None: no day begins with it."""
    day = next(_days(messages, range(index, index + 1)), None)
    return day if day != next(_days(messages, range(index - 1, -1, -1)), None) else None


def _days(messages: Sequence[StoredMessage], places: range) -> Iterator[date | None]:
    """Yields the days of the questions among some messages; None: nobody knows."""
    for place in places:
        if messages[place].role is Role.USER:
            day = day_of(messages[place].created)
            yield day if is_known(day) else None
