"""Text that is text already: notes, Markdown, source code, tables with separators; of a long one the beginning."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from typing import BinaryIO, Final

from desktop.documents.formats.encodings import encoding_of
from desktop.documents.formats.markdown import markdown_table
from desktop.documents.formats.sink import EnoughError, Sink
from desktop.documents.problems import Reason, RefusedError
from desktop.documents.types import NoteKind, PartKind

_START: Final = 1024 * 1024
_CHUNK: Final = 64 * 1024
_SEPARATORS: Final = ",;\t|"
_SNIFFED: Final = 16 * 1024
_LONGEST_FIELD: Final = 1024 * 1024
# Rows of a table whose separator is looked for.
_LOOKED_AT: Final = 20


def read_text(file: BinaryIO, sink: Sink) -> None:
    """Reads a text as it is."""
    sink.begin(PartKind.WHOLE, 1)
    for piece in decoded(file, sink):
        sink.write(piece)


def read_table(file: BinaryIO, sink: Sink) -> None:
    """Reads values with separators as a table."""
    sink.begin(PartKind.WHOLE, 1)
    pieces = decoded(file, sink)
    head = next(pieces, "")
    separator = _separator(head)
    before = csv.field_size_limit(_LONGEST_FIELD)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(_lines(head, pieces), delimiter=separator):
            sink.count_cells(len(row))
            if any(cell.strip() for cell in row):
                rows.append(row)
    except csv.Error as problem:
        raise RefusedError(Reason.UNUSUAL) from problem
    except EnoughError:
        sink.write(markdown_table(rows))
        raise
    finally:
        csv.field_size_limit(before)
    sink.write(markdown_table(rows))


def decoded(file: BinaryIO, sink: Sink) -> Iterator[str]:
    """Yields the text of a file in pieces; no more than is read of any document.

    Raises:
        RefusedError: It is no text.
    """
    total = file.seek(0, 2)
    file.seek(0)
    start = file.read(_START)
    encoding = encoding_of(start, len(start) == total)
    if encoding is None:
        raise RefusedError(Reason.UNKNOWN)
    if encoding.is_guess:
        sink.note(NoteKind.GUESSED_ENCODING, encoding.name.upper().replace("_", "-"))
    decoder = codecs.getincrementaldecoder(encoding.name)("replace")
    file.seek(0)
    left = 4 * sink.limits.characters  # bytes that many characters have at the most
    while piece := file.read(min(_CHUNK, left)):
        left -= len(piece)
        sink.advance(file.tell(), total)
        yield decoder.decode(piece, False)
    if file.tell() < total:
        sink.cut_off()
        return
    yield decoder.decode(b"", True)


def _lines(head: str, pieces: Iterator[str]) -> Iterator[str]:
    """Yields lines with their ends, as csv wants them."""
    rest = head
    while True:
        lines = rest.splitlines(keepends=True)
        # The last one may go on in the next piece.
        rest = lines.pop() if lines else ""
        yield from lines
        if len(rest) > _LONGEST_FIELD:
            raise RefusedError(Reason.UNUSUAL)
        piece = next(pieces, None)
        if piece is None:
            break
        rest += piece
    if rest:
        yield rest


def _separator(head: str) -> str:
    """Returns the separator that gives the rows the same number of cells, and most of them."""
    lines = [line for line in head[:_SNIFFED].splitlines() if line.strip()][:_LOOKED_AT]

    def fits(separator: str) -> tuple[bool, int]:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=separator)]
        except csv.Error:
            return False, 0
        usual = max(widths, key=widths.count, default=1)
        return usual > 1 and widths.count(usual) >= 0.8 * len(widths), usual

    return max(_SEPARATORS, key=fits)
