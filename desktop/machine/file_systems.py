"""Which files lie where they stay: on a disk of this machine, and not on a drive that can be pulled out or a network.

A file that is mapped is read whenever its pages are touched. Where that fails the system ends the process, so only
files that lie steady are mapped. Nothing here touches the file itself, since a server that is gone holds whoever asks
for it; what is not known to be unsteady counts as steady. Any thread.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from desktop.machine.cgroups import read_kernel_file

_ROOT = Path("/")
# File systems of other machines, and of the host of a virtual one.
_REMOTE = frozenset(
    (
        *("9p", "afs", "autofs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs2", "glusterfs", "gpfs", "lustre"),
        *("ncpfs", "nfs", "nfs4", "ocfs2", "prl_fs", "shfs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs"),
    )
)
# Of those in a program ("fuse.sshfs", "fuse.rclone", "fuse.gvfsd-fuse"), the ones that only show local files.
_LOCAL_FUSE = frozenset(("bindfs", "cryfs", "ecryptfs", "encfs", "gocryptfs", "lxcfs", "mergerfs", "unionfs"))
_ESCAPE = re.compile(r"\\([0-7]{3})")  # proc_pid_mountinfo(5): blanks and the like, as octal numbers
_LINKS = 40  # followed at the most, as by the kernel (path_resolution(7))
_DRIVE_REMOVABLE, _DRIVE_REMOTE, _DRIVE_CDROM = 2, 4, 5  # GetDriveTypeW
_PORTABLE_MAC = frozenset(("exfat", "msdos", "ntfs"))


@dataclass(frozen=True)
class _Mount:
    device: str  # "8:1"; "0:..." where there is no device, or more than one
    point: str
    kind: str
    source: str


class FileSystems:
    """Looks at the file systems that are mounted; one instance may be used by many threads."""

    def __init__(self, root: Path = _ROOT) -> None:
        """
        Args:
            root: Folder that holds ``proc`` and ``sys``; another one in tests only.
        """
        self._root = root
        self._top = str(root).rstrip("/")
        self._known: tuple[str, dict[str, bool]] = ("", {})

    def is_steady(self, path: Path) -> bool:
        """Tells whether a file, which need not exist, lies on a disk of this machine; less than 0.1 ms.

        Args:
            path: The file.
        """
        path = path.absolute()
        if sys.platform == "linux":
            return self._is_steady_linux(path)
        if sys.platform == "win32":
            return _is_steady_windows(path)
        return _is_steady_elsewhere(path)

    def _is_steady_linux(self, path: Path) -> bool:
        steady = self._steady_points()
        # Before anything beyond an unsteady place is looked at.
        return all(steady.get(_point_of(str(place), steady), True) for place in self._on_the_way(PurePosixPath(path)))

    def _steady_points(self) -> dict[str, bool]:
        """Returns for each place where something is mounted whether that is steady; found out anew when it changes."""
        text = read_kernel_file(self._root / "proc/self/mountinfo")
        known, steady = self._known
        if text != known:
            mounts = {mount.point: mount for mount in _mounts(text)}  # the last of those on one place is seen
            system = mounts.get("/")
            system_disks = set(self._disks(system)) if system is not None else set()
            steady = {point: self._is_steady_mount(mount, system_disks) for point, mount in mounts.items()}
            self._known = text, steady
        return steady

    def _on_the_way(self, path: PurePosixPath) -> Iterator[PurePosixPath]:
        """Yields each folder down to the file, symbolic links followed, the caller having the say after each."""
        todo, place, links = list(reversed(path.parts[1:])), PurePosixPath("/"), 0
        while todo:
            name = todo.pop()
            if name == "..":
                place = place.parent
                continue
            place /= name
            yield place
            try:
                target = PurePosixPath(self._at(place).readlink())
            except OSError:  # no link, or not there
                continue
            links += 1
            if links > _LINKS:
                return
            place = PurePosixPath("/") if target.is_absolute() else place.parent
            todo += reversed([part for part in target.parts if part != "/"])

    def _is_steady_mount(self, mount: _Mount, system_disks: set[Path]) -> bool:
        kind, _, program = mount.kind.partition(".")
        if kind in _REMOTE or (kind == "fuse" and program not in _LOCAL_FUSE):
            return False
        # With the disk that the system itself is on everything goes.
        return all(disk in system_disks or not _is_removable(disk) for disk in self._disks(mount))

    def _disks(self, mount: _Mount) -> Iterator[Path]:
        """Yields the folders in /sys of the disks that a file system lies on; none where it lies on none."""
        folder = self._root / "sys/dev/block" / mount.device
        if mount.device.startswith("0:"):  # btrfs and the like: only the source names a device
            if not mount.source.startswith("/dev/"):
                return
            name = Path(os.path.realpath(self._at(PurePosixPath(mount.source)))).name
            folder = self._root / "sys/class/block" / name
        yield from _disks_below(folder.resolve())

    def _at(self, place: PurePosixPath) -> Path:
        return Path(f"{self._top}{place}")


def _disks_below(device: Path) -> Iterator[Path]:
    """Yields the disks under a device: a partition's own, those of an encrypted or composed one."""
    below = sorted(device.glob("slaves/*"))
    if below:
        for each in below:
            yield from _disks_below(each.resolve())
    elif device.is_dir():
        yield device.parent if (device / "partition").exists() else device


def _is_removable(disk: Path) -> bool:
    return (
        read_kernel_file(disk / "removable") == "1"
        or any(part.startswith("usb") for part in disk.parts)  # drives in a case of their own say 0 all the same
        or read_kernel_file(disk / "device/type") == "SD"  # a card; the chip in its place is an "MMC"
    )


def _mounts(text: str) -> Iterator[_Mount]:
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        fields, tail = before.split(" "), after.split(" ")
        if len(fields) >= 5 and len(tail) >= 2:
            yield _Mount(fields[2], _unescaped(fields[4]), tail[0], _unescaped(tail[1]))


def _point_of(place: str, points: Collection[str]) -> str:
    """Returns where the file system is mounted that a place belongs to; empty: nowhere."""
    while place:  # with texts: this is asked several times when somebody presses Enter, and paths cost ten times that
        if place in points:
            return place
        place = place.rpartition("/")[0]
    return "/" if "/" in points else ""


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), text)


def _is_steady_windows(path: Path) -> bool:
    drive = path.drive
    if drive.startswith("\\\\"):  # \\server\share
        return False
    if sys.platform == "win32":
        kind = ctypes.WinDLL("kernel32").GetDriveTypeW(f"{drive}\\")
        return kind not in (_DRIVE_REMOVABLE, _DRIVE_REMOTE, _DRIVE_CDROM)
    return True


def _is_steady_elsewhere(path: Path) -> bool:
    import psutil

    # On macOS with the flags that it has in memory (getfsstat, MNT_NOWAIT): no server is asked.
    mounts = {each.mountpoint: each for each in psutil.disk_partitions(all=True)}
    point = _point_of(str(PurePosixPath(path)), mounts)
    if point in ("", "/"):
        return True
    mount = mounts[point]
    return "local" in mount.opts.split(",") and mount.fstype not in _PORTABLE_MAC
