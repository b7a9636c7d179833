"""The vectors of passages, beside their words in the same database: of those that an embedding model has read.

A passage has a vector for each half of it (:func:`~desktop.documents.passages.splitting.halved`), and is as like a
question as the half that is most like it. They are all of one model; another one begins anew. What is in them can be
got out again as a text in part, so they go when the passage does.
"""

from __future__ import annotations

import re
import sqlite3
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from desktop.documents.passages.splitting import HEAVY, halved

# Whoever erases a passage, be it a Catnap that knows of no vectors, erases what was made of its text.
TRIGGER: Final = """CREATE TRIGGER passage_vectors_go AFTER DELETE ON passages BEGIN
        DELETE FROM passage_vectors WHERE passage = old.id;
    END"""
LANGUAGES: Final = ("en", "zh")
_TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS passage_vectors (
        passage INTEGER NOT NULL, place INTEGER NOT NULL, language TEXT NOT NULL, scale REAL NOT NULL,
        vector BLOB NOT NULL, PRIMARY KEY (passage, place)
    ) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS passage_vectors_about (name TEXT PRIMARY KEY, value NOT NULL)",
    TRIGGER.replace("CREATE TRIGGER", "CREATE TRIGGER IF NOT EXISTS"),
)
_MODEL: Final = "model"
_LEVEL: Final = "level"
_WORD: Final = re.compile("[A-Za-z]+")
# Passages of a document by which its language is told.
_TELLING: Final = 500
# A number of a vector is kept in 8 bits: with these the order of what is found is the same.
_LARGEST: Final = 127
# What 8 bits with a sign become in those without one, and room for a sum below zero in 32 bits.
_UNSIGNED: Final = bytes((byte + 128) % 256 for byte in range(256))
_FIELD: Final = 1 << 31


@dataclass(frozen=True)
class Meaning:
    """What a question means.

    Attributes:
        model: Identity of the embedding model.
        vector: Of 32-bit numbers, of length 1.
    """

    model: str
    vector: bytes


@dataclass(frozen=True)
class Likeness:
    """How like a question a passage is.

    Attributes:
        cosine: Between their vectors; 1: the same.
        language: Of its document, see :func:`language_of`.
    """

    cosine: float
    language: str


@dataclass(frozen=True)
class Unread:
    """A passage that has no vectors yet.

    Attributes:
        number: Its own.
        document: That it stands in.
        texts: What the model is to read: its halves, each below its heading.
    """

    number: int
    document: str
    texts: tuple[str, ...]


class PassageVectors:
    """For the thread that the connection belongs to."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """
        Args:
            connection: To a database that has passages.
        """
        self._connection = connection
        self._languages: dict[str, str] = {}  # of documents, by their ids
        for statement in _TABLES:
            connection.execute(statement)

    def begin(self, model: str) -> None:
        """Forgets the vectors of every other model.

        Args:
            model: Identity of the one that is in force; empty: none is.
        """
        if self._model() != model:
            self._connection.execute("DELETE FROM passage_vectors")
            self._connection.execute("DELETE FROM passage_vectors_about")
            if model:
                self._connection.execute("INSERT INTO passage_vectors_about VALUES (?, ?)", (_MODEL, model))

    def counts(self) -> tuple[int, int]:
        """Returns how many passages have vectors, and how many can have some."""
        (done,) = self._connection.execute("SELECT count(DISTINCT passage) FROM passage_vectors").fetchone()
        (total,) = self._connection.execute("SELECT count(*) FROM passages WHERE length > 0").fetchone()
        return int(done), int(total)

    def unread(self, limit: int) -> tuple[Unread, ...]:
        """Returns passages without vectors, at most ``limit``, in the order in which they came."""
        rows = self._connection.execute(
            "SELECT id, document, heading, text FROM passages WHERE length > 0"
            " AND NOT EXISTS (SELECT 1 FROM passage_vectors WHERE passage = id) ORDER BY id LIMIT ?",
            (limit,),
        )
        return tuple(
            Unread(number, document, tuple(_below(heading, half) for half in halved(text)))
            for number, document, heading, text in rows
        )

    def put(self, model: str, passage: Unread, vectors: Iterable[bytes]) -> None:
        """Keeps the vectors of a passage; nothing where it has gone meanwhile, or another model is in force.

        Args:
            model: Identity of the one that has made them.
            passage: Which.
            vectors: Of its texts, of 32-bit numbers, of length 1.
        """
        if self._model() != model:
            return
        language = self._language_of(passage.document)
        for place, vector in enumerate(vectors):
            self._connection.execute(
                "INSERT OR REPLACE INTO passage_vectors SELECT id, ?, ?, ?, ? FROM passages WHERE id = ?",
                (place, language, *_smaller(vector), passage.number),
            )

    def levels(self, language: str) -> dict[str, float]:
        """Returns how like a question a passage must be to answer it, by the passage's language, as far as is known.

        Args:
            language: Of the question.
        """
        names = {f"{_LEVEL} {language} {of_passage}": of_passage for of_passage in LANGUAGES}
        rows = self._connection.execute("SELECT name, value FROM passage_vectors_about")
        return {names[name]: float(value) for name, value in rows if name in names}

    def set_level(self, model: str, language: str, of_passage: str, level: float) -> None:
        """Keeps one, for as long as a model is in force."""
        if self._model() == model:
            self._connection.execute(
                "INSERT OR REPLACE INTO passage_vectors_about VALUES (?, ?)",
                (f"{_LEVEL} {language} {of_passage}", level),
            )

    def likeness(self, meaning: Meaning, condition: str = "1", values: Sequence[str] = ()) -> dict[int, Likeness]:
        """Returns how like a question each passage is that has vectors, by its number.

        Args:
            meaning: Of the question; nothing is like that of another model.
            condition: Which passages are asked, as a condition of SQL.
            values: For its question marks.
        """
        if self._model() != meaning.model:
            return {}
        scale, asked = _smaller(meaning.vector)
        rows = self._connection.execute(
            "SELECT passage, language, scale, vector FROM passage_vectors JOIN passages ON passages.id = passage"
            f" WHERE length(vector) = ? AND {condition}",
            (len(asked), *values),
        ).fetchall()
        found: dict[int, Likeness] = {}
        for (number, language, of_passage, _), product in zip(
            rows, _products(asked, [row[3] for row in rows]), strict=True
        ):
            cosine = scale * of_passage * product
            if number not in found or cosine > found[number].cosine:
                found[number] = Likeness(cosine, language)
        return found

    def _language_of(self, document: str) -> str:
        """Returns the language of a document: of a passage with a command alone, only that one tells."""
        if document not in self._languages:
            rows = self._connection.execute(
                "SELECT text FROM passages WHERE document = ? AND length > 0 LIMIT ?", (document, _TELLING)
            )
            self._languages[document] = language_of("\n".join(text for (text,) in rows))
        return self._languages[document]

    def _model(self) -> str:
        row = self._connection.execute("SELECT value FROM passage_vectors_about WHERE name = ?", (_MODEL,)).fetchone()
        return "" if row is None else str(row[0])


def language_of(text: str) -> str:
    """Returns which of :data:`LANGUAGES` a text is counted among: across them it has less in common with others."""
    return "zh" if len(HEAVY.findall(text)) > len(_WORD.findall(text)) else "en"


def _below(heading: str, text: str) -> str:
    return text if not heading or text.lstrip().startswith(heading) else f"{heading}\n{text}"


def _smaller(vector: bytes) -> tuple[float, bytes]:
    """Returns what each number is to be taken times, and the vector in 8 bits a number."""
    values = struct.unpack(f"={len(vector) // 4}f", vector)
    scale = max(map(abs, values)) / _LARGEST or 1.0
    return scale, struct.pack(f"{len(values)}b", *(round(value / scale) for value in values))


def _products(asked: bytes, vectors: Sequence[bytes]) -> list[int]:
    """Returns the product of one vector with each of many, of 8 bits a number.

    All at once: the first numbers of all vectors, 32 bits apart, make one large number, which is taken times the first
    number of the one, and so on; what these come to has all products side by side. Number by number it took six times
    as long: 1,200 vectors of 384 numbers take 2.5 ms.
    """
    if not vectors:
        return []
    count, width = len(vectors), len(asked)
    numbers = struct.unpack(f"{width}b", asked)
    rows = b"".join(vectors).translate(_UNSIGNED)
    total = int.from_bytes(_FIELD.to_bytes(4, "little") * count, "little")
    spread = bytearray(4 * count)
    for place, number in enumerate(numbers):
        spread[::4] = rows[place::width]
        total += number * int.from_bytes(spread, "little")
    added = _FIELD + 128 * sum(numbers)
    return [field - added for field in struct.unpack(f"<{count}I", total.to_bytes(4 * count, "little"))]
