"""Whether the system was told to keep things still: moving pictures distract some people, and make others ill."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_SECONDS = 5.0
_SPI_GETCLIENTAREAANIMATION = 0x1042


def prefers_stillness() -> bool:
    """Returns what this desktop says; False where nothing is known. May start a program: not for the GUI thread."""
    if sys.platform == "win32":
        return _windows_is_still()
    if sys.platform == "darwin":
        return _output("defaults", "read", "com.apple.universalaccess", "reduceMotion") == "1"
    desktops = {name.lower() for name in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":")}
    if "kde" in desktops:
        return _plasma_is_still()
    # GNOME's, which Cinnamon, MATE, Budgie and others read as well.
    return _output("gsettings", "get", "org.gnome.desktop.interface", "enable-animations") == "false"


def _windows_is_still() -> bool:
    import ctypes

    animates = ctypes.c_int(1)
    user32 = getattr(ctypes, "windll").user32  # noqa: B009 (it is there on Windows only)
    user32.SystemParametersInfoW(_SPI_GETCLIENTAREAANIMATION, 0, ctypes.byref(animates), 0)
    return not animates.value


def _plasma_is_still() -> bool:
    import configparser

    folder = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    settings = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        settings.read(Path(folder) / "kdeglobals", encoding="utf-8")
        return settings.getfloat("KDE", "AnimationDurationFactor", fallback=1.0) == 0.0
    except (configparser.Error, OSError, ValueError):
        return False


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
