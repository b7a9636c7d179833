"""Cuts Markdown, or a person's text, into pieces each of which is written and laid out in a few hundredths of a second.

Qt lays a block out in one go, a table too, and takes more than proportionally long from some 8,000 characters on: one
word of 256,000 letters takes 4 s, a table of 5,000 rows 20 s. So the text is cut before Qt sees it: where Markdown
allows it, code between its lines, a table between its rows, and all else anywhere, as plain text. Pure functions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from desktop.ui.transcript.markdown.source import FinalPart, final_part, open_fence

# Together they cost 40 ms on the machine of docs/ARCHITECTURE.md: letters of running text, and marks.
_CHARACTERS = 8_000
_MARKS = 600
# Signs that lie in other fonts and are put together, each looked for anew: they cost some ten times what a letter does.
_PICTURES = "\U0001f000-\U0001fbff"
# What may become a format or a block of its own, and pictures; a cell costs as much as two of them, an item of a list
# as three, what opens a formula as five, and a command within it, or an address, as four.
_MARK = re.compile(r"[-+*] |\d[.)] |\\[(\[]|\\[a-zA-Z]+|://|\$\$?|[*_^`~|\[#>\r\n" + _PICTURES + "]")
_CELL_MARKS, _ITEM_MARKS, _FORMULA_MARKS, _COMMAND_MARKS = 2, 3, 5, 4
_LINE = re.compile(r"[\r\n" + _PICTURES + "]")  # of plain text
# Of one block of plain text; its layout cannot be interrupted.
_BLOCK_CHARACTERS = 2_000
_BLOCK_LINES = 60
_TABLE_RULE = re.compile(r"[ \t]*\|?([ \t]*:?-+:?[ \t]*(\||$))+[ \t]*")
_LONGEST_HEAD = _CHARACTERS // 8


@dataclass(frozen=True)
class Piece:
    """What is written at once.

    Attributes:
        text: Markdown, or plain text.
        is_plain: It is plain text: what it is a part of is too large to be laid out otherwise.
        begins_plain: It is the first such piece of that.
        fence: The line that opened the code that it begins in the middle of.
        ends_in: The line that opened the code that more lines will follow of.
        head: The head of the table whose further rows it begins with, two lines.
        number: Of the item that it begins with, which goes on with a numbered list.
        goes_on: It begins in the middle of a line.
    """

    text: str
    is_plain: bool = False
    begins_plain: bool = False
    fence: str = ""
    ends_in: str = ""
    head: str = ""
    number: int | None = None
    goes_on: bool = False


def next_piece(text: str, before: FinalPart, *, grows: bool) -> tuple[Piece, FinalPart] | None:
    """Returns the next piece, and what is written with it; None: nothing is left, or nothing that is final.

    Args:
        text: Markdown.
        before: What is written already.
        grows: More will come at the end of the text: what that may change is no piece yet.
    """
    start, end = before.length, _affordable(text, before.length)
    if start >= len(text):
        return None
    after = final_part(text[:end], before, first=before.broken)
    if after.length == start and end < len(text):
        after = _forced(text, before, end)
    elif end == len(text) and not grows and (after.length == start or not before.broken):
        after = FinalPart(len(text))
    elif after.length == start:
        return None
    return piece_of(text[start : after.length], before, after, goes_on=_is_mid_line(text, start)), after


def piece_of(text: str, before: FinalPart, after: FinalPart, *, goes_on: bool = False) -> Piece:
    """Returns a text that follows what is written as a piece.

    Args:
        text: Markdown that can be written at once.
        before: What is written already.
        after: What is written with it.
        goes_on: It begins in the middle of a line.
    """
    if before.broken or after.broken:
        return Piece(text, is_plain=True, begins_plain=not before.broken, goes_on=goes_on)
    head = before.head if "|" in text.partition("\n")[0] else ""
    return Piece(
        text,
        fence=before.fence,
        ends_in=after.fence,
        head=head,
        number=before.number,
        goes_on=goes_on and bool(before.fence),
    )


def is_affordable(text: str) -> bool:
    """Tells whether all of a text is one piece."""
    return _affordable(text, 0) == len(text)


def shown_at_first(text: str, *, is_plain: bool = False) -> int:
    """Returns how much of a message is to be written without being asked for.

    Args:
        text: Markdown, or plain text.
        is_plain: It is plain text, in which no mark costs anything.
    """
    costly = _LINE if is_plain else _MARK
    return _affordable(text, _affordable(text, 0, costly), costly)


def plain_piece(text: str, start: int) -> int:
    """Returns where the piece of plain text ends that begins at a position."""
    end = _affordable(text, start, _LINE)
    return end if end == len(text) else _line_end(text, start, end)


def plain_blocks(text: str) -> list[tuple[str, bool]]:
    """Returns plain text as blocks that Qt lays out at once, each with whether it ends in the middle of a line.

    Args:
        text: May have many lines; a block has the line feeds within it, not the one at its end.
    """
    blocks: list[tuple[str, bool]] = []
    start = 0
    while start < len(text):
        end = min(len(text), start + _BLOCK_CHARACTERS)
        lines = text[start:end].split("\n", _BLOCK_LINES)
        if len(lines) > _BLOCK_LINES:
            end -= len(lines[-1])
        elif end < len(text):
            end = _line_end(text, start, end)
        block = text[start:end]
        blocks.append((block.removesuffix("\n"), not block.endswith("\n")))
        start = end
    return blocks


def _affordable(text: str, start: int, costly: re.Pattern[str] = _MARK) -> int:
    """Returns where what may be written at once ends."""
    most = min(len(text), start + _CHARACTERS)
    marks = 0
    for mark in costly.finditer(text, start, most):
        marks += _cost(mark[0])
        if marks / _MARKS + (mark.end() - start) / _CHARACTERS >= 1:
            return mark.end()
    return most


def _cost(mark: str) -> int:
    """Returns how much of a piece a mark takes."""
    if mark[0] in "\\$":
        return _COMMAND_MARKS if mark[1:].isalpha() else _FORMULA_MARKS
    if mark == "://":
        return _COMMAND_MARKS
    if len(mark) > 1:
        return _ITEM_MARKS
    return _CELL_MARKS if mark == "|" else 1


def _forced(text: str, before: FinalPart, end: int) -> FinalPart:
    """Cuts where nothing allows it."""
    start = before.length
    end = _line_end(text, start, end)
    fence = open_fence(text[start:end], before.fence)
    if fence and fence == before.fence and fence[0] in "`~" and not before.broken:
        return FinalPart(end, fence)
    head = "" if before.broken or fence else before.head or _table_head(text[start:end])
    last_row = text[text.rfind("\n", start, end - 1) + 1 : end]
    if head and "|" in last_row and last_row.endswith("\n"):
        return FinalPart(end, head=head)
    return FinalPart(end, fence, broken=True)


def _table_head(text: str) -> str:
    """Returns the two lines that head the table in a text; empty: there is none, or only a very wide one."""
    lines = text.split("\n")
    for names, rule in pairwise(lines[:-1]):
        head = f"{names}\n{rule}"
        if len(head) < _LONGEST_HEAD and "|" in names and "|" in rule and _TABLE_RULE.fullmatch(rule):
            return head if head.count("|") * _CELL_MARKS < _MARKS // 4 else ""
    return ""


def _line_end(text: str, start: int, end: int) -> int:
    """Returns the last end of a line in a range, without one the last blank near its end, else the end."""
    line = text.rfind("\n", start, end)
    if line > start:
        return line + 1
    blank = text.rfind(" ", start + (end - start) * 3 // 4, end)
    return blank + 1 if blank > start else end


def _is_mid_line(text: str, position: int) -> bool:
    return position > 0 and text[position - 1] != "\n"
