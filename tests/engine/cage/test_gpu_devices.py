"""What of the system is opened for a graphics processor: its device files, what is read about it, and nothing else."""

from __future__ import annotations

from pathlib import Path

from desktop.engine.cage.gpu_devices import about_devices, device_files


def _make(root: Path) -> None:
    for name in ("dev/dri/card0", "dev/dri/renderD128", "dev/nvidiactl", "dev/nvidia0", "dev/nvidia-uvm", "dev/sda"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    device = root / "sys/devices/pci0000:00/0000:00:02.0"
    node = device / "drm/renderD128"
    node.mkdir(parents=True)
    (node / "device").symlink_to(device)
    (root / "sys/class/drm").mkdir(parents=True)
    (root / "sys/class/drm/renderD128").symlink_to(node)


def test_render_nodes_and_nvidias_files_and_no_screen_and_no_disk(tmp_path: Path) -> None:
    _make(tmp_path)
    found = [str(path.relative_to(tmp_path)) for path in device_files(tmp_path)]
    assert found == ["dev/dri/renderD128", "dev/nvidiactl", "dev/nvidia0", "dev/nvidia-uvm"]


def test_of_the_system_only_what_is_about_the_device_is_read(tmp_path: Path) -> None:
    _make(tmp_path)
    found = {str(path.relative_to(tmp_path)) for path in about_devices(tmp_path)}
    assert "sys/devices/pci0000:00/0000:00:02.0" in found
    assert not any(name in found for name in ("", "sys", "sys/devices", "dev", "proc", "etc", "home"))


def test_a_computer_without_any_opens_nothing(tmp_path: Path) -> None:
    assert device_files(tmp_path) == ()
