"""Chooses the handler of the system that Catnap runs on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from desktop import IDENTIFIER
from desktop.system.login.launch_agent import LaunchAgent
from desktop.system.login.program import Runtime, program_command
from desktop.system.login.service import LoginStart
from desktop.system.login.types import LoginEntry
from desktop.system.login.windows import RunKey, UserRegistry
from desktop.system.login.xdg import XdgAutostart, autostart_folder


def make_login_start(data_dir: Path | None) -> LoginStart:
    """Returns the switch of this system; nothing is read yet.

    Args:
        data_dir: The folder given with ``--data-dir``; None: the platform's usual places.
    """
    return LoginStart(_entry(), lambda: program_command(Runtime.of_this_process()), data_dir)


def _entry() -> LoginEntry:
    if sys.platform == "win32":
        return RunKey(UserRegistry())
    if sys.platform == "darwin":
        return LaunchAgent(Path.home() / "Library" / "LaunchAgents", IDENTIFIER)
    desktops = os.environ.get("XDG_CURRENT_DESKTOP", "")
    return XdgAutostart(autostart_folder(os.environ, Path.home()), desktops)
