"""Names of files made of titles, good on every system and on a stick that travels between them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*]')
_RESERVED: Final = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\.|$)")
# Bytes in UTF-8: eCryptfs takes 143, and the ending, a number and the name of a scratch file need room.
_MOST = 100
_JOINERS: Final = "\u200d\ufe0e\ufe0f"


def file_name(title: str, ending: str, taken: Collection[str] = (), untitled: str = "Conversation") -> str:
    """Returns a file name.

    Args:
        title: May be anything.
        ending: With its dot.
        taken: Names in the same folder, in small letters: systems that do not tell them apart would lose one.
        untitled: Stands for a title of which nothing is left.
    """
    text = "".join(
        sign if unicodedata.category(sign)[0] != "C" or sign in _JOINERS else " "
        for sign in unicodedata.normalize("NFC", title)
    )
    text = _shortened(" ".join(_FORBIDDEN.sub(" ", text).split()).strip(". ")) or untitled
    if _RESERVED.match(text):
        text = f"_{text}"
    name, number = f"{text}{ending}", 1
    while name.lower() in taken:
        number += 1
        name = f"{text} ({number}){ending}"
    return name


def _shortened(text: str) -> str:
    """Cuts between characters as people see them, as far as that can be told without a table of emoji."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= _MOST:
        return text
    text = raw[:_MOST].decode("utf-8", "ignore")
    while text and (unicodedata.combining(text[-1]) or text[-1] in _JOINERS):
        text = text[:-1]
    return text.rstrip(". ")
