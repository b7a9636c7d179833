"""Has a program die at the n-th change that it makes to certain files: see ``dying.c``. Linux only."""

from __future__ import annotations

import ctypes
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Doom:
    """What a process dies at.

    Attributes:
        words: The path of a file that counts holds them.
        at: Which change to such a file: a write, a sync, another length, a new name, a removal.
        from_start: From the first moment of the process; else from when the user begins.
    """

    words: str
    at: int
    from_start: bool = False


def compile_library(folder: Path) -> Path:
    """Returns the library to be loaded with LD_PRELOAD, compiled into ``folder``."""
    library = folder / "dying.so"
    source = Path(__file__).with_name("dying.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(source), "-ldl"], check=True)
    return library


def environment(library: Path, doom: Doom | None, report: int) -> dict[str, str]:
    """Returns the variables of a process that may die so; ``report`` is the descriptor that is told the moment."""
    variables = {"LD_PRELOAD": str(library)}
    if doom is not None and doom.from_start:
        variables |= {"CATNAP_DIE_WORDS": doom.words, "CATNAP_DIE_AT": str(doom.at), "CATNAP_DIE_REPORT": str(report)}
    return variables


def arm(words: str, at: int, report: int) -> None:
    """Has this process, in which the library is loaded, die so from now on."""
    ctypes.CDLL(None).catnap_die_at(words.encode(), ctypes.c_long(at), report)
