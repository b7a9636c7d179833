"""Punctuation of Chinese text as Chinese is printed: ``你好, 世界.`` becomes ``你好，世界。``

Small models mix the marks of both languages. Whatever is no Chinese text stays as it is: code, links, formulas,
numbers, English, also with a Chinese word in it. The text may arrive in pieces of any length; the marks that wait for
what follows them are held back until it comes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_MARKS: Mapping[str, str] = MappingProxyType(
    {",": "，", ".": "。", "?": "？", "!": "！", ":": "：", ";": "；", "(": "（", ")": "）"}
)
# What closes a clause of Chinese text beside the ideographs: a mark may follow it.
_CLOSING = frozenset("”’）》】」』〉％℃…，。？！：；")
# What makes a smiley of a colon, and a path or a ratio of it: those stay.
_NOT_AFTER_COLON = frozenset(")(DP-/\\|")
# Marks that may stand between a foreign word and an ideograph; a point there may belong to a list or a name.
_INNER = frozenset(",;:?!")
_ENDS_OF_WORDS = frozenset('`)%"')
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]")
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def with_chinese_punctuation(text: str) -> str:
    """Returns a whole text with the marks of Chinese where it is Chinese; doing it twice changes nothing."""
    if not _HAN.search(text):
        return text
    stream = PunctuationStream()
    return stream.feed(text) + stream.end()


class PunctuationStream:
    """The same for a text that arrives in pieces."""

    def __init__(self) -> None:
        self._held = ""  # what waits for the next character: a mark, dots, and a space behind them
        self._line = ""  # the line so far, as it came
        self._before = ""  # the last character that was given out, as it came or as it became
        self._fence = ""  # the fence that has to be met again, of three or more
        self._ticks = 0  # of the inline code that is open
        self._ticks_now = 0  # of the run of backticks that is being read
        self._formula = ""  # what closes the formula that is open
        self._han = self._words = 0  # of the paragraph so far
        self._in_word = False
        self._open: list[bool] = []  # whether each parenthesis that is open was changed

    def feed(self, text: str) -> str:
        """Takes a piece and returns what of the text is decided with it."""
        return "".join(map(self._take, text))

    def end(self) -> str:
        """Returns what was held back, at the end of the text."""
        return self._decide("")

    def _take(self, character: str) -> str:
        if self._held:
            if self._goes_on_holding(character):
                self._held += character
                return ""
            return self._decide(character) + self._take(character)
        if self._may_change(character):
            self._held = character
            return ""
        return self._give(character)

    def _goes_on_holding(self, character: str) -> bool:
        if character == "." and set(self._held) == {"."}:
            return True  # an ellipsis
        return character == " " and not self._held.endswith(" ") and self._held[0] != "("

    def _may_change(self, character: str) -> bool:
        if character not in _MARKS or self._is_apart():
            return False
        if character == ")":
            return bool(self._open)
        if character == "(":
            return self._before not in ("]", "\\")
        return self._is_behind_chinese() or (character in _INNER and self._is_behind_a_word())

    def _is_behind_chinese(self) -> bool:
        return bool(_HAN.match(self._before)) or self._before in _CLOSING

    def _is_behind_a_word(self) -> bool:
        """Whether a number, a foreign word or code stands before: with an ideograph behind it the mark is Chinese."""
        return self._before.isalnum() or self._before in _ENDS_OF_WORDS

    def _is_apart(self) -> bool:
        """Whether what comes is no prose: code, a formula, an address."""
        self._end_of_ticks()
        return bool(self._fence or self._ticks or self._formula) or "://" in self._line.rsplit(" ", 1)[-1]

    def _decide(self, following: str) -> str:
        """Gives out what was held, now that it is known what follows; an empty one: the end of the text."""
        held, self._held = self._held, ""
        if not held:
            return ""
        mark, space = held.rstrip(" "), held[len(held.rstrip(" ")) :]
        changed = self._changed(mark, space, following)
        given = "".join(self._give(character) for character in mark)
        if changed is None:
            return given + "".join(self._give(character) for character in space)
        self._before = changed[-1]
        if space and following and not following.isspace():
            self._line += space  # a mark of Chinese has its room within
            return changed
        return changed + "".join(self._give(character) for character in space)

    def _changed(self, mark: str, space: str, following: str) -> str | None:
        if mark[0] == "(":
            change = bool(_HAN.match(following)) and self._is_chinese(following)
            self._open.append(change)
            return _MARKS["("] if change else None
        if mark[0] == ")":
            return _MARKS[")"] if self._open.pop() else None
        if not self._is_chinese(following):
            return None
        if not self._is_behind_chinese() and not (self._han and _HAN.match(following)):
            return None
        if mark[0] == ".":
            if len(mark) > 1:
                return "……" if len(mark) > 2 else None
            if not space and (following.isalnum() and not _HAN.match(following)):
                return None  # the name of a file, a version
        if mark == ":" and not space and following in _NOT_AFTER_COLON:
            return None
        return _MARKS[mark]

    def _is_chinese(self, following: str) -> bool:
        """Whether the paragraph so far is Chinese, and not English with a Chinese word in it."""
        if not self._han and not _HAN.match(following):
            return False
        if _LATIN.match(following):
            return self._han > 2 * self._words
        return self._han >= self._words

    def _give(self, character: str) -> str:
        """Takes a character as it is into account, and returns it."""
        if character == "`":
            self._ticks_now += 1
        else:
            self._end_of_ticks()
        if character == "\n":
            self._end_line()
        else:
            self._line += character
            self._count(character)
            self._follow_formula()
        self._before = character
        return character

    def _count(self, character: str) -> None:
        if _HAN.match(character):
            self._han += 1
        is_latin = bool(_LATIN.match(character))
        if is_latin and not self._in_word and not self._ticks:
            self._words += 1
        self._in_word = is_latin

    def _end_of_ticks(self) -> None:
        run, self._ticks_now = self._ticks_now, 0
        if not run or self._fence or _FENCE.fullmatch(self._line):
            return
        if not self._ticks:
            self._ticks = run
        elif self._ticks == run:
            self._ticks = 0

    def _follow_formula(self) -> None:
        if self._formula:
            if self._line.endswith(self._formula):
                self._formula = ""
        elif not self._fence and not self._ticks:
            for start, end in (("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$")):
                if self._line.endswith(start):
                    self._formula = end

    def _end_line(self) -> None:
        fence = _FENCE.match(self._line)
        if self._fence:
            rest = self._line.strip()
            if (
                fence
                and rest == rest[0] * len(rest)
                and fence[1][0] == self._fence[0]
                and len(rest) >= len(self._fence)
            ):
                self._fence = ""
        elif fence:
            self._fence, self._ticks = fence[1], 0
        if not self._line.strip():  # a paragraph ends, and with it whatever was not closed
            self._ticks, self._formula = 0, "" if self._formula != "$$" else self._formula
            self._han = self._words = 0
            self._open.clear()
        self._line, self._in_word = "", False
