"""Runs in the bundle before Catnap does (a PyInstaller runtime hook).

On Linux the bundle's starter puts its folder into LD_LIBRARY_PATH and starts itself anew, so that the linker finds the
libraries in it. The linker has read that variable by now. Programs that Catnap opens (a browser for a link) must not
find the bundle's libraries instead of the system's, so it is put back to what the user had.

Python modules are read from the program's file when they are first needed. Should that file have been moved by then,
PyInstaller ends the process on the spot, with all that was not saved. On Linux the file can be read under another
name, which stays good whatever becomes of the folder; elsewhere the end becomes an error that Catnap can explain.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

_RUNNING = "/proc/self/exe"  # the program that runs, whatever has become of its name: proc(5)


def restore(variable: str) -> None:
    """Gives an environment variable the value it had before the bundle was started."""
    before = os.environ.pop(f"{variable}_ORIG", None)
    if before:
        os.environ[variable] = before
    else:
        os.environ.pop(variable, None)


def outlive_a_move(archive: Any, running: str = _RUNNING) -> None:
    """Lets modules be read also after the program's file was moved or replaced.

    Args:
        archive: PyInstaller's ``ZlibArchiveReader`` of the modules (PyInstaller 6.22, loader/pyimod01_archive.py).
        running: Another name of the program's file, which stays good.
    """
    try:
        if Path(running).samefile(archive._filename):
            archive._filename = running
    except OSError:  # no /proc here
        pass
    extract = archive.extract

    def extract_or_explain(name: str, raw: bool = False) -> Any:
        try:
            return extract(name, raw)
        except SystemExit as end:
            raise ImportError(f"{name} cannot be read: {end}", name=name) from None

    archive.extract = extract_or_explain


if sys.platform.startswith("linux"):
    restore("LD_LIBRARY_PATH")
if "pyimod02_importers" in sys.modules:  # in a bundle; the tests run this file as well
    outlive_a_move(sys.modules["pyimod02_importers"].pyz_archive)
