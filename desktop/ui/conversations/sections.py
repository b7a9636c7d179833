"""The headings of the conversation list: which is pinned, and when the others were talked in last."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date

from PySide6.QtCore import QCoreApplication

from desktop.history.records import Conversation
from desktop.ui.conversations.moments import as_qdate, day_of
from desktop.ui.language import date_locale

_WEEK, _MONTH = 7, 30  # days


def in_sections(conversations: Sequence[Conversation], today: date) -> Iterator[tuple[str, Conversation]]:
    """Yields conversations with the headings of their sections: the pinned ones, then the others by their days.

    The others stay in the order that they come in, which no wrong clock can disturb. So what has a time that does not
    fit between those of its neighbours stands under the heading of the one before it.

    Args:
        conversations: The one with the newest message first.
        today: The day of today.
    """
    pinned = [one for one in conversations if one.pinned is not None]
    heading = QCoreApplication.translate("Sections", "Pinned")
    for one in sorted(pinned, key=lambda one: one.pinned or 0.0, reverse=True):
        yield heading, one
    others = [one for one in conversations if one.pinned is None]
    days = _in_order([day_of(one.updated) for one in others])
    known: dict[date, str] = {}
    for one, day in zip(others, days, strict=True):
        if day not in known:
            known[day] = heading_of(day, today)
        yield known[day], one


def heading_of(day: date, today: date) -> str:
    """Returns what stands above what was talked in on a day."""
    ago = (today - day).days
    if ago <= 0:
        return QCoreApplication.translate("Sections", "Today")
    if ago == 1:
        return QCoreApplication.translate("Sections", "Yesterday")
    if ago < _WEEK:
        return QCoreApplication.translate("Sections", "Last 7 days")
    if ago < _MONTH:
        return QCoreApplication.translate("Sections", "Last 30 days")
    # The month and its year, as QLocale.toString has them.
    return date_locale().toString(as_qdate(day), QCoreApplication.translate("Sections", "MMMM yyyy"))


def _in_order(days: list[date]) -> list[date]:
    """Returns days that never grow: those of the longest such sequence as they are, the others like the one before."""
    ends: list[int] = []  # of sequences of each length, the best last day, turned round so that they grow
    last: list[int] = []  # whose day that is
    before: list[int | None] = []
    for place, day in enumerate(days):
        turned = -day.toordinal()
        length = bisect_right(ends, turned)
        before.append(last[length - 1] if length else None)
        ends[length : length + 1] = [turned]
        last[length : length + 1] = [place]
    kept: set[int] = set()
    at: int | None = last[-1] if last else None
    while at is not None:
        kept.add(at)
        at = before[at]
    found: list[date] = []
    day = days[min(kept, default=0)] if days else date.min
    for place, own in enumerate(days):
        day = own if place in kept else day
        found.append(day)
    return found
