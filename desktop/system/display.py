"""Whether a window can be shown at all: asked before Qt, which would abort the process instead of answering."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError

if TYPE_CHECKING:  # the list is imported where something is missing
    from desktop.system.libraries import SystemLibrary

# Plugin files whose name is not the platform's.
_WAYLAND_PLUGIN = "libqwayland-generic.so"
_DEFAULT_COMPOSITOR = "wayland-0"  # wl_display_connect(3)


def display_problem(
    environment: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> UserFacingError | None:
    """Returns why no window can be shown, or None. Takes some milliseconds; imports no Qt.

    Args:
        environment: The process's environment.
        platform: ``sys.platform``; only Linux and the BSDs can lack a display.
    """
    if platform in ("win32", "darwin"):
        return None
    problems: list[UserFacingError] = []
    for candidate in qt_platforms(environment):
        problem = _platform_problem(candidate, environment)
        if problem is None:
            return None  # Qt tries them in the same order and takes the first that works
        problems.append(problem)
    return next((problem for problem in problems if problem.detail), problems[0])  # the one that names something


def qt_platforms(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Returns the platforms that Qt 6.8 will try, in its order, each without its parameters."""
    chosen = [part.partition(":")[0] for part in environment.get("QT_QPA_PLATFORM", "").split(";")]
    if any(chosen):
        return tuple(part for part in chosen if part)
    if environment.get("WAYLAND_DISPLAY") or environment.get("XDG_SESSION_TYPE") == "wayland":
        return ("wayland", "xcb")
    return ("xcb",)


def import_problem(failure: ImportError) -> UserFacingError | None:
    """Returns the sentence for an import of Qt that the dynamic linker refused; None where that is not the reason."""
    is_of_qt = not {"PySide6", "shiboken6"}.isdisjoint(Path(failure.path or "").parts)
    said_by_linker = re.match(r"\S+\.so[.\d]*: ", str(failure))
    return _missing_libraries((), str(failure)) if is_of_qt and said_by_linker else None


def missing_libraries(platform: str) -> tuple[SystemLibrary, ...]:
    """Returns what the system lacks for Qt and one of the platforms of :func:`qt_platforms`."""
    from desktop.system.libraries import QT_LIBRARIES, missing_from

    return missing_from((*QT_LIBRARIES, *_libraries_of(platform)))


def _libraries_of(platform: str) -> tuple[SystemLibrary, ...]:
    from desktop.system.libraries import WAYLAND_LIBRARIES, XCB_LIBRARIES

    if platform == "xcb":
        return XCB_LIBRARIES
    return WAYLAND_LIBRARIES if platform.startswith("wayland") else ()


def _platform_problem(platform: str, environment: Mapping[str, str]) -> UserFacingError | None:
    if platform == "xcb" and not environment.get("DISPLAY"):
        return _no_display()
    if platform.startswith("wayland") and not environment.get("WAYLAND_DISPLAY") and not _has_compositor(environment):
        return _no_display()
    problem = _plugin_problem(platform)
    if problem is not None:
        return problem
    if platform == "xcb" and not _has_x_server(environment["DISPLAY"]):
        return _no_answer(f"DISPLAY={environment['DISPLAY']}.")
    if platform.startswith("wayland") and not _has_compositor(environment):
        return _no_answer(f"WAYLAND_DISPLAY={environment.get('WAYLAND_DISPLAY', '')}.")
    return None


def _plugin_problem(platform: str) -> UserFacingError | None:
    """Loads one of Qt's plugins as Qt will; what is missing is in the linker's message."""
    folder = _plugin_folder()
    if folder is None:
        return None  # this Qt keeps them elsewhere, as a distribution's does
    plugin = folder / (_WAYLAND_PLUGIN if platform == "wayland" else f"libq{platform}.so")
    if not plugin.exists():
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "Catnap cannot show windows in the way that QT_QPA_PLATFORM asks for."),
            f"QT_QPA_PLATFORM={platform}.",
            QT_TRANSLATE_NOOP("Errors", "Start Catnap without this variable."),
        )
    try:
        ctypes.CDLL(str(plugin))
    except OSError as failure:
        return _missing_libraries(_libraries_of(platform), str(failure))
    return None


def _plugin_folder() -> Path | None:
    spec = importlib.util.find_spec("PySide6")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        plugins = Path(folder) / "Qt" / "plugins" / "platforms"
        if plugins.is_dir():
            return plugins
    return None


def _missing_libraries(libraries: Iterable[SystemLibrary], linker_message: str) -> UserFacingError:
    from desktop.system.libraries import QT_LIBRARIES, install_commands, missing_from, read_os_release

    missing = missing_from((*QT_LIBRARIES, *libraries), linker_message)
    commands = install_commands(missing, read_os_release())
    if not commands:  # a library that is too old, or one that nobody has heard of
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "Catnap cannot show windows, since a system library cannot be loaded."),
            f"{linker_message}.",
            QT_TRANSLATE_NOOP("Errors", "Install the package that it comes in, or update the system."),
        )
    names = ", ".join(library.soname for library in missing)
    return UserFacingError(
        QT_TRANSLATE_NOOP(
            "Errors",
            "Catnap cannot show windows, since the system lacks libraries. "
            "Install them as follows, then start Catnap again.",
        ),
        "\n".join((names, *commands)),
    )


def _has_x_server(display: str) -> bool:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # then Qt brings its own, or its plugin would not have loaded
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(os.fsencode(display), None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed


def _has_compositor(environment: Mapping[str, str]) -> bool:
    if environment.get("WAYLAND_SOCKET"):
        return True  # a connection that was handed over; it can be used once, by Qt
    import socket

    name = environment.get("WAYLAND_DISPLAY") or _DEFAULT_COMPOSITOR
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(os.path.join(environment.get("XDG_RUNTIME_DIR", ""), name))  # noqa: PTH118 (as libwayland)
        except OSError:
            return False
    return True


def _no_display() -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "There is no display to show a window on."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Start Catnap in a graphical session; without one, use 'catnap ask'."),
    )


def _no_answer(address: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The display cannot be reached."),
        address,
        QT_TRANSLATE_NOOP("Errors", "Start Catnap from your own graphical session; elsewhere, use 'catnap ask'."),
    )


_WATCHER = b"org.kde.StatusNotifierWatcher"


class TrayPresence(Enum):
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
    tray: TrayPresence
    tray_detail: str


def check_display(environment: Mapping[str, str]) -> Display:
    """Looks at the session that ``environment`` describes; may take some milliseconds.

    Args:
        environment: ``os.environ``.
    """
    if sys.platform != "linux":
        plugin = "windows" if sys.platform == "win32" else "cocoa"
        return Display("native", "", plugin, (), None, TrayPresence.PRESENT, "part of the desktop")
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


def _check_tray(environment: Mapping[str, str]) -> tuple[TrayPresence, str]:
    watcher = _has_status_notifier_watcher(environment)
    if watcher:
        return TrayPresence.PRESENT, "a StatusNotifierWatcher is on the session bus"
    owner = _has_x11_tray(environment)
    if owner:
        return TrayPresence.PRESENT, "an X11 system tray is running"
    if watcher is None and owner is None:
        return TrayPresence.UNKNOWN, "neither a session bus nor an X display can be asked"
    return TrayPresence.ABSENT, "Catnap then shows its window; on GNOME the extension AppIndicator brings a tray"


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
