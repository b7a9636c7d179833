"""Says what the system lacks, in one sentence with the command that installs it. Standard library only.

Usage:
    python packaging/system_check.py test              can the tests run?
    python packaging/system_check.py run --venv DIR    can the app show a window?
    python packaging/system_check.py packages          print the Debian packages of debian-packages.txt
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGES_FILE = Path(__file__).with_name("debian-packages.txt")

# Where fonts lie on Linux (Debian, Fedora, Arch) and below a home folder.
_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")


@dataclass(frozen=True)
class Need:
    """Something the system must have.

    Attributes:
        package: Its Debian package.
        kind: What to look for: command, module, library or font.
        name: The name to look for.
    """

    package: str
    kind: str
    name: str

    def is_met(self) -> bool:
        """True when the system has it, from whatever package."""
        match self.kind:
            case "command":
                return shutil.which(self.name) is not None
            case "module":
                return importlib.util.find_spec(self.name) is not None
            case "library":
                return can_load(self.name)
            case "font":
                return any(True for folder in _FONT_FOLDERS for _ in folder.rglob(f"{self.name}*"))
        raise ValueError(f"{PACKAGES_FILE.name}: unknown probe {self.kind!r}")


@dataclass(frozen=True)
class Library:
    """A shared library that Qt's xcb platform loads, with its package on three families of systems."""

    soname: str
    debian: str
    fedora: str
    arch: str


XCB_LIBRARIES = (
    Library("libEGL.so.1", "libegl1", "libglvnd-egl", "libglvnd"),
    Library("libGL.so.1", "libgl1", "libglvnd-glx", "libglvnd"),
    Library("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb", "libx11"),
    Library("libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "dbus"),
    Library("libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig"),
    Library("libglib-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
    Library("libgthread-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    Library("libxcb-image.so.0", "libxcb-image0", "xcb-util-image", "xcb-util-image"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    Library("libxcb-randr.so.0", "libxcb-randr0", "libxcb", "libxcb"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil", "xcb-util-renderutil"),
    Library("libxcb-shape.so.0", "libxcb-shape0", "libxcb", "libxcb"),
    Library("libxcb-sync.so.1", "libxcb-sync1", "libxcb", "libxcb"),
    Library("libxcb-util.so.1", "libxcb-util1", "xcb-util", "xcb-util"),
    Library("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb", "libxcb"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb", "libxcb"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
    Library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon", "libxkbcommon"),
)


def can_load(soname: str) -> bool:
    """True when the dynamic linker finds a library."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def read_needs(text: str) -> list[Need]:
    """Parses debian-packages.txt.

    Raises:
        ValueError: A line has not three words.
    """
    needs = []
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words:
            package, kind, name = words
            needs.append(Need(package, kind, name))
    return needs


def test_complaint(needs: list[Need]) -> str:
    """Returns what `make test` lacks with the command that installs it, or an empty string."""
    missing = [need for need in needs if not need.is_met()]
    if not missing:
        return ""
    what = ", ".join(need.name for need in missing)
    return f"the tests need what this system lacks: {what}. Debian and Ubuntu: " + apt_command(
        [need.package for need in missing]
    )


def apt_command(packages: list[str]) -> str:
    return "sudo apt-get install -y --no-install-recommends " + " ".join(packages)


def display_complaint(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """Returns why no window can be shown here, or an empty string."""
    if not platform.startswith("linux") or environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return ""
    if environment.get("QT_QPA_PLATFORM") not in (None, "", "xcb", "wayland"):
        return ""
    return (
        "there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set); "
        "`make demo` shows Catnap at work without one."
    )


def missing_sonames(linker_output: str) -> list[str]:
    """Returns the libraries that ``ldd`` could not find, each once."""
    found = (line.split()[0] for line in linker_output.splitlines() if line.rstrip().endswith("not found"))
    return list(dict.fromkeys(found))


def library_complaint(missing: list[str]) -> str:
    """Returns which packages bring the missing libraries, or an empty string."""
    if not missing:
        return ""
    known = [library for library in XCB_LIBRARIES if library.soname in missing]
    text = f"Qt cannot show windows here, since the system lacks {', '.join(missing)}."
    if known:
        text += (
            f"\n  Debian, Ubuntu: sudo apt-get install {words(library.debian for library in known)}"
            f"\n  Fedora:         sudo dnf install {words(library.fedora for library in known)}"
            f"\n  Arch:           sudo pacman -S {words(library.arch for library in known)}"
        )
    return text


def words(packages: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(packages))


def qt_linker_output(venv: Path) -> str:
    """Returns what ``ldd`` says about Qt's xcb platform plugin; empty where that question makes no sense."""
    plugins = list(venv.glob("lib/python3*/site-packages/PySide6/Qt/plugins/platforms/libqxcb.so"))
    linker = shutil.which("ldd")
    if not plugins or linker is None:
        return ""
    return subprocess.run([linker, str(plugins[0])], capture_output=True, text=True, check=False).stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("test", "run", "packages"))
    parser.add_argument("--venv", type=Path, default=Path(".venv"))
    arguments = parser.parse_args()
    needs = read_needs(PACKAGES_FILE.read_text(encoding="utf-8"))
    if arguments.what == "packages":
        print("\n".join(need.package for need in needs))
        return 0
    if arguments.what == "test":
        complaint = test_complaint(needs) if sys.platform.startswith("linux") else ""
    else:
        complaint = display_complaint(os.environ)
        if not complaint and os.environ.get("DISPLAY"):
            complaint = library_complaint(missing_sonames(qt_linker_output(arguments.venv)))
    if complaint:
        print(complaint, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
