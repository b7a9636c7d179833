"""Finding messages by their words."""

from __future__ import annotations

import sqlite3

from desktop.history.records import Conversation, SearchHit
from desktop.history.rows import CONVERSATION_COLUMNS
from desktop.history.word_index import LONGEST_INDEXED

_HITS = 200  # more than anybody reads
_TRIGRAM = 3  # characters: shorter words are not in the index
_EXCERPT_BEFORE, _EXCERPT_LENGTH = 30, 120  # characters
# SQLite nests conditions 1,000 deep at the most, and a whole text may be pasted into the field.
_MOST_CONDITIONS = 100
# Characters of a word that it looks for: it tries each place of a text anew, and takes 50,000 bytes at the most.
_LONGEST = 200
_HOLDS = "text LIKE ? ESCAPE '\\'"


def search(connection: sqlite3.Connection, words: str, *, has_index: bool) -> tuple[SearchHit, ...]:
    """Returns the newest messages that hold all the words, in any order, in upper or lower case; 200 at the most.

    Args:
        connection: Of the history.
        words: A word may be a part of one, and needs no spaces around it in Chinese.
        has_index: ``message_index`` can be asked.
    """
    wanted = list(dict.fromkeys(words.replace("\0", "").split()))
    if not wanted:
        return ()
    asked = [word[:_LONGEST] for word in wanted[:_MOST_CONDITIONS]]
    others = [word.lower() for word in wanted if word not in asked]
    indexed = [word for word in asked if len(word) >= _TRIGRAM and has_index]
    conditions = ["deleted IS NULL"]
    values: list[str] = []
    if indexed:
        conditions.append(
            "messages.id IN (SELECT rowid FROM message_index WHERE message_index MATCH ?"
            f" UNION ALL SELECT id FROM messages WHERE length(text) > {LONGEST_INDEXED}"
            f"{f' AND {_HOLDS}' * len(indexed)})"
        )
        values.append(" AND ".join('"' + word.replace('"', '""') + '"' for word in indexed))
        values += map(_pattern, indexed)
    for word in asked:
        if word not in indexed:
            conditions.append(_HOLDS)
            values.append(_pattern(word))
    rows = connection.execute(
        f"SELECT {CONVERSATION_COLUMNS}, messages.id, text FROM messages"
        " JOIN conversations ON conversations.id = conversation_id"
        f" WHERE {' AND '.join(conditions)} ORDER BY messages.id DESC LIMIT {_HITS}",
        values,
    )
    return tuple(
        SearchHit(Conversation(*row[:5]), row[5], _excerpt(row[6], wanted))
        for row in rows
        if not others or all(word in row[6].lower() for word in others)
    )


def _pattern(word: str) -> str:
    """Returns what :data:`_HOLDS` is asked with for a word."""
    return "%" + "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in word) + "%"


def _excerpt(text: str, words: list[str]) -> str:
    """Returns one line of the text around the first of the words."""
    line = " ".join(text.split())
    lowered = line.lower()
    found = [at for at in (lowered.find(word.lower()) for word in words) if at >= 0]
    start = max(0, min(found, default=0) - _EXCERPT_BEFORE)
    excerpt = line[start : start + _EXCERPT_LENGTH]
    return ("…" if start else "") + excerpt + ("…" if start + _EXCERPT_LENGTH < len(line) else "")
