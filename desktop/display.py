"""Whether a window can be shown at all: asked before Qt, which would abort the process instead of answering."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from desktop.errors import QT_TRANSLATE_NOOP, UserFacingError

# Platforms of Qt that need no display server.
_WITHOUT_SERVER = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")
_PACKAGES = (
    "Debian, Ubuntu: sudo apt install libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 "
    "libxkbcommon-x11-0 libegl1. Fedora: sudo dnf install xcb-util-cursor xcb-util-wm xcb-util-image xcb-util-keysyms "
    "xcb-util-renderutil libxkbcommon-x11 libglvnd-egl. Arch: sudo pacman -S xcb-util-cursor xcb-util-wm "
    "xcb-util-image xcb-util-keysyms xcb-util-renderutil libxkbcommon-x11 libglvnd."
)


def display_problem(
    environment: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> UserFacingError | None:
    """Returns why no window can be shown, or None. Takes about a millisecond; imports no Qt.

    Args:
        environment: The process's environment.
        platform: ``sys.platform``; only Linux and the BSDs can lack a display.
    """
    if platform in ("win32", "darwin"):
        return None
    chosen = environment.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if chosen in _WITHOUT_SERVER:
        return None
    if environment.get("WAYLAND_DISPLAY") and chosen in ("", "wayland"):
        return None
    if not environment.get("DISPLAY"):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "There is no display to show a window on."),
            "",
            QT_TRANSLATE_NOOP("Errors", "Start Catnap in a graphical session; without one, use 'catnap ask'."),
        )
    return _library_problem() or _server_problem(environment["DISPLAY"])


def _library_problem() -> UserFacingError | None:
    """Loads Qt's X11 plugin as Qt will; what is missing is in the linker's message."""
    spec = importlib.util.find_spec("PySide6")
    for folder in spec.submodule_search_locations or () if spec else ():
        plugin = Path(folder) / "Qt" / "plugins" / "platforms" / "libqxcb.so"
        if not plugin.exists():
            continue
        try:
            ctypes.CDLL(str(plugin))
        except OSError as problem:
            return UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "A system library that windows need is missing."),
                f"{problem}. {_PACKAGES}",
            )
    return None


def _server_problem(display: str) -> UserFacingError | None:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return None  # then Qt brings its own, or the plugin above would not have loaded
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if not failed:
        return None
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The display cannot be reached."),
        f"DISPLAY={display}.",
        QT_TRANSLATE_NOOP("Errors", "Start Catnap from your own graphical session; elsewhere, use 'catnap ask'."),
    )
