"""The folder that the program itself lies in, and whether it is still there. Standard library only.

Modules, libraries and icons are read when they are first needed, so a folder that goes away while the program runs is
noticed late, as some error or other. Whoever meets an error that cannot be explained asks here first.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError

# The program that runs, whatever has become of its name: proc(5).
_RUNNING = Path("/proc/self/exe")


def moved_problem() -> UserFacingError | None:
    """Returns the sentence to show when the program's folder was moved, replaced or removed; else None. Any thread."""
    if _is_in_place():
        return None
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Catnap's folder was moved, replaced or removed while Catnap was running."),
        f"{_folder()}.",
        QT_TRANSLATE_NOOP("Errors", "Quit Catnap and start it again; your conversations are kept."),
    )


def _folder() -> Path:
    return Path(sys.executable).parent if _is_bundle() else Path(__file__).parents[1]


def _is_bundle() -> bool:
    return hasattr(sys, "_MEIPASS")  # set by PyInstaller


def _is_in_place() -> bool:
    if not _is_bundle():
        return _folder().is_dir()
    try:
        there = Path(sys.executable).stat()
    except OSError:
        return False
    try:
        return os.path.samestat(there, _RUNNING.stat())
    except OSError:  # no /proc: then all that can be said is that something is there
        return True
