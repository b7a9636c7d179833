"""Runs the bundle on an emulated laptop of 2008: `make test-old-laptop`. Linux on x86-64, with Debian's tools.

The laptop has a Nehalem processor with two cores, 2 GB of memory and a small Debian without Python. Its window must
come up, a question typed into it must be answered, and the nap must give the memory back. Everything is emulated in
software, so it takes some minutes. The first time, as root, a Debian is fetched and kept outside the checkout.

Usage:
    python -m tests.bundle.old_laptop [FOLDER]
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.conftest import spec_of
from tests.support.parrot import PARROT_TEXT, make_parrot

ROOT = Path(__file__).parents[2]
GUEST = Path(__file__).with_name("old_laptop_guest.sh")
SUITE = "bookworm"
# What is on a desktop anyway, and what plays the person. No Python, no compiler.
PACKAGES = (
    *("linux-image-cloud-amd64", "initramfs-tools", "xvfb", "openbox", "xdotool", "xclip", "x11-utils"),
    *("fonts-dejavu-core", "libegl1", "libgl1", "libfontconfig1", "libdbus-1-3", "libx11-6", "libx11-xcb1"),
)
TOOLS = {"qemu-system-x86_64": "qemu-system-x86", "debootstrap": "debootstrap", "mke2fs": "e2fsprogs"}
LAPTOP = ("-cpu", "Nehalem", "-smp", "2", "-m", "2048")
PATIENCE_S = 1800

# Layers that do nothing but take KV cache, so that there is something to give back.
_LAYERS = 12
_SETTINGS = {"model": "parrot", "n_ctx": 4096, "idle_minutes": 0.1, "sleep_minutes": 0.2}


def cache() -> Path:
    """Returns the folder of this Debian, made anew when its packages change."""
    configured = os.environ.get("CATNAP_BUILD_CACHE")
    base = (
        Path(configured)
        if configured
        else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "catnap-build")
    )
    return base / f"old-laptop-{hashlib.sha256(' '.join((SUITE, *PACKAGES)).encode()).hexdigest()[:12]}"


def system() -> Path:
    """Returns the folder with ``vmlinuz``, ``initrd.img`` and ``root.img``; makes them the first time."""
    folder = cache()
    if (folder / "root.img").is_file():
        return folder
    print(f"making a small Debian in {folder}; this takes some minutes and happens once", flush=True)
    scratch = folder.with_name(folder.name + ".new")
    shutil.rmtree(scratch, ignore_errors=True)
    root = scratch / "root"
    root.mkdir(parents=True)
    with (scratch / "debootstrap.txt").open("w") as log:
        command = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, str(root)]
        if subprocess.run(command, stdout=log, stderr=log, check=False).returncode != 0:
            tail = "\n".join((scratch / "debootstrap.txt").read_text().splitlines()[-5:])
            raise OSError(f"debootstrap failed; its output is {scratch / 'debootstrap.txt'}\n{tail}")
    for name in ("vmlinuz", "initrd.img"):
        shutil.copy(next((root / "boot").glob(f"{name}-*")), scratch / name)
    (root / "laptop").mkdir()
    make_image(root, scratch / "root.img", 2500)
    shutil.rmtree(root)
    scratch.rename(folder)
    return folder


def make_image(source: Path, target: Path, megabytes: int) -> None:
    """Writes an ext4 image with the contents of a folder; without mounting anything."""
    command = ["mke2fs", "-q", "-t", "ext4", "-d", str(source), str(target), f"{megabytes}M"]
    subprocess.run(command, check=True, capture_output=True)


def lay_out(bundle: Path, folder: Path) -> None:
    """Puts on the laptop's second disk what a person would have: the bundle, a model, settings."""
    shutil.copytree(bundle, folder / "catnap", symlinks=True)
    models = folder / "data" / "models"
    models.mkdir(parents=True)
    parrot = make_parrot(models / "parrot.gguf", layers=_LAYERS)
    (folder / "data" / "settings.json").write_text(json.dumps({"version": 1, "values": _SETTINGS}), encoding="utf-8")
    catalog = {
        "version": 1,
        "default": "parrot",
        "models": [spec_of(parrot, "parrot", "http://127.0.0.1:9/parrot.gguf")],
    }
    (folder / "models.json").write_text(json.dumps(catalog), encoding="utf-8")
    (folder / "answer.txt").write_text(PARROT_TEXT + "\n", encoding="utf-8")
    shutil.copy(GUEST, folder / "guest.sh")


def run(debian: Path, disk: Path) -> bool:
    """Switches the laptop on, prints what it says, returns True when it says that all went well."""
    boot = (
        "root=/dev/vda rw console=ttyS0 quiet panic=-1 init=/bin/sh -- -c "
        '"mkdir -p /laptop; mount -t ext4 /dev/vdb /laptop; exec sh /laptop/guest.sh"'
    )
    command = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", *LAPTOP, "-nographic", "-no-reboot", "-nic", "none"]
    command += ["-kernel", str(debian / "vmlinuz"), "-initrd", str(debian / "initrd.img"), "-append", boot]
    command += ["-drive", f"file={debian / 'root.img'},if=virtio,format=raw,snapshot=on"]
    command += ["-drive", f"file={disk},if=virtio,format=raw,snapshot=on"]
    passed = False
    others: list[str] = []
    with subprocess.Popen(
        ["timeout", str(PATIENCE_S), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            _, mark, words = line.rstrip().partition("LAPTOP ")
            if mark:
                print(words, flush=True)
                passed = passed or words == "passed"
            else:
                others.append(line.rstrip())
    if not passed:
        print("\n".join(("the laptop did not get through; it said:", *others[-30:])), file=sys.stderr)
    return passed


def main(arguments: Sequence[str]) -> int:
    bundle = Path(arguments[0] if arguments else ROOT / "dist" / "catnap").absolute()
    missing = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    problem = ""
    if not (bundle / "catnap").is_file():
        problem = f"there is no bundle at {bundle}; `make build` makes it"
    elif missing:
        problem = f"some tools are missing. Debian, Ubuntu: sudo apt-get install {' '.join(missing)}"
    elif os.geteuid() != 0 and not (cache() / "root.img").is_file():
        problem = "a Debian can only be made by root; run this once as root"
    if problem:
        print(f"old_laptop: {problem}", file=sys.stderr)
        return 1
    try:
        debian = system()
    except OSError as failure:
        print(f"old_laptop: {failure}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="catnap-laptop-") as scratch:
        folder = Path(scratch) / "laptop"
        folder.mkdir()
        lay_out(bundle, folder)
        make_image(folder, Path(scratch) / "laptop.img", 400)
        return 0 if run(debian, Path(scratch) / "laptop.img") else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
