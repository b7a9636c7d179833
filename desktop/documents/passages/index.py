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
from desktop.documents.passages.meaning import rank_by_meaning
from desktop.documents.passages.passage import Passage
from desktop.documents.passages.ranking import Postings, WordScores, rank
from desktop.documents.passages.vectors import Meaning, PassageVectors, language_of
from desktop.documents.passages.words import Forms, content_words_of, words_of

# Goes up with every change of what words are made of a text, or of the tables below.
_RULES: Final = 2
_TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS passages (
        id INTEGER PRIMARY KEY, document TEXT NOT NULL, part INTEGER NOT NULL, start INTEGER NOT NULL,
        "end" INTEGER NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL, length INTEGER NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS passages_of_document ON passages (document, part, length)",
    "CREATE TABLE IF NOT EXISTS passage_rules (version INTEGER NOT NULL)",
)
# The tokenizer only parts words at spaces; those in it are ready. The other two show where each of
# them stands, and how often.
_INDEX: Final = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS passage_words USING fts5 (
        heading, text, content='', tokenize="ascii tokenchars '.+#'"
    )""",
    "CREATE VIRTUAL TABLE IF NOT EXISTS passage_places USING fts5vocab (passage_words, 'instance')",
    "CREATE VIRTUAL TABLE IF NOT EXISTS passage_counts USING fts5vocab (passage_words, 'row')",
)
# Words of a question that are asked for; a whole text may be put there.
_MOST_WORDS: Final = 96
# Places of words that are looked at, some 50 ms. In thousands of passages the common words of a question, which tell
# least, are left out; the rarest that is there never is.
_MOST_PLACES: Final = 12_000


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
    """Adds documents, and finds passages in them. For the thread that the connection belongs to.

    Attributes:
        vectors: What an embedding model has made of the passages, as far as it has read them.
    """

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
            self.vectors = PassageVectors(connection)

    def add(self, document_id: str, passages: Iterable[Passage]) -> None:
        """Adds the passages of a document, instead of those it had; a table of contents is never found.

        Nobody else waits for the file while words are made of the text, which takes most of the time.
        """
        ready = tuple(_prepared(tuple(passages)))
        with self._transaction():
            self._take_out(document_id)
            for passage, heading, words in ready:
                added = self._connection.execute(
                    'INSERT INTO passages (document, part, start, "end", heading, text, length)'
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(document_id, passage.part, passage.start, passage.end, passage.heading, passage.text),
                        words.count(" ") + 1 if words else 0,
                    ),
                )
                if words:
                    self._index(added.lastrowid, heading, words)

    def remove(self, *document_ids: str) -> None:
        """Removes documents, as far as they are there; nothing of their words stays readable in the file."""
        with self._transaction():
            if sum(map(self._take_out, document_ids)):
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
        meaning: Meaning | None = None,
    ) -> tuple[Found, ...]:
        """Returns the passages that a question is about, the best first; none: it is not in the documents.

        Args:
            question: As a person asks.
            document_ids: Where to look.
            parts: Numbers of the parts to look at; None: all.
            limit: How many are wanted.
            meaning: What the question means; None: it is looked for by its words alone.
        """
        scope = _Scope(document_ids, parts)
        words = self._by_words(content_words_of(question), scope)
        found = words.found
        if meaning is not None:
            likeness = self.vectors.likeness(meaning, scope.condition, scope.values)
            if likeness:
                found = rank_by_meaning(words, likeness, self.vectors.levels(language_of(question)))
        return self._passages(found[:limit])

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
        return self._passages(self._by_words(content_words_of(answer), _Scope(document_ids, parts)).found[:limit])

    def _by_words(self, words: Sequence[str], scope: _Scope) -> WordScores:
        asked = self._telling(words[:_MOST_WORDS])
        if not asked or not scope.documents:
            return WordScores({}, ())
        total, usual = self._connection.execute(
            "SELECT count(*), coalesce(avg(CAST(length AS INTEGER)), 0) FROM passages"
            f" WHERE length > 0 AND {scope.condition}",
            scope.values,
        ).fetchone()
        lengths: dict[int, int] = {}
        postings = {word: self._postings(word, scope, lengths) for word in asked}
        return rank(postings, lengths, total, usual or 1.0)

    def _passages(self, ranked: Iterable[tuple[int, float]]) -> tuple[Found, ...]:
        found = []
        for number, score in ranked:
            document, *passage = self._connection.execute(
                'SELECT document, CAST(part AS INTEGER), CAST(start AS INTEGER), CAST("end" AS INTEGER),'
                " CAST(text AS TEXT), CAST(heading AS TEXT) FROM passages WHERE id = ?",
                (number,),
            ).fetchone()
            found.append(Found(document, Passage(*passage), score))
        return tuple(found)

    def _telling(self, words: Sequence[str]) -> list[str]:
        """Returns the words whose places are looked at, the rarest first."""
        counts = {}
        for word in words:
            row = self._connection.execute("SELECT cnt FROM passage_counts WHERE term = ?", (word,)).fetchone()
            counts[word] = 0 if row is None else int(row[0])
        found: list[str] = []
        places = 0
        for word in sorted(counts, key=lambda each: counts[each]):
            if places and places + counts[word] > _MOST_PLACES:
                break
            places += counts[word]
            found.append(word)
        return found

    def _postings(self, word: str, scope: _Scope, lengths: dict[int, int]) -> Postings:
        in_text: dict[int, int] = {}
        in_heading: dict[int, int] = {}
        rows = self._connection.execute(
            "SELECT passages.id, CAST(passages.length AS INTEGER), col, count(*)"
            " FROM passage_places JOIN passages ON passages.id = doc"
            f" WHERE term = ? AND {scope.condition} GROUP BY passages.id, col",
            (word, *scope.values),
        )
        for number, length, column, count in rows:
            lengths[number] = length
            (in_text if column == "text" else in_heading)[number] = count
        return Postings(in_text, in_heading)

    def _take_out(self, document_id: str) -> bool:
        for number, heading, text in self._indexed("document = ?", (document_id,)):
            self._connection.execute(
                "INSERT INTO passage_words (passage_words, rowid, heading, text) VALUES ('delete', ?, ?, ?)",
                (number, heading, text),
            )
        return bool(self._connection.execute("DELETE FROM passages WHERE document = ?", (document_id,)).rowcount)

    def _indexed(self, condition: str = "", values: tuple[str, ...] = ()) -> Iterator[tuple[int, str, str]]:
        """Yields the passages that are in the index: number, words of the heading, words of the text."""
        forms: Forms = {}
        where = f" AND {condition}" if condition else ""
        query = f"SELECT id, CAST(heading AS TEXT), CAST(text AS TEXT) FROM passages WHERE length > 0{where}"
        for number, heading, text in self._connection.execute(query, values).fetchall():
            yield number, " ".join(words_of(heading, forms)), " ".join(words_of(text, forms))

    def _index(self, number: int | None, heading: str, text: str) -> None:
        self._connection.execute(
            "INSERT INTO passage_words (rowid, heading, text) VALUES (?, ?, ?)",
            (number, heading, text),
        )

    def _keep_rules(self) -> None:
        """Makes the index, anew where it was made by other rules."""
        row = self._connection.execute("SELECT version FROM passage_rules").fetchone()
        is_made = self._connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'passage_words'").fetchone()
        if row == (_RULES,) and is_made:
            return
        drop_word_index(self._connection)
        for statement in _INDEX:
            self._connection.execute(statement)
        for number, heading, text in self._indexed():
            self._index(number, heading, text)
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


def drop_word_index(connection: sqlite3.Connection) -> None:
    """Removes the index of words, as far as there is one; it is made anew of the passages when it is needed."""
    for table in ("passage_counts", "passage_places", "passage_words"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")


def _prepared(passages: Sequence[Passage]) -> Iterator[tuple[Passage, str, str]]:
    """Yields passages with the words of their heading and of their text; of a table of contents none."""
    forms: Forms = {}
    contents = tables_of_contents(passages)
    for place, passage in enumerate(passages):
        words = () if place in contents else words_of(passage.text, forms)
        yield passage, " ".join(words_of(passage.heading, forms)), " ".join(words)


class _Scope:
    """Which passages are asked, as a condition of SQL."""

    def __init__(self, documents: Collection[str], parts: Collection[int] | None) -> None:
        self.documents = documents
        self.condition = "document IN (SELECT value FROM json_each(?))"
        self.values: tuple[str, ...] = (json.dumps(list(documents)),)
        if parts is not None:
            self.condition += " AND part IN (SELECT value FROM json_each(?))"
            self.values += (json.dumps(sorted(parts)),)
