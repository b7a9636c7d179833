"""How Catnap starts a process of its own: this very program with a verb that nobody types."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def own_command(verb: str) -> list[str]:
    """Returns what starts a process of this program.

    Args:
        verb: One that ``desktop/__main__.py`` knows.
    """
    if hasattr(sys, "_MEIPASS"):  # set by PyInstaller
        return [sys.executable, verb]
    # -P: a folder named "desktop" in the present one must not be taken for the program.
    return [_interpreter(), "-P", "-m", "desktop", verb]


def own_variables(own: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables without which such a process would not find this program; none in the bundle.

    Args:
        own: The environment of this process.
    """
    if hasattr(sys, "_MEIPASS"):
        return {}
    root = str(Path(__file__).parents[2])
    needed = {"PYTHONPATH": os.pathsep.join(part for part in (root, own.get("PYTHONPATH", "")) if part)}
    if _interpreter() != sys.executable:
        needed["__PYVENV_LAUNCHER__"] = sys.executable
    return needed


def _interpreter() -> str:
    # In a virtual environment of Windows python.exe starts another one and waits for it: a second process, and it would
    # be the first one's that is known here. multiprocessing goes past it in the same way.
    return str(getattr(sys, "_base_executable", sys.executable)) if sys.platform == "win32" else sys.executable
