"""When something was, in the words of a list, and the day that it was on."""

from __future__ import annotations

from datetime import date
from typing import Final

from PySide6.QtCore import QDate, QDateTime, QLocale

_FIRST_DAY: Final = date(1970, 1, 1)


_MINUTE: Final = 60  # seconds; every time zone of today is a whole number of them away from UTC


class TimeWords:
    """Says times of conversations; made anew each day. What is said alike is said once, however many they are."""

    def __init__(self) -> None:
        self._known: dict[date | int, str] = {}
        self._today = date.today()

    def of(self, seconds: float) -> str:
        """Returns what :func:`time_words` says."""
        day = day_of(seconds)
        key = day if day < self._today else int(seconds // _MINUTE)
        if key not in self._known:
            self._known[key] = time_words(seconds)
        return self._known[key]


def time_words(seconds: float) -> str:
    """Returns when something was: the time for today, the day of the week for this week, else the date."""
    day, local = day_of(seconds), QLocale()
    ago = (date.today() - day).days
    if ago <= 0:
        time = QDateTime.fromSecsSinceEpoch(int(seconds)).time()
        return local.toString(time, local.timeFormat(QLocale.FormatType.ShortFormat).replace(":ss", ""))
    if ago < 7:
        return local.standaloneDayName(day.isoweekday())
    return local.toString(as_qdate(day), QLocale.FormatType.ShortFormat)


def day_of(seconds: float) -> date:
    """Returns the day of a time in seconds since the epoch; of what no calendar has, the first day of all."""
    try:
        return date.fromtimestamp(seconds)
    except (ValueError, OverflowError, OSError, TypeError):
        return _FIRST_DAY


def as_qdate(day: date) -> QDate:
    """Returns a day as Qt has it."""
    return QDate(day.year, day.month, day.day)
