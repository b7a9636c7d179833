"""The command that a desktop's key runs, for each way Catnap may be installed."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.system.login.program import Runtime
from desktop.system.own_command import KeyDesktop, key_command, key_desktop

ACTION = ("--action", 'Mach "es" $kürzer; 变短')


def test_an_appimage_is_named_and_not_where_it_is_mounted() -> None:
    environment = {"APPIMAGE": "/home/me/My Apps/Catnap.AppImage", "APPDIR": "/tmp/.mount_x"}
    runtime = Runtime("linux", True, Path("/tmp/.mount_x/usr/bin/catnap"), environment)
    command = key_command(runtime, None, ("--quick-ask",))
    assert command == "'/home/me/My Apps/Catnap.AppImage' --quick-ask"


def test_a_bundle_with_its_own_data_and_a_name_of_any_characters() -> None:
    runtime = Runtime("linux", True, Path("/opt/catnap/catnap"), {})
    command = key_command(runtime, Path("/media/stick/my data"), ACTION)
    assert shlex.split(command) == ["/opt/catnap/catnap", "--data-dir", "/media/stick/my data", *ACTION]


def test_windows_quotes_as_its_shortcuts_do() -> None:
    runtime = Runtime("win32", True, Path("C:/Program Files/Catnap/catnap.exe"), {})
    command = key_command(runtime, None, ("--action", "Make it shorter"))
    assert command.endswith('Catnap.exe" --action "Make it shorter"')


def test_a_checkout_has_the_script_of_its_environment(tmp_path: Path) -> None:
    (tmp_path / "catnap").touch()
    runtime = Runtime("linux", False, tmp_path / "python", {})
    assert key_command(runtime, None, ("--action", "explain")) == f"{tmp_path}/catnap --action explain"


def test_where_there_is_no_command_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserFacingError, match="no command that starts this Catnap"):
        key_command(Runtime("linux", False, tmp_path / "python", {}), None, ("--quick-ask",))


@pytest.mark.parametrize(
    ("platform", "name", "desktop"),
    [
        ("linux", "ubuntu:GNOME", KeyDesktop.GNOME), ("linux", "KDE", KeyDesktop.KDE),
        ("linux", "XFCE", KeyDesktop.XFCE),
        ("linux", "X-Cinnamon", KeyDesktop.CINNAMON), ("linux", "MATE", KeyDesktop.MATE),
        ("linux", "UKUI", KeyDesktop.MATE), ("linux", "sway", KeyDesktop.OTHER), ("linux", "", KeyDesktop.OTHER),
        ("win32", "", KeyDesktop.WINDOWS), ("darwin", "", KeyDesktop.MACOS),
    ],
)  # fmt: skip
def test_the_desktop_is_known_by_its_name(platform: str, name: str, desktop: KeyDesktop) -> None:
    assert key_desktop(platform, {"XDG_CURRENT_DESKTOP": name}) is desktop
