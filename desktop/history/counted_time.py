"""A clock for "deleted 30 days ago" that a wrong clock of the machine cannot hurry.

It adds up the time between two looks at the machine's clock. A look back adds nothing, and neither does one from too
far ahead: whoever has not used Catnap for so long keeps deleted conversations that much longer, and a machine that woke
up ten years ahead, and is set right the next day, loses nothing. Both are counted again from the next look on.
"""

from __future__ import annotations

import math
import sqlite3

# Seconds between two looks that are believed: a month's holiday and some more. Most wrong clocks are off by years.
_BELIEVED_STEP = 45 * 86400.0
# Rows of the table "about": seconds counted up to the last look, and what the machine's clock said then.
_COUNTED, _SEEN = "seconds_counted", "clock_seen"


def count_time(connection: sqlite3.Connection, now: float) -> float:
    """Looks at the clock; returns the seconds counted since the first look. Writes, as a part of a transaction.

    Args:
        connection: Of the history.
        now: What the machine's clock says, in seconds since the epoch.
    """
    counted, seen = _number(connection, _COUNTED, 0.0), _number(connection, _SEEN, now)
    if 0 < now - seen <= _BELIEVED_STEP:
        counted += now - seen
    for name, value in ((_COUNTED, counted), (_SEEN, now)):
        connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, repr(value)))
    return counted


def _number(connection: sqlite3.Connection, name: str, default: float) -> float:
    row = connection.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
    try:
        number = float(row[0]) if row else default
    except ValueError:  # a damaged row: counted anew
        return default
    return number if math.isfinite(number) else default
