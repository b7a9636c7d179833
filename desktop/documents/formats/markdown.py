"""Text as Markdown, which models have seen more of than of any other way to write tables, lists and headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

_SPACES: Final = re.compile(r"\s+")


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Returns rows of cells as a table, the first row as its head; rows may be of different lengths.

    What is no table, a single cell or a single column, is returned as lines.
    """
    width = max((len(row) for row in rows), default=0)
    if width <= 1:
        return "\n".join(line(row[0]) for row in rows if row and row[0].strip())
    lines = ["| " + " | ".join(_cell(row[place]) if place < len(row) else "" for place in range(width)) + " |"
             for row in rows]  # fmt: skip
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)


def sparse_tables(rows: Mapping[int, Mapping[int, str]]) -> list[str]:
    """Returns a sheet as blocks: an empty row ends one, columns without a word are left out.

    Args:
        rows: Number of the row, ascending, to the number of the column and what is shown in the cell.
    """
    blocks: list[list[Mapping[int, str]]] = []
    last = None
    for number, cells in rows.items():
        if not any(text.strip() for text in cells.values()):
            continue
        if last is None or number != last + 1:
            blocks.append([])
        blocks[-1].append(cells)
        last = number
    return [_block(block) for block in blocks]


def line(text: str) -> str:
    """Returns a text on one line."""
    return _SPACES.sub(" ", text).strip()


def joined(blocks: Iterable[str]) -> str:
    """Returns blocks with empty lines between them, but for the items of a list."""
    text, last_is_item = "", False
    for block in blocks:
        is_item = is_list_item(block)
        text += ("\n" if is_item and last_is_item else "\n\n" if text else "") + block
        last_is_item = is_item
    return text


def is_list_item(block: str) -> bool:
    """Tells whether a block is an item of a list."""
    head = block.lstrip().partition(" ")[0]
    return head == "-" or (head.endswith(".") and head[:-1].isdecimal())


def _block(block: list[Mapping[int, str]]) -> str:
    used = sorted({column for cells in block for column, text in cells.items() if text.strip()})
    return markdown_table([[cells.get(column, "") for column in used] for cells in block])


def _cell(text: str) -> str:
    return line(text).replace("|", "\\|")
