"""Finds the Python that students are trained with: apart from Catnap, since PyTorch is much larger than it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import parse_json
from desktop.common.paths import shipped

# Older ones have no fused AdamW for processors, see desktop/student/training/inside/updates.py.
OLDEST_TORCH: Final = (2, 5)
OLDEST_PYTHON: Final = (3, 11)
# A disk that is slow reads 200 MB of libraries the first time.
_SECONDS: Final = 180.0
_QUESTION: Final = """
import json, sys
found = {"python": list(sys.version_info[:3])}
try:
    import numpy, torch
    found |= {"torch": torch.__version__, "numpy": numpy.__version__, "gpu": ""}
    found["bf16"] = bool(getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)())
    if torch.cuda.is_available():
        found["gpu"] = torch.cuda.get_device_name(0)
except ImportError as problem:
    found["missing"] = str(problem)
print(json.dumps(found))
"""
# The environment of this process may name modules that are not for another Python.
_NOT_FOR_IT: Final = frozenset({"PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "LD_LIBRARY_PATH", "__PYVENV_LAUNCHER__"})


@dataclass(frozen=True)
class TrainingEnvironment:
    """A Python with PyTorch.

    Attributes:
        python: Its interpreter.
        python_version: Such as "3.11.7".
        torch_version: Such as "2.13.0+cpu".
        gpu: Name of the graphics processor that PyTorch would use; empty: none.
        bf16: The processor multiplies numbers of 16 bits at more than the speed of 32.
    """

    python: Path
    python_version: str
    torch_version: str
    gpu: str
    bf16: bool


def find_environment(named: Path | None = None, folders: Sequence[Path] = ()) -> TrainingEnvironment:
    """Looks for PyTorch, and asks what it is; some seconds.

    Args:
        named: The interpreter to take, or the folder of its environment; None: whatever is found.
        folders: Environments that are tried before that of `make student`.

    Raises:
        UserFacingError: There is none, or it will not do.
    """
    if named is not None:
        return ask_environment(interpreter_in(named) if named.is_dir() else named)
    for folder in (*folders, default_folder()):
        python = interpreter_in(folder)
        if python.is_file():
            return ask_environment(python)
    raise UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "PyTorch is missing, which students are trained with."),
        QT_TRANSLATE_NOOP("Errors", "{0} is not there."),
        QT_TRANSLATE_NOOP(
            "Errors",
            "In Catnap's source: make student. Or name a Python that has PyTorch and NumPy, with --python.",
        ),
        values=(str(default_folder()),),
    )


def ask_environment(python: Path) -> TrainingEnvironment:
    """Starts a Python, and returns what it has.

    Raises:
        UserFacingError: It does not start, or has no PyTorch that will do.
    """
    found = _asked(python)
    version = tuple(map(int, found["python"]))
    if version < OLDEST_PYTHON:
        raise _refused(python, f"Python {_dotted(version)}; {_dotted(OLDEST_PYTHON)} is the oldest that will do")
    if "missing" in found:
        raise _refused(python, f"it lacks PyTorch or NumPy ({found['missing']})")
    torch = str(found["torch"])
    numbers = tuple(int(part) for part in torch.split("+", maxsplit=1)[0].split(".")[:2] if part.isdigit())
    if numbers < OLDEST_TORCH:
        raise _refused(python, f"PyTorch {torch}; {_dotted(OLDEST_TORCH)} is the oldest that will do")
    return TrainingEnvironment(python, _dotted(version), torch, str(found["gpu"]), bool(found["bf16"]))


def default_folder() -> Path:
    """Returns where `make student` puts an environment."""
    return Path(__file__).parents[2] / "build" / "student-env"


def source_folder() -> Path:
    """Returns where the Python that trains finds the modules of Catnap: in a bundle they lie there once more, as files.

    Raises:
        FileNotFoundError: The bundle is incomplete.
    """
    return shipped("training-source") if hasattr(sys, "_MEIPASS") else Path(__file__).parents[2]


def interpreter_in(folder: Path) -> Path:
    """Returns the path that the interpreter of a virtual environment has."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def variables(own: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables that a process of another Python is started with.

    Args:
        own: Those of this process.
    """
    return {name: value for name, value in own.items() if name not in _NOT_FOR_IT}


def _asked(python: Path) -> dict[str, Any]:
    try:
        # -I: neither the present folder nor variables may change what is imported.
        done = subprocess.run(
            [python, "-I", "-c", _QUESTION],
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env=variables(os.environ),
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise _refused(python, getattr(problem, "strerror", None) or "it does not answer") from problem
    try:
        found = parse_json(done.stdout)
        if done.returncode == 0 and isinstance(found, dict) and isinstance(found.get("python"), list):
            return found
    except ValueError:
        pass
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    raise _refused(python, said[-1] if said else f"it ends with {done.returncode}")


def _refused(python: Path, why: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This Python cannot train students."),
        f"{python}: {why}.",
        QT_TRANSLATE_NOOP("Errors", "In Catnap's source `make student` makes one that can."),
    )


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))
