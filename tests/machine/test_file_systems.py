"""Where files lie, on machines made of files in /proc and /sys."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop.machine.file_systems import FileSystems

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the machine is made of Linux' files")

MODEL = Path("/models/cat.gguf")


class Machine:
    """A machine whose system lies on a disk of its own, sda."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._mounts: list[str] = []
        (root / "proc/self").mkdir(parents=True)
        (root / "dev").mkdir()
        self.disk("sda", "8:0", "pci0000:00/ata1")
        self.mount("/", "8:1", "ext4", "/dev/sda1")
        self.systems = FileSystems(root)

    def disk(self, name: str, number: str, bus: str, *, removable: bool = False, kind: str = "") -> Path:
        """Adds a disk with one partition; returns its folder."""
        folder = self.root / "sys/devices" / bus / "block" / name
        (folder / f"{name}1").mkdir(parents=True)
        (folder / "removable").write_text("1\n" if removable else "0\n", encoding="utf-8")
        (folder / f"{name}1/partition").write_text("1\n", encoding="utf-8")
        if kind:
            (folder / "device").mkdir()
            (folder / "device/type").write_text(f"{kind}\n", encoding="utf-8")
        major = number.split(":", maxsplit=1)[0]
        self._known(folder, f"{major}:0")
        self._known(folder / f"{name}1", f"{major}:1")
        return folder

    def encrypted(self, below: Path) -> None:
        """Adds a device that lies on another one."""
        folder = self.root / "sys/devices/virtual/block/dm-0"
        (folder / "slaves").mkdir(parents=True)
        (folder / "slaves" / below.name).symlink_to(below)
        self._known(folder, "253:0")

    def mount(self, point: str, device: str, kind: str, source: str) -> None:
        number = len(self._mounts) + 20
        escaped = point.replace(" ", "\\040")
        self._mounts.append(f"{number} 1 {device} / {escaped} rw,relatime shared:1 - {kind} {source} rw\n")
        (self.root / "proc/self/mountinfo").write_text("".join(self._mounts), encoding="utf-8")

    def _known(self, folder: Path, number: str) -> None:
        for place, name in (("sys/dev/block", number), ("sys/class/block", folder.name)):
            (self.root / place).mkdir(parents=True, exist_ok=True)
            (self.root / place / name).symlink_to(folder)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "zfs", "fuse.gocryptfs", "ecryptfs"])
def test_disks_of_the_machine_are_steady(machine: Machine, kind: str) -> None:
    machine.mount("/models", "0:40", kind, "none")
    assert machine.systems.is_steady(MODEL)


@pytest.mark.parametrize(
    "kind",
    ["nfs", "nfs4", "cifs", "smb3", "9p", "vboxsf", "virtiofs", "fuse.sshfs", "fuse.rclone", "fuse.gvfsd-fuse", "fuse"],
)
def test_networks_are_not(machine: Machine, kind: str) -> None:
    machine.mount("/models", "0:40", kind, "server:/models")
    assert not machine.systems.is_steady(MODEL)
    assert machine.systems.is_steady(Path("/modelsbeside/cat.gguf"))


@pytest.mark.parametrize("kind", ["vfat", "exfat", "ntfs3", "fuseblk", "ext4"])
def test_a_stick_is_not(machine: Machine, kind: str) -> None:
    machine.disk("sdb", "9:0", "pci0000:00/usb1/1-1", removable=True)
    machine.mount("/run/media/me/MY STICK", "9:1", kind, "/dev/sdb1")
    assert not machine.systems.is_steady(Path("/run/media/me/MY STICK/cat.gguf"))
    assert machine.systems.is_steady(Path("/run/media/me/cat.gguf"))


@pytest.mark.parametrize(
    ("bus", "removable", "kind", "steady"),
    [
        ("pci0000:00/usb2/2-1", False, "", False),  # a disk in a case
        ("platform/mmc0", False, "SD", False),
        ("platform/mmc0", False, "MMC", True),
        ("pci0000:00/ata2", False, "", True),
        ("pci0000:00/ata2", True, "", False),
    ],
)
def test_drives_are_told_by_bus_and_kind(machine: Machine, bus: str, removable: bool, kind: str, steady: bool) -> None:
    machine.disk("sdb", "9:0", bus, removable=removable, kind=kind)
    machine.mount("/models", "9:1", "ext4", "/dev/sdb1")
    assert machine.systems.is_steady(MODEL) is steady


def test_an_encrypted_stick_is_a_stick(machine: Machine) -> None:
    disk = machine.disk("sdb", "9:0", "pci0000:00/usb1/1-1", removable=True)
    machine.encrypted(disk / "sdb1")
    machine.mount("/models", "253:0", "ext4", "/dev/mapper/luks")
    assert not machine.systems.is_steady(MODEL)


def test_a_file_system_without_a_number_is_found_by_its_source(machine: Machine) -> None:
    machine.disk("sdb", "9:0", "pci0000:00/usb1/1-1", removable=True)
    machine.mount("/models", "0:41", "btrfs", "/dev/sdb1")
    assert not machine.systems.is_steady(MODEL)


def test_a_system_that_lives_on_a_stick_maps_its_models(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.disk("sdb", "9:0", "pci0000:00/usb1/1-1", removable=True)
    machine.mount("/", "9:1", "ext4", "/dev/sdb1")
    assert machine.systems.is_steady(MODEL)


def test_of_two_on_one_place_the_last_counts(machine: Machine) -> None:
    machine.mount("/models", "0:40", "nfs", "server:/models")
    machine.mount("/models", "0:41", "tmpfs", "none")
    assert machine.systems.is_steady(MODEL)


def test_links_are_followed_as_far_as_it_is_safe(machine: Machine) -> None:
    # GIVEN a server that must not be asked, and two links that lead to it
    machine.mount("/net", "0:40", "nfs", "server:/")
    (machine.root / "home").mkdir()
    (machine.root / "home/direct.gguf").symlink_to("/net/cat.gguf")
    (machine.root / "home/models").symlink_to("../net/models")
    (machine.root / "home/round").symlink_to("/home/round")
    (machine.root / "net").mkdir()
    (machine.root / "net/back").symlink_to("/home")
    # THEN what leads there is unsteady, even where it would come back
    for path in ("/home/direct.gguf", "/home/models/cat.gguf", "/net/back/cat.gguf"):
        assert not machine.systems.is_steady(Path(path))
    assert machine.systems.is_steady(Path("/home/cat.gguf"))
    assert machine.systems.is_steady(Path("/home/round/cat.gguf"))


def test_a_machine_that_says_nothing_is_trusted(tmp_path: Path) -> None:
    assert FileSystems(tmp_path).is_steady(MODEL)


def test_this_machine_answers(tmp_path: Path) -> None:
    assert isinstance(FileSystems().is_steady(tmp_path), bool)
