"""The table that is being made, or was made last, in a file: what is done survives a crash, and can be gone on with.

``table.jsonl`` in the data folder: a line that says which form and which documents, then a line for each row, whole and
on the disk before the next document is begun. The last line of a document counts; one that is not whole is passed over.
There is one table at a time, and it holds words of the documents: it goes with :meth:`KeptTable.erase`.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from desktop.common.atomic_file import write_atomically
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import is_count, parse_json, to_json
from desktop.common.regular_file import open_regular
from desktop.documents.types import Note, NoteKind
from desktop.engine.schema.nodes import Value
from desktop.extraction.rows import Row
from desktop.extraction.sources import Source
from desktop.structured.entries import entry_of_form, form_of_entry
from desktop.structured.extraction import Finding
from desktop.structured.fields import Form

_log = logging.getLogger(__name__)
_VERSION: Final = 1
# Bytes of a file that is read back, and of one of its lines.
_MOST, _MOST_LINE = 200_000_000, 4_000_000
_BROKEN: Final = (LookupError, TypeError, ValueError, AttributeError, UserFacingError)


@dataclass(frozen=True)
class TableOrder:
    """What a table is to be made of.

    Attributes:
        form: Its columns.
        sources: Its rows.
        title: What people call it: the name of a folder, a library, a file.
    """

    form: Form
    sources: tuple[Source, ...]
    title: str = ""


class KeptTable:
    """The file. One thread at a time."""

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: Its folder is there.
        """
        self._file = file

    def read(self) -> tuple[TableOrder, dict[str, Row]] | None:
        """Returns what is kept: what was ordered, and the rows by their documents; None: nothing that can be read."""
        try:
            with open_regular(self._file) as stream:
                first, *lines = stream.read(_MOST).split(b"\n")
            order = _order_of(parse_json(first, _MOST_LINE))
        except FileNotFoundError:
            return None
        except (OSError, *_BROKEN) as problem:
            _log.warning("the table that was kept is not readable: %s", type(problem).__name__)
            return None
        names = {each.name for each in order.sources}
        rows: dict[str, Row] = {}
        for line in lines:
            try:
                row = _row_of(parse_json(line, _MOST_LINE), order.form)
            except _BROKEN:  # the power failed while it was written
                continue
            if row.document in names:
                rows[row.document] = row
        return order, rows

    def begin(self, order: TableOrder) -> None:
        """Puts an empty table in the place of the one that is kept.

        Raises:
            UserFacingError: It cannot be written.
        """
        sources = [[str(each.path), each.name] for each in order.sources]
        entry = {"version": _VERSION, "title": order.title, "form": entry_of_form(order.form), "sources": sources}
        try:
            write_atomically(self._file, f"{to_json(entry)}\n".encode())
        except OSError as problem:
            raise _not_kept(self._file, problem) from problem

    def add(self, row: Row) -> None:
        """Keeps a row, which is on the disk when this returns.

        Raises:
            UserFacingError: It cannot be written.
        """
        try:
            with self._file.open("ab") as stream:
                # A line that the power has cut off must not take this one with it.
                stream.write(f"\n{to_json(_entry_of_row(row))}\n".encode())
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as problem:
            raise _not_kept(self._file, problem) from problem

    def erase(self) -> None:
        """Removes what is kept.

        Raises:
            UserFacingError: It cannot be removed.
        """
        try:
            self._file.unlink(missing_ok=True)
        except OSError as problem:
            raise _not_kept(self._file, problem) from problem


def _order_of(entry: Mapping[str, Any]) -> TableOrder:
    if entry["version"] != _VERSION:
        raise ValueError("version")
    sources = tuple(Source(Path(_text(path)), _text(name)) for path, name in entry["sources"])
    return TableOrder(form_of_entry(entry["form"]), sources, _text(entry["title"]))


def _entry_of_row(row: Row) -> dict[str, Any]:
    entry: dict[str, Any] = {"document": row.document, "pieces": row.pieces}
    if row.found:
        entry["found"] = {name: [each.value, each.in_text, each.written] for name, each in row.found.items()}
    if row.notes:
        entry["notes"] = [[note.kind.value, note.value] for note in row.notes]
    if row.error is not None:
        problem = row.error
        entry["error"] = [problem.title, problem.pattern or problem.detail, problem.remedy, list(problem.values)]
    return entry


def _row_of(entry: Mapping[str, Any], form: Form) -> Row:
    error = None
    if "error" in entry:
        title, detail, remedy, values = entry["error"]
        error = UserFacingError(_text(title), _text(detail), _text(remedy), values=tuple(map(_text, values)))
    found = {
        field.name: _finding(entry["found"][field.name])
        for field in form.fields
        if field.name in entry.get("found", {})
    }
    notes = tuple(Note(NoteKind(kind), _text(value)) for kind, value in entry.get("notes", ()))
    pieces = entry["pieces"]
    return Row(_text(entry["document"]), found, pieces if is_count(pieces) else 0, notes, error)


def _finding(entry: Sequence[Any]) -> Finding:
    value, in_text, written = entry
    if in_text not in (True, False, None):
        raise ValueError("in_text")
    return Finding(_value(value), in_text, _text(written))


def _value(value: object) -> Value:
    if isinstance(value, list):
        return [_text(each) for each in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _not_kept(file: Path, problem: OSError) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The table cannot be kept."),
        f"{file}: {problem.strerror or problem}.",
        QT_TRANSLATE_NOOP("Errors", "Make the folder writable, or make room on the disk."),
    )
