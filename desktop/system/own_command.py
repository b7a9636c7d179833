"""The command that tells this very Catnap something, as a desktop's settings for keys take it."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.system.login.program import Runtime, program_command


class KeyDesktop(Enum):
    """A desktop whose settings for keys are described."""

    GNOME = "gnome"
    KDE = "kde"
    XFCE = "xfce"
    CINNAMON = "cinnamon"
    MATE = "mate"
    WINDOWS = "windows"
    MACOS = "macos"
    OTHER = "other"


# As they name themselves in $XDG_CURRENT_DESKTOP, where several may stand.
_NAMES: Final = {
    KeyDesktop.GNOME: ("gnome", "gnome-classic", "ubuntu", "unity", "budgie", "pantheon"),
    KeyDesktop.KDE: ("kde", "plasma"),
    KeyDesktop.XFCE: ("xfce",),
    KeyDesktop.CINNAMON: ("x-cinnamon", "cinnamon", "deepin"),
    KeyDesktop.MATE: ("mate", "ukui"),
}


def key_desktop(platform: str, environment: Mapping[str, str]) -> KeyDesktop:
    """Returns which desktop this is.

    Args:
        platform: As ``sys.platform`` names it.
        environment: Variables of the process.
    """
    if platform == "win32":
        return KeyDesktop.WINDOWS
    if platform == "darwin":
        return KeyDesktop.MACOS
    there = environment.get("XDG_CURRENT_DESKTOP", "").lower().split(":")
    for name in there:
        for desktop, names in _NAMES.items():
            if name in names:
                return desktop
    return KeyDesktop.OTHER


def key_command(runtime: Runtime, data_dir: Path | None, arguments: Sequence[str]) -> str:
    """Returns one line, quoted as a shell or a Windows shortcut wants it.

    Args:
        runtime: How this process was started.
        data_dir: The folder given with ``--data-dir``; None: the platform's usual places.
        arguments: What Catnap shall be told.

    Raises:
        UserFacingError: There is nothing that would still be there later.
    """
    try:
        program = program_command(runtime)
    except UserFacingError as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "There is no command that starts this Catnap."), problem.detail, problem.remedy
        ) from problem
    places = () if data_dir is None else ("--data-dir", str(data_dir))
    command = (*program, *places, *arguments)
    return subprocess.list2cmdline(command) if runtime.platform == "win32" else shlex.join(command)
