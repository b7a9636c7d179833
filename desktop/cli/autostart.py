"""``catnap autostart``: whether Catnap starts at login, for installers and people without the settings dialog."""

from __future__ import annotations

import shlex
from pathlib import Path

from desktop.cli import common
from desktop.system.login.system import make_login_start


def run(data_dir: Path | None, action: str, *, as_json: bool) -> int:
    """Runs the verb and says how things stand afterwards.

    Args:
        data_dir: The folder given with ``--data-dir``; what starts at login is given it too.
        action: "on", "off" or "status".

    Raises:
        UserFacingError: It cannot be read or changed.
    """
    login = make_login_start(None if data_dir is None else common.absolute_path(str(data_dir)))
    if action != "status":
        login.turn(action == "on")
    status = login.status()
    if as_json:
        common.print_json({"on": status.on, "place": login.place, "other": list(status.other)})
        return common.DONE
    print("on" if status.on else "off")
    if status.other:
        common.warn(f"another program starts at login in its place: {shlex.join(status.other)}")
    return common.DONE
