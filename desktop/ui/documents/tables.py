"""Tables in the text of a document: Markdown rows, taken apart with where each cell stands in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

_BAR: Final = re.compile(r"(?<!\\)\|")
_RULE: Final = re.compile(r"\|(\s*:?-+:?\s*\|)+\s*")
_WIDE: Final = re.compile("[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]")
# Rows by which the widths of columns are found, and their characters; and how wide a column may be, in letters.
_ROWS: Final = 60
_CHARACTERS: Final = 20_000
_NARROWEST, _WIDEST = 3, 34


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        text: As it is shown.
        start: Where it stands in the text of its part.
        end: What follows it.
    """

    text: str
    start: int
    end: int


def is_row(text: str, start: int) -> bool:
    """Tells whether a line that begins there is a row of a table."""
    return text.startswith("|", start)


def is_rule(line: str) -> bool:
    """Tells whether a row is the line below the head of a table."""
    return _RULE.fullmatch(line) is not None


def cells_of(text: str, start: int, end: int) -> list[Cell]:
    """Returns the cells of the row between two places of a text."""
    bars = [match.start() for match in _BAR.finditer(text, start, end)]
    ends = bars[1:] if len(bars) > 1 and not text[bars[-1] + 1 : end].strip() else [*bars[1:], end]
    return [_cell(text, begin + 1, stop) for begin, stop in zip(bars, ends, strict=False)]


def table_start(text: str, start: int) -> int:
    """Returns where the table begins whose row begins at a place: rows have no empty line between them."""
    if start and text[start - 1] != "\n":
        return start
    before = text.rfind("\n\n", 0, start)
    first = before + 2 if before >= 0 else 0
    if is_row(text, first):
        return first
    found = text.find("\n|", first, start)
    return found + 1 if found >= 0 else start


def has_head(text: str, start: int) -> bool:
    """Tells whether the table that begins there has a head."""
    first = text.find("\n", start)
    if first < 0:
        return False
    second = text.find("\n", first + 1)
    return is_rule(text[first + 1 : second if second >= 0 else len(text)])


def widths(text: str, start: int) -> list[int]:
    """Returns how wide the columns of the table are that begins there, in letters, by its first rows."""
    found: list[int] = []
    for begin, end in islice(rows(text, start, min(len(text), start + _CHARACTERS)), _ROWS):
        if is_rule(text[begin:end]):
            continue
        for place, cell in enumerate(cells_of(text, begin, end)):
            if place == len(found):
                found.append(_NARROWEST)
            found[place] = max(found[place], min(_WIDEST, width_of(cell.text)))
    return found


def rows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields where the rows are of the table that begins at a place, up to another."""
    while start < end and is_row(text, start):
        feed = text.find("\n", start, end)
        stop = feed if feed >= 0 else end
        yield start, stop
        start = stop + 1


def width_of(words: str) -> int:
    """Returns how wide words are, in letters; a Chinese one counts as two."""
    return len(words) + len(_WIDE.findall(words))


def fitted(row: Sequence[Cell], columns: int) -> list[Cell]:
    """Returns a row with as many cells as the table has columns; what is too much stands in the last one."""
    if len(row) <= columns:
        return list(row)
    rest = row[columns - 1 :]
    joined = Cell(" | ".join(cell.text for cell in rest), rest[0].start, rest[-1].end)
    return [*row[: columns - 1], joined]


def _cell(text: str, begin: int, end: int) -> Cell:
    raw = text[begin:end]
    words = raw.strip()
    start = begin + len(raw) - len(raw.lstrip()) if words else begin
    return Cell(words.replace("\\|", "|"), start, start + len(words))
