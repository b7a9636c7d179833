"""Cuts a document into passages: by headings and paragraphs, rows of tables, sentences where a paragraph is long.

A passage is as long as a small model reads well, some 150 to 200 tokens, which characters tell well enough: four of
them make a token in English, less than two in Chinese. None goes from one part into the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from desktop.documents.passages.passage import Passage
from desktop.documents.types import Document, DocumentKind, Part, PartKind

# What a passage may weigh, and one sign of a script that has a sign for each syllable; all others weigh one.
_MOST: Final = 900
_HEAVY_WEIGHT: Final = 7 / 3
HEAVY: Final = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60\U00020000-\U0003fffd]"
)
# Below this a passage takes the next section in as well: a heading and one line find little.
_LEAST: Final = 300

_BLOCK: Final = re.compile(r"[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")
_LINE: Final = re.compile(r"[^\n]+")
_FENCE: Final = re.compile(r"^\s*(```|~~~)")
_MARKED_HEADING: Final = re.compile(r"\s{0,3}#{1,6}\s+(.+?)\s*#*$")
# "3.2.1. Boot Media", "B.4 Files", "Chapter 4", "第三章 安装", which may follow upon text; and what only is a heading
# where it stands alone: "4. Cats", "Chapter 4. Dogs", "一、总则".
_NUMBERED_HEADING: Final = re.compile(
    r"\s*(?:(?:\d{1,2}|[A-Z])(?:\.\d{1,3}){1,4}\.?\s+[^\W\d_a-z]|(?:Chapter|Appendix|Part)\s+[\dA-Z]{1,4}$"
    r"|第\s*[\d一二三四五六七八九十百零〇]{1,5}\s*[章节節条條部篇编編卷])"
)
_LONE_HEADING: Final = re.compile(
    r"\s*(?:(?:\d{1,2}\.)+\s+\S|[A-Z]\.\s+\S|(?:Chapter|Section|Part|Appendix|Article)\s+[\dA-Z]{1,4}\b"
    r"|[一二三四五六七八九十]{1,3}、|附录)",
    re.IGNORECASE,
)
_LONGEST_HEADING: Final = 100
_ROW: Final = re.compile(r"^\s*\|.*\|\s*$")
_RULE: Final = re.compile(r"^\s*\|(?:\s*:?-+:?\s*\|)+\s*$")
_NOT_AFTER_HEADING: Final = ".。；;，,"
# What joins a title with its page in a table of contents.
_LEADERS: Final = re.compile(r"(?:\. ?){4}|\u2026{2}|\u00b7{4}")
# Kinds whose readers make no Markdown: a line that begins with # is a comment there, unless it stands alone.
_WITHOUT_MARKS: Final = frozenset((DocumentKind.TEXT, DocumentKind.PDF, DocumentKind.TABLE))
# Where a paragraph is cut if it must be, the best places first; the sign stays with what it ends.
_CUTS: Final = (
    re.compile(r"[.!?][\"')\]\u201d\u2019]*\s+|[。！？…][”’」』）]*\s*"),
    re.compile(r"\n"),
    re.compile(r"[,;:]\s+|[，；：、]\s*"),
    re.compile(r"\s+"),
)
# Of a text that is halved, each of both pieces.
_LEAST_SHARE: Final = 0.2


@dataclass(frozen=True)
class _Piece:
    """Something that stays together.

    Attributes:
        heading: Its words, where it is one.
        head: Of its table, for a passage that begins with it.
    """

    start: int
    end: int
    weight: float
    heading: str = ""
    head: str = ""


def split_into_passages(document: Document) -> tuple[Passage, ...]:
    """Returns the passages of a document in their order; together they hold every word of it."""
    has_marks = document.kind not in _WITHOUT_MARKS
    has_headings = document.kind is not DocumentKind.CODE
    passages: list[Passage] = []
    heading = ""
    for part in document.parts:
        if part.kind is not PartKind.PAGE:
            heading = "" if part.kind is PartKind.WHOLE else part.name
        # What a page begins with belongs to what the page before was about.
        found, heading = _passages(part, heading, _Reader(part.text, has_marks, has_headings))
        passages += found
    return tuple(passages)


def halved(text: str) -> tuple[str, ...]:
    """Returns a passage in pieces of no more than half the usual length, cut where a sentence ends near the middle.

    An embedding model has one vector for what it reads: the more is said there, the less of it says any one thing.
    """
    weight = weight_of(text)
    if weight <= _MOST / 2:
        return (text,)
    for cut in _CUTS:
        places = [match.end() for match in cut.finditer(text) if 0 < match.end() < len(text)]
        middle = min(places, key=lambda place: abs(2 * place - len(text)), default=0)
        if min(middle, len(text) - middle) > _LEAST_SHARE * len(text):
            break
    else:
        middle = len(text) // 2
    return (*halved(text[:middle]), *halved(text[middle:]))


def weight_of(text: str) -> float:
    """Returns how long a text is for a model, in characters of English."""
    if text.isascii():
        return len(text)
    return len(text) + (_HEAVY_WEIGHT - 1) * len(HEAVY.findall(text))


def _passages(part: Part, heading: str, reader: _Reader) -> tuple[list[Passage], str]:
    """Returns the passages of a part, and the heading that it ends below.

    Args:
        heading: That it begins below.
    """
    found: list[Passage] = []
    taken: list[_Piece] = []
    weight, has_text = 0.0, False
    below = heading
    for piece in reader.pieces():
        begins = bool(piece.heading) and has_text and weight >= _LEAST
        is_full = bool(taken) and weight + piece.weight > _MOST
        if begins or is_full:
            found.append(_passage(part, taken, below))
            taken, weight, has_text, below = [], 0.0, False, heading
        if piece.heading:
            heading = piece.heading
            below = below if has_text else heading
        else:
            has_text = True
        weight += piece.weight + (len(piece.head) if not taken else 0)
        taken.append(piece)
    if taken:
        found.append(_passage(part, taken, below))
    return found, heading


def _passage(part: Part, pieces: list[_Piece], heading: str) -> Passage:
    start, end = pieces[0].start, pieces[-1].end
    return Passage(part.number, start, end, pieces[0].head + part.text[start:end], heading)


class _Reader:
    """Tells headings, tables, code and paragraphs of one text apart."""

    def __init__(self, text: str, has_marks: bool, has_headings: bool) -> None:
        self._text = text
        self._has_marks = has_marks
        self._has_headings = has_headings

    def pieces(self) -> Iterator[_Piece]:
        """Yields everything in its order."""
        for start, end, is_code in _blocks(self._text):
            if is_code:
                yield from _cut(self._text, start, end)
                continue
            lines = [(start + match.start(), start + match.end()) for match in _LINE.finditer(self._text[start:end])]
            yield from self._lines(lines)

    def _lines(self, lines: list[tuple[int, int]]) -> Iterator[_Piece]:
        """Yields what the lines of one block are, which have no empty one between them."""
        paragraph: list[tuple[int, int]] = []
        table: list[tuple[int, int]] = []
        for line in lines:
            words = self._text[slice(*line)]
            is_row = _ROW.match(words) is not None
            title = "" if is_row else self._heading(words, len(lines) == 1)
            if paragraph and (is_row or title):
                yield from _cut(self._text, paragraph[0][0], paragraph[-1][1])
                paragraph = []
            if table and not is_row:
                yield from self._table(table)
                table = []
            if title:
                yield _Piece(*line, weight_of(words), title)
            else:
                (table if is_row else paragraph).append(line)
        if table:
            yield from self._table(table)
        if paragraph:
            yield from _cut(self._text, paragraph[0][0], paragraph[-1][1])

    def _heading(self, line: str, is_alone: bool) -> str:
        """Returns the words of a line that is a heading; an empty text: it is none."""
        if not self._has_headings:
            return ""
        if (self._has_marks or is_alone) and (marked := _MARKED_HEADING.match(line)):
            return marked.group(1)
        if len(line) > _LONGEST_HEADING or line.rstrip()[-1] in _NOT_AFTER_HEADING or _LEADERS.search(line):
            return ""
        is_heading = _NUMBERED_HEADING.match(line) or (is_alone and _LONE_HEADING.match(line))
        return line.strip() if is_heading else ""

    def _table(self, rows: list[tuple[int, int]]) -> Iterator[_Piece]:
        """Yields a table row by row; the first stays with the head."""
        head = ""
        if len(rows) > 2 and _RULE.match(self._text[slice(*rows[1])]):
            words = self._text[rows[0][0] : rows[1][1]] + "\n"
            head = words if weight_of(words) <= _MOST else ""
            rows = [(rows[0][0], rows[2][1]), *rows[3:]]
        for place, (start, end) in enumerate(rows):
            yield _Piece(start, end, weight_of(self._text[start:end]) + 1, head=head if place else "")


def _blocks(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yields where blocks between empty lines stand, and whether they are code; all within one fence is one block."""
    begun: int | None = None
    for match in _BLOCK.finditer(text):
        fences = sum(_FENCE.match(line) is not None for line in match.group().split("\n"))
        if begun is not None:
            if fences % 2:
                yield begun, match.end(), True
                begun = None
        elif fences % 2:
            begun = match.start()
        else:
            yield *match.span(), fences > 0
    if begun is not None:  # nothing closes it
        yield begun, len(text.rstrip()), True


def _cut(text: str, start: int, end: int, grade: int = 0) -> Iterator[_Piece]:
    """Yields a piece of a text, or several of about the same length where it is too long for a passage."""
    words = text[start:end]
    weight = weight_of(words)
    if weight <= _MOST:
        yield _Piece(start, end, weight + 1)
        return
    if grade == len(_CUTS):
        step = max(1, int(_MOST * len(words) / weight))
        for place in range(start, end, step):
            yield _Piece(place, min(place + step, end), weight_of(text[place : min(place + step, end)]))
        return
    places = [start, *(start + match.end() for match in _CUTS[grade].finditer(words)), end]
    begin = start
    wanted = weight / -(-weight // _MOST)
    for place, after in zip(places[1:], (*places[2:], end), strict=True):
        if place == end or weight_of(text[begin:place]) >= wanted or weight_of(text[begin:after]) > _MOST:
            yield from _cut(text, begin, place, grade + 1) if place > begin else ()
            begin = place
