"""Text that was selected in another program, or copied there: what may become of it before a model reads it."""

from __future__ import annotations

import re
from typing import Final

from desktop.common.printable import REPLACEMENT, one_line

# Characters of the beginning that are shown, so that people see which text was taken.
_SHOWN: Final = 80
# What ends a line in some program or other; Qt hands out paragraphs with U+2029.
_LINE_ENDS: Final = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
# Control characters say nothing to a model, and a NUL ends a string in native code. Tab and line feed stay.
_CONTROLS: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_HALVES: Final = re.compile("[\ud800-\udfff]")
# Anything that can be seen: not a space, a joiner, a mark of direction, a soft hyphen or a byte order mark.
_VISIBLE: Final = re.compile("[^\\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\ufff9-\ufffb]")
_EDGES: Final = " \t\n\xa0\u3000\u200b\ufeff"


def clean_selection(text: str) -> str:
    """Returns a selected text as a model may read it, without what is around it; empty where nothing in it is visible.

    Some milliseconds for 1 MB.
    """
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
    if not _VISIBLE.search(text):
        return ""
    return _HALVES.sub(REPLACEMENT, text).strip(_EDGES)


def first_words(text: str, most: int = _SHOWN) -> str:
    """Returns the beginning of a text on one line, harmless and marked where it goes on.

    Args:
        text: Of any length.
        most: Characters of it.
    """
    # Of a long text only so much is looked at as can be shown; runs of spaces become one.
    line = one_line(text[: 4 * most])
    return line if len(line) <= most and len(text) <= 4 * most else f"{line[:most].rstrip()}…"
