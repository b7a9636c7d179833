"""Can a window and a tray icon be shown here? Found out without starting Qt, so an answer comes even when Qt cannot."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from desktop.common.errors import UserFacingError
from desktop.system.display import display_problem, missing_libraries, qt_platforms
from desktop.system.libraries import SystemLibrary

_WATCHER = b"org.kde.StatusNotifierWatcher"


class Tray(Enum):
    """Whether something shows tray icons; the value is what `catnap doctor` says."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "not checked here"


@dataclass(frozen=True)
class Display:
    """Where windows would go.

    Attributes:
        kind: "x11", "wayland", "native" (Windows, macOS) or "none".
        address: Name of the X display or of the Wayland socket.
        platform: Qt's platform plugin that would be used.
        missing: Libraries that this plugin needs and the system lacks.
        problem: Why no window can be shown; None: it can.
        tray: Whether something shows tray icons.
        tray_detail: How that was found out.
    """

    kind: str
    address: str
    platform: str
    missing: tuple[SystemLibrary, ...]
    problem: UserFacingError | None
    tray: Tray
    tray_detail: str


def check_display(environment: Mapping[str, str]) -> Display:
    """Looks at the session that ``environment`` describes; may take some milliseconds.

    Args:
        environment: ``os.environ``.
    """
    if sys.platform != "linux":
        plugin = "windows" if sys.platform == "win32" else "cocoa"
        return Display("native", "", plugin, (), None, Tray.PRESENT, "part of the desktop")
    kind, address = "none", ""
    if environment.get("WAYLAND_DISPLAY"):
        kind, address = "wayland", environment["WAYLAND_DISPLAY"]
    elif environment.get("DISPLAY"):
        kind, address = "x11", environment["DISPLAY"]
    platform = qt_platforms(environment)[0]
    missing = missing_libraries(platform)
    problem = display_problem(environment)
    tray, detail = _check_tray(environment)
    return Display(kind, address, platform, missing, problem, tray, detail)


def _check_tray(environment: Mapping[str, str]) -> tuple[Tray, str]:
    watcher = _has_status_notifier_watcher(environment)
    if watcher:
        return Tray.PRESENT, "a StatusNotifierWatcher is on the session bus"
    owner = _has_x11_tray(environment)
    if owner:
        return Tray.PRESENT, "an X11 system tray is running"
    if watcher is None and owner is None:
        return Tray.UNKNOWN, "neither a session bus nor an X display can be asked"
    return Tray.ABSENT, "Catnap then shows its window; on GNOME the extension AppIndicator brings a tray"


def _has_status_notifier_watcher(environment: Mapping[str, str]) -> bool | None:
    """Asks the session bus whether somebody shows StatusNotifier icons; None: there is no bus to ask."""
    runtime = environment.get("XDG_RUNTIME_DIR")
    has_socket = bool(runtime) and Path(runtime or "", "bus").exists()
    if not environment.get("DBUS_SESSION_BUS_ADDRESS") and not has_socket:
        return None  # libdbus would start a bus of its own
    try:
        dbus = ctypes.CDLL("libdbus-1.so.3")
    except OSError:
        return None
    dbus.dbus_bus_get_private.restype = ctypes.c_void_p
    dbus.dbus_bus_get_private.argtypes = (ctypes.c_int, ctypes.c_void_p)
    dbus.dbus_bus_name_has_owner.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    for name in ("dbus_connection_set_exit_on_disconnect", "dbus_connection_close", "dbus_connection_unref"):
        getattr(dbus, name).argtypes = (ctypes.c_void_p, ctypes.c_int)[: 2 if name.endswith("disconnect") else 1]
    session_bus = 0  # DBUS_BUS_SESSION
    connection = dbus.dbus_bus_get_private(session_bus, None)
    if not connection:
        return None
    try:
        dbus.dbus_connection_set_exit_on_disconnect(connection, 0)
        return bool(dbus.dbus_bus_name_has_owner(connection, _WATCHER, None))
    finally:
        dbus.dbus_connection_close(connection)
        dbus.dbus_connection_unref(connection)


def _has_x11_tray(environment: Mapping[str, str]) -> bool | None:
    """Asks the X server whether its system tray selection has an owner; None: there is no X server to ask."""
    address = environment.get("DISPLAY")
    if not address:
        return None
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return None
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XOpenDisplay.argtypes = (ctypes.c_char_p,)
    x11.XDefaultScreen.argtypes = (ctypes.c_void_p,)
    x11.XInternAtom.restype = ctypes.c_ulong
    x11.XInternAtom.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)
    x11.XGetSelectionOwner.restype = ctypes.c_ulong
    x11.XGetSelectionOwner.argtypes = (ctypes.c_void_p, ctypes.c_ulong)
    x11.XCloseDisplay.argtypes = (ctypes.c_void_p,)
    display = x11.XOpenDisplay(os.fsencode(address))
    if not display:
        return None
    try:
        # System Tray Protocol Specification of freedesktop.org: the manager owns a selection named by the screen.
        selection = f"_NET_SYSTEM_TRAY_S{x11.XDefaultScreen(display)}".encode()
        return bool(x11.XGetSelectionOwner(display, x11.XInternAtom(display, selection, 0)))
    finally:
        x11.XCloseDisplay(display)
