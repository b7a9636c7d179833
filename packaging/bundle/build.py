"""Makes the bundle: a folder in ``dist`` that runs without Python, compiler or administrator rights.

Run it with the interpreter of the virtual environment (`make build` does); what goes in is in ``contents.py``.

Usage:
    python packaging bundle.build
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import sysconfig
import time
from pathlib import Path

from bundle import report
from bundle.search_paths import drop_foreign_search_paths
from setup.commands import BuildError, run, say

ROOT = Path(__file__).parents[2]


def require_tools() -> None:
    """Raises BuildError with a remedy unless PyInstaller can work here."""
    if importlib.util.find_spec("PyInstaller") is None:
        raise BuildError("PyInstaller is not installed in this environment; `make venv` does it")
    if not sys.platform.startswith("linux"):
        return
    if shutil.which("objdump") is None or shutil.which("strip") is None:
        raise BuildError("binutils must be installed. Debian, Ubuntu: sudo apt-get install binutils")
    if not sysconfig.get_config_var("Py_ENABLE_SHARED") and not _shared_python():
        raise BuildError(
            "this Python has no shared library, which a bundle needs. Debian, Ubuntu: sudo apt-get install "
            f"libpython{sys.version_info[0]}.{sys.version_info[1]}; for a Python of your own: configure --enable-shared"
        )


def _shared_python() -> bool:
    """True where the library lies apart from the interpreter, as on Debian."""
    from ctypes.util import find_library

    return find_library(f"python{sys.version_info[0]}.{sys.version_info[1]}") is not None


def build(dist: Path, work: Path = ROOT / "build") -> Path:
    """Runs PyInstaller and returns the folder it made.

    Args:
        dist: Where the folder goes.
        work: Where PyInstaller keeps what it can use again the next time.

    Raises:
        BuildError: It failed; the end of its output is in the text.
    """
    require_tools()
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "1",  # the same sources give the same bundle
        "PYINSTALLER_CONFIG_DIR": str(work / "pyinstaller"),
        "PYTHONWARNINGS": "ignore",
    }
    say("making the bundle; this takes a minute")
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    run(
        [
            *command,
            "--distpath",
            str(dist),
            "--workpath",
            str(work),
            str(ROOT / "packaging" / "bundle" / "catnap.spec"),
        ],
        environment,
    )
    folder = dist / "catnap"
    if sys.platform.startswith("linux"):
        for file in folder.rglob("*"):
            if file.is_file() and not file.is_symlink():
                drop_foreign_search_paths(file)
    if sys.platform == "win32":
        # Typed without a suffix, Windows takes .com before .exe: "catnap ask" is the console program, and a double
        # click on Catnap the windowed one.
        (folder / "catnap-console.exe").replace(folder / "catnap.com")
    return folder


def main() -> int:
    began = time.monotonic()
    try:
        folder = build(ROOT / "dist")
    except BuildError as problem:
        say(f"bundle: {problem}")
        return 1
    rows = report.table(folder)
    print("\n".join(report.lines(rows)))
    sentence = report.complaint("unpacked", sum(row.size for row in rows), report.UNPACKED_BUDGET)
    if sentence:
        say(f"bundle: {sentence}")
        return 1
    say(f"{folder} is ready after {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
