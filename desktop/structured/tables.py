"""Answers as people use them: a Markdown table, a filled form, a CSV file that a spreadsheet opens as it was meant."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Final

from desktop.engine.schema.nodes import Value
from desktop.structured.fields import Form

# A spreadsheet takes a text that begins with one of these for a formula, and would run it (OWASP, CSV injection).
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NOTHING: Final = "\u2014"
BYTE_ORDER_MARK: Final = "\ufeff"


def rows_of(value: Value, form: Form) -> list[list[Value]]:
    """Returns the cells of an answer to a form, a row for each of several."""
    rows = value if isinstance(value, list) else [value]
    return [[row.get(each.name) for each in form.fields] for row in rows if isinstance(row, dict)]


def markdown_table(value: Value, form: Form) -> str:
    """Returns an answer as a table, a column for each field."""
    rows = [[shown(cell) for cell in row] for row in rows_of(value, form)]
    return markdown_rows([[each.name for each in form.fields], *rows])


def markdown_rows(rows: Sequence[Sequence[str]]) -> str:
    """Returns texts as a table, the first row being its head."""
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def markdown_form(value: Value, form: Form) -> str:
    """Returns an answer as lines of names and values, one form below the other."""
    blocks = []
    for row in rows_of(value, form):
        pairs = zip(form.fields, row, strict=True)
        blocks.append(
            "\n".join(f"- **{_plain(each.name)}**: {_plain(shown(cell)) or _NOTHING}" for each, cell in pairs)
        )
    return "\n\n---\n\n".join(blocks)


def markdown_json(value: Value) -> str:
    """Returns an answer as a block of JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    marks = "`" * 3
    while marks in text:
        marks += "`"
    return f"{marks}json\n{text}\n{marks}"


def shown(value: Value) -> str:
    """Returns a value as a person reads it; nothing for what is empty."""
    match value:
        case None:
            return ""
        case bool():
            return "\u2713" if value else "\u2717"
        case list():
            return ", ".join(shown(each) for each in value)
        case dict():
            return json.dumps(value, ensure_ascii=False)
        case float():
            return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case _:
            return str(value)


def csv_cell(value: Value) -> str:
    """Returns a value as a cell of a CSV file: true and false in words, lists joined, and no text that is a formula."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return shown(value)
        case list():
            return safe_text("; ".join(csv_cell(each) for each in value))
        case _:
            return safe_text(shown(value))


def safe_text(text: str) -> str:
    """Returns a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Returns rows as RFC 4180 has them: commas, CRLF, quotation marks where they are needed. The cells go as they are.

    Numbers have a point and dates are YYYY-MM-DD, whatever the language of the machine.
    """
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def csv_of(value: Value, form: Form) -> str:
    """Returns an answer as the text of a CSV file, with the mark by which Excel knows UTF-8."""
    rows = [[safe_text(each.name) for each in form.fields]]
    rows += [[csv_cell(cell) for cell in row] for row in rows_of(value, form)]
    return BYTE_ORDER_MARK + csv_text(rows)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")


def _plain(text: str) -> str:
    """Returns text in one line that Markdown shows as it is."""
    line = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|~" else sign for sign in line)
