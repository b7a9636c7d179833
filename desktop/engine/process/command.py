"""How a process of our own is started: this very program with a hidden verb, and little of the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

# What the process needs of the environment; the rest may hold secrets, and is nobody's business there.
_VARIABLES = frozenset(
    (
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "TEMP",
        "TMP",
        "SYSTEMROOT",
        "WINDIR",
        "PATH",
        "HOME",
        "USERPROFILE",
        "APPDATA",
        "PROCESSOR_ARCHITECTURE",
        "NUMBER_OF_PROCESSORS",
    )
)
_PREFIXES = ("LC_", "PYTHON", "GGML_", "LLAMA_", "COVERAGE_", "CATNAP_")


def process_command(verb: str) -> list[str]:
    """Returns what starts a process of our own: this very program with a hidden verb.

    Args:
        verb: One that desktop/__main__.py knows.
    """
    if hasattr(sys, "_MEIPASS"):  # set by PyInstaller
        return [sys.executable, verb]
    # -P: a folder named "desktop" in the present one must not be taken for the program.
    return [_interpreter(), "-P", "-m", "desktop", verb]


def _interpreter() -> str:
    # In a virtual environment of Windows python.exe starts another one and waits for it: a second process, and it would
    # be the first one's that is known here. multiprocessing goes past it in the same way.
    return str(getattr(sys, "_base_executable", sys.executable)) if sys.platform == "win32" else sys.executable


def process_environment(own: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment of a process of our own.

    Args:
        own: The environment of this one.
    """
    kept = {name: value for name, value in own.items() if name.upper() in _VARIABLES or name.startswith(_PREFIXES)}
    if not hasattr(sys, "_MEIPASS"):
        root = str(Path(__file__).parents[3])
        if "LD_LIBRARY_PATH" in own:  # without it some systems do not find the C++ library of a Python package
            kept["LD_LIBRARY_PATH"] = own["LD_LIBRARY_PATH"]
        kept["PYTHONPATH"] = os.pathsep.join(part for part in (root, own.get("PYTHONPATH", "")) if part)
        if _interpreter() != sys.executable:
            kept["__PYVENV_LAUNCHER__"] = sys.executable
    # ggml would start a debugger for the stack of an assertion that fails.
    kept["GGML_NO_BACKTRACE"] = "1"
    # Memory that was freed by one thread is of no use to another, so each keeps some; there are few threads here.
    kept["MALLOC_ARENA_MAX"] = "2"
    return kept
