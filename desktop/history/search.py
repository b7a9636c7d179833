"""Finding messages by their words."""

from __future__ import annotations

import sqlite3

from desktop.common.text.matching import fold, places, spellings
from desktop.history.records import SearchHit
from desktop.history.rows import CONVERSATION_COLUMNS, CONVERSATION_WIDTH, conversation_of
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
    """Returns the newest messages that hold all the words, in any order, case and width; 200 at the most.

    Args:
        connection: Of the history.
        words: A word may be a part of one, and needs no spaces around it in Chinese.
        has_index: ``message_index`` can be asked.
    """
    wanted = list(dict.fromkeys(words.replace("\0", "").split()))
    if not wanted:
        return ()
    asked = [word[:_LONGEST] for word in wanted[:_MOST_CONDITIONS]]
    folded = [fold(word) for word in wanted]
    others = [fold(word) for word in wanted if word not in asked]
    indexed = [_spellings(word) for word in asked if len(word) >= _TRIGRAM and has_index]
    conditions = ["conversations.deleted IS NULL", "messages.deleted IS NULL"]
    values: list[str] = []
    if indexed:
        conditions.append(
            "messages.id IN (SELECT rowid FROM message_index WHERE message_index MATCH ?"
            f" UNION ALL SELECT id FROM messages WHERE length(text) > {LONGEST_INDEXED}"
            f"{''.join(f' AND {_holds(word)}' for word in indexed)})"
        )
        values.append(" AND ".join(f"({' OR '.join(map(_phrase, word))})" for word in indexed))
        values += [_pattern(spelling) for word in indexed for spelling in word]
    for word in asked:
        if len(word) < _TRIGRAM or not has_index:
            conditions.append(_holds(_spellings(word)))
            values += map(_pattern, _spellings(word))
    rows = connection.execute(
        f"SELECT {CONVERSATION_COLUMNS}, messages.id, text FROM messages"
        " JOIN conversations ON conversations.id = conversation_id"
        f" WHERE {' AND '.join(conditions)} ORDER BY messages.id DESC LIMIT {_HITS}",
        values,
    )
    return tuple(
        SearchHit(conversation_of(row), message_id, *_excerpt(text, folded))
        for row in rows
        for message_id, text in (row[CONVERSATION_WIDTH:],)
        if not others or all(word in fold(text) for word in others)
    )


def _spellings(word: str) -> tuple[str, ...]:
    """Returns the spellings of a word but for those that SQLite takes for the same: it knows the case of ASCII."""
    by_ascii = {"".join(c.lower() if c.isascii() else c for c in one): one for one in reversed(spellings(word))}
    return tuple(by_ascii.values())


def _holds(word: tuple[str, ...]) -> str:
    """Returns the condition that a text has a word, in one of its spellings."""
    return f"({' OR '.join([_HOLDS] * len(word))})"


def _phrase(spelling: str) -> str:
    return '"' + spelling.replace('"', '""') + '"'


def _pattern(word: str) -> str:
    """Returns what :data:`_HOLDS` is asked with for a word."""
    return "%" + "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in word) + "%"


def _excerpt(text: str, words: list[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Returns one line of the text around the first of the words, and where in it words are."""
    line = " ".join(text.split())
    first = next(iter(places(fold(line), words)), (0, 0))[0]
    start = max(0, first - _EXCERPT_BEFORE)
    excerpt = line[start : start + _EXCERPT_LENGTH]
    excerpt = ("…" if start else "") + excerpt + ("…" if start + _EXCERPT_LENGTH < len(line) else "")
    return excerpt, tuple(places(fold(excerpt), words))
