"""When something was, in the words of a list or of a message, and the day that it was on."""

from __future__ import annotations

from datetime import date
from typing import Final

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from desktop.ui.language import date_locale

_FIRST_DAY: Final = date(1970, 1, 1)


_SHORT: Final = QLocale.FormatType.ShortFormat
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
    """Returns when something was: the time for today, the day of the week for this week, else the date.

    A clock that was wrong leaves times that are still to come: a time of day alone would say that they are of today.
    """
    day, local = day_of(seconds), date_locale()
    ago = (date.today() - day).days
    if ago == 0:
        return _clock_words(seconds)
    if 0 < ago < 7:
        return local.standaloneDayName(day.isoweekday())
    return local.toString(as_qdate(day), QLocale.FormatType.ShortFormat)


def moment_words(seconds: float) -> str:
    """Returns when something was said: ``Today 14:05``, ``Yesterday 14:05``, ``Monday 14:05``, ``21/11/26 14:05``.

    Empty where nobody knows: a conversation from elsewhere may come without its times.
    """
    day, local = day_of(seconds), date_locale()
    if not is_known(day):
        return ""
    ago = (date.today() - day).days
    if ago == 0:
        words = QCoreApplication.translate("Moments", "Today {time}")
    elif ago == 1:
        words = QCoreApplication.translate("Moments", "Yesterday {time}")
    else:
        words = QCoreApplication.translate("Moments", "{day} {time}")
    is_near = 0 < ago < 7
    name = local.standaloneDayName(day.isoweekday()) if is_near else local.toString(as_qdate(day), _SHORT)
    return words.format(day=name, time=_clock_words(seconds))


def whole_moment_words(seconds: float) -> str:
    """Returns the same with the date written out: ``Sunday, 29 November 2026, 14:05``."""
    day = day_of(seconds)
    if not is_known(day):
        return ""
    words = QCoreApplication.translate("Moments", "{day}, {time}")
    return words.format(day=day_words(day), time=_clock_words(seconds))


def day_words(day: date) -> str:
    """Returns a date written out, which stays true however long it is shown: ``Sunday, 29 November 2026``."""
    return date_locale().toString(as_qdate(day), QLocale.FormatType.LongFormat)


def is_known(day: date) -> bool:
    """Returns whether something was on this day, or whether nobody knows; see :func:`day_of`."""
    return day > _FIRST_DAY


def _clock_words(seconds: float) -> str:
    time, local = QDateTime.fromSecsSinceEpoch(int(seconds)).time(), date_locale()
    return local.toString(time, local.timeFormat(_SHORT).replace(":ss", ""))


def day_of(seconds: float) -> date:
    """Returns the day of a time in seconds since the epoch; of what no calendar has, the first day of all."""
    try:
        return date.fromtimestamp(seconds)
    except (ValueError, OverflowError, OSError, TypeError):
        return _FIRST_DAY


def as_qdate(day: date) -> QDate:
    """Returns a day as Qt has it."""
    return QDate(day.year, day.month, day.day)
