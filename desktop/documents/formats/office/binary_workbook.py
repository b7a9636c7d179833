"""Excel's older .xls and the binary .xlsb, by calamine: as values, since it does not tell how they are shown."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, BinaryIO

from desktop.documents.formats.markdown import joined, sparse_tables
from desktop.documents.formats.office.number_formats import plain
from desktop.documents.formats.sink import Sink
from desktop.documents.problems import Reason, RefusedError
from desktop.documents.types import NoteKind, PartKind

if TYPE_CHECKING:
    from python_calamine import CalamineSheet


def read_xls(file: BinaryIO, sink: Sink) -> None:
    """Reads a workbook.

    Raises:
        RefusedError: It is damaged or protected, or has a cell so far off that the sheet does not fit.
    """
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(file)
        hidden = []
        for number, about in enumerate(book.sheets_metadata, start=1):
            sink.advance(number - 1, len(book.sheets_metadata))
            if about.visible is not python_calamine.SheetVisibleEnum.Visible:
                hidden.append(about.name)
            elif about.typ is python_calamine.SheetTypeEnum.WorkSheet:
                sink.begin(PartKind.SHEET, number, about.name)
                _read_sheet(book.get_sheet_by_index(number - 1), sink)
    except python_calamine.PasswordError as problem:
        raise RefusedError(Reason.PASSWORD) from problem
    except (python_calamine.CalamineError, OSError, ValueError) as problem:
        raise RefusedError(Reason.DAMAGED) from problem
    sink.note_parts(NoteKind.HIDDEN, hidden)


def _read_sheet(sheet: CalamineSheet, sink: Sink) -> None:
    rows: dict[int, dict[int, str]] = {}
    for number, row in enumerate(sheet.iter_rows()):
        cells = {column: _shown(value) for column, value in enumerate(row) if value not in ("", None)}
        if cells:
            sink.count_cells(len(cells))
            rows[number] = cells
    sink.write(joined(sparse_tables(rows)))


def _shown(value: int | float | str | bool | date | datetime | time | timedelta) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return plain(float(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes" if not value.second else "seconds")
    return str(value)
