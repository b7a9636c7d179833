"""Makes the downloads of this system out of the bundle in ``dist``, and prints their sizes and SHA-256 sums.

Linux: a .tar.xz with an installer. Windows: a .zip, and a set-up program where Inno Setup is installed. macOS: a .dmg.
Beside them the list of what is inside (CycloneDX) and the sums, as ``sha256sum --check`` reads them.

Usage:
    python packaging release.make [--dist FOLDER]
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import sys
from pathlib import Path

from bundle import report, sbom
from bundle.identity import Identity, read_identity
from release import linux, macos, windows
from release.timestamp import source_time
from setup.commands import BuildError, say

ROOT = Path(__file__).parents[2]


def sha256(path: Path) -> str:
    """Returns the hash of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_sums(files: list[Path], target: Path) -> Path:
    """Writes the sums of files in one folder, as ``sha256sum --check`` reads them, and returns ``target``."""
    target.write_text("".join(f"{sha256(path)}  {path.name}\n" for path in files), encoding="ascii", newline="\n")
    return target


def make_downloads(identity: Identity, dist: Path, when: int) -> tuple[str, list[Path]]:
    """Returns the name that the downloads of this system share, and what was made.

    Raises:
        BuildError: There is no bundle, or a tool failed.
    """
    bundle = dist / "catnap"
    if not bundle.is_dir():
        raise BuildError(f"{bundle} is not there; `make build` makes it")
    if sys.platform == "win32":
        return windows.release_name(identity.version), windows.make(identity, bundle, dist, ROOT, when)
    if sys.platform == "darwin":
        return macos.release_name(identity.version), macos.make(identity, dist, ROOT)
    name = linux.release_name(identity.version, platform.machine())
    folder = linux.stage(bundle, identity.version, ROOT / "build" / "release" / name, ROOT)
    return name, [linux.pack(folder, dist / f"{name}.tar.xz", when)]


def budget_complaints(bundle: Path, downloads: list[Path]) -> list[str]:
    """Returns a sentence for each budget of the design that is exceeded."""
    unpacked = sum(row.size for row in report.table(bundle))
    said = [report.complaint("unpacked", unpacked, report.UNPACKED_BUDGET)]
    for path in downloads:
        # The others compress less well; they have no budget.
        if path.suffix == ".xz":
            said.append(report.complaint("as .tar.xz", path.stat().st_size, report.DOWNLOAD_BUDGET))
    return [sentence for sentence in said if sentence]


def make_release(dist: Path) -> list[Path]:
    """Makes everything and returns it: downloads, the list of what is inside, sums.

    Raises:
        BuildError: Something is missing or failed; the text says what to do.
    """
    identity, when = read_identity(ROOT), source_time(ROOT)
    # First, for it takes seconds and finds a bundle that is not the one that was built last.
    description = sbom.describe(dist / "catnap", sbom.WORK, identity, when)
    name, downloads = make_downloads(identity, dist, when)
    inside = dist / f"{name}.cdx.json"
    inside.write_text(description, encoding="utf-8", newline="\n")
    sums = write_sums([*downloads, inside], dist / f"{name}.sha256")
    for sentence in budget_complaints(dist / "catnap", downloads):
        raise BuildError(sentence)
    return [*downloads, inside, sums]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dist", type=Path, default=ROOT / "dist")
    dist: Path = parser.parse_args().dist
    try:
        made = make_release(dist)
    except BuildError as problem:
        say(f"release: {problem}")
        return 1
    for path in made:
        print(f"{path.stat().st_size / report.MEGABYTE:8.2f} MB  {sha256(path)}  {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
