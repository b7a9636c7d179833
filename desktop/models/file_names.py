"""Names of files that come from elsewhere, from a catalogue or a host: what may become a path on this computer.

What is good on one system is good on all: models are moved from computer to computer, and lie on foreign drives.
"""

from __future__ import annotations

import unicodedata
from typing import Final

# 255 bytes are what the usual file systems take (NAME_MAX); ".part.json.new" and the like must still fit behind.
LONGEST_NAME: Final = 200  # bytes in UTF-8
# Names of devices on Windows, in every folder, whatever stands behind a dot.
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICES = frozenset(
    {
        *("con", "prn", "aux", "nul", "conin$", "conout$", "clock$"),
        *(f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"),
    }
)
_FORBIDDEN = frozenset('<>:"/\\|?*')
# Control characters, those that turn text around or are not seen, halves of pairs, and what is no character.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})


def why_unusable(name: str) -> str:
    """Returns why ``name`` must not become the name of a file here, in a few words; empty: it may.

    Args:
        name: One name, no path: a folder in it is refused. To judge a path, split it at "/" and judge each part.
    """
    if not name.strip(" ."):
        return "is empty or all dots"
    if len(name.encode("utf-8", "surrogatepass")) > LONGEST_NAME:
        return f"is longer than {LONGEST_NAME} bytes"
    if any(unicodedata.category(letter) in _UNSEEN for letter in name):
        return "has characters that cannot be seen"
    if found := sorted(_FORBIDDEN.intersection(name)):
        return f"has {' '.join(found)} in it"
    if name[-1] in " ." or name[0] == " ":
        return "begins with a space, or ends with a space or dot"
    if name[0] in "-~":
        return f"begins with {name[0]}"
    # Windows ignores spaces before the dot, and folds compatibility letters as NFKC does.
    if unicodedata.normalize("NFKC", name).partition(".")[0].rstrip(" ").lower() in _DEVICES or (
        name.partition(".")[0].rstrip(" ").lower() in _DEVICES
    ):
        return "is the name of a device on Windows"
    return ""
