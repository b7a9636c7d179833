"""Markdown as text: what of a growing answer is final, and where its code and its displayed formulas are.

Pure functions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# What a line of a list may begin with before the code of the item.
_PREFIX = r"\s*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*"
# https://spec.commonmark.org/0.31.2/#fenced-code-blocks: no backtick stands behind an opening fence of backticks.
_FENCE = re.compile(rf"^(?P<indent>{_PREFIX})(?P<marks>`{{3,}}(?=[^`]*$)|~{{3,}})(?P<info>.*)$", re.DOTALL)
_LIST_ITEM = re.compile(r"^([-*+]|\d{1,9}[.)])\s+\S")
# A line that may still become the marker of a list, a fence, a rule or a heading when its next token arrives.
_UNDECIDED = re.compile(r"^(\d{1,9}[.)]?\s*|[-*+_=#`~>|\s]*)$")
# Code that is Markdown itself has code within, most often in fences of the same length.
_NESTING = frozenset({"markdown", "md"})
# What opens a formula that stands by itself, with what closes it.
_FORMULA = re.compile(rf"^{_PREFIX}(?P<opening>\$\$|\\\[|\\begin\{{(?P<name>[a-zA-Z]+\*?)\}})")


@dataclass(frozen=True)
class FinalPart:
    """How much of a growing text is final: what comes later cannot change how it looks.

    Attributes:
        length: Characters.
        fence: The line that opened the code in the middle of which the final part ends; empty: it does not.
        head: The two lines that head the table in the middle of which it ends; empty: it does not.
        number: Of the item that goes on with the numbered list at its end; None: it ends with no such list.
        broken: It ends in the middle of something that can only be written as plain text.
    """

    length: int = 0
    fence: str = ""
    head: str = ""
    number: int | None = None
    broken: bool = False


class Regions:
    """Follows a text line by line, and tells what is code and what a formula that stands by itself.

    Attributes:
        fence: The line that opened the code which the lines taken end in the middle of; empty: they do not.
    """

    def __init__(self, fence: str = "") -> None:
        """
        Args:
            fence: The line that opened the code that the text begins in the middle of; may be empty.
        """
        self.fence = fence
        self._depth = 0
        self._is_indented: bool | None = None  # all lines of this code; None: it has none yet
        self._formula_end = ""

    @property
    def in_nested(self) -> bool:
        """Whether the lines taken end in code within code."""
        return self._depth > 0

    @property
    def in_formula(self) -> bool:
        """Whether a formula that stands by itself goes on in the next line."""
        return bool(self._formula_end)

    def take(self, line: str) -> bool:
        """Goes on by a line; returns whether it is a fence, and of the code that it closes or opens no line."""
        if self.fence:
            return self._take_code(line)
        if self._formula_end:
            if self._formula_end in line or not line.strip():
                self._formula_end = ""
            return False
        if _FENCE.match(line):
            self.fence, self._depth, self._is_indented = line.rstrip("\n"), 0, None
            return True
        self._formula_end = _open_formula(line)
        return False

    def _take_code(self, line: str) -> bool:
        opening = _FENCE.match(self.fence)
        assert opening is not None
        if closes(line, self.fence):
            if self._depth:
                self._depth -= 1
                return False
            self.fence = ""
            return True
        inner = _FENCE.match(line)
        if (
            inner is not None
            and language_of(opening["info"]).lower() in _NESTING
            and inner["info"].strip()
            and inner["marks"].startswith(opening["marks"])
        ):
            self._depth += 1
        elif opening["indent"] and self._is_indented and _LIST_ITEM.match(line):
            self.fence = ""  # the next item of the list: the code of this one was never closed
            return self.take(line)
        if line.strip():
            self._is_indented = line[0].isspace() and self._is_indented is not False
        return False


def final_part(text: str, before: FinalPart, *, first: bool = False) -> FinalPart:
    """Returns how much of a growing text is final.

    Code that is not indented is final line by line, so that a long piece costs no more than a short one; its last line
    is not: it is followed by some room, and it may yet be the fence. Nor are empty lines before it.

    Args:
        text: Markdown that grows at its end.
        before: An earlier result, to go on from there.
        first: As little as possible is wanted, not as much.
    """
    final, after_blank = before, False
    regions, numbers = Regions(before.fence), _Numbers(before.number)
    position, code_from = before.length, before.length
    for line in _lines(text, before.length):
        if first and final is not before:
            return final
        fence, within, nested = regions.fence, regions.in_formula, regions.in_nested
        is_fence = regions.take(line)
        whole = line.endswith("\n")
        if fence and regions.fence:
            if line.strip() and whole and _is_at_margin(fence) and position > code_from and not nested:
                final = FinalPart(position, fence)
        elif is_fence and not fence:
            if _is_at_margin(line):
                if whole or after_blank:
                    final = FinalPart(position)
                numbers.end()
            code_from = position + len(line)
        elif line and not line[0].isspace() and not within and not (is_fence and fence):
            decided = not _UNDECIDED.match(line) and position > before.length
            number = numbers.take(line, after_blank=after_blank)
            if decided and (after_blank or _LIST_ITEM.match(line)):
                final = FinalPart(position, number=number)
        after_blank = not line.strip()
        position += len(line)
    return final


class _Numbers:
    """Counts the items of numbered lists: whatever their numbers are, they count on from the first."""

    def __init__(self, following: int | None) -> None:
        self._following = following
        self._sign = ""

    def take(self, line: str, *, after_blank: bool) -> int | None:
        """Goes on by a line at the margin; returns the number of the item that it is, if the list began before it."""
        item = _LIST_ITEM.match(line)
        if item is None or not item[1][0].isdigit():
            if item is not None or after_blank or not line[0].isalnum():
                self.end()
            return None
        sign, number = item[1][-1], int(item[1][:-1])
        goes_on = self._following is not None and sign == (self._sign or sign)
        counted = self._following if goes_on else None
        self._following, self._sign = (number if counted is None else counted) + 1, sign
        return counted

    def end(self) -> None:
        self._following, self._sign = None, ""


def open_fence(text: str, fence: str) -> str:
    """Returns the line that opened the code in the middle of which a text ends; empty: it does not.

    Args:
        text: Begins at the start of a line.
        fence: The line that opened the code that the text begins in the middle of; may be empty.
    """
    regions = Regions(fence)
    for line in _lines(text, 0):
        regions.take(line)
    return regions.fence


def closing_fence(fence: str) -> str:
    """Returns what ends the code that a line has opened."""
    opening = _FENCE.match(fence)
    assert opening is not None
    return opening["marks"]


def closes(line: str, fence: str) -> bool:
    """Tells whether a line ends the code that a fence has opened."""
    marks, least = line.strip(), closing_fence(fence)
    return len(marks) >= len(least) and not marks.strip(least[0])


def language_behind(fence: str) -> str:
    """Returns the language that stands in the line that opened a piece of code; empty: none does, or it is none."""
    opening = _FENCE.match(fence)
    return language_of(opening["info"]) if opening is not None else ""


def language_of(info: str) -> str:
    """Returns the language that stands behind a fence."""
    words = info.split()
    return words[0] if words else ""


def _is_at_margin(fence: str) -> bool:
    return fence.startswith(("`", "~"))


def _open_formula(line: str) -> str:
    """Returns what will close the formula that a line opens and does not close."""
    found = _FORMULA.match(line)
    if found is None:
        return ""
    closing = {"$$": "$$", "\\[": "\\]"}.get(found["opening"], f"\\end{{{found['name']}}}")
    return "" if closing in line[found.end() :] else closing


def _lines(text: str, start: int) -> list[str]:
    """Returns the lines from a position on with their line feeds; no other character ends a line of Markdown here."""
    return [line for line in re.split(r"(?<=\n)", text[start:]) if line]
