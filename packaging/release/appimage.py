"""Makes an AppImage of the bundle in ``dist``: one file that runs without being installed. Linux only, with mksquashfs.

The first part of an AppImage, its runtime, comes from the AppImage project; no package of Debian, PyPI or npm ships it
(docs/adr/007-installers.md), so it is given as a file and must be the one whose sum stands here.

Usage:
    python packaging release.appimage RUNTIME [--bundle FOLDER] [--dist FOLDER]
"""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
from pathlib import Path

from bundle.icons import draw_png
from bundle.identity import read_identity
from release.linux import release_name
from release.make import sha256, write_sums
from release.timestamp import source_time
from setup.commands import BuildError, run, say

ROOT = Path(__file__).parents[2]

# https://github.com/AppImage/type2-runtime/releases/download/20251108/runtime-$(uname -m)
RUNTIME_SHA256 = {
    "x86_64": "2fca8b443c92510f1483a883f60061ad09b46b978b2631c807cd873a47ec260d",
    "aarch64": "00cbdfcf917cc6c0ff6d3347d59e0ca1f7f45a6df1a428a0d6d8a78664d87444",
}


def check_runtime(runtime: Path, machine: str) -> None:
    """Raises BuildError unless the file is the runtime for a machine."""
    wanted = RUNTIME_SHA256.get(machine)
    if wanted is None:
        raise BuildError(f"there is no runtime for {machine}")
    found = sha256(runtime)
    if found != wanted:
        raise BuildError(f"{runtime} has sha256 {found}, expected {wanted}")


def make_folder(bundle: Path, folder: Path, root: Path) -> Path:
    """Fills the folder that is packed: the bundle, what starts it, and what a desktop shows of it.

    Args:
        bundle: What ``make build`` made.
        folder: Is made anew.
        root: The checkout.

    Raises:
        BuildError: There is no bundle.
    """
    if not (bundle / "catnap").is_file():
        raise BuildError(f"{bundle} holds no bundle; `make build` makes it")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(bundle, folder / "catnap", symlinks=True)
    (folder / "AppRun").symlink_to("catnap/catnap")
    icon = root / "resources" / "icons" / "catnap.svg"
    shutil.copy(icon, folder / "catnap.svg")
    (folder / ".DirIcon").write_bytes(draw_png(icon, 256))
    template = (root / "packaging" / "linux" / "catnap.desktop.in").read_text(encoding="utf-8")
    lines = [line for line in template.splitlines() if not line.startswith("TryExec=")]
    (folder / "catnap.desktop").write_text("\n".join(lines).replace("@EXEC@", "catnap") + "\n", encoding="utf-8")
    return folder


def pack(folder: Path, runtime: Path, target: Path, when: int) -> Path:
    """Packs a folder behind the runtime and returns ``target``; the same folder gives the same file.

    Raises:
        BuildError: mksquashfs is missing, or failed.
    """
    if shutil.which("mksquashfs") is None:
        raise BuildError("mksquashfs must be installed. Debian, Ubuntu: sudo apt-get install squashfs-tools")
    content = target.with_name(f"{target.name}.squashfs")
    content.unlink(missing_ok=True)
    times = ["-mkfs-time", str(when), "-all-time", str(when)]
    run(
        [
            *("mksquashfs", str(folder), str(content), "-root-owned", "-noappend", "-no-xattrs", "-quiet"),
            *("-no-progress", "-comp", "zstd", "-Xcompression-level", "19", *times),
        ]
    )
    unfinished = target.with_name(f"{target.name}.part")
    with unfinished.open("wb") as sink:
        for part in (runtime, content):
            with part.open("rb") as source:
                shutil.copyfileobj(source, sink)
    content.unlink()
    unfinished.chmod(0o755)
    return unfinished.replace(target)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runtime", type=Path)
    parser.add_argument("--bundle", type=Path, default=ROOT / "dist" / "catnap")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist")
    arguments = parser.parse_args()
    name = release_name(read_identity(ROOT).version)
    arguments.dist.mkdir(parents=True, exist_ok=True)
    target = arguments.dist / f"{name}.AppImage"
    try:
        check_runtime(arguments.runtime, platform.machine())
        folder = make_folder(arguments.bundle, ROOT / "build" / "Catnap.AppDir", ROOT)
        pack(folder, arguments.runtime, target, source_time(ROOT))
    except BuildError as problem:
        say(f"release_appimage: {problem}")
        return 1
    write_sums([target], target.with_name(f"{name}.AppImage.sha256"))
    print(f"{target.stat().st_size / 1_000_000:8.2f} MB  {sha256(target)}  {target.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
