"""The Linux download: a .tar.xz with the bundle, its installer and what the installer puts into the desktop.

Made twice from the same bundle the archive is the same, byte for byte: names are sorted, owners and times are fixed.
"""

from __future__ import annotations

import lzma
import platform
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

from bundle.icons import draw_png
from setup.commands import BuildError

# Pixels that panels, menus and software centres ask for; a desktop that can draw SVG takes the scalable one.
ICON_SIZES = (16, 22, 24, 32, 48, 64, 128, 256)
# xz -6: an 8 MB dictionary, so unpacking takes 9 MB of memory. -9 saves 2 % and takes 65 MB (ADR 007).
_PRESET = 6
_EXECUTABLE = 0o755
_PLAIN = 0o644


def release_name(version: str, machine: str | None = None) -> str:
    """Returns the name of the download and of the folder in it, without a suffix.

    Args:
        version: Of the program.
        machine: As ``uname -m`` says; None: this machine.
    """
    return f"Catnap-{version}-linux-{machine or platform.machine()}"


def stage(bundle: Path, version: str, target: Path, root: Path) -> Path:
    """Makes the folder that is packed, anew.

    Args:
        bundle: What ``make build`` made.
        version: Of the program.
        target: Becomes that folder.
        root: The checkout.

    Returns:
        ``target``.

    Raises:
        BuildError: There is no bundle.
    """
    if not (bundle / "catnap").is_file():
        raise BuildError(f"{bundle} holds no bundle; `make build` makes it")
    shutil.rmtree(target, ignore_errors=True)
    installer = target / "installer"
    installer.mkdir(parents=True)
    source = root / "packaging" / "linux"
    # Links instead of copies where the file system has them: 140 MB less to write.
    shutil.copytree(bundle, target / "catnap", symlinks=True, copy_function=_link_or_copy)
    for name in ("install.sh", "uninstall.sh", "README.txt"):
        shutil.copy(source / name, target / name)
    shutil.copy(root / "LICENSE", target / "LICENSE")
    for name in ("common.sh", "catnap.desktop.in"):
        shutil.copy(source / name, installer / name)
    (installer / "version").write_text(f"{version}\n", encoding="ascii")
    (installer / "machine").write_text(f"{platform.machine()}\n", encoding="ascii")
    write_icons(root / "resources" / "icons" / "catnap.svg", installer / "icons" / "hicolor")
    return target


def write_icons(source: Path, hicolor: Path) -> None:
    """Fills an icon theme with the program's icon: the SVG itself and PNG files of :data:`ICON_SIZES`."""
    for size in ICON_SIZES:
        folder = hicolor / f"{size}x{size}" / "apps"
        folder.mkdir(parents=True)
        (folder / "catnap.png").write_bytes(draw_png(source, size))
    scalable = hicolor / "scalable" / "apps"
    scalable.mkdir(parents=True)
    shutil.copy(source, scalable / "catnap.svg")


def pack(folder: Path, archive: Path, when: int) -> Path:
    """Packs ``folder``, under its own name, and returns the archive, which appears whole or not at all.

    Args:
        folder: What :func:`stage` made.
        archive: The .tar.xz to write.
        when: The time of each file, in seconds since 1970.
    """
    unfinished = archive.with_name(f"{archive.name}.part")
    with lzma.open(unfinished, "wb", preset=_PRESET) as sink, tarfile.open(fileobj=sink, mode="w|") as tar:
        for path in _in_order(folder):
            entry = tar.gettarinfo(str(path), str(Path(folder.name) / path.relative_to(folder)))
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mtime = when
            entry.mode = _EXECUTABLE if entry.isdir() or entry.mode & 0o100 else _PLAIN
            if entry.islnk():  # a second name of a file that is in the archive already
                entry.type, entry.linkname, entry.size = tarfile.REGTYPE, "", path.stat().st_size
            if entry.isreg():
                with path.open("rb") as content:
                    tar.addfile(entry, content)
            else:
                tar.addfile(entry)
    return unfinished.replace(archive)


def _in_order(folder: Path) -> Iterator[Path]:
    """Yields the folder and all in it; what a person looks for, and the small files, first."""
    yield folder
    inside = sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).parts)
    bundle = folder / "catnap"
    yield from (path for path in inside if not path.is_relative_to(bundle))
    yield from (path for path in inside if path.is_relative_to(bundle))


def _link_or_copy(source: str, target: str) -> str:
    try:
        Path(target).hardlink_to(source)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)
    return target
