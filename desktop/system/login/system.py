"""Chooses the handler of the system that Catnap runs on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from desktop import IDENTIFIER
from desktop.system.login.program import Runtime, program_command
from desktop.system.login.service import LoginStart
from desktop.system.login.types import LoginEntry


def make_login_start(data_dir: Path | None) -> LoginStart:
    """Returns the switch of this system; nothing is read yet.

    Args:
        data_dir: The folder given with ``--data-dir``; None: the platform's usual places.
    """
    return LoginStart(_entry(), lambda: program_command(Runtime.of_this_process()), data_dir)


def _entry() -> LoginEntry:
    # Only this system's handler is imported: that of macOS alone brings the parser of XML into a program that idles.
    if sys.platform == "win32":
        from desktop.system.login.windows import RunKey, UserRegistry

        return RunKey(UserRegistry())
    if sys.platform == "darwin":
        from desktop.system.login.launch_agent import LaunchAgent

        return LaunchAgent(Path.home() / "Library" / "LaunchAgents", IDENTIFIER)
    from desktop.system.login.xdg import XdgAutostart, autostart_folder

    desktops = os.environ.get("XDG_CURRENT_DESKTOP", "")
    return XdgAutostart(autostart_folder(os.environ, Path.home()), desktops)
