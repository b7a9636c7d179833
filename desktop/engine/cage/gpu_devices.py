"""What a graphics processor's driver needs of the system: device files to talk through, and what it reads about them.

Only where one is to be used, and only those that are there. What is computed on the device stays within it and the
process; but the driver's code in the kernel becomes a way out that the other walls do not close: SECURITY.md says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

# Render nodes compute, and cannot set what a screen shows; NVIDIA's driver has files of its own.
_DEVICES: Final = (("dri", "renderD*"), ("", "nvidiactl"), ("", "nvidia[0-9]*"), ("", "nvidia-uvm"))
# Which drivers there are, what they are told about programs, names of chips.
_ABOUT_DRIVERS: Final = (
    *("/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"),
    *("/usr/share/drirc.d", "/etc/drirc", "/usr/share/libdrm", "/usr/share/nvidia", "/proc/driver/nvidia"),
)


def device_files(root: Path = Path("/")) -> tuple[Path, ...]:
    """Returns the files through which graphics processors are spoken to.

    Args:
        root: Of the file system.
    """
    dev = root / "dev"
    return tuple(path for folder, pattern in _DEVICES for path in sorted((dev / folder).glob(pattern)))


def about_devices(root: Path = Path("/")) -> Iterator[Path]:
    """Yields what is read to find them: the drivers' own files, and what the system says of each device.

    Args:
        root: Of the file system.
    """
    for name in _ABOUT_DRIVERS:
        yield root / name.lstrip("/")
    # Mesa goes through the folder, and from the numbers of a device to what the system says of it.
    yield root / "dev" / "dri"
    drm = root / "sys" / "class" / "drm"
    for node in sorted(drm.glob("renderD*")):
        yield (node / "device").resolve()
    yield root / "sys" / "dev" / "char"
