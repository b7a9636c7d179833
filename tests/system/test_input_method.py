"""Which input methods Qt is told to try on Linux."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop.system.input_method import choose_input_methods
from tests.support.command_line import python

X11 = {"DISPLAY": ":0", "HOME": "/nowhere"}
WAYLAND = {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0", "HOME": "/nowhere"}
BUS = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus"}


def chosen(environment: dict[str, str], ibus: bool = True, platform: str = "linux") -> dict[str, str]:
    """Returns the variables that were added or changed."""
    after = dict(environment)
    choose_input_methods(after, platform, lambda name: f"/usr/bin/{name}" if ibus else None)
    return {key: value for key, value in after.items() if environment.get(key) != value}


@pytest.mark.parametrize(
    ("environment", "modules"),
    [
        # As Chinese desktops set it
        ({**X11, "QT_IM_MODULE": "fcitx", "GTK_IM_MODULE": "fcitx"}, "fcitx;ibus;compose"),
        ({**X11, "QT_IM_MODULE": "fcitx5"}, "fcitx5;ibus;compose"),
        ({**X11, "QT_IM_MODULES": "wayland;fcitx"}, "wayland;fcitx;ibus;compose"),
        ({**WAYLAND, "QT_IM_MODULE": "fcitx"}, "wayland;fcitx;ibus;compose"),
        ({**WAYLAND, "QT_IM_MODULES": "fcitx;compose"}, "fcitx;ibus;compose"),
        ({**WAYLAND, "QT_IM_MODULE": "fcitx", "QT_QPA_PLATFORM": "xcb"}, "fcitx;ibus;compose"),
        # Set for others only
        ({**X11, "GTK_IM_MODULE": "fcitx"}, "fcitx;ibus;compose"),
        ({**X11, "XMODIFIERS": "@im=ibus"}, "fcitx;ibus;compose"),
        ({**X11, "QT_IM_MODULE": "", "XMODIFIERS": "@im=fcitx"}, "fcitx;ibus;compose"),
    ],
)
def test_ibus_stands_in_for_fcitx(environment: dict[str, str], modules: str) -> None:
    assert chosen(environment) == {"QT_IM_MODULES": modules}


@pytest.mark.parametrize(
    "environment",
    [
        {**X11, "QT_IM_MODULE": "ibus"},
        {**X11, "QT_IM_MODULE": "compose", "XMODIFIERS": "@im=fcitx"},
        {**X11, "QT_IM_MODULE": "xim"},
        {**X11, "QT_IM_MODULES": "wayland;fcitx;ibus"},
        {**WAYLAND, "XMODIFIERS": "@im=fcitx"},
        {"XDG_SESSION_TYPE": "wayland", "GTK_IM_MODULE": "fcitx"},
        X11,
        {},
    ],
)
def test_what_works_is_left_alone(environment: dict[str, str]) -> None:
    assert chosen({**environment, **BUS}, ibus=False) == {}


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_have_no_choice(platform: str) -> None:
    assert chosen({**X11, "QT_IM_MODULE": "fcitx"}, platform=platform) == {}


def test_where_only_fcitx_is_installed_the_plugin_goes_through_the_session_bus(tmp_path: Path) -> None:
    asked = {**X11, "QT_IM_MODULE": "fcitx"}
    both = {"QT_IM_MODULES": "fcitx;ibus;compose", "IBUS_USE_PORTAL": "1"}
    assert chosen({**asked, **BUS}, ibus=False) == both
    assert "IBUS_USE_PORTAL" not in chosen(asked, ibus=False)
    assert "IBUS_USE_PORTAL" not in chosen({**asked, **BUS}, ibus=True)
    assert "IBUS_USE_PORTAL" not in chosen({**asked, **BUS, "IBUS_USE_PORTAL": "0"}, ibus=False)
    # AND the bus may be where systemd puts it
    (tmp_path / "bus").touch()
    assert chosen({**asked, "XDG_RUNTIME_DIR": str(tmp_path)}, ibus=False) == both


def test_one_that_runs_is_found_by_its_file(tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "ibus" / "bus"
    folder.mkdir(parents=True)
    file = folder / "0123-unix-0"
    environment = {"DISPLAY": ":0", "HOME": str(tmp_path)}

    file.write_text(f"# made by ibus\nIBUS_ADDRESS=unix:path=/tmp/x\nIBUS_DAEMON_PID={os.getpid()}\n")
    assert chosen(environment) == {"QT_IM_MODULES": "fcitx;ibus;compose"}

    for left_behind in ("IBUS_DAEMON_PID=999999999\n", "IBUS_DAEMON_PID=\n", "\xff"):
        file.write_text(left_behind)
        assert chosen(environment) == {}


def test_the_program_starts_with_it_and_says_nothing(tmp_path: Path) -> None:
    code = """
import os, sys
os.environ["QT_IM_MODULE"] = "fcitx"
from desktop.ui.tray.tray import Tray
def start(tray):
    print(os.environ["QT_IM_MODULES"], flush=True)
    os._exit(0)
Tray.start = start
from desktop.__main__ import main
main(sys.argv[1:])
"""
    done = python(code, "--data-dir", str(tmp_path))
    assert (done.code, done.out, done.err) == (0, "fcitx;ibus;compose\n", "")
