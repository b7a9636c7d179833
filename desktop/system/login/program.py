"""Which command starts this very Catnap again."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.system.login.types import Command


@dataclass(frozen=True)
class Runtime:
    """How this process was started.

    Attributes:
        platform: As ``sys.platform`` names it.
        frozen: Whether it is the bundle.
        executable: The bundle's program, or the Python interpreter.
        environment: Variables of the process.
    """

    platform: str
    frozen: bool
    executable: Path
    environment: Mapping[str, str]

    @classmethod
    def of_this_process(cls) -> Runtime:
        frozen = bool(getattr(sys, "frozen", False))  # set by PyInstaller
        # Not resolved: in a virtual environment that would be the interpreter of the system.
        return cls(sys.platform, frozen, Path(sys.executable).absolute(), os.environ)


def program_command(runtime: Runtime) -> Command:
    """Returns what starts the tray app, without its arguments.

    Raises:
        UserFacingError: There is nothing that would still be there at the next login.
    """
    if not runtime.frozen:
        return _from_source(runtime)
    if runtime.platform == "win32":
        # The command line is another program beside it, which would open a console at every login.
        return (str(runtime.executable.with_name("Catnap.exe")),)
    if runtime.platform == "darwin" and "/AppTranslocation/" in runtime.executable.as_posix():
        # macOS runs an app that was never moved since its download from a random place that is gone afterwards.
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "macOS runs Catnap from a place that will be gone at the next login."),
            "",
            QT_TRANSLATE_NOOP("Errors", "Move Catnap to the Applications folder, start it from there and try again."),
        )
    return (_appimage(runtime) or str(runtime.executable),)


def _appimage(runtime: Runtime) -> str:
    """Returns the AppImage that was started, empty where none was: what is inside lies elsewhere at every start."""
    image, mounted = (runtime.environment.get(name, "") for name in ("APPIMAGE", "APPDIR"))
    # Another AppImage that started this program, a terminal for example, has left its variables as well.
    return image if image and mounted and runtime.executable.is_relative_to(mounted) else ""


def _from_source(runtime: Runtime) -> Command:
    folder = runtime.executable.parent
    if runtime.platform == "win32":  # the script there is a console program
        windowed = folder / "pythonw.exe"
        if windowed.exists() and (folder / "catnap.exe").exists():
            return (str(windowed), "-m", "desktop")
    elif (folder / "catnap").exists():
        return (str(folder / "catnap"),)
    raise UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Catnap is not installed here, so it cannot be started at login."),
        f"{folder}.",
        QT_TRANSLATE_NOOP("Errors", 'Set it up with "make venv" or install it, and start that one.'),
    )
