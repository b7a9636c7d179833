"""What is known of the files of libraries, in the database of the documents: which was read, and which cannot be."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from desktop.common.errors import UserFacingError
from desktop.common.json_file import parse_json, to_json
from desktop.documents.library.folders import SeenFile

# Names of files are bytes there: on Linux they need not be text.
_TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS library_files (
        library TEXT NOT NULL, path BLOB NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,
        digest TEXT NOT NULL, document TEXT, problem TEXT, PRIMARY KEY (library, path)
    )""",
    "CREATE INDEX IF NOT EXISTS library_files_of_content ON library_files (digest)",
)


@dataclass(frozen=True)
class KnownFile:
    """A file of a library that was looked at.

    Attributes:
        digest: Of its bytes; empty: they could not be read.
        document: Id of the document that was read; None: it cannot be read.
        problem: Why not.
    """

    seen: SeenFile
    digest: str
    document: str | None = None
    problem: UserFacingError | None = None


class LibraryFiles:
    """The files of all libraries. For the thread that the connection belongs to."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """
        Args:
            connection: To the database of the documents, in autocommit mode.
        """
        self._connection = connection
        for statement in _TABLES:
            connection.execute(statement)

    def of(self, library_id: str) -> dict[str, KnownFile]:
        """Returns the files of a library by their paths."""
        rows = self._connection.execute(
            "SELECT CAST(path AS BLOB), CAST(size AS INTEGER), CAST(modified AS INTEGER), CAST(digest AS TEXT),"
            " CAST(document AS TEXT), problem FROM library_files WHERE library = ? ORDER BY path",
            (library_id,),
        )
        return {known.seen.path: known for known in map(_known, rows)}

    def keep(self, library_id: str, known: KnownFile) -> None:
        """Puts down what is known of a file, instead of what was."""
        seen, problem = known.seen, known.problem
        told = None if problem is None else _told(problem)
        self._connection.execute(
            "INSERT OR REPLACE INTO library_files VALUES (?, ?, ?, ?, ?, ?, ?)",
            (library_id, os.fsencode(seen.path), seen.size, seen.modified, known.digest, known.document, told),
        )

    def forget(self, library_id: str, paths: Iterable[str] | None = None) -> None:
        """Forgets files of a library.

        Args:
            library_id: Which.
            paths: Which of them; None: all.
        """
        if paths is None:
            self._connection.execute("DELETE FROM library_files WHERE library = ?", (library_id,))
            return
        self._connection.executemany(
            "DELETE FROM library_files WHERE library = ? AND path = ?", ((library_id, os.fsencode(p)) for p in paths)
        )

    def forget_others(self, library_ids: Iterable[str]) -> None:
        """Forgets the files of all other libraries."""
        wanted = frozenset(library_ids)
        for (library_id,) in self._connection.execute("SELECT DISTINCT library FROM library_files").fetchall():
            if library_id not in wanted:
                self.forget(library_id)

    def with_digest(self, digest: str) -> str | None:
        """Returns the document that was read of the same bytes, from whatever file; None: none was."""
        row = self._connection.execute(
            "SELECT document FROM library_files WHERE digest = ? AND document IS NOT NULL LIMIT 1", (digest,)
        ).fetchone()
        return None if row is None else str(row[0])

    def documents(self, library_id: str | None = None) -> frozenset[str]:
        """Returns the ids of the documents of a library, or of all."""
        condition, values = ("", ()) if library_id is None else (" AND library = ?", (library_id,))
        rows = self._connection.execute(
            f"SELECT DISTINCT CAST(document AS TEXT) FROM library_files WHERE document IS NOT NULL{condition}", values
        )
        return frozenset(document for (document,) in rows)

    def path_of(self, library_id: str, document_id: str) -> str:
        """Returns the path of the file that a document of a library was read from, the first one; empty: it is gone."""
        row = self._connection.execute(
            "SELECT CAST(path AS BLOB) FROM library_files WHERE library = ? AND document = ? ORDER BY path LIMIT 1",
            (library_id, document_id),
        ).fetchone()
        return "" if row is None else os.fsdecode(row[0])


def in_libraries(connection: sqlite3.Connection) -> frozenset[str]:
    """Returns the ids of the documents that any library has; none where there has been no library yet."""
    row = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'library_files'").fetchone()
    return frozenset() if row is None else LibraryFiles(connection).documents()


def _known(row: tuple[Any, ...]) -> KnownFile:
    path, size, modified, digest, document, problem = row
    return KnownFile(SeenFile(os.fsdecode(path), size, modified), digest, document, _problem(problem))


def _told(problem: UserFacingError) -> str:
    return to_json([problem.title, problem.pattern or problem.detail, problem.remedy, problem.values])


def _problem(stored: object) -> UserFacingError | None:
    if not isinstance(stored, str):
        return None
    try:
        title, detail, remedy, values = parse_json(stored)
        return UserFacingError(str(title), str(detail), str(remedy), values=tuple(map(str, values)))
    except (ValueError, TypeError):
        return UserFacingError(stored)
