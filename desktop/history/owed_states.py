"""Of which conversations the engine's saved states are to go, noted in the very transaction that makes them unwanted.

The engine is told as well, and obeys when it is free; whether it did is not known to whoever is killed meanwhile. So
the next start erases what stands here, before there is an engine.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

# Beginning of the name of a row of the table "about"; the rest is the id of a conversation.
_OWED = "state:"


def owe(connection: sqlite3.Connection, conversation_ids: Iterable[str]) -> None:
    """Notes that states of conversations hold words that are gone; a part of a transaction."""
    connection.executemany("INSERT OR REPLACE INTO about VALUES (?, '')", ((_OWED + one,) for one in conversation_ids))


def owed(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Returns the ids that were noted."""
    rows = connection.execute("SELECT name FROM about WHERE name >= ? ORDER BY name", (_OWED,))
    return tuple(filter(None, (owed_state(name) for (name,) in rows)))


def settle(connection: sqlite3.Connection, conversation_ids: Iterable[str]) -> None:
    """Takes notes away; a part of a transaction."""
    connection.executemany("DELETE FROM about WHERE name = ?", ((_OWED + one,) for one in conversation_ids))


def owed_state(name: object) -> str:
    """Returns the conversation that a row of this name is about; empty: it is another row."""
    return name.removeprefix(_OWED) if isinstance(name, str) and name.startswith(_OWED) else ""
