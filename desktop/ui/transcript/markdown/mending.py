"""Markdown as small models write it, mended so that a parser of CommonMark makes of it what a reader would expect.

What CommonMark has a meaning for keeps it, but for a few cases in which nobody means that; each of them has its rule
here. Pure functions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from desktop.ui.transcript.markdown.source import Regions, closing_fence

_MARKER = re.compile(r"(?P<marker>[-*+]|(?P<number>\d{1,9})[.)])(?P<room>[ \t]+|$)")
_RULE = re.compile(r"\s{0,3}([-*_])[ \t]*(\1[ \t]*){2,}$")
_FENCE = re.compile(r"`{3,}[^`]*$|~{3,}")
# Of two and more, since one may begin a tag: "#cats".
_HEADING = re.compile(r"(?P<marks>\s{0,3}#{2,6})(?P<words>[^\s#].*)$")
_DEFINITION = re.compile(r"\s{0,3}\[(?P<label>[^\[\]\\]{1,100})\]:\s*\S")
_ROW_RULE = re.compile(r"\s*\|?(\s*:?-+:?\s*(\||$))+\s*$")
_CELL = re.compile(r"(?:\\.|[^|\\])*\|?")
# Containers within containers that are still told apart; more are no text that somebody reads.
DEEPEST = 30
_CONTAINERS = re.compile(rf"\s*(?:(?:>|[-*+][ \t]|\d{{1,9}}[.)][ \t])\s*){{{DEEPEST},}}")


@dataclass(frozen=True)
class _Item:
    """An item of a list.

    Attributes:
        marker: Where its marker stands, in columns.
        content: Where its content begins.
        shift: How much further right both are moved.
        number: None: it has a bullet.
    """

    marker: int
    content: int
    shift: int
    number: int | None


def mended(text: str) -> str:
    """Returns Markdown of which CommonMark makes what its writer means.

    Code and items that are not indented far enough belong to their item, wherever its code begins; a heading needs no
    blank behind its marks; a table needs no line below its head, nor one as wide as that, nor a head; code that is
    Markdown goes on to its own fence. The address of a link that nothing refers to is a source, and is shown.

    Args:
        text: Begins at the start of a line.
    """
    return "\n".join(_Mender(text.split("\n")).lines())


def is_too_deep(text: str) -> bool:
    """Tells whether containers are nested deeper than anybody reads, and a parser goes."""
    if any(_CONTAINERS.match(line) for line in text.split("\n")):
        return True
    return any(_indent(line) > 4 * DEEPEST and _MARKER.match(line.lstrip()) for line in text.split("\n"))


class _Mender:
    def __init__(self, lines: list[str]) -> None:
        self._given = lines
        self._words = "\n".join(("", *lines)).casefold()
        self._made: list[str] = []
        self._items: list[_Item] = []
        self._code: list[str] = []  # of which the closing fence has not come
        self._opening, self._opening_at = "", 0  # as it is written, and where it was given
        self._after_blank = True
        self._in_table = False

    def lines(self) -> list[str]:
        regions = Regions()
        for number, line in enumerate(self._given):
            was_code, was_formula = bool(regions.fence), regions.in_formula
            is_fence = regions.take(line)
            if was_code and regions.fence:
                self._code.append(line)
            elif was_code and is_fence:
                self._end_code(line)
            else:
                if was_code:
                    self._end_code("")
                if is_fence:
                    self._begin_code(line)
                elif was_formula or regions.in_formula:
                    self._made.append(self._moved(line))
                else:
                    self._take(number, line)
            self._after_blank = not line.strip() and not was_code
        if regions.fence:
            self._end_code("")
        return self._made

    def _take(self, number: int, line: str) -> None:
        """Goes on by a line that is neither code nor a formula by itself."""
        if not line.strip():
            self._in_table = False
            self._made.append(line)
            return
        marker = None if _RULE.match(line) else _MARKER.match(line.lstrip(" \t"))
        if marker is not None:
            self._made.append(self._item(line, marker))
            return
        if self._after_blank or (not line[0].isspace() and _begins_block(line)):
            indent = _indent(line)
            while self._items and not _belongs(indent, self._items[-1], least=2):
                self._items.pop()
        definition = _DEFINITION.match(line)
        if definition is not None and not self._is_referred_to(definition["label"]):
            line = line.replace("[", "\\[", 1)
        heading = _HEADING.match(line)
        if heading is not None:
            line = f"{heading['marks']} {heading['words']}"
        moved = self._moved(line)
        if not self._in_table and line.lstrip().startswith("|"):
            self._begin_table(number, moved)
            return
        if self._in_table and "|" not in line:
            self._made.append("")  # what has no bar is no row, though no empty line stands before it
            self._in_table = False
        self._made.append(moved)

    def _is_referred_to(self, label: str) -> bool:
        mark = f"[{label.casefold()}]"
        return self._words.count(mark) > self._words.count(f"\n{mark}:")

    def _item(self, line: str, marker: re.Match[str]) -> str:
        """Returns a line that begins an item, moved to where it belongs."""
        indent = _indent(line)
        number = int(marker["number"]) if marker["number"] else None
        while self._items and not _holds(self._items[-1], indent, number):
            self._items.pop()
        place = indent
        if self._items:
            parent = self._items[-1]
            begin = parent.content + parent.shift
            place = max(begin, indent + parent.shift)
            if place - begin > 3 and not self._after_blank:
                place = begin
        elif indent > 3 and not self._after_blank:
            place = 0
        room = marker["room"].expandtabs(4)
        content = indent + len(marker["marker"]) + (len(room) if 0 < len(room) < 5 else 1)
        self._items.append(_Item(indent, content, place - indent, number))
        return _at(line, place) if place != indent else line

    def _begin_code(self, line: str) -> None:
        indent = _indent(line)
        marker = _MARKER.match(line.lstrip(" \t"))
        if marker is not None:  # behind the marker of its item
            line = self._item(line, marker)
            self._made.append(line)
            self._opening, self._opening_at = "", self._items[-1].content
            return
        while self._items and not _belongs(indent, self._items[-1], least=1):
            self._items.pop()
        self._opening_at = indent
        if self._items:
            item = self._items[-1]
            line = _at(line, max(indent, item.content) + item.shift if indent < item.content + 4 else item.content)
        self._opening = line
        self._made.append(line)

    def _end_code(self, closing: str) -> None:
        """Writes the lines of code that are held back, as far right as its opening."""
        code, self._code = self._code, []
        if not self._items:
            if self._opening and any(_FENCE.match(line) for line in code):
                marks = closing_fence(self._opening)
                runs = re.findall(rf"{re.escape(marks[0])}{{3,}}", "\n".join(code))
                longer = marks[0] * (max(map(len, runs), default=0) + 1)
                if len(longer) > len(marks):
                    self._made[-1] = self._opening.replace(marks, longer, 1)
                    closing = closing and longer
            self._made += code
        else:
            item = self._items[-1]
            place = _indent(self._opening) if self._opening else item.content + item.shift
            was = min((_indent(line) for line in code if line.strip()), default=place)
            was = min(was, self._opening_at)
            lines = (_outdented(line, was) for line in code)
            code = [" " * place + line if line else "" for line in lines]
            self._made += code
            closing = closing and _at(closing, place)
        if closing:
            self._made.append(closing)

    def _moved(self, line: str) -> str:
        """Returns a line that goes on with an item, moved as this is."""
        if not self._items or not line.strip():
            return line
        indent, item = _indent(line), self._items[-1]
        if indent < item.marker + 2 or (not self._after_blank and indent < item.content):
            return line
        place = max(indent, item.content) + item.shift
        return _at(line, place) if place != indent else line

    def _begin_table(self, number: int, line: str) -> None:
        following = self._given[number + 1] if number + 1 < len(self._given) else ""
        cells, below = _cells(line), _cells(following)
        if _ROW_RULE.match(line) and cells > 1 and following.lstrip().startswith("|"):
            self._made.append(_at("|" + "   |" * cells, _indent(line)))
            self._in_table = True
        elif _ROW_RULE.match(following) and below != cells and "|" in following:
            sides = following.strip().strip("|").split("|")
            rule = [*(side.strip() for side in sides), *["---"] * cells][:cells]
            self._given[number + 1] = _at("|" + "|".join(rule) + "|", _indent(following))
            self._in_table = True
        elif (
            not _ROW_RULE.match(following)
            and cells > 1
            and below == cells
            and all(each.strip().startswith("|") and each.strip().endswith("|") for each in (line, following))
        ):
            self._made.append(line)
            line = _at("|" + "---|" * cells, _indent(line))
            self._in_table = True
        else:
            self._in_table = bool(_ROW_RULE.match(following))
        self._made.append(line)


def _holds(item: _Item, indent: int, number: int | None) -> bool:
    """Tells whether what a marker begins lies in an item, though CommonMark may ask for some more room before it."""
    if indent >= item.content:
        return True
    if indent < item.marker + 2:
        return False
    return (number is None) != (item.number is None) or (number == 1 and item.number is not None)


def _belongs(indent: int, item: _Item, *, least: int) -> bool:
    return indent >= item.content or indent >= item.marker + least


def _begins_block(line: str) -> bool:
    return line.startswith(("#", "|", ">", "```", "~~~")) or bool(_RULE.match(line))


def _indent(line: str) -> int:
    """Returns the columns before the first letter; the stops of tabs are those of CommonMark."""
    blank = line[: len(line) - len(line.lstrip(" \t"))]
    return len(blank.expandtabs(4)) if "\t" in blank else len(blank)


def _outdented(line: str, columns: int) -> str:
    """Returns a line without so many columns of blanks; a tab that reaches beyond them leaves blanks."""
    column = 0
    for at, blank in enumerate(line):
        if column >= columns or blank not in " \t":
            return line[at:]
        column += 4 - column % 4 if blank == "\t" else 1
        if column > columns:
            return " " * (column - columns) + line[at + 1 :]
    return ""


def _at(line: str, column: int) -> str:
    return " " * column + line.lstrip(" \t")


def _cells(row: str) -> int:
    """Returns how many cells a row has; a bar behind a backslash divides none."""
    row = row.strip()
    inner = row[1 if row.startswith("|") else 0 :].removesuffix("|")
    return sum(1 for cell in _CELL.findall(inner) if cell) if inner else 0
