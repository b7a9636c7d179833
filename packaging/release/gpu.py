"""Makes the download for graphics processors, and enters it in the list beside llama.cpp, which the bundle takes along.

To be run before the bundle is built, in the environment that it is built from: what stands on the list is the only file
that this bundle will load. Beside the packed library lies its list (what it is, and the build that it fits) and a sum.

Usage:
    python packaging release.gpu [vulkan|cuda|metal] [--dist FOLDER]
"""

from __future__ import annotations

import argparse
import lzma
import platform
import shutil
import sys
from pathlib import Path

from bundle.identity import read_identity
from release.make import ROOT, write_sums
from setup.commands import BuildError, say
from setup.gpu_library import RECIPES, build, enter, place_of
from setup.llama_wheel import cache_layout

# As the Linux download: 9 MB of memory to unpack it.
_PRESET = 6


def download_name(version: str, kind: str, system: str | None = None) -> str:
    """Returns the name of the download, without a suffix.

    Args:
        version: Of the program.
        kind: Of library.
        system: As ``uname`` says, system and machine; None: this one.
    """
    words = system or f"{platform.system()} {platform.machine()}"
    return f"Catnap-{version}-gpu-{kind}-{words.lower().replace(' ', '-')}"


def make(version: str, kind: str, dist: Path) -> list[Path]:
    """Builds, enters and packs the library; returns what was made.

    Raises:
        BuildError: Something is missing or failed; the text says what to do.
    """
    layout = cache_layout()
    library = build(layout, kind)
    enter(layout, kind)
    dist.mkdir(parents=True, exist_ok=True)
    name = download_name(version, kind)
    packed = dist / f"{name}{library.suffix}.xz"
    with library.open("rb") as source, lzma.open(packed, "wb", preset=_PRESET) as target:
        shutil.copyfileobj(source, target)
    listed = dist / f"{name}.json"
    shutil.copyfile(place_of(layout, kind).manifest, listed)
    return [packed, listed, write_sums([packed, listed], dist / f"{name}.sha256")]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", nargs="?", choices=tuple(RECIPES), default="vulkan")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist")
    chosen = parser.parse_args()
    try:
        made = make(read_identity(ROOT).version, chosen.kind, chosen.dist)
    except BuildError as problem:
        say(f"release.gpu: {problem}")
        return 1
    for path in made:
        print(f"{path.stat().st_size:>12,}  {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
