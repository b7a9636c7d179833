"""Writes into the bundle which build it is; ``desktop/system/build_info.py`` reads it."""

from __future__ import annotations

import json
import os
import subprocess
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path

# The name that desktop.system.build_info looks for.
NAME = "build.json"


def write_stamp(root: Path, folder: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Writes the stamp and returns it.

    Args:
        root: The checkout that the bundle is made from.
        folder: Where to write; made if it is missing.
        environment: SOURCE_DATE_EPOCH, seconds since 1970, stands for now, so that a bundle can be made anew.
    """
    stamp = {"commit": commit_of(root), "date": _date(environment), "page": page_of(root)}
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / NAME
    file.write_text(json.dumps(stamp) + "\n", encoding="utf-8")
    return file


def commit_of(root: Path) -> str:
    """Returns the abbreviated commit, with a "+" where tracked files differ from it; empty outside a checkout."""
    if not (root / ".git").exists():
        return ""
    try:
        commit = _git(root, "rev-parse", "--short=10", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f"{commit}+" if changed else commit


def page_of(root: Path) -> str:
    """Returns the home page that pyproject.toml names, empty where it names none."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    urls = {name.lower(): address for name, address in project.get("urls", {}).items()}
    return str(urls.get("homepage", ""))


def _date(environment: Mapping[str, str]) -> str:
    seconds = environment.get("SOURCE_DATE_EPOCH", "")
    # The day is enough: two bundles of one day and the same sources are the same.
    return time.strftime("%Y-%m-%d", time.gmtime(int(seconds) if seconds else None))


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
