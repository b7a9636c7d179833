"""Tells whether two bundles of one commit are the same, file by file; those that may differ are named with the reason.

Usage:
    python packaging bundle.compare FOLDER OTHER
    python packaging bundle.compare --again [FOLDER]

``--again`` makes the bundle a second time, beside the checkout's own, and compares the two; it takes a minute.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bundle.build import ROOT, build
from bundle.report import DEFAULT_FOLDER
from bundle.stamp import NAME as STAMP
from setup.commands import BuildError, say

# File names of what two builds of one commit may differ in, which entry of that JSON may be another, and why.
MAY_DIFFER: Mapping[str, tuple[str, str]] = {
    STAMP: ("date", "the day of the build; the same where SOURCE_DATE_EPOCH is set")
}


@dataclass(frozen=True)
class Difference:
    """A path that is not the same in both.

    Attributes:
        path: Below the folders, with slashes.
        what: How they differ.
        reason: Why they may; empty: they must not.
    """

    path: str
    what: str
    reason: str = ""


def differences(one: Path, other: Path) -> tuple[Difference, ...]:
    """Returns where two folders differ: content, kind, right to execute, target of a link. Times do not count."""
    left, right = dict(_entries(one)), dict(_entries(other))
    found = []
    for path in sorted(left.keys() | right.keys()):
        if left.get(path) == right.get(path):
            continue
        if path in left and path in right:
            what, reason = "differs", _reason(one / path, other / path)
        else:
            what, reason = f"only in {one if path in left else other}", ""
        found.append(Difference(path, what, reason))
    return tuple(found)


def _reason(one: Path, other: Path) -> str:
    """Returns why two files that are not the same may differ; empty: they may not."""
    entry, reason = MAY_DIFFER.get(one.name, ("", ""))
    if not entry:
        return ""
    left, right = (json.loads(file.read_text(encoding="utf-8")) for file in (one, other))
    return reason if {**left, entry: ""} == {**right, entry: ""} else ""


def _entries(folder: Path) -> Iterator[tuple[str, tuple[str, bool, str]]]:
    """Yields each path with its kind, whether it may be executed, and what tells its content."""
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(parent, name)
            mode = path.lstat().st_mode
            runs = bool(mode & stat.S_IXUSR)
            if stat.S_ISLNK(mode):
                entry = "link", False, str(path.readlink())
            elif stat.S_ISDIR(mode):
                entry = "folder", runs, ""
            else:
                with path.open("rb") as stream:
                    entry = "file", runs, hashlib.file_digest(stream, "sha256").hexdigest()
            yield path.relative_to(folder).as_posix(), entry


def _built_again(folder: Path) -> Path:
    """Makes the bundle from nothing: what PyInstaller keeps from the last time would only be copied."""
    work = ROOT / "build" / "again"
    shutil.rmtree(work, ignore_errors=True)
    try:
        return build(folder, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python packaging bundle.compare", description=__doc__.partition("\n")[0])
    parser.add_argument("--again", action="store_true", help="make the bundle a second time and compare with that")
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help=f"default: {DEFAULT_FOLDER.name}")
    arguments = parser.parse_args()
    if len(arguments.folders) != 2 and not (arguments.again and len(arguments.folders) < 2):
        parser.error("two folders, or --again")
    first = arguments.folders[0] if arguments.folders else DEFAULT_FOLDER
    for folder in (first, *arguments.folders[1:]):
        if not folder.is_dir():
            say(f"bundle: there is no bundle in {folder}; `make build` makes it")
            return 1
    with tempfile.TemporaryDirectory(prefix="catnap-again-") as made:
        try:
            second = _built_again(Path(made)) if arguments.again else arguments.folders[1]
        except BuildError as problem:
            say(f"bundle: {problem}")
            return 1
        found = differences(first, second)
    for each in found:
        print(f"{each.path}: {each.what}{f' ({each.reason})' if each.reason else ''}")
    wrong = [each for each in found if not each.reason]
    print(f"{len(found)} differences, {len(wrong)} of them not to be explained")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
