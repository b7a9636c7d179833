"""What starts this Catnap again, for every way in which it can have been started."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.system.login.program import Runtime, program_command


def runtime(executable: Path | str, *, platform: str = "linux", frozen: bool = True, **environment: str) -> Runtime:
    return Runtime(platform, frozen, Path(executable), environment)


def test_of_the_bundle_its_program() -> None:
    assert program_command(runtime("/opt/catnap/catnap")) == ("/opt/catnap/catnap",)


def test_of_an_appimage_the_image_and_not_what_is_mounted() -> None:
    image = runtime("/tmp/.mount_x/usr/catnap", APPIMAGE="/home/me/Catnap.AppImage", APPDIR="/tmp/.mount_x")
    assert program_command(image) == ("/home/me/Catnap.AppImage",)


def test_variables_of_another_appimage_mean_nothing() -> None:
    terminal = runtime("/opt/catnap/catnap", APPIMAGE="/home/me/Terminal.AppImage", APPDIR="/tmp/.mount_x")
    assert program_command(terminal) == ("/opt/catnap/catnap",)


@pytest.mark.parametrize("name", ["Catnap.exe", "catnap.com"])
def test_on_windows_the_program_without_a_console(tmp_path: Path, name: str) -> None:
    started = program_command(runtime(tmp_path / name, platform="win32"))
    assert started == (str(tmp_path / "Catnap.exe"),)


def test_on_macos_not_from_where_it_will_be_gone() -> None:
    place = "/private/var/folders/x/T/AppTranslocation/1234/d/Catnap.app/Contents/MacOS/catnap"
    with pytest.raises(UserFacingError, match="Applications folder"):
        program_command(runtime(place, platform="darwin"))
    moved = "/Applications/Catnap.app/Contents/MacOS/catnap"
    assert program_command(runtime(moved, platform="darwin")) == (moved,)


def test_from_source_the_script_of_the_environment(tmp_path: Path) -> None:
    python = runtime(tmp_path / "python", frozen=False)
    with pytest.raises(UserFacingError, match="make venv"):
        program_command(python)
    (tmp_path / "catnap").touch()
    assert program_command(python) == (str(tmp_path / "catnap"),)


def test_from_source_on_windows_no_console_either(tmp_path: Path) -> None:
    python = runtime(tmp_path / "python.exe", frozen=False, platform="win32")
    (tmp_path / "catnap.exe").touch()
    with pytest.raises(UserFacingError, match="not installed"):
        program_command(python)
    (tmp_path / "pythonw.exe").touch()
    assert program_command(python) == (str(tmp_path / "pythonw.exe"), "-m", "desktop")


def test_this_process_runs_from_source() -> None:
    assert not Runtime.of_this_process().frozen
    assert Runtime.of_this_process().executable.is_file()
