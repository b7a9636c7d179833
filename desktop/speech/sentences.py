"""Cuts an answer that grows into sentences to be read aloud: each is given out once, as soon as it is certain.

What has been given out is never looked at again, so nothing is read twice, whatever the rest of the answer makes of
its Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from desktop.common.text.language import ENGLISH, language_of
from desktop.speech.spoken import CODE, FindFormula, named, spoken

# Characters without any end of a sentence after which one is made at a comma or a space: engines have limits, and what
# has been handed over has to be stopped somewhere.
_LONG: Final = 280
_LONGEST: Final = 400
# A line this long that ends without a mark was broken by whoever wrote it, and goes on in the next one; a shorter one
# is a verse, or an item.
_BROKEN_LINE: Final = 50
_FENCE = re.compile(r"[ \t>]*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})")
_MAY_BE_CODE: Final = "`~-*+0123456789"  # how its fence begins, or the item of a list that it stands in
_BLOCK = re.compile(r"[ \t]*(?:[-*+\u2022]\s|\d{1,3}[.)]\s|#{1,6}\s|>|\||`{3}|~{3}|\$\$|\\\[|\n|$)")
_NUMBER_OF_ITEM = re.compile(r"[ \t>]*(?:\*\*)?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})$")
_ADDRESS = re.compile(r"(?:(?:https?|ftp)://|www\.)[^\s\u3000-\u9fff\uff00-\uffef]+")
_LINK = re.compile(r"\[[^\[\]\n]{0,200}\](?:\([^()\s]*\))?")
_PRICE = re.compile(r"\$\d+(?:[.,]\d+)*(?:\s|[.,;:!?)])")
_DISPLAYED = ("$$", "\\[", "\\begin{")
_CHINESE_ENDS: Final = "。！？"
_ENDS: Final = ".!?\u2026"
_CLOSERS: Final = "\"'”’）)]】」』》*_~"
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]")
_LAST_WORD = re.compile(r"((?:[A-Za-z\u00c0-\u024f]\.)*[A-Za-z\u00c0-\u024f]+)$")
# fmt: off
# A full stop behind these ends nothing, whatever follows.
_ABBREVIATIONS: Final = frozenset((
    "mr", "mrs", "ms", "dr", "prof", "st", "mt", "gen", "col", "lt", "sgt", "rev", "hon", "pres", "gov", "sen",
    "rep", "vs", "cf", "al", "approx", "dept",
    "est", "ca", "resp", "incl", "excl", "viz", "e.g", "i.e", "z.b", "d.h", "bzw", "ggf", "evtl", "nr", "bspw",
    "u.a", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "oct", "nov", "dec",
))
# Behind these none, if a number follows.
_OF_NUMBERS: Final = frozenset(("no", "nos", "vol", "fig", "figs", "eq", "eqs", "sec", "ch", "pp", "art", "bd"))
# Behind these it may: then the next sentence begins with a capital letter.
_PERHAPS: Final = frozenset((
    "etc", "inc", "ltd", "co", "corp", "jr", "sr", "a.m", "p.m", "u.s", "u.k", "ph.d", "b.c", "a.d", "usw",
))
# fmt: on


@dataclass(frozen=True)
class Sentence:
    """Something to say.

    Attributes:
        text: The words, without marks of Markdown.
        language: Its code of two letters.
    """

    text: str
    language: str


class SentenceStream:
    """Takes an answer in pieces of any size."""

    def __init__(self, find_formula: FindFormula, language: str = ENGLISH) -> None:
        """
        Args:
            find_formula: Returns the formula that begins where a dollar sign or a backslash is.
            language: What the text is probably in, until it tells.
        """
        self._find = find_formula
        self._language = language
        self._rest = ""  # what is not given out yet
        self._at_line_start = True
        self._fence = ""  # of the code that is open

    def feed(self, text: str) -> list[Sentence]:
        """Takes a piece and returns the sentences that are certain with it."""
        self._rest += text.replace("\r\n", "\n")
        return list(self._sentences(is_end=False))

    def end(self) -> list[Sentence]:
        """Returns what is left, at the end of the answer."""
        return list(self._sentences(is_end=True))

    def _sentences(self, *, is_end: bool) -> Iterator[Sentence]:
        while self._rest:
            if self._fence:
                if not self._leave_code(is_end=is_end):
                    return
                continue
            if self._at_line_start and self._rest[0] == "\n":
                self._rest = self._rest[1:]
                continue
            if self._at_line_start and not is_end and not self._tells_its_kind():
                return
            fence = _FENCE.match(self._rest) if self._at_line_start else None
            if fence:
                if "\n" not in self._rest and not is_end:
                    return
                self._fence = fence[1]
                self._rest = self._rest.partition("\n")[2]
                yield Sentence(named(CODE, self._language), self._language)
                continue
            end = self._end_of_sentence(is_end=is_end)
            if not end:
                return
            raw, self._rest = self._rest[:end], self._rest[end:]
            self._at_line_start = raw.endswith("\n")
            words = spoken(" ".join(raw.split("\n")) if self._is_prose(raw) else raw, self._find, self._language)
            if words:
                self._language = language_of(words, self._language)
                yield Sentence(words, self._language)

    def _tells_its_kind(self) -> bool:
        """Whether enough of a line has come to know whether it is code."""
        line, newline, _rest = self._rest.partition("\n")
        begin = line.lstrip(" \t>")
        return bool(newline) or len(begin) > 6 or (begin[:1] not in _MAY_BE_CODE and bool(begin))

    def _leave_code(self, *, is_end: bool) -> bool:
        """Takes code away; returns whether it is over, or another line of it is there."""
        line, newline, rest = self._rest.partition("\n")
        if not newline and not is_end:
            return False
        self._rest = rest
        self._at_line_start = True
        mark = line.strip(" \t>")
        if mark and mark == mark[0] * len(mark) and mark[0] == self._fence[0] and len(mark) >= len(self._fence):
            self._fence = ""
        return True

    def _is_prose(self, raw: str) -> bool:
        return not raw.lstrip().startswith(("$$", "\\[", "\\begin{"))

    def _end_of_sentence(self, *, is_end: bool) -> int:
        """Returns where the sentence ends that the rest begins with; 0: not known yet."""
        text, at = self._rest, 0
        while at < len(text):
            character = text[at]
            if character in "`$\\<[hHwWfFm":
                after = self._after_apart(at, is_end=is_end)
                if after < 0:
                    return self._cut_if_long()
                if after > at:
                    at = after
                    continue
            if character == "\n":
                if (end := self._end_at_break(at, is_end=is_end)) != 0:
                    return max(end, 0)
            elif character in _CHINESE_ENDS or character in _ENDS:
                end = self._end_at_mark(at, is_end=is_end)
                if end < 0:
                    return self._cut_if_long()
                if end:
                    return end
            at += 1
        return len(text) if is_end else self._cut_if_long()

    def _after_apart(self, at: int, *, is_end: bool) -> int:
        """Returns where something ends in which no mark ends a sentence: code, a formula, an address.

        Returns:
            ``at``: there is none; -1: not known yet.
        """
        text = self._rest
        if text[at] == "`":
            ticks = len(text) - at - len(text[at:].lstrip("`"))
            close = re.compile(rf"(?<!`){'`' * ticks}(?!`)").search(text, at + ticks)
            paragraph = text.find("\n\n", at)
            if close and (paragraph < 0 or close.start() < paragraph):
                return close.end()
            return at + ticks if is_end or paragraph >= 0 or len(text) - at > _LONGEST else -1
        if text[at] in "$\\":
            return self._after_formula(at, is_end=is_end)
        if text[at] == "[":
            link = _LINK.match(text, at)
            return link.end() if link else at
        if at and text[at - 1].isalnum():
            return at
        if address := _ADDRESS.match(text, at):
            if address.end() == len(text) and not is_end:
                return -1
            return at + len(address[0].rstrip(".,;:!?)*_\"'"))
        return at

    def _after_formula(self, at: int, *, is_end: bool) -> int:
        text = self._rest
        if not is_end and len(text) - at < 2:
            return -1
        found = self._find(text, at)
        if found is not None:
            if not is_end and text[at] == "$" and text[at + 1 : at + 2] != "$" and found.end >= len(text):
                return -1  # a letter right behind it would make it a price
            return found.end
        opening = text[at : at + 2]
        if is_end or "\n\n" in text[at:] or len(text) - at > 2 * _LONGEST:
            return at + (2 if text[at] == "\\" else 1)
        if opening in ("$$", "\\(", "\\[") or text.startswith("\\begin{", at):
            return -1
        is_closed = "\n" in text[at:] or "$" in text[at + 1 :]
        if text[at] == "$" and not text[at + 1].isspace() and not is_closed and not _PRICE.match(text, at):
            return -1
        return at + (2 if text[at] == "\\" and len(text) - at > 1 else 1)

    def _end_at_mark(self, at: int, *, is_end: bool) -> int:
        """Returns where a sentence ends with the mark at a place; 0: it does not, -1: not known yet."""
        text, after = self._rest, at + 1
        while after < len(text) and text[after] in _CHINESE_ENDS + _ENDS:
            after += 1
        while after < len(text) and text[after] in _CLOSERS:
            after += 1
        if after == len(text):
            return after if is_end else -1
        following = text[after]
        if text[at] in _CHINESE_ENDS or (text[at] == "\u2026" and _HAN.match(text[at - 1 : at])):
            return after
        if not following.isspace():
            is_chinese = _HAN.match(following) and (text[at] != "." or _HAN.match(text[at - 1 : at]))
            return after if is_chinese else 0
        if text[at] in "!?" or following == "\n":
            return 0 if self._is_number_of_item(at) else after
        if text[at] == "." and self._is_number_of_item(at):
            return 0
        next_word = text[after:].lstrip(" \t")
        if not next_word:
            return after if is_end else -1
        is_quoted = text[after - 1] in _CLOSERS
        return after if is_quoted or self._may_begin(next_word[0], at) else 0

    def _is_number_of_item(self, at: int) -> bool:
        line = self._rest.rfind("\n", 0, at) + 1
        return (line > 0 or self._at_line_start) and _NUMBER_OF_ITEM.match(self._rest[line:at]) is not None

    def _may_begin(self, character: str, at: int) -> bool:
        """Whether what follows a full stop can be the beginning of a sentence."""
        word = _LAST_WORD.search(self._rest, max(0, at - 30), at)
        last = word[1].lower() if word else ""
        if last in _ABBREVIATIONS or (last in _OF_NUMBERS and character.isdigit()):
            return False
        if len(last) == 1 and word is not None and word[1].isupper() and word[1] != "I":
            return False  # an initial
        if last in _PERHAPS or "." in last:
            return character.isupper() or _HAN.match(character) is not None
        return not character.islower()

    def _end_at_break(self, at: int, *, is_end: bool) -> int:
        """Returns where a sentence ends with the end of a line; 0: it goes on in the next one, -1: not known yet."""
        text = self._rest
        line = text[text.rfind("\n", 0, at) + 1 : at]
        if not line.strip() or (text.lstrip().startswith(_DISPLAYED) and not self._is_open_formula(at)):
            return at + 1
        is_broken = len(line) * (2 if _HAN.search(line) else 1) >= _BROKEN_LINE and not line.endswith("  ")
        if not is_broken or line.lstrip().startswith(("#", "|")) or line.rstrip().endswith((":", "：")):
            return at + 1
        following = text[at + 1 : at + 6]
        if len(following) < 5 and "\n" not in following and not is_end and not following[:1].isalpha():
            return -1
        return at + 1 if _BLOCK.match(following) else 0

    def _is_open_formula(self, at: int) -> bool:
        return self._find(self._rest[:at], len(self._rest) - len(self._rest.lstrip())) is None

    def _cut_if_long(self) -> int:
        if len(self._rest) < _LONGEST:
            return 0
        part = self._rest[:_LONGEST]
        for marks in (",;:，；：、", " \n"):
            place = max(part.rfind(mark) for mark in marks)
            if place >= _LONG // 2:
                return place + 1
        return _LONGEST
