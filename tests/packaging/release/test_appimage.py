"""The AppImage (packaging/release/appimage.py), with a stand-in for the runtime, which no package ships."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from release.appimage import RUNTIME_SHA256, check_runtime, make_folder, pack
from setup.commands import BuildError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a format of Linux")
ROOT = Path(__file__).parents[3]
WHEN = 1_700_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "catnap").write_text("#!/bin/sh\necho started\n", encoding="ascii")
    (bundle / "catnap").chmod(0o755)
    return make_folder(bundle, tmp_path / "Catnap.AppDir", ROOT)


def test_what_it_starts_is_the_program(folder: Path) -> None:
    done = subprocess.run([folder / "AppRun"], capture_output=True, text=True, check=True)
    assert done.stdout == "started\n"


def test_desktops_accept_its_entry(folder: Path) -> None:
    entry = folder / "catnap.desktop"
    done = subprocess.run(["desktop-file-validate", str(entry)], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""
    text = entry.read_text(encoding="utf-8")
    assert "Exec=catnap --quick-ask" in text
    assert "@" not in text
    assert (folder / ".DirIcon").read_bytes().startswith(b"\x89PNG")


def test_the_content_follows_the_runtime_and_is_the_same_each_time(folder: Path, tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    runtime.write_bytes(b"\x7fELF runtime" * 100)
    image = pack(folder, runtime, tmp_path / "one.AppImage", WHEN)
    assert image.stat().st_mode & 0o111
    assert image.read_bytes().startswith(runtime.read_bytes() + b"hsqs")
    assert pack(folder, runtime, tmp_path / "two.AppImage", WHEN).read_bytes() == image.read_bytes()
    listed = subprocess.run(
        ["unsquashfs", "-l", "-no-progress", "-o", str(runtime.stat().st_size), str(image)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "squashfs-root/AppRun" in listed.stdout
    assert "squashfs-root/catnap/catnap" in listed.stdout


def test_another_runtime_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runtime").write_bytes(b"something else")
    with pytest.raises(BuildError, match="expected 2fca8b44"):
        check_runtime(tmp_path / "runtime", "x86_64")
    with pytest.raises(BuildError, match="no runtime for m68k"):
        check_runtime(tmp_path / "runtime", "m68k")
    assert all(len(digest) == 64 for digest in RUNTIME_SHA256.values())


def test_without_a_bundle_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="make build"):
        make_folder(tmp_path, tmp_path / "out", ROOT)
