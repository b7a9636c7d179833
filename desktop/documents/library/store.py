"""The text of documents that conversations are about, in one SQLite file: the file it came from may be gone.

The same content is kept once, whatever it is called. One thread for each store; another thread, or another program,
opens one of its own.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from desktop import __version__
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import is_count, parse_json, to_json
from desktop.common.printable import storable
from desktop.common.set_aside import rename_aside
from desktop.common.sqlite import (
    COMPANIONS,
    clear_log_names,
    damage,
    forget_suspicion,
    has_damage,
    is_full,
    primary_code,
    reported,
    suspect_marker,
    transaction,
)
from desktop.documents.library.files import in_libraries
from desktop.documents.library.stored import PartSummary, StoredDocument, identity_of
from desktop.documents.passages.index import Found, PassageIndex, drop_word_index
from desktop.documents.passages.splitting import split_into_passages
from desktop.documents.passages.vectors import TRIGGER, Meaning, PassageVectors
from desktop.documents.types import Document, DocumentKind, Note, NoteKind, Part, PartKind
from desktop.documents.unsupported import unsupported

_log = logging.getLogger(__name__)

# Each entry brings the file from the version that is its index to the next one. Never edit one that was released.
_MIGRATIONS: Final = (
    (
        "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        """CREATE TABLE documents (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, origin TEXT, notes TEXT NOT NULL,
            language TEXT NOT NULL, added REAL NOT NULL
        )""",
        """CREATE TABLE parts (
            document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE, place INTEGER NOT NULL,
            kind TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, characters INTEGER NOT NULL,
            text TEXT NOT NULL, PRIMARY KEY (document, place)
        )""",
    ),
)
_WRITER: Final = "written_by"
# Beginning of the name of a row of the table "about" that says that a document was erased; the rest is its id.
_REMOVED: Final = "removed:"
# Another thread puts a long document into the file in less.
_BUSY_SECONDS: Final = 30.0
_MOST_NAME: Final = 255


class DocumentStore:
    """Keeps documents. Every method may raise UserFacingError: the disk is full, or the file cannot be read or written.

    Attributes:
        file: Where it lies.
        load_problem: What was wrong with the file when it was opened, to be said once; None: nothing.
        connection: In autocommit mode, for other tables about the same documents; for the thread that opened it.
    """

    def __init__(self, file: Path, *, now: Callable[[], float] = time.time) -> None:
        """Opens the file or begins a new one; a damaged one is set aside.

        Args:
            file: Its folder exists.
            now: The clock, in seconds since the epoch.

        Raises:
            UserFacingError: The file is from a newer Catnap (it is not touched), or cannot be opened or written.
        """
        self.file = file
        self._now = now
        self._passages: PassageIndex | None = None
        self.load_problem: UserFacingError | None = None
        try:
            try:
                clear_log_names(file)
                _look_at_place(file)
                self.connection = _connect(file)
            except sqlite3.DatabaseError as problem:
                if not has_damage(problem):
                    raise
                _log.warning("%s is damaged: %s", file.name, problem)
                aside = rename_aside(file, "damaged", COMPANIONS)
                self.load_problem = _was_damaged(aside)
                self.connection = _connect(file)
            forget_suspicion(file)
        except (sqlite3.Error, OSError) as failure:
            raise _as_user_error(failure, file) from failure

    def close(self) -> None:
        """Closes the file; may be called twice."""
        self.connection.close()

    @property
    def passages(self) -> PassageIndex:
        """The index of the passages, in the same file; of the documents for which :meth:`index` was called."""
        if self._passages is None:
            self._passages = PassageIndex(self.connection)
        return self._passages

    @property
    def vectors(self) -> PassageVectors:
        """The vectors of the passages, in the same file."""
        return self.passages.vectors

    def index(self, document_id: str) -> None:
        """Cuts a document into passages and indexes their words, once; a second for a million characters."""
        with self._reported():
            if self.passages.has(document_id):
                return
            document = self.document(document_id)
            if document is not None:
                self.passages.add(document_id, split_into_passages(document))

    def find(
        self,
        question: str,
        document_ids: Collection[str],
        parts: Collection[int] | None,
        limit: int,
        meaning: Meaning | None = None,
    ) -> tuple[Found, ...]:
        """Returns the passages of documents that a question is about, see :meth:`PassageIndex.find`."""
        with self._reported():
            return self.passages.find(question, document_ids, parts=parts, limit=limit, meaning=meaning)

    def support(
        self, answer: str, document_ids: Collection[str], parts: Collection[int] | None, limit: int
    ) -> tuple[Found, ...]:
        """Returns the passages that an answer was taken from, see :meth:`PassageIndex.support`."""
        with self._reported():
            return self.passages.support(answer, document_ids, parts=parts, limit=limit)

    def unsupported(
        self, answer: str, sent: str, document_ids: Collection[str], parts: Collection[int] | None = None
    ) -> tuple[str, ...]:
        """Returns the figures and names in an answer that stand nowhere in documents, see :func:`unsupported`.

        Args:
            answer: What a model has said.
            sent: All that the person has asked, as the model got it, with the passages in it. What it was not given
                this time may stand elsewhere: it was told so with an earlier question.
            document_ids: Where to look.
            parts: Numbers of the parts to look at; None: all.
        """
        made_up = unsupported(answer, "", sent)
        found = [one for word in made_up for one in self.support(word, document_ids, parts, 1)]
        return unsupported(answer, "\n\n".join(one.passage.text for one in found), sent) if found else made_up

    def add(self, document: Document, origin: Path | None = None) -> StoredDocument:
        """Keeps a document; one whose content is kept already is that one, under the name it has.

        Args:
            document: What was read.
            origin: The file; None: a text that is no file's.
        """
        identity = identity_of(document)
        with self._transaction():
            known = self.get(identity)
            if known is not None:
                if origin is not None and (known.origin in (None, origin) or not known.origin.exists()):
                    self.connection.execute(
                        "UPDATE documents SET origin = ?, added = ? WHERE id = ?",
                        (storable(str(origin)), self._now(), identity),
                    )
                return self._there(identity)
            notes = to_json([[note.kind.value, note.value] for note in document.notes])
            self.connection.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(identity, storable(document.name)[:_MOST_NAME], document.kind.value),
                    *(None if origin is None else storable(str(origin)), notes, document.language, self._now()),
                ),
            )
            self.connection.executemany(
                "INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (identity, place, part.kind.value, part.number, storable(part.name), len(text), text)
                    for place, part in enumerate(document.parts)
                    for text in (storable(part.text),)
                ),
            )
            return self._there(identity)

    def get(self, document_id: str) -> StoredDocument | None:
        """Returns what is known of a document; None: it is not there."""
        return self._head(document_id, self._rows("kind, number, name, CAST(characters AS INTEGER)", document_id))

    def document(self, document_id: str) -> Document | None:
        """Returns a document with its text; None: it is not there."""
        rows = self._rows("kind, number, name, CAST(text AS TEXT)", document_id)
        head = self._head(document_id, [(*row[:3], 0) for row in rows[:1]])
        if head is None:
            return None
        parts = tuple(Part(_part_kind(kind), _number(at), str(name), str(text)) for kind, at, name, text in rows)
        return Document(head.name, head.kind, parts, head.notes, head.language)

    def ids(self) -> frozenset[str]:
        """Returns the ids of all that are kept."""
        with self._reported():
            return frozenset(identity for (identity,) in self.connection.execute("SELECT id FROM documents"))

    def remove(self, *document_ids: str) -> None:
        """Erases documents; nothing of their text stays in the file. One that is not there is none to remove.

        They are noted until :meth:`settle`, since what others keep of them has to go too.
        """
        with self._transaction():
            self.passages.remove(*document_ids)
            for document_id in document_ids:
                self.connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
                self.connection.execute("INSERT OR REPLACE INTO about VALUES (?, '')", (_REMOVED + document_id,))
        if document_ids:
            self._empty_log()

    def removed(self) -> tuple[str, ...]:
        """Returns the ids of documents that were erased since :meth:`settle`, by this run or an earlier one."""
        with self._reported():
            rows = self.connection.execute("SELECT name FROM about WHERE name >= ? ORDER BY name", (_REMOVED,))
            names = [str(name) for (name,) in rows]
        return tuple(name.removeprefix(_REMOVED) for name in names if name.startswith(_REMOVED))

    def settle(self, *document_ids: str) -> None:
        """Takes the notes away, once nothing of these is left in the file's log either; else the next start does."""
        if document_ids and self._empty_log():
            with self._transaction():
                for document_id in document_ids:
                    self.connection.execute("DELETE FROM about WHERE name = ?", (_REMOVED + document_id,))

    def keep_only(self, document_ids: Collection[str]) -> tuple[str, ...]:
        """Erases all other documents and returns their ids; those of libraries stay."""
        with self._reported():
            in_use = in_libraries(self.connection)
        gone = tuple(sorted(self.ids() - frozenset(document_ids) - in_use))
        if gone:
            self.remove(*gone)
        return gone

    def _empty_log(self) -> bool:
        """Brings all of the log into the file and leaves none of its words; returns whether nobody was in the way."""
        with suppress(sqlite3.Error):
            (busy, _pages, _done) = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
        return False

    def _there(self, document_id: str) -> StoredDocument:
        stored = self.get(document_id)
        assert stored is not None  # it was put there in this transaction
        return stored

    def _rows(self, columns: str, document_id: str) -> list[tuple[Any, ...]]:
        with self._reported():
            return self.connection.execute(
                f"SELECT {columns} FROM parts WHERE document = ? ORDER BY place", (document_id,)
            ).fetchall()

    def _head(self, document_id: str, parts: list[tuple[Any, ...]]) -> StoredDocument | None:
        with self._reported():
            row = self.connection.execute(
                "SELECT name, kind, origin, notes, language, added FROM documents WHERE id = ?", (document_id,)
            ).fetchone()
        if row is None or not parts:
            return None
        name, kind, origin, notes, language, added = row
        summaries = tuple(PartSummary(_part_kind(one[0]), _number(one[1]), str(one[2]), one[3]) for one in parts)
        place = Path(origin) if isinstance(origin, str) and origin else None
        read_at = float(added) if isinstance(added, int | float) else 0.0
        return StoredDocument(
            document_id, str(name), _kind(kind), place, summaries, _notes(notes), str(language), read_at
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._reported(), transaction(self.connection):
            yield

    def _reported(self) -> AbstractContextManager[None]:
        return reported(self.file, _as_user_error, has_damage)


def _look_at_place(file: Path) -> None:
    """Raises sqlite3.DatabaseError with a code of damage where something lies that can be no database.

    Not for a link that leads nowhere: it may lead to a drive that is not there, and nothing new is begun then.
    """
    if file.exists() and not file.is_file():
        raise damage("no file")


def _connect(file: Path) -> sqlite3.Connection:
    if not file.exists():  # SQLite would make it readable for others; the log files take over its mode
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)
    connection.text_factory = lambda content: content.decode("utf-8", "replace")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if not 0 <= version <= len(_MIGRATIONS):
            writer = _writer(connection)
            if writer is None:
                raise damage(f"version {version}")
            raise _newer(file, writer)
        _check(connection, is_suspect=suspect_marker(file).exists())
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased does not stay readable in the file
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if version < len(_MIGRATIONS):
            _migrate(connection)
        for columns in ("id, name, kind, origin, notes, language, added FROM documents",
                        "document, place, kind, number, name, characters, text FROM parts"):  # fmt: skip
            try:
                connection.execute(f"SELECT {columns} LIMIT 1").fetchone()
            except sqlite3.OperationalError as problem:
                if primary_code(problem) != sqlite3.SQLITE_ERROR:
                    raise
                raise damage(str(problem)) from problem
        if _writer(connection) != __version__:
            connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (_WRITER, __version__))
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, *, is_suspect: bool) -> None:
    """Raises sqlite3.DatabaseError with a code of damage where the content is wrong.

    Args:
        connection: Of the file.
        is_suspect: Something in it could not be read, so all of it is looked at, and the index of words made anew.
    """
    # This program has no views and one trigger; those of somebody else could go on for ever.
    strange = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'view' OR (type = 'trigger' AND sql IS NOT ?)", (TRIGGER,)
    ).fetchone()
    if strange is not None:
        raise damage("views or triggers")
    if is_suspect:
        (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if answer != "ok":
            raise damage(str(answer))
        drop_word_index(connection)


def _migrate(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        (version,) = connection.execute("PRAGMA user_version").fetchone()  # another program may have done it
        tables = connection.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").fetchone()
        if not version and tables != (0,):
            raise damage("tables of another program")
        for statements in _MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")


def _writer(connection: sqlite3.Connection) -> str | None:
    """Returns which Catnap wrote the file last; None: none did."""
    try:
        row = connection.execute("SELECT value FROM about WHERE name = ?", (_WRITER,)).fetchone()
    except sqlite3.OperationalError:  # there is no such table
        return None
    return str(row[0]) if row else None


def _newer(file: Path, writer: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The documents were kept by a newer Catnap."),
        QT_TRANSLATE_NOOP("Errors", "That was Catnap {0}; this is Catnap {1}. File: {2}."),
        QT_TRANSLATE_NOOP("Errors", "Install the newer Catnap again; the file was not changed."),
        values=(writer, __version__, str(file)),
    )


def _was_damaged(aside: Path) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The file with the documents was damaged; a new one was begun."),
        f"{aside}.",
        QT_TRANSLATE_NOOP("Errors", "Open the documents again that you want to ask about."),
    )


def _as_user_error(failure: sqlite3.Error | OSError, file: Path) -> UserFacingError:
    if is_full(failure, file):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The disk is full; the document was not kept."),
            f"{file}: {failure}.",
            QT_TRANSLATE_NOOP("Errors", "Make room on the disk and try again."),
        )
    if isinstance(failure, sqlite3.Error) and has_damage(failure):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The file with the documents is damaged."),
            f"{file}: {failure}.",
            QT_TRANSLATE_NOOP("Errors", "Try again: Catnap begins a new one, and keeps the damaged file."),
        )
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The documents cannot be read or kept."),
        f"{file}: {failure}.",
        QT_TRANSLATE_NOOP("Errors", "Check that the file may be written and that no other program holds it."),
    )


def _kind(value: object) -> DocumentKind:
    try:
        return DocumentKind(value)
    except ValueError:
        return DocumentKind.TEXT


def _number(value: object) -> int:
    return value if is_count(value) else 0


def _part_kind(value: object) -> PartKind:
    try:
        return PartKind(value)
    except ValueError:
        return PartKind.WHOLE


def _notes(stored: object) -> tuple[Note, ...]:
    try:
        value = parse_json(stored) if isinstance(stored, str) else []
        return tuple(Note(NoteKind(kind), str(text)) for kind, text in value)
    except (ValueError, TypeError):
        return ()
