"""Answers that are a table in Markdown: its columns, its rows, what must stand in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from desktop.check.scoring.text import bare

_RULE: Final = re.compile(r"^\s*\|?(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*$")


def tables_in(answer: str) -> list[list[list[str]]]:
    """Returns the tables of an answer; each is its rows, the first one the header, and each row its cells.

    A table is a header, a rule with as many columns, and rows (https://github.github.com/gfm/#tables-extension-).
    """
    lines = answer.splitlines()
    found, at = [], 1
    while at < len(lines):
        header = _cells(lines[at - 1])
        if (
            "|" in lines[at - 1]
            and _RULE.match(lines[at])
            and "-" in lines[at]
            and len(_cells(lines[at])) == len(header)
        ):
            rows = [header]
            at += 1
            while at < len(lines) and "|" in lines[at]:
                rows.append(_cells(lines[at]))
                at += 1
            found.append(rows)
        at += 1
    return found


def has_table(answer: str, columns: Sequence[str] | int, rows: Sequence[Sequence[str]] | int) -> bool:
    """Tells whether an answer has exactly one table, of this shape.

    Args:
        answer: As the model gave it.
        columns: Their names in their order, or how many there are.
        rows: What stands in them, in any order, or how many there are; the header is none.
    """
    tables = tables_in(answer)
    if len(tables) != 1:
        return False
    header, *body = tables[0]
    wide = columns if isinstance(columns, int) else len(columns)
    if len(header) != wide or any(len(row) != wide for row in body):
        return False
    if not isinstance(columns, int) and [bare(each) for each in header] != [bare(each) for each in columns]:
        return False
    if isinstance(rows, int):
        return len(body) == rows and all(any(bare(cell) for cell in row) for row in body)
    return sorted([bare(cell) for cell in row] for row in body) == sorted([bare(cell) for cell in row] for row in rows)


def _cells(line: str) -> list[str]:
    line = line.strip()
    line = line.removeprefix("|").removesuffix("|") if not line.endswith(r"\|") else line.removeprefix("|")
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)]
