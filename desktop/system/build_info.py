"""Which build of Catnap this is, for About, ``catnap doctor`` and reports of faults. No Qt."""

from __future__ import annotations

import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from desktop import __version__
from desktop.common.json_file import read_json
from desktop.common.paths import shipped

# Written into the bundle by packaging/bundle/stamp.py; there is none in a checkout.
STAMP = "build.json"
_GIT_SECONDS = 2.0
_TOLD_LIBRARIES = ("PySide6_Essentials", "llama_cpp_python")


@dataclass(frozen=True)
class Build:
    """Where this program comes from.

    Attributes:
        kind: "bundle" or "source".
        commit: Abbreviated; with a "+" where files differed from it. Empty where nobody knows.
        date: Of the bundle, or of the commit: YYYY-MM-DD. Empty where nobody knows.
        page: Address of the project's page; empty while there is none.
    """

    kind: str
    commit: str = ""
    date: str = ""
    page: str = ""

    def words(self) -> str:
        """Returns it in one line: "bundle of 2026-11-21, commit 1a2b3c4d5e"."""
        if self.kind == "bundle":
            parts = [f"bundle of {self.date}", f"commit {self.commit}" if self.commit else "commit unknown"]
            return ", ".join(parts)
        return f"source, commit {self.commit} of {self.date}" if self.commit else "source"


@dataclass(frozen=True)
class AboutFacts:
    """What the About dialog says of this build.

    Attributes:
        version: Of Catnap.
        lines: The build and the machine, as a report of a fault needs them.
        page: Address of the project's page; empty while there is none.
    """

    version: str
    lines: tuple[str, ...]
    page: str = ""


def read_facts() -> AboutFacts:
    """Returns the facts; takes some milliseconds, since a checkout asks git."""
    from importlib import metadata  # brings much along that nothing else needs at the start

    build = read_build()
    lines = [
        f"Build: {build.words()}",
        f"Python {platform.python_version()}",
        f"{platform.system()} {platform.release()} {platform.machine()}",
    ]
    for package in _TOLD_LIBRARIES:
        try:
            lines.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    return AboutFacts(__version__, tuple(lines), build.page)


def read_build() -> Build:
    """Returns the build; a bundle reads its stamp, a checkout asks git."""
    if getattr(sys, "frozen", False):  # set by PyInstaller
        return _stamped()
    commit, date = _asked_of_git(Path(__file__).parents[2])
    return Build("source", commit, date, _page())


def _stamped() -> Build:
    try:
        stamp = read_json(shipped(STAMP))
        return Build("bundle", str(stamp["commit"]), str(stamp["date"]), str(stamp["page"]))
    except (OSError, ValueError, KeyError, TypeError):  # somebody has been at it; no reason to tell nothing at all
        return Build("bundle", "", "unknown date")


def _asked_of_git(root: Path) -> tuple[str, str]:
    """Returns commit and its date; empty where ``root`` is no checkout, or where there is no git."""
    # An installed package may lie somewhere below a checkout of something else, whose commit would be a lie.
    if not (root / ".git").exists() or not (root / "pyproject.toml").exists():
        return "", ""
    command = ["git", "-C", str(root), "log", "-1", "--format=%h %cs", "--abbrev=10"]
    no_console = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # on Windows
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_GIT_SECONDS, check=True, creationflags=no_console
        )
    except (OSError, subprocess.SubprocessError):
        return "", ""
    commit, _, date = done.stdout.strip().partition(" ")
    return commit, date


def _page() -> str:
    """Returns the address that pyproject.toml names as the home page."""
    from importlib import metadata

    try:
        urls = metadata.metadata("catnap").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return ""
    named = (str(url).partition(",") for url in urls)
    return next((address.strip() for name, _, address in named if name.strip().lower() == "homepage"), "")
