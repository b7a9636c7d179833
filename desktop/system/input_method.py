"""Lets people type Chinese on Linux: tells Qt which input methods to try, before there is a QApplication.

Qt 6.7 and later try the plugins of ``QT_IM_MODULES`` in turn, or that of ``QT_IM_MODULE``; without either, under X11,
only compose keys work. Qt's wheels bring a plugin for ibus and none for fcitx, which most Chinese desktops set, and a
plugin of the system does not fit another Qt. But fcitx 5 answers to the protocol of ibus as well.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, MutableMapping
from pathlib import Path

# Where a session says what it types with; the last for X11, as "@im=fcitx".
_HINTS = ("QT_IM_MODULES", "QT_IM_MODULE", "GTK_IM_MODULE", "XMODIFIERS")


def choose_input_methods(
    environment: MutableMapping[str, str] = os.environ,
    platform: str = sys.platform,
    find_program: Callable[[str], str | None] = shutil.which,
) -> None:
    """Completes the variables that Qt reads, where they would leave somebody without Chinese; else changes nothing.

    Args:
        environment: The process's environment.
        platform: ``sys.platform``; only Linux and the BSDs have a choice.
        find_program: Returns where a program lies, None: nowhere on PATH.
    """
    if platform in ("win32", "darwin"):
        return
    modules = _modules(environment)
    if modules is None:
        return
    environment["QT_IM_MODULES"] = ";".join(modules)
    if "IBUS_USE_PORTAL" not in environment and find_program("ibus-daemon") is None and _has_session_bus(environment):
        # Without ibus itself its plugin gives up, unless it is to go through the session bus; fcitx 5 is there too.
        environment["IBUS_USE_PORTAL"] = "1"


def _modules(environment: MutableMapping[str, str]) -> list[str] | None:
    """Returns what Qt shall try in this order; None: what it does by itself is right."""
    asked = [name for name in environment.get("QT_IM_MODULES", "").split(";") if name]
    listed = bool(asked)
    if not asked and environment.get("QT_IM_MODULE"):
        asked = [environment["QT_IM_MODULE"]]
    if asked:
        if "ibus" in asked or not any(name.startswith("fcitx") for name in asked):
            return None  # a choice that works, or one that we know nothing about
        native = ["wayland"] if _is_wayland(environment) and not listed else []
        last = max(number for number, name in enumerate(asked) if name.startswith("fcitx"))
        chosen = [*native, *asked[: last + 1], "ibus", *asked[last + 1 :]]
        return chosen if "compose" in chosen else [*chosen, "compose"]
    if _is_wayland(environment):
        return None  # Qt types through the compositor
    if any(method in environment.get(hint, "") for hint in _HINTS for method in ("ibus", "fcitx")) or _is_served(
        environment
    ):
        return ["fcitx", "ibus", "compose"]
    return None  # a plugin that finds nobody would only take the compose keys away


def _is_wayland(environment: MutableMapping[str, str]) -> bool:
    chosen = environment.get("QT_QPA_PLATFORM", "")
    if chosen:
        return chosen.startswith("wayland")
    return bool(environment.get("WAYLAND_DISPLAY")) or environment.get("XDG_SESSION_TYPE") == "wayland"


def _is_served(environment: MutableMapping[str, str]) -> bool:
    """Returns whether ibus, or fcitx 5 in its name, runs in this home: it notes its process in a file."""
    home = environment.get("HOME", "")
    config = environment.get("XDG_CONFIG_HOME") or f"{home}/.config"
    try:
        return any(_names_a_process(file) for file in (Path(config) / "ibus" / "bus").iterdir())
    except OSError:
        return False


def _names_a_process(file: Path) -> bool:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    pids = [line.removeprefix("IBUS_DAEMON_PID=") for line in lines if line.startswith("IBUS_DAEMON_PID=")]
    return any(pid.isdecimal() and Path(f"/proc/{pid}").exists() for pid in pids)


def _has_session_bus(environment: MutableMapping[str, str]) -> bool:
    if environment.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    runtime = environment.get("XDG_RUNTIME_DIR")
    return bool(runtime) and (Path(runtime or "") / "bus").exists()
