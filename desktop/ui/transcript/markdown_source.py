"""Markdown as text: what of a growing answer is final, and which of its line breaks are meant. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass

# https://spec.commonmark.org/0.31.2/#fenced-code-blocks: no backtick stands behind an opening fence of backticks.
_FENCE = re.compile(r"^(?P<indent>\s*)(?P<marks>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)$", re.DOTALL)
_LIST_ITEM = re.compile(r"^([-*+]|\d{1,9}[.)])\s+\S")
# A line that may still become the marker of a list, a fence, a rule or a heading when its next token arrives.
_UNDECIDED = re.compile(r"^(\d{1,9}[.)]?\s*|[-*+_=#`~>|\s]*)$")
_STARTS_A_BLOCK = re.compile(r"^\s*([-*+]\s|\d{1,9}[.)]\s|#{1,6}\s|>|```|~~~|\||([-=*_]\s*){3,}$)|^( {4}|\t)")


@dataclass(frozen=True)
class FinalPart:
    """How much of a growing text is final: what comes later cannot change how it looks.

    Attributes:
        length: Characters.
        fence: The line that opened the code in the middle of which the final part ends; empty: it does not.
        head: The two lines that head the table in the middle of which it ends; empty: it does not.
        broken: It ends in the middle of something that can only be written as plain text.
    """

    length: int = 0
    fence: str = ""
    head: str = ""
    broken: bool = False


def final_part(text: str, before: FinalPart, *, first: bool = False) -> FinalPart:
    """Returns how much of a growing text is final.

    Code that is not indented is final line by line, so that a long piece costs no more than a short one; its last line
    is not: it is followed by some room, and it may yet be the fence. Nor are empty lines before it: Qt's reader of
    Markdown leaves them out where code begins with them.

    Args:
        text: Markdown that grows at its end.
        before: An earlier result, to go on from there.
        first: As little as possible is wanted, not as much.
    """
    final, fence, after_blank = before, before.fence, False
    position, code_from = before.length, before.length
    for line in _lines(text, before.length):
        if first and final is not before:
            return final
        whole = line.endswith("\n")
        if fence:
            if _closes(line, fence):
                fence = ""
            elif line.strip() and whole and not fence[0].isspace() and position > code_from:
                final = FinalPart(position, fence)
        elif opening := _FENCE.match(line):
            if not opening["indent"] and (whole or after_blank):
                final = FinalPart(position)
            fence, code_from = line.rstrip("\n"), position + len(line)
        elif line and not line[0].isspace():
            decided = not _UNDECIDED.match(line) and position > before.length
            if decided and (after_blank or _LIST_ITEM.match(line)):
                final = FinalPart(position)
        after_blank = not line.strip()
        position += len(line)
    return final


def open_fence(text: str, fence: str) -> str:
    """Returns the line that opened the code in the middle of which a text ends; empty: it does not.

    Args:
        text: Begins at the start of a line.
        fence: The line that opened the code that the text begins in the middle of; may be empty.
    """
    for line in _lines(text, 0):
        if fence:
            fence = "" if _closes(line, fence) else fence
        elif _FENCE.match(line):
            fence = line.rstrip("\n")
    return fence


def keep_line_breaks(text: str) -> str:
    """Returns Markdown in which single line breaks of running text stay breaks: models mean them, as in a poem."""
    if "\n" not in text:
        return text
    lines: list[str] = []
    fence, joinable = "", False
    for line in text.split("\n"):
        in_fence = bool(fence)
        if in_fence:
            is_fence = _closes(line, fence)
            fence = "" if is_fence else fence
        else:
            is_fence = bool(_FENCE.match(line))
            fence = line if is_fence else ""
        plain = not in_fence and not is_fence and bool(line.strip()) and "|" not in line
        if plain and joinable and not _STARTS_A_BLOCK.match(line):
            lines[-1] = f"{lines[-1].rstrip().removesuffix(chr(92))}\u2028{line.strip()}"
        else:
            lines.append(line)
        # A heading ends with its line; after a table's or a quote's line only its own kind may follow.
        joinable = plain and not re.match(r"^\s*(#{1,6}\s|>)", line) and not re.match(r"^( {4}|\t)", line)
    return "\n".join(lines)


def closing_fence(fence: str) -> str:
    """Returns what ends the code that a line has opened."""
    opening = _FENCE.match(fence)
    assert opening is not None
    return opening["marks"]


def _lines(text: str, start: int) -> list[str]:
    """Returns the lines from a position on with their line feeds; no other character ends a line of Markdown here."""
    return [line for line in re.split(r"(?<=\n)", text[start:]) if line]


def _closes(line: str, fence: str) -> bool:
    """Tells whether a line ends the code that a fence has opened."""
    marks, least = line.strip(), closing_fence(fence)
    return len(marks) >= len(least) and not marks.strip(least[0])
