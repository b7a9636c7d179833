"""Runs in the bundle before Catnap does (a PyInstaller runtime hook).

On Linux the bundle's starter puts its folder into LD_LIBRARY_PATH and starts itself anew, so that the linker finds the
libraries in it. The linker has read that variable by now. Programs that Catnap opens (a browser for a link) must not
find the bundle's libraries instead of the system's, so it is put back to what the user had.
"""

from __future__ import annotations

import os


def restore(variable: str) -> None:
    """Gives an environment variable the value it had before the bundle was started."""
    before = os.environ.pop(f"{variable}_ORIG", None)
    if before:
        os.environ[variable] = before
    else:
        os.environ.pop(variable, None)


restore("LD_LIBRARY_PATH")
