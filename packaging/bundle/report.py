"""Prints what the bundle consists of, part by part, and says whether it keeps its budget.

Usage:
    python packaging bundle.report [--download] [FOLDER]

``--download`` compresses the folder as the Linux release does, without writing a file, and says how large that is; it
takes a minute.
"""

from __future__ import annotations

import argparse
import lzma
import sys
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MEGABYTE = 1_000_000
# The budget of the design: what has to fit on an old disk, and through a slow line.
UNPACKED_BUDGET = 215 * MEGABYTE
DOWNLOAD_BUDGET = 60 * MEGABYTE
DEFAULT_FOLDER = Path(__file__).parents[2] / "dist" / "catnap"


@dataclass(frozen=True)
class Part:
    """A part of the bundle.

    Attributes:
        name: As the table says it.
        holds: True for a file of this part; asked with its lower-case path below the folder, in order of the table.
    """

    name: str
    holds: Callable[[PurePosixPath], bool]


@dataclass(frozen=True)
class Row:
    """A line of the table; ``size`` in bytes."""

    name: str
    files: int
    size: int


def _starts(*prefixes: str) -> Callable[[PurePosixPath], bool]:
    return lambda path: path.name.startswith(prefixes)


def _inside(*folders: str) -> Callable[[PurePosixPath], bool]:
    return lambda path: not set(folders).isdisjoint(path.parts)


PARTS: tuple[Part, ...] = (
    Part("licences of all that is inside", _inside("licenses")),
    Part("ICU data (Qt's tables of languages and character sets)", _starts("libicudata")),
    Part("llama.cpp: CPU backends, one is loaded", lambda path: "ggml-cpu" in path.name),
    Part("llama.cpp: the rest", _inside("llama_cpp")),
    Part(
        "Qt plugins and translations", lambda path: "pyside6" in path.parts and _inside("plugins", "translations")(path)
    ),
    Part("Qt libraries", lambda path: "qt" in path.parts or path.name.startswith(("qt6", "libqt6", "libicu"))),
    Part("Python's bindings to Qt", _inside("pyside6", "shiboken6")),
    Part("OpenSSL", _starts("libcrypto", "libssl", "_ssl", "_hashlib")),
    Part("Python", lambda path: path.name.startswith(("libpython", "python3")) or _inside("lib-dynload")(path)),
    Part("Python's library", _starts("base_library")),
    Part(
        "Catnap and the Python packages it uses",
        lambda path: len(path.parts) == 1 or path.suffix == ".pem" or _inside("psutil", "markupsafe")(path),
    ),
    Part(
        "models.json, icons, translations",
        lambda path: "resources" in path.parts or path.name in ("models.json", "license", "metadata"),
    ),
    Part("system libraries brought along (xcb, glib, krb5, sqlite ...)", lambda path: True),
)


def files_of(folder: Path) -> Iterator[Path]:
    """Yields the files of a bundle in a fixed order; links are no files."""
    yield from sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def table(folder: Path) -> list[Row]:
    """Returns the parts of a bundle that are there, the largest first."""
    found: dict[str, list[int]] = {part.name: [] for part in PARTS}
    for path in files_of(folder):
        relative = PurePosixPath(path.relative_to(folder).as_posix().lower())
        part = next(part for part in PARTS if part.holds(relative))
        found[part.name].append(path.stat().st_size)
    rows = [Row(name, len(sizes), sum(sizes)) for name, sizes in found.items() if sizes]
    return sorted(rows, key=lambda row: -row.size)


class _Compressed:
    """A file that compresses what is written to it and only remembers how much came out."""

    def __init__(self) -> None:
        self.size = 0
        self._compressor = lzma.LZMACompressor(preset=6)

    def write(self, data: bytes) -> int:
        self.size += len(self._compressor.compress(data))
        return len(data)

    def finish(self) -> int:
        """Returns the size of all that came out."""
        return self.size + len(self._compressor.flush())


def download_size(folder: Path) -> int:
    """Returns the bytes of the folder as .tar.xz."""
    compressed = _Compressed()
    with tarfile.open(fileobj=compressed, mode="w|") as archive:  # type: ignore[call-overload]  # write() is all it takes
        archive.add(folder, folder.name)
    return compressed.finish()


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yields the table in Markdown, as the README has it."""
    rows = list(rows)
    yield "| part | files | MB |"
    yield "|---|---:|---:|"
    for row in rows:
        yield f"| {row.name} | {row.files} | {row.size / MEGABYTE:.1f} |"
    total = sum(row.size for row in rows)
    yield f"| **unpacked** | **{sum(row.files for row in rows)}** | **{total / MEGABYTE:.1f}** |"


def complaint(what: str, size: int, budget: int) -> str:
    """Returns a sentence when ``size`` exceeds ``budget``, else an empty string."""
    if size <= budget:
        return ""
    return f"the bundle takes {size / MEGABYTE:.1f} MB {what}; the budget is {budget / MEGABYTE:.0f} MB"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=DEFAULT_FOLDER)
    parser.add_argument("--download", action="store_true")
    arguments = parser.parse_args()
    if not arguments.folder.is_dir():
        print(f"bundle_report: {arguments.folder} is not there; `make build` makes it", file=sys.stderr)
        return 1
    rows = table(arguments.folder)
    print("\n".join(lines(rows)))
    complaints = [complaint("unpacked", sum(row.size for row in rows), UNPACKED_BUDGET)]
    if arguments.download:
        size = download_size(arguments.folder)
        print(f"| **as .tar.xz** | | **{size / MEGABYTE:.1f}** |")
        complaints.append(complaint("as .tar.xz", size, DOWNLOAD_BUDGET))
    for sentence in filter(None, complaints):
        print(f"bundle_report: {sentence}", file=sys.stderr)
    return 1 if any(complaints) else 0


if __name__ == "__main__":
    sys.exit(main())
