"""The system's libraries that Qt needs on Linux, and the packages they come in: the one list of them.

Standard library only: the set-up reads it with whatever Python there is, before anything else is installed.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SystemLibrary:
    """A shared library with its package on three families of systems."""

    soname: str
    debian: str
    fedora: str
    arch: str


# What the parts of PySide6 6.8 that Catnap uses link to (NEEDED of objdump), without Qt's own and those of C and C++.
# A bundle brings many of them along; whether one is missing is asked of the dynamic linker, which knows both.

# Needed by QtCore, QtGui, QtWidgets, QtNetwork, QtDBus and QtSvg: without these the app cannot even be imported.
QT_LIBRARIES = (
    SystemLibrary("libEGL.so.1", "libegl1", "libglvnd-egl", "libglvnd"),
    SystemLibrary("libGL.so.1", "libgl1", "libglvnd-glx", "libglvnd"),
    SystemLibrary("libX11.so.6", "libx11-6", "libX11", "libx11"),
    SystemLibrary("libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "dbus"),
    SystemLibrary("libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig"),
    SystemLibrary("libfreetype.so.6", "libfreetype6", "freetype", "freetype2"),
    SystemLibrary("libglib-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
    SystemLibrary("libgssapi_krb5.so.2", "libgssapi-krb5-2", "krb5-libs", "krb5"),
    SystemLibrary("libgthread-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
    SystemLibrary("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon", "libxkbcommon"),
    SystemLibrary("libz.so.1", "zlib1g", "zlib", "zlib"),
    SystemLibrary("libzstd.so.1", "libzstd1", "libzstd", "zstd"),
)

# Needed besides by libqxcb.so and libQt6XcbQpa.so, to show windows on an X server.
XCB_LIBRARIES = (
    SystemLibrary("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb", "libx11"),
    SystemLibrary("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    SystemLibrary("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    SystemLibrary("libxcb-image.so.0", "libxcb-image0", "xcb-util-image", "xcb-util-image"),
    SystemLibrary("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    SystemLibrary("libxcb-randr.so.0", "libxcb-randr0", "libxcb", "libxcb"),
    SystemLibrary("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil", "xcb-util-renderutil"),
    SystemLibrary("libxcb-render.so.0", "libxcb-render0", "libxcb", "libxcb"),
    SystemLibrary("libxcb-shape.so.0", "libxcb-shape0", "libxcb", "libxcb"),
    SystemLibrary("libxcb-shm.so.0", "libxcb-shm0", "libxcb", "libxcb"),
    SystemLibrary("libxcb-sync.so.1", "libxcb-sync1", "libxcb", "libxcb"),
    SystemLibrary("libxcb-util.so.1", "libxcb-util1", "xcb-util", "xcb-util"),  # libxcb-image and libxcb-cursor
    SystemLibrary("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb", "libxcb"),
    SystemLibrary("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb", "libxcb"),
    SystemLibrary("libxcb.so.1", "libxcb1", "libxcb", "libxcb"),
    SystemLibrary("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
)

# Needed besides by libqwayland-generic.so and libQt6WaylandClient.so, to show windows on a Wayland compositor.
WAYLAND_LIBRARIES = (
    SystemLibrary("libwayland-client.so.0", "libwayland-client0", "libwayland-client", "wayland"),
    SystemLibrary("libwayland-cursor.so.0", "libwayland-cursor0", "libwayland-cursor", "wayland"),
)

# Needed besides by QtTextToSpeech, to read aloud: the first by Qt's multimedia library, the second by its plugin.
SPEECH_LIBRARIES = (
    SystemLibrary("libpulse.so.0", "libpulse0", "pulseaudio-libs", "libpulse"),
    SystemLibrary("libspeechd.so.2", "speech-dispatcher", "speech-dispatcher", "speech-dispatcher"),
)

# No library: what speaks, and brings voices for Chinese and English along.
SPEECH_VOICES = (
    SystemLibrary("", "speech-dispatcher", "speech-dispatcher", "speech-dispatcher"),
    SystemLibrary("", "speech-dispatcher-espeak-ng", "speech-dispatcher-espeak-ng", "espeak-ng"),
)

# https://www.freedesktop.org/software/systemd/man/latest/os-release.html: the first that exists counts.
_OS_RELEASE_FILES = (Path("/etc/os-release"), Path("/usr/lib/os-release"))


@dataclass(frozen=True)
class _Family:
    """Systems that share their packages.

    Attributes:
        ids: What ID or ID_LIKE of os-release says of them.
    """

    name: str
    ids: frozenset[str]
    command: str
    package: Callable[[SystemLibrary], str]


_FAMILIES = (
    _Family("Debian, Ubuntu", frozenset({"debian", "ubuntu"}), "sudo apt-get install", lambda library: library.debian),
    _Family("Fedora", frozenset({"fedora", "rhel", "centos"}), "sudo dnf install", lambda library: library.fedora),
    _Family("Arch", frozenset({"arch"}), "sudo pacman -S", lambda library: library.arch),
)


def can_load(soname: str) -> bool:
    """True when the dynamic linker finds and loads a library."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def missing_from(libraries: Iterable[SystemLibrary], linker_message: str = "") -> tuple[SystemLibrary, ...]:
    """Returns the libraries that cannot be loaded here.

    Args:
        libraries: Those to try.
        linker_message: What the linker said when something could not be loaded. A library that it names and that is
            not among ``libraries`` comes last, without packages.
    """
    missing = [library for library in libraries if not can_load(library.soname)]
    named = re.match(r"\s*(lib[^\s:]+\.so[.\d]*): cannot open shared object file", linker_message)
    if named and named[1] not in [library.soname for library in missing]:
        missing.append(SystemLibrary(named[1], "", "", ""))
    return tuple(missing)


def read_os_release(files: Iterable[Path] = _OS_RELEASE_FILES) -> str:
    """Returns the text of os-release, which says what system this is; empty where there is none."""
    for file in files:
        try:
            return file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
    return ""


def install_commands(libraries: Iterable[SystemLibrary], os_release: str) -> tuple[str, ...]:
    """Returns the command that installs the packages; on a system that is not known, one for each family, named.

    Args:
        libraries: What is missing; those without a package are left out.
        os_release: See :func:`read_os_release`.
    """
    found = tuple(library for library in libraries if library.debian)
    if not found:
        return ()
    family = _family(os_release)
    if family is not None:
        return (_command(family, found),)
    return tuple(f"{family.name}: {_command(family, found)}" for family in _FAMILIES)


def _family(os_release: str) -> _Family | None:
    words: list[str] = []
    for key in ("ID", "ID_LIKE"):  # the system's own name counts more than whom it resembles
        for line in os_release.splitlines():
            if line.startswith(f"{key}="):
                words += line.partition("=")[2].strip().strip("\"'").split()
    for word in words:
        for family in _FAMILIES:
            if word in family.ids:
                return family
    return None


def _command(family: _Family, libraries: Iterable[SystemLibrary]) -> str:
    packages = dict.fromkeys(family.package(library) for library in libraries)
    return f"{family.command} {' '.join(packages)}"
