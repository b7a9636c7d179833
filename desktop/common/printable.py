"""Makes foreign text harmless where it is shown: on a terminal, in a list, in a notification, in the log.

A model says what it likes and a file may have any name, also an escape sequence that rewrites a terminal's clipboard or
title, or a mark that turns the direction of all that follows, so that ``gpj.exe`` reads ``exe.jpg``.
"""

from __future__ import annotations

import re
from typing import Final

# Control characters but tab and line feed, marks that override the direction of text (those that only give it are
# needed in Arabic and Hebrew), and separators that some take for a line feed.
_UNSAFE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]")
# Halves of a surrogate pair, which UTF-8 cannot carry.
_HALVES: Final = re.compile("[\ud800-\udfff]")
# What joins the letters of Persian words, of Indic ones and of an emoji: no printable character by Python's table.
_JOINERS: Final = "\u200c\u200d"
REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """Returns a text of several lines with each unsafe character replaced; line feeds and tabs stay."""
    return _HALVES.sub(REPLACEMENT, harmless(text))


def harmless(text: str) -> str:
    """Does the same, and leaves halves of surrogate pairs to whoever writes them down."""
    return _UNSAFE.sub(REPLACEMENT, text.replace("\r\n", "\n"))


def harmless_json(text: str) -> str:
    """Returns JSON that means the same, with each unsafe character written by its number."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: str) -> str:
    """Returns a name or title as it may be shown: on one line, with single spaces, nothing invisible."""
    words = " ".join(text.split())
    if words.isprintable():
        return words
    return "".join(each if each.isprintable() or each in _JOINERS else REPLACEMENT for each in words)


def storable(text: str) -> str:
    """Joins surrogate pairs and replaces lone surrogates, which a pasted text or JSON may hold and UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


class PrintableStream:
    """Makes a text harmless that comes in pieces: a line feed may come one piece after its carriage return."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """Returns what can be shown now."""
        text = self._held + piece
        self._held = "\r" if text.endswith("\r") else ""
        return printable(text.removesuffix("\r") if self._held else text)

    def end(self) -> str:
        """Returns what is left."""
        held, self._held = self._held, ""
        return printable(held)
