"""Installs the programs that `make test-clients` runs against catnap serve, apart from everything else.

Into ``build/clients``: an environment of Python with what ``requirements/clients.txt`` pins, and the package of npm
that ``requirements/npm`` pins, both by their hashes. Needs Node and npm. What is there already stays.

Usage:
    python packaging setup.clients
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from setup.commands import BuildError, say
from setup.venv import CHECKOUT, REQUIREMENTS, create, interpreter_of, pip_install

FOLDER = CHECKOUT / "build" / "clients"
PYTHON_FOLDER, NPM_FOLDER = FOLDER / "python", FOLDER / "npm"
_LOCK = REQUIREMENTS / "clients.txt"
_NPM_FILES = (REQUIREMENTS / "npm" / "package.json", REQUIREMENTS / "npm" / "package-lock.json")


def python() -> Path:
    """Returns the interpreter that has the packages of PyPI."""
    return interpreter_of(PYTHON_FOLDER)


def set_up() -> None:
    """Installs what is missing.

    Raises:
        BuildError: Something cannot be had; the text says what to do.
    """
    if not _is_done(PYTHON_FOLDER, (_LOCK,)):
        say("installing openai, llm and langchain-openai for the tests of the interface")
        pip_install(create(PYTHON_FOLDER), "--require-hashes", "-r", str(_LOCK))
        _note(PYTHON_FOLDER, (_LOCK,))
    if not _is_done(NPM_FOLDER, _NPM_FILES):
        _install_npm()
        _note(NPM_FOLDER, _NPM_FILES)


def _install_npm() -> None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise BuildError(
            "the clients of npm need Node and npm. Debian and Ubuntu: "
            "sudo apt-get install -y --no-install-recommends nodejs npm"
        )
    say("installing npm's openai for the tests of the interface")
    NPM_FOLDER.mkdir(parents=True, exist_ok=True)
    for file in _NPM_FILES:
        shutil.copy(file, NPM_FOLDER)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    if subprocess.run(command, cwd=NPM_FOLDER, stdout=sys.stderr, check=False).returncode != 0:
        raise BuildError("npm could not install its openai; the reason stands above")


def _is_done(folder: Path, files: tuple[Path, ...]) -> bool:
    stamp = folder / "set-up.stamp"
    return stamp.is_file() and stamp.read_text(encoding="ascii") == _digest(files)


def _note(folder: Path, files: tuple[Path, ...]) -> None:
    (folder / "set-up.stamp").write_text(_digest(files), encoding="ascii")


def _digest(files: tuple[Path, ...]) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def main() -> int:
    try:
        set_up()
    except BuildError as problem:
        say(f"clients: {problem}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
