"""``catnap extract``: a form filled in from each of some documents, one row of a table for each of them."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from desktop.cli import common
from desktop.cli.engine import Engine
from desktop.common.atomic_file import append_whole, write_atomically
from desktop.common.errors import UserFacingError, is_disk_full
from desktop.common.printable import one_line, printable
from desktop.common.regular_file import NotAFileError, open_regular
from desktop.engine.schema.nodes import Value
from desktop.engine.types import FinishReason, Message, Role, Sampling
from desktop.extraction.filling import Ask, Filler, FillingProgress, cut_off
from desktop.extraction.rows import DOCUMENT, ERROR, Row, cells_of, head_of
from desktop.extraction.sources import find_sources
from desktop.settings.for_engine import engine_config
from desktop.structured.fields import Form, parse_fields
from desktop.structured.tables import BYTE_ORDER_MARK, csv_text

# Bytes of a table that is gone on with, and of a file of fields.
_MOST_TABLE, _MOST_FIELDS = 200_000_000, 400_000
_GREEDY: Final = Sampling(temperature=0.0, repeat_penalty=1.0)


@dataclass(frozen=True)
class ExtractRequest:
    """Arguments of the verb.

    Attributes:
        sources: Files and folders.
        fields: The fields, or the name of a file that holds them.
        table: The CSV file; None: stdout.
        force: Begin anew instead of going on with a table that is there.
        recursive: Folders within folders, too.
    """

    sources: tuple[str, ...]
    fields: str
    table: str | None = None
    model: str | None = None
    n_ctx: int | None = None
    threads: int | None = None
    force: bool = False
    recursive: bool = False

    @classmethod
    def of(cls, parsed: argparse.Namespace) -> Self:
        """Takes the arguments of the command line."""
        return cls(
            sources=tuple(parsed.sources),
            fields=parsed.fields,
            table=parsed.csv,
            model=parsed.model,
            n_ctx=parsed.ctx,
            threads=parsed.threads,
            force=parsed.force,
            recursive=parsed.recursive,
        )


def _record(row: Row) -> common.Json:
    """Returns a row as JSON."""
    return {
        DOCUMENT: row.document,
        "values": {name: _json(each.value) for name, each in row.found.items()},
        "not_found_in_the_text": list(row.not_found),
        "parts": row.pieces,
        "notes": [str(note) for note in row.notes],
        "error": row.error_words or None,
    }


def _json(value: Value) -> common.Json:
    if isinstance(value, list):
        return [_json(each) for each in value]
    return {name: _json(each) for name, each in value.items()} if isinstance(value, dict) else value


class Interrupted(Exception):  # noqa: N818 (nothing went wrong)
    """Ctrl+C was pressed while the model answered."""


def run(places: common.Places, request: ExtractRequest, *, as_json: bool) -> int:
    """Runs the verb; see :mod:`desktop.cli.common` for what it raises."""
    form = _form(request.fields)
    table = Table(common.absolute_path(request.table) if request.table is not None else None, form)
    documents = find_sources(
        map(common.absolute_path, request.sources), recursive=request.recursive, leave_out=table.path
    )
    done = table.begin(anew=request.force)
    settings = common.standing_in(places.settings(), request.n_ctx, request.threads)
    model = common.check_model(common.find_model(places, settings, request.model))
    config = engine_config(settings, model.path, places.paths, common.conditions(places, settings, model))
    config = replace(config, idle_seconds=None, sleep_seconds=None, snapshots_dir=None)
    left = [each for each in documents if each.name not in done]
    if skipped := len(documents) - len(left):
        common.warn(f"{skipped:,} of {len(documents):,} documents are in the table already; --force begins anew")
    rows: list[Row] = []
    interrupted = False
    progress = common.ProgressLine()
    try:
        with Engine(config, progress, places.paths.threads_file) as engine:
            filler = Filler(form, _asker(engine))
            for number, each in enumerate(left, 1):
                place = f"{number:,} of {len(left):,}: {each.name}"
                progress.show(place)
                rows.append(filler.fill_in(each, _shower(progress, place)))
                if not as_json or table.path is not None:
                    table.add(rows[-1])
                _say_row(rows[-1], number, len(left))
    except (KeyboardInterrupt, Interrupted):
        interrupted = True
        _say_interrupted(len(rows), len(left), table)
    finally:
        progress.clear()
    if as_json:
        common.print_json({"rows": [_record(row) for row in rows], "skipped": skipped, "interrupted": interrupted})
    failed = sum(row.error is not None for row in rows)
    if failed:
        common.warn(f"{failed:,} of {len(rows):,} documents could not be filled in; the column {ERROR!r} says why")
    return common.INTERRUPTED if interrupted else common.FAILED if failed else common.DONE


def _say_row(row: Row, number: int, count: int) -> None:
    state = row.error_words or "done"
    if row.not_found:
        state = f"done, {len(row.not_found)} of {len(row.found)} not found in the text"
    print(f"{number:,} of {count:,}: {one_line(row.document)}: {state}", file=sys.stderr)


def _say_interrupted(done: int, count: int, table: Table) -> None:
    goes_on = "; the same command goes on with the others" if table.path is not None else ""
    common.warn(f"stopped after {done:,} of {count:,} documents{goes_on}")


def _shower(progress: common.ProgressLine, place: str) -> Callable[[FillingProgress], None]:
    """Returns what shows how far a document is."""

    def show(filling: FillingProgress) -> None:
        if not filling.part:
            progress.show(f"{place}: reading, {filling.characters:,} characters")
        else:
            progress.show(f"{place}, part {filling.part} of {filling.parts}" if filling.parts > 1 else place)

    return show


def _asker(engine: Engine) -> Ask:
    """Returns what asks an engine, and raises Interrupted where Ctrl+C was pressed."""

    def ask(question: str, schema: str) -> str:
        messages = (Message(Role.USER, question),)
        answer = engine.ask(messages, _GREEDY, conversation_id="extract", keep_state=False, schema=schema)
        if answer.interrupted:
            raise Interrupted
        if answer.error is not None:
            raise answer.error
        if answer.reason is not FinishReason.COMPLETE:
            raise cut_off()
        return answer.text

    return ask


def _form(text: str) -> Form:
    """Returns the form that an argument says: the fields themselves, or a file with them or a JSON Schema."""
    path = common.absolute_path(text) if "\n" not in text else None
    with suppress(OSError, ValueError):  # ValueError: a name that no system takes
        if path is not None and path.is_file():
            with open_regular(path) as file:
                content = file.read(_MOST_FIELDS)
            return parse_fields(content.decode("utf-8-sig", "replace"), path.stem)
    return parse_fields(text)


class Table:
    """The table, on the disk or on stdout. Whatever happens, each row is there whole once it was added.

    Attributes:
        path: Its file; None: stdout.
    """

    def __init__(self, path: Path | None, form: Form) -> None:
        """
        Args:
            path: Its file; None: stdout.
            form: What its columns are.
        """
        self.path = path
        self._form = form
        self._head = head_of(form)
        self._is_begun = False

    def begin(self, *, anew: bool) -> frozenset[str]:
        """Returns the names of the documents that need not be asked about again; those with an error must.

        Args:
            anew: What is there is replaced.

        Raises:
            UserFacingError: There is a file that is another table, or it cannot be written.
        """
        if self.path is None:
            return frozenset()
        kept: list[list[str]] = []
        try:
            if not anew and self.path.exists():
                kept = self._read(self.path)
            self._write([self._head, *kept])
        except OSError as problem:
            raise self._unwritable(problem) from problem
        return frozenset(row[0].removeprefix("'") for row in kept)

    def add(self, row: Row) -> None:
        """Adds a row, which is on the disk, or out, when this returns.

        Raises:
            UserFacingError: It cannot be written.
        """
        cells = cells_of(row, self._form)
        if self.path is None:
            if not self._is_begun:
                self._is_begun = True
                sys.stdout.write(_for_stdout([self._head]))
            sys.stdout.write(_for_stdout([cells]))
            sys.stdout.flush()
            return
        try:
            append_whole(self.path, csv_text([cells]).encode())
        except OSError as problem:
            raise self._unwritable(problem) from problem

    def _read(self, path: Path) -> list[list[str]]:
        try:
            with open_regular(path) as file:
                content = file.read(_MOST_TABLE)
        except NotAFileError as problem:
            raise UserFacingError("The table cannot be written.", f"{path}: it is no file.") from problem
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig", "replace"), newline="")))
        if rows and rows[0] != self._head:
            raise UserFacingError(
                "There is a file with other columns already.",
                f"{path}.",
                "Choose another name, or --force to replace it.",
            )
        # A row that a kill or a power cut has cut off has fewer cells, or no end: its error may be missing then.
        whole = rows[1:] if content.endswith(b"\n") else rows[1:-1]
        return [row for row in whole if len(row) == len(self._head) and not row[-1]]

    def _write(self, rows: Sequence[Sequence[str]]) -> None:
        if self.path is not None:
            write_atomically(self.path, (BYTE_ORDER_MARK + csv_text(rows)).encode(), unnamed=True)

    def _unwritable(self, problem: OSError) -> UserFacingError:
        return UserFacingError(
            "The table cannot be written.",
            f"{self.path}: {problem.strerror or problem}.",
            "Make room on the disk; the same command goes on. What was written stays."
            if is_disk_full(problem)
            else "Close it where it is open, or choose another name. What was written stays.",
        )


def _for_stdout(rows: Sequence[Sequence[str]]) -> str:
    text = csv_text(rows).replace("\r\n", "\n")  # as other programs on the line expect it
    return printable(text) if sys.stdout.isatty() else text
