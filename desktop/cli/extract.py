"""``catnap extract``: a form filled in from each of some documents, one row of a table for each of them."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from desktop.cli import common
from desktop.cli.engine import Answer, Engine
from desktop.common.atomic_file import write_atomically
from desktop.common.errors import MessageTooLongError, UserFacingError, from_system
from desktop.common.printable import one_line
from desktop.common.regular_file import NotAFileError, open_regular
from desktop.documents.question import text_of
from desktop.documents.reader import read_document
from desktop.documents.types import Document, ReadingProgress
from desktop.engine.schema.checking import InvalidAnswerError, parse_answer
from desktop.engine.schema.nodes import Schema, Value
from desktop.engine.schema.reading import read_schema
from desktop.engine.types import EngineConfig, FinishReason, Message, Role, Sampling
from desktop.settings.for_engine import engine_config
from desktop.structured.extraction import (
    Finding,
    extraction_question,
    extraction_schema,
    findings,
    is_filled_in,
    merged,
    pieces,
)
from desktop.structured.fields import Form, parse_fields
from desktop.structured.tables import BYTE_ORDER_MARK, csv_cell, csv_text, safe_text

# Columns beside those of the form, in the table and its file.
DOCUMENT, NOT_FOUND, REMARK, ERROR = "document", "not found in the text", "remark", "error"
# Documents of one table; parts of one document.
_MOST_DOCUMENTS: Final = 20_000
_MOST_PIECES: Final = 200
# Bytes of a table that is gone on with, and of a file of fields.
_MOST_TABLE, _MOST_FIELDS = 200_000_000, 400_000
# Characters for each token differ from page to page.
_CAREFUL: Final = 0.85
_SHORTEST: Final = 200
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


@dataclass
class Row:
    """What came of one document.

    Attributes:
        document: Its name, as it stands in the table.
        pieces: In how many parts it was asked about; 0: not at all.
        error: Why it could not be filled in; empty: it was.
    """

    document: str
    found: Mapping[str, Finding] = field(default_factory=dict)
    pieces: int = 0
    notes: tuple[str, ...] = ()
    error: str = ""

    def cells(self, form: Form) -> list[str]:
        """Returns the cells of its row."""
        values = [csv_cell(self.found[each.name].value) if self.found else "" for each in form.fields]
        invented = [name for name, each in self.found.items() if each.in_text is False]
        remarks = [*(f"read in {self.pieces} parts" for _ in range(self.pieces > 1)), *self.notes]
        others = (", ".join(invented), "; ".join(remarks), self.error)
        return [safe_text(self.document), *values, *(safe_text(each) for each in others)]

    def record(self) -> common.Json:
        """Returns it as JSON."""
        return {
            DOCUMENT: self.document,
            "values": {name: _json(each.value) for name, each in self.found.items()},
            "not_found_in_the_text": [name for name, each in self.found.items() if each.in_text is False],
            "parts": self.pieces,
            "notes": list(self.notes),
            "error": self.error or None,
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
    documents = _documents(request, table.path)
    done = table.begin(anew=request.force)
    settings = places.settings()
    model = common.check_model(common.find_model(places, settings, request.model))
    config = engine_config(settings, model.path, places.paths, common.conditions(places, settings, model))
    config = replace(config, idle_seconds=None, sleep_seconds=None, snapshots_dir=None)
    config = replace(config, n_ctx=request.n_ctx or config.n_ctx, threads=request.threads or config.threads)
    left = [each for each in documents if each.name not in done]
    if skipped := len(documents) - len(left):
        common.warn(f"{skipped:,} of {len(documents):,} documents are in the table already; --force begins anew")
    rows: list[Row] = []
    interrupted = False
    progress = common.ProgressLine()
    try:
        with Engine(config, progress, places.paths.threads_file) as engine:
            filler = _Filler(engine, form, progress, config)
            for number, each in enumerate(left, 1):
                progress.show(f"{number:,} of {len(left):,}: {each.name}")
                rows.append(filler.fill_in(each, f"{number:,} of {len(left):,}: "))
                if not as_json or table.path is not None:
                    table.add(rows[-1])
                _say_row(rows[-1], number, len(left))
    except (KeyboardInterrupt, Interrupted):
        interrupted = True
        _say_interrupted(len(rows), len(left), table)
    finally:
        progress.clear()
    if as_json:
        common.print_json({"rows": [row.record() for row in rows], "skipped": skipped, "interrupted": interrupted})
    failed = sum(bool(row.error) for row in rows)
    if failed:
        common.warn(f"{failed:,} of {len(rows):,} documents could not be filled in; the column {ERROR!r} says why")
    return common.INTERRUPTED if interrupted else common.FAILED if failed else common.DONE


def _say_row(row: Row, number: int, count: int) -> None:
    state = row.error or "done"
    invented = sum(each.in_text is False for each in row.found.values())
    if invented:
        state = f"done, {invented} of {len(row.found)} not found in the text"
    print(f"{number:,} of {count:,}: {one_line(row.document)}: {one_line(state)}", file=sys.stderr)


def _say_interrupted(done: int, count: int, table: Table) -> None:
    goes_on = "; the same command goes on with the others" if table.path is not None else ""
    common.warn(f"stopped after {done:,} of {count:,} documents{goes_on}")


@dataclass(frozen=True)
class _Source:
    """A document to fill a form in from.

    Attributes:
        name: How it is called in the table.
    """

    path: Path
    name: str


def _documents(request: ExtractRequest, table: Path | None) -> list[_Source]:
    """Returns the documents that are meant, in the order of their names; a folder stands for the files in it.

    Raises:
        UserFacingError: There are none, or too many.
    """
    found: dict[Path, _Source] = {}
    for text in request.sources:
        path = common.absolute_path(text)
        for each in _files(path, recursive=request.recursive) if path.is_dir() else (path,):
            if each != table:
                found.setdefault(each, _Source(each, _shown(each, path)))
            if len(found) > _MOST_DOCUMENTS:
                raise UserFacingError(
                    "There are too many documents for one table.", f"More than {_MOST_DOCUMENTS:,}.", "Name fewer."
                )
    if not found:
        raise UserFacingError("There is no document.", ", ".join(request.sources), "Name files, or a folder with some.")
    names: dict[str, int] = {}
    sources = []
    for source in found.values():
        names[source.name] = names.get(source.name, 0) + 1
        is_second = names[source.name] > 1  # from another folder
        sources.append(replace(source, name=str(source.path)) if is_second else source)
    return sources


def _files(folder: Path, *, recursive: bool) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as problem:
        raise from_system(problem) from problem
    for entry in entries:
        if entry.name.startswith((".", "~$")):  # hidden, or the lock of an office program
            continue
        if entry.is_file():
            yield entry
        elif recursive and entry.is_dir() and not entry.is_symlink():
            yield from _files(entry, recursive=True)


def _shown(path: Path, source: Path) -> str:
    name = str(path.relative_to(source)) if path != source else path.name
    return name.encode("utf-8", "replace").decode()


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
        names = [safe_text(each.name) for each in form.fields]
        self._head = [DOCUMENT, *names, NOT_FOUND, REMARK, ERROR]
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
        cells = row.cells(self._form)
        if self.path is None:
            if not self._is_begun:
                self._is_begun = True
                sys.stdout.write(_for_stdout([self._head]))
            sys.stdout.write(_for_stdout([cells]))
            sys.stdout.flush()
            return
        try:
            with self.path.open("ab") as file:
                file.write(csv_text([cells]).encode())
                file.flush()
                os.fsync(file.fileno())
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
        # A row that a power cut has left unfinished has fewer cells.
        return [row for row in rows[1:] if len(row) == len(self._head) and not row[-1]]

    def _write(self, rows: Sequence[Sequence[str]]) -> None:
        if self.path is not None:
            write_atomically(self.path, (BYTE_ORDER_MARK + csv_text(rows)).encode(), unnamed=True)

    def _unwritable(self, problem: OSError) -> UserFacingError:
        return UserFacingError(
            "The table cannot be written.",
            f"{self.path}: {problem.strerror or problem}.",
            "Close it where it is open, or choose another name. What was written stays.",
        )


def _for_stdout(rows: Sequence[Sequence[str]]) -> str:
    return csv_text(rows).replace("\r\n", "\n")  # as other programs on the line expect it


class _Filler:
    """Fills the form in from one document after the other."""

    def __init__(self, engine: Engine, form: Form, progress: common.ProgressLine, config: EngineConfig) -> None:
        self._engine = engine
        self._form = form
        self._progress = progress
        self._n_ctx = config.n_ctx
        self._schema_text = extraction_schema(form)
        self._schema: Schema = read_schema(self._schema_text)
        self._most: int | None = None  # characters that fit into the context, once something did not

    def fill_in(self, source: _Source, place: str) -> Row:
        """Returns the row of a document.

        Args:
            source: The document.
            place: What stands before its name where the progress is shown.

        Raises:
            Interrupted: Ctrl+C was pressed.
        """

        def show(reading: ReadingProgress) -> None:
            self._progress.show(f"{place}{source.name}: reading, {reading.characters:,} characters")

        try:
            document = read_document(source.path, progress=show)
            found, count = self._asked(document, lambda part: self._progress.show(f"{place}{source.name}{part}"))
        except UserFacingError as problem:
            return Row(source.name, error=one_line(str(problem)))
        return Row(source.name, found, count, tuple(str(note) for note in document.notes))

    def _asked(self, document: Document, show: Callable[[str], None]) -> tuple[dict[str, Finding], int]:
        """Returns what a document says, and in how many parts it was asked for that."""
        text = text_of(document)
        left = [text] if self._most is None else pieces(text, self._most)
        found: dict[str, Finding] | None = None
        asked = 0
        while left and asked < _MOST_PIECES:
            show(f", part {asked + 1} of {asked + len(left)}" if asked or len(left) > 1 else "")
            try:
                new = self._ask(left[0])
            except MessageTooLongError as problem:
                left = self._shorter(left, problem)
                continue
            asked += 1
            left = left[1:]
            found = new if found is None else merged(self._form, found, new)
            if is_filled_in(found):
                break
        return found or {each.name: Finding() for each in self._form.fields}, asked

    def _shorter(self, left: list[str], problem: MessageTooLongError) -> list[str]:
        fitting = int(len(left[0]) * problem.room / problem.tokens * _CAREFUL)
        # Twice the same text that does not fit must not be cut in the same way.
        self._most = min(fitting, self._most - 1) if self._most is not None else fitting
        if self._most < _SHORTEST:
            raise UserFacingError(
                "The form leaves no room for the document.", f"{self._n_ctx:,} tokens.", "Choose a larger --ctx."
            )
        return [piece for text in left for piece in pieces(text, self._most)]

    def _ask(self, text: str) -> dict[str, Finding]:
        question = extraction_question(self._form, text)
        answer = self._engine.ask(
            (Message(Role.USER, question),),
            _GREEDY,
            conversation_id="extract",
            keep_state=False,
            schema=self._schema_text,
        )
        _check(answer)
        try:
            value = parse_answer(answer.text, self._schema)
        except InvalidAnswerError as problem:
            raise UserFacingError("The answer does not fit the JSON Schema.", f"{problem}.") from problem
        return findings(self._form, value, text)


def _check(answer: Answer) -> None:
    if answer.interrupted:
        raise Interrupted
    if answer.error is not None:
        raise answer.error
    if answer.reason is not FinishReason.COMPLETE:
        raise UserFacingError(
            "The answer was cut off before its JSON was whole.", "", "Choose a larger --ctx, or fewer fields."
        )
