"""A missing display or library is a sentence and not an abort."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.system.display import display_problem, import_problem, qt_platforms
from tests.support.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lacks displays and libraries")


@pytest.fixture
def compositor(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a session whose compositor takes connections."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-7"))
        server.listen()
        yield {"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-7"}


@pytest.mark.parametrize(
    ("environment", "platform"),
    [
        ({}, "win32"),
        ({}, "darwin"),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux"),
        ({"QT_QPA_PLATFORM": "offscreen:size=800x600"}, "linux"),
        ({"QT_QPA_PLATFORM": "wayland;offscreen"}, "linux"),
    ],
)
def test_a_window_can_be_shown(environment: dict[str, str], platform: str) -> None:
    assert display_problem(environment, platform) is None


@on_linux
def test_a_compositor_that_answers_is_enough(compositor: dict[str, str]) -> None:
    assert display_problem(compositor, "linux") is None
    absolute = f"{compositor['XDG_RUNTIME_DIR']}/{compositor['WAYLAND_DISPLAY']}"
    assert display_problem({"WAYLAND_DISPLAY": absolute}, "linux") is None
    assert display_problem({**compositor, "DISPLAY": ":987"}, "linux") is None, "the X server need not answer then"


@pytest.mark.parametrize(
    "environment",
    [{}, {"QT_QPA_PLATFORM": "xcb"}, {"DISPLAY": ""}, {"XDG_SESSION_TYPE": "wayland"}, {"SSH_CONNECTION": "x"}],
)
def test_no_display_points_to_the_command_line(environment: dict[str, str]) -> None:
    problem = display_problem(environment, "linux")
    assert problem is not None
    assert problem.title == "There is no display to show a window on."
    assert "catnap ask" in problem.remedy


@on_linux
@pytest.mark.parametrize(
    ("environment", "detail"),
    [
        # Number 987 is far beyond what servers choose.
        ({"DISPLAY": ":987"}, "DISPLAY=:987."),
        ({"WAYLAND_DISPLAY": "wayland-987"}, "WAYLAND_DISPLAY=wayland-987."),
        ({"WAYLAND_DISPLAY": "wayland-987", "XDG_RUNTIME_DIR": "/nowhere"}, "WAYLAND_DISPLAY=wayland-987."),
        ({"XDG_SESSION_TYPE": "wayland", "DISPLAY": ":987"}, "DISPLAY=:987."),
    ],
)
def test_a_display_that_does_not_answer(environment: dict[str, str], detail: str) -> None:
    problem = display_problem(environment, "linux")
    assert problem is not None
    assert problem.title == "The display cannot be reached."
    assert problem.detail == detail


@on_linux
def test_a_platform_that_qt_has_not_is_named() -> None:
    problem = display_problem({"QT_QPA_PLATFORM": "gtk", "DISPLAY": ":0"}, "linux")
    assert problem is not None
    assert problem.detail == "QT_QPA_PLATFORM=gtk."


@pytest.mark.parametrize(
    ("environment", "platforms"),
    [
        ({}, ("xcb",)),
        ({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, ("wayland", "xcb")),
        ({"XDG_SESSION_TYPE": "wayland"}, ("wayland", "xcb")),
        ({"QT_QPA_PLATFORM": "xcb:nograb;offscreen", "WAYLAND_DISPLAY": "w"}, ("xcb", "offscreen")),
        ({"QT_QPA_PLATFORM": ";"}, ("xcb",)),
    ],
)
def test_the_order_is_qt_s(environment: dict[str, str], platforms: tuple[str, ...]) -> None:
    assert qt_platforms(environment) == platforms


# What a person sees who starts the program


def start(tmp_path: Path, broken: tuple[str, ...], **environment: str) -> subprocess.CompletedProcess[str]:
    """Starts the app on a system where some libraries cannot be loaded: what the linker finds first is empty."""
    libraries = tmp_path / "libraries"
    libraries.mkdir()
    for soname in broken:
        (libraries / soname).touch()
    bare = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "QT_QPA_PLATFORM")}
    return subprocess.run(
        [sys.executable, "-m", "desktop", "--data-dir", tmp_path / "data"],
        cwd=ROOT,
        env={**bare, **environment, "LD_LIBRARY_PATH": str(libraries)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@on_linux
@pytest.mark.parametrize(
    ("broken", "environment"),
    [
        (("libEGL.so.1", "libfontconfig.so.1"), {"DISPLAY": ":987"}),  # the import of Qt fails
        (("libxcb-cursor.so.0", "libxkbcommon-x11.so.0"), {"DISPLAY": ":987"}),  # Qt's plugin fails
        (("libwayland-client.so.0",), {"WAYLAND_DISPLAY": "wayland-987"}),
    ],
)
def test_missing_libraries_are_all_named(tmp_path: Path, broken: tuple[str, ...], environment: dict[str, str]) -> None:
    done = start(tmp_path, broken, **environment)
    assert done.returncode == 1
    assert done.stdout == ""
    said = done.stderr
    assert said.startswith("catnap: Catnap cannot show windows, since the system lacks libraries."), said
    assert ", ".join(broken) in said
    assert "sudo apt-get install" in said or "sudo dnf install" in said or "sudo pacman -S" in said
    assert "Traceback" not in said


@on_linux
def test_no_display_is_one_sentence_on_the_console(tmp_path: Path) -> None:
    done = start(tmp_path, ())
    assert done.returncode == 1
    assert done.stderr == (
        "catnap: There is no display to show a window on. "
        "Start Catnap in a graphical session; without one, use 'catnap ask'.\n"
    )


def test_another_failed_import_stays_a_fault() -> None:
    qt = "/site-packages/PySide6/QtCore.abi3.so"
    assert import_problem(ImportError("libx.so.1: cannot open", path="/site-packages/psutil/_psutil_linux.so")) is None
    assert import_problem(ImportError("cannot import name 'QtNone'", path=qt)) is None
    assert import_problem(ImportError("libx.so.1: cannot open")) is None
    problem = import_problem(ImportError("libx.so.1: undefined symbol: y", path=qt))
    assert problem is not None
    assert problem.detail == "libx.so.1: undefined symbol: y."
