"""The conversations of a JSON file, one by one: the file may be larger than the memory, and damaged in places."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import Final

from desktop.history.exchange.records import Json

# Characters: one conversation of such a length takes some 200 MB while it is read.
MOST_OF_ONE = 32_000_000
_MARK = 4  # bytes that tell the encoding
_CHUNK = 1 << 18  # bytes read at once, at the least
_DONE = 1 << 20  # characters behind us that may stay before they are dropped
# An error so near to the end of what was read may come of reading too little: the longest is "\ud800\udc00".
_EDGE = 16
_LONG_NUMBER = 40  # digits
_BEHIND: Final = tuple(", \t\n\r]}")  # what may stand behind a value
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_STRUCTURE: Final = re.compile(r'["\[\]{}]')
_IN_TEXT: Final = re.compile(r'["\\]')


class DamagedJsonError(Exception):
    """The rest of the file cannot be understood."""


class UnfinishedJsonError(DamagedJsonError):
    """The file ends in the middle of something."""


class Skipped(Enum):
    """Stands for an item that is too deep, too large or damaged, while those behind it can be read."""

    ITEM = auto()


class JsonItems:
    """Reads the items of the array that a file is, or that the object in it holds under a name.

    An object without such an array is itself the only item. Where more such values follow, as in a file that has one on
    each line, they are read as well.

    Attributes:
        head: The other fields of the object, as far as they were read.
    """

    def __init__(self, read: Callable[[int], bytes], name: str, most: int = MOST_OF_ONE) -> None:
        """
        Args:
            read: Returns at most so many bytes, none at the end of the file. May raise OSError.
            name: Of the array in an object.
            most: Characters that one item may have.
        """
        self.head: dict[str, Json] = {}
        self._name = name
        self._most = most
        self._text = _Text(read)
        self._decoder = json.JSONDecoder(
            parse_int=_whole_number,
            parse_float=_number,
            parse_constant=lambda _name: None,  # NaN and Infinity, which no other program would read
            strict=False,  # line feeds in texts, which some programs write
        )

    def __iter__(self) -> Iterator[Json | Skipped]:
        """Yields the items.

        Raises:
            DamagedJsonError: What follows cannot be understood; all before it was yielded.
            OSError: The file cannot be read on.
        """
        begun = False
        while (first := self._text.peek()) or not begun:
            begun = True
            if first == "[":
                self._text.at += 1
                yield from self._array()
            elif first == "{":
                self._text.at += 1
                self.head = {}
                yield from self._object()
            else:
                raise DamagedJsonError("no array and no object")

    def _object(self) -> Iterator[Json | Skipped]:
        found, room = False, self._most
        while (sign := self._text.peek()) != "}":
            if sign == "," and self.head:
                self._text.at += 1
            name = self._value() if self._text.peek() == '"' else None
            if not isinstance(name, str) or self._text.peek() != ":":
                raise DamagedJsonError("no name in an object")
            self._text.at += 1
            if name == self._name and self._text.peek() == "[":
                found = True
                self.head.setdefault(name, None)
                self._text.at += 1
                yield from self._array()
                continue
            before = self._text.passed
            value = self._value()
            room -= self._text.passed - before + len(name)
            if room < 0:
                raise DamagedJsonError("too much beside the conversations")
            self.head[name] = None if isinstance(value, Skipped) else value
        self._text.at += 1
        if not found:
            yield self.head

    def _array(self) -> Iterator[Json | Skipped]:
        begun = False
        while (sign := self._text.peek()) != "]":
            if begun:
                if sign != ",":
                    raise DamagedJsonError("no comma")
                self._text.at += 1
                if self._text.peek() == "]":
                    break
            begun = True
            yield self._value()
        self._text.at += 1

    def _value(self) -> Json | Skipped:
        text = self._text
        if not text.peek():
            raise UnfinishedJsonError("it ends")
        while True:
            try:
                value, end = self._decoder.raw_decode(text.text, text.at)
            except RecursionError:
                break
            except json.JSONDecodeError as problem:
                near = problem.pos >= len(text.text) - _EDGE or problem.msg.startswith("Unterminated string")
                if not near or len(text.text) - text.at > self._most or not text.more():
                    break
            except ValueError:
                break
            else:
                # Else it may be a number that goes on.
                if text.text[end : end + 1] in _BEHIND or end < len(text.text) - _EDGE or not text.more():
                    text.at = end
                    return value  # type: ignore[no-any-return]
        self._skip()
        return Skipped.ITEM

    def _skip(self) -> None:
        """Goes behind the value that begins here, by its brackets and quotes alone."""
        text, depth, in_text = self._text, 0, False
        if text.text[text.at] not in '"[{':
            raise DamagedJsonError("no value")
        while True:
            found = (_IN_TEXT if in_text else _STRUCTURE).search(text.text, text.at)
            if found is None or (found[0] == "\\" and found.end() == len(text.text)):
                text.at = len(text.text) if found is None else found.start()
                if not text.more():
                    raise UnfinishedJsonError("it ends")
                continue
            text.at = found.end()
            sign = found[0]
            if sign == "\\":
                text.at += 1
            elif sign == '"':
                in_text = not in_text
            else:
                depth += 1 if sign in "[{" else -1
            if depth <= 0 and not in_text:
                return


class _Text:
    """The part of the file that is being looked at, and where in it."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self.text = ""
        self.at = 0
        self._read = read
        self._decoder: codecs.IncrementalDecoder | None = None
        self._ended = False
        self._dropped = 0

    @property
    def passed(self) -> int:
        """Characters behind us, from the beginning of the file."""
        return self._dropped + self.at

    def peek(self) -> str:
        """Returns the next character that is no space; empty at the end."""
        while True:
            found = _SPACE.match(self.text, self.at)
            assert found is not None
            self.at = found.end()
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def more(self) -> bool:
        """Reads on, twice as much each time nothing was used of it; False at the end of the file."""
        if self._ended:
            return False
        if self.at > _DONE or self.at == len(self.text):
            self._dropped += self.at
            self.text, self.at = self.text[self.at :], 0
        raw = self._read(max(_CHUNK, len(self.text) - self.at))
        self._ended = not raw
        if self._decoder is None:
            while 0 < len(raw) < _MARK and (rest := self._read(_MARK)):
                raw += rest
            self._decoder = codecs.getincrementaldecoder(json.detect_encoding(raw))("strict")
        try:
            self.text += self._decoder.decode(raw, not raw)
        except UnicodeDecodeError as problem:
            raise DamagedJsonError("it is no text") from problem
        return True


def _whole_number(digits: str) -> Json:
    return int(digits) if len(digits) <= _LONG_NUMBER else digits


def _number(digits: str) -> Json:
    value = float(digits)
    return value if abs(value) != float("inf") else digits
