"""The time that a release carries, so that two builds of one source are the same."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from setup.commands import BuildError


def source_time(root: Path) -> int:
    """Returns the time of the release in seconds since 1970: SOURCE_DATE_EPOCH, else that of the last commit.

    Raises:
        BuildError: Neither is known.
    """
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    if fixed:
        return int(fixed)
    command = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError("this is no git checkout; set SOURCE_DATE_EPOCH to the time of the release")
    return int(done.stdout)
