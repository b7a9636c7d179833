"""The one list of system libraries: complete, and turned into the command for this system."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import sys
from pathlib import Path

import PySide6
import pytest

from desktop.system.libraries import (
    QT_LIBRARIES,
    WAYLAND_LIBRARIES,
    XCB_LIBRARIES,
    SystemLibrary,
    can_load,
    install_commands,
    missing_from,
    read_os_release,
)

ODD = SystemLibrary("libx.so.1", "libx1", "x-libs", "x")


@pytest.mark.parametrize(
    ("os_release", "command"),
    [
        ("ID=debian\n", "sudo apt-get install libx1"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "sudo apt-get install libx1"),
        ("NAME=Fedora\nID=fedora\n", "sudo dnf install x-libs"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "sudo dnf install x-libs"),
        ("ID=manjaro\nID_LIKE=arch\n", "sudo pacman -S x"),
        ("ID='arch'", "sudo pacman -S x"),
    ],
)
def test_the_command_is_the_system_s_own(os_release: str, command: str) -> None:
    assert install_commands([ODD], os_release) == (command,)


@pytest.mark.parametrize(
    "os_release", ["", 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "VARIANT_ID=fedora\n", "ID="]
)
def test_a_system_that_is_not_known_gets_all_three(os_release: str) -> None:
    assert install_commands([ODD], os_release) == (
        "Debian, Ubuntu: sudo apt-get install libx1",
        "Fedora: sudo dnf install x-libs",
        "Arch: sudo pacman -S x",
    )


def test_each_package_is_named_once() -> None:
    glib = [library for library in QT_LIBRARIES if library.debian == "libglib2.0-0"]
    assert len(glib) == 2
    assert install_commands([*glib, ODD], "ID=debian") == ("sudo apt-get install libglib2.0-0 libx1",)
    assert install_commands([], "ID=debian") == ()
    assert install_commands([SystemLibrary("libnew.so.1", "", "", "")], "ID=debian") == ()


def test_os_release_is_the_first_that_there_is(tmp_path: Path) -> None:
    (tmp_path / "second").write_text("ID=arch\n", encoding="utf-8")
    assert read_os_release((tmp_path / "first", tmp_path / "second")) == "ID=arch\n"
    assert read_os_release((tmp_path / "first",)) == ""


def test_what_cannot_be_loaded_is_missing() -> None:
    libc = SystemLibrary("libc.so.6", "libc6", "glibc", "glibc")
    assert can_load("libc.so.6")
    assert missing_from([libc, ODD]) == (ODD,)


def test_a_library_that_only_the_linker_names_is_missing_too() -> None:
    # GIVEN the linker's own words, whatever this system's linker says
    with pytest.raises(OSError, match="libcatnap-no-such") as refused:
        ctypes.CDLL("libcatnap-no-such.so.1.2")
    # THEN the name is taken out of them, once
    named = missing_from([ODD], str(refused.value))
    assert [library.soname for library in named] == ["libx.so.1", "libcatnap-no-such.so.1.2"]
    assert missing_from(named, str(refused.value)) == named


def needed(file: Path) -> set[str]:
    shown = subprocess.run(["objdump", "--private-headers", file], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^\s+NEEDED\s+(\S+)", shown, re.MULTILINE))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems bring all of it")
def test_everything_that_qt_links_to_is_in_the_list() -> None:
    assert shutil.which("objdump"), "binutils comes with the compiler that the set-up needs"
    folder = Path(PySide6.__path__[0])
    modules = [folder / f"Qt/lib/libQt6{name}.so.6" for name in ("Core", "Gui", "Widgets", "Network", "DBus", "Svg")]
    modules += [folder / f"Qt{name}.abi3.so" for name in ("Core", "Gui", "Widgets", "Network")]
    xcb = [folder / "Qt/lib/libQt6XcbQpa.so.6", folder / "Qt/plugins/platforms/libqxcb.so"]
    wayland = [folder / "Qt/lib/libQt6WaylandClient.so.6", folder / "Qt/plugins/platforms/libqwayland-generic.so"]
    ours = re.compile(
        r"libQt6|libicu|libpyside6|libshiboken6|lib(c|m|dl|rt|pthread|resolv|gcc_s|stdc\+\+)\.so|ld-linux"
    )

    def of_the_system(files: list[Path]) -> set[str]:
        return {name for file in files for name in needed(file) if not ours.match(name)}

    for listed, files in ((QT_LIBRARIES, modules), (XCB_LIBRARIES, xcb), (WAYLAND_LIBRARIES, wayland)):
        basic = {library.soname for library in QT_LIBRARIES} if listed is not QT_LIBRARIES else set()
        names = {library.soname for library in listed}
        assert of_the_system(files) - basic == names - {"libxcb-util.so.1"}
