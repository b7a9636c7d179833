"""The passages of documents, and the index of their words, in SQLite (FTS5).

The index has no text of its own: the words of a passage are made of its text again where they are needed, so it says by
which rules they were made, and is made anew when these change.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from desktop.documents.passages.contents import tables_of_contents
from desktop.documents.passages.passage import Passage
from desktop.documents.passages.ranking import Ranking
from desktop.documents.passages.words import content_words_of, words_of

# Goes up with every change of what words are made of a text.
_RULES: Final = 1
_TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS passages (
        id INTEGER PRIMARY KEY, document TEXT NOT NULL, part INTEGER NOT NULL, start INTEGER NOT NULL,
        "end" INTEGER NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL, length INTEGER NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS passages_of_document ON passages (document, part)",
    "CREATE TABLE IF NOT EXISTS passage_rules (version INTEGER NOT NULL)",
)
# The tokenizer only parts words at spaces; those in it are ready. Nobody asks in which order they stand.
_INDEX: Final = """CREATE VIRTUAL TABLE IF NOT EXISTS passage_words USING fts5 (
    words, content='', detail=none, tokenize="ascii tokenchars '.+#'"
)"""
_COLUMNS: Final = 'passages.id, document, part, start, "end", heading, text'
# Passages that are weighed again, and words of a question that are asked for; a whole text may be put there.
_CANDIDATES: Final = 20
_MOST_WORDS: Final = 96
# Of what a question is about, this much must be in a passage; see docs/adr/019-passages.md for how it was found.
_LEAST_COVERAGE: Final = 0.3
# Of the words of an answer, for a passage to be where it comes from.
_LEAST_SUPPORT: Final = 0.4


@dataclass(frozen=True)
class Found:
    """A passage that fits.

    Attributes:
        score: The more the better; to be compared within one answer only.
    """

    document_id: str
    passage: Passage
    score: float


class PassageIndex:
    """Adds documents, and finds passages in them. For the thread that the connection belongs to."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """
        Args:
            connection: To a database that has tables of other parts as well; those needed here are made.
        """
        self._connection = connection
        with self._transaction():
            for statement in _TABLES:
                connection.execute(statement)
            self._keep_rules()

    def add(self, document_id: str, passages: Iterable[Passage]) -> None:
        """Adds the passages of a document, instead of those it had; a table of contents is never found."""
        stems: dict[str, str] = {}
        ordered = tuple(passages)
        contents = tables_of_contents(ordered)
        with self._transaction():
            self._take_out(document_id)
            for place, passage in enumerate(ordered):
                words = [] if place in contents else words_of(f"{passage.heading}\n{passage.text}", stems)
                added = self._connection.execute(
                    'INSERT INTO passages (document, part, start, "end", heading, text, length)'
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (document_id, passage.part, passage.start, passage.end, passage.heading, passage.text, len(words)),
                )
                if words:
                    self._index(added.lastrowid, words)

    def remove(self, document_id: str) -> None:
        """Removes a document, if it is there; nothing of its words stays readable in the file."""
        with self._transaction():
            if self._take_out(document_id):
                # FTS5 only notes what is gone until the parts of the index are merged.
                self._connection.execute("INSERT INTO passage_words (passage_words) VALUES ('optimize')")

    def has(self, document_id: str) -> bool:
        """Returns whether a document was added."""
        row = self._connection.execute("SELECT 1 FROM passages WHERE document = ? LIMIT 1", (document_id,)).fetchone()
        return row is not None

    def find(
        self,
        question: str,
        document_ids: Collection[str],
        *,
        parts: Collection[int] | None = None,
        limit: int = 3,
    ) -> tuple[Found, ...]:
        """Returns the passages that a question is about, the best first; none: it is not in the documents.

        Args:
            question: As a person asks.
            document_ids: Where to look.
            parts: Numbers of the parts to look at; None: all.
            limit: How many are wanted.
        """
        return self._best(content_words_of(question), _Scope(document_ids, parts), limit, _LEAST_COVERAGE)

    def support(
        self,
        answer: str,
        document_ids: Collection[str],
        *,
        parts: Collection[int] | None = None,
        limit: int = 3,
    ) -> tuple[Found, ...]:
        """Returns the passages that an answer was taken from, the best first; none: it is in none of them.

        Args:
            answer: What the model has said. With the question before it a short one is found as well: "Yes, in March."
            document_ids: Where to look.
            parts: Numbers of the parts to look at; None: all.
            limit: How many are wanted.
        """
        return self._best(content_words_of(answer), _Scope(document_ids, parts), limit, _LEAST_SUPPORT)

    def _best(self, words: Sequence[str], scope: _Scope, limit: int, least: float) -> tuple[Found, ...]:
        asked = words[:_MOST_WORDS]
        if not asked or not scope.documents:
            return ()
        total, usual_length = self._connection.execute(
            f"SELECT count(*), coalesce(avg(length), 0) FROM passages WHERE {scope.condition}", scope.values
        ).fetchone()
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM passage_words JOIN passages ON passages.id = passage_words.rowid"
            f" WHERE passage_words MATCH ? AND {scope.condition} ORDER BY rank LIMIT {_CANDIDATES}",
            (_any_of(asked), *scope.values),
        ).fetchall()
        if not rows:
            return ()
        ranking = Ranking(asked, {word: self._passages_with(word, scope) for word in asked}, total, usual_length)
        found = []
        stems: dict[str, str] = {}
        for _, document, part, start, end, heading, text in rows:
            weighed = ranking.weigh(words_of(text, stems), words_of(heading, stems))
            if weighed.coverage >= least:
                found.append(Found(document, Passage(part, start, end, text, heading), weighed.score))
        return tuple(sorted(found, key=lambda each: -each.score)[:limit])

    def _passages_with(self, word: str, scope: _Scope) -> int:
        (count,) = self._connection.execute(
            "SELECT count(*) FROM passage_words JOIN passages ON passages.id = passage_words.rowid"
            f" WHERE passage_words MATCH ? AND {scope.condition}",
            (_any_of((word,)), *scope.values),
        ).fetchone()
        return int(count)

    def _take_out(self, document_id: str) -> bool:
        for number, words in self._indexed("document = ?", (document_id,)):
            self._connection.execute(
                "INSERT INTO passage_words (passage_words, rowid, words) VALUES ('delete', ?, ?)",
                (number, " ".join(words)),
            )
        return bool(self._connection.execute("DELETE FROM passages WHERE document = ?", (document_id,)).rowcount)

    def _indexed(self, condition: str = "", values: tuple[str, ...] = ()) -> Iterator[tuple[int, list[str]]]:
        """Yields the passages that are in the index, by their numbers, with their words."""
        stems: dict[str, str] = {}
        where = f" AND {condition}" if condition else ""
        query = f"SELECT id, heading, text FROM passages WHERE length > 0{where}"
        for number, heading, text in self._connection.execute(query, values).fetchall():
            yield number, words_of(f"{heading}\n{text}", stems)

    def _index(self, number: int | None, words: Sequence[str]) -> None:
        self._connection.execute("INSERT INTO passage_words (rowid, words) VALUES (?, ?)", (number, " ".join(words)))

    def _keep_rules(self) -> None:
        """Makes the index, anew where it was made by other rules."""
        row = self._connection.execute("SELECT version FROM passage_rules").fetchone()
        is_made = self._connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'passage_words'").fetchone()
        if row == (_RULES,) and is_made:
            return
        self._connection.execute("DROP TABLE IF EXISTS passage_words")
        self._connection.execute(_INDEX)
        for number, words in self._indexed():
            self._index(number, words)
        self._connection.execute("DELETE FROM passage_rules")
        self._connection.execute("INSERT INTO passage_rules VALUES (?)", (_RULES,))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of what is done in it is written, or nothing; whether or not somebody has begun a larger one."""
        self._connection.execute("SAVEPOINT passages")
        try:
            yield
            self._connection.execute("RELEASE passages")
        except BaseException:
            if self._connection.in_transaction:  # SQLite itself rolls back when the disk is full
                self._connection.execute("ROLLBACK TO passages")
                self._connection.execute("RELEASE passages")
            raise


class _Scope:
    """Which passages are asked, as a condition of SQL."""

    def __init__(self, documents: Collection[str], parts: Collection[int] | None) -> None:
        self.documents = documents
        self.condition = "document IN (SELECT value FROM json_each(?))"
        self.values: tuple[str, ...] = (json.dumps(list(documents)),)
        if parts is not None:
            self.condition += " AND part IN (SELECT value FROM json_each(?))"
            self.values += (json.dumps(sorted(parts)),)


def _any_of(words: Iterable[str]) -> str:
    return " OR ".join(f'"{word}"' for word in words)
