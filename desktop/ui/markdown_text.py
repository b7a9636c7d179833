"""Markdown as text: what of a growing answer is final, and which of its line breaks are meant. Pure functions."""

from __future__ import annotations

import re

_FENCE = re.compile(r"^\s*(```+|~~~+)")
_LIST_ITEM = re.compile(r"^([-*+]|\d{1,9}[.)])\s+\S")
# A line that may still become the marker of a list, a fence, a rule or a heading when its next token arrives.
_UNDECIDED = re.compile(r"^(\d{1,9}[.)]?|[-*+_=#`~>|\s]*)\s*$")
_STARTS_A_BLOCK = re.compile(r"^\s*([-*+]\s|\d{1,9}[.)]\s|#{1,6}\s|>|```|~~~|\||([-=*_]\s*){3,}$)|^( {4}|\t)")


def settled_length(text: str, start: int = 0) -> int:
    """Returns how much of a growing text is final: what comes later cannot change how it looks.

    Args:
        text: Markdown that grows at its end.
        start: An earlier result, to go on from there.
    """
    settled, in_fence, after_blank = start, False, False
    position = start
    for line in text[start:].splitlines(keepends=True):
        if _FENCE.match(line):
            if not in_fence and after_blank and line[0] in "`~":
                settled = position
            in_fence = not in_fence
        elif not in_fence and not line[0].isspace():
            decided = not _UNDECIDED.match(line)
            if decided and (after_blank or _LIST_ITEM.match(line)):
                settled = position
        after_blank = not line.strip()
        position += len(line)
    return settled


def keep_line_breaks(text: str) -> str:
    """Returns Markdown in which single line breaks of running text stay breaks: models mean them, as in a poem."""
    if "\n" not in text:
        return text
    lines: list[str] = []
    in_fence = joinable = False
    for line in text.split("\n"):
        fence = bool(_FENCE.match(line))
        plain = not in_fence and not fence and bool(line.strip()) and "|" not in line
        if plain and joinable and not _STARTS_A_BLOCK.match(line):
            lines[-1] = f"{lines[-1].rstrip().removesuffix(chr(92))}\u2028{line.strip()}"
        else:
            lines.append(line)
        # A heading ends with its line; after a table's or a quote's line only its own kind may follow.
        joinable = plain and not re.match(r"^\s*(#{1,6}\s|>)", line) and not re.match(r"^( {4}|\t)", line)
        if fence:
            in_fence = not in_fence
    return "\n".join(lines)
