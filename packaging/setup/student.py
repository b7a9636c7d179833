"""Makes the environment that `catnap student train` computes in: PyTorch and NumPy, apart from everything else.

Into ``build/student-env``. On Linux PyTorch comes with libraries for graphics processors, 5 GB in all; its build for
processors alone is tried first, where there is no graphics processor of NVIDIA. What is there already stays.

Usage:
    python packaging setup.student [cpu | gpu]    which build; chosen unless given
"""

from __future__ import annotations

import hashlib
import platform
import sys
from pathlib import Path

from setup.commands import BuildError, say
from setup.venv import CHECKOUT, REQUIREMENTS, create, pip_install

FOLDER = CHECKOUT / "build" / "student-env"
_LARGE, _SMALL = REQUIREMENTS / "student.txt", REQUIREMENTS / "student-cpu.txt"
# There where the driver of NVIDIA is.
NVIDIA = Path("/proc/driver/nvidia")
# What the file of hashes for processors alone is of.
_SMALL_PYTHON = (3, 11)


def set_up(wanted: str) -> None:
    """Installs what is missing.

    Args:
        wanted: "cpu", "gpu", or empty: what this machine has.

    Raises:
        BuildError: Something cannot be had; the text says what to do.
    """
    stamp = FOLDER / "set-up.stamp"
    done = stamp.read_text(encoding="ascii") if stamp.is_file() else ""
    if done in {_digest(lock) for lock in locks(wanted)}:
        return
    python = create(FOLDER)
    for lock in locks(wanted):
        is_last = lock == locks(wanted)[-1]
        say(f"installing PyTorch: {lock.stem}")
        try:
            pip_install(python, "--require-hashes", "-r", str(lock))
        except BuildError:
            if is_last:
                raise
            say(
                "PyTorch's build for processors alone, 190 MB, is not where pip looks (its makers keep it in an index "
                "of their own, which PIP_EXTRA_INDEX_URL or pip's configuration can name). The large build is taken: "
                "3 GB to download, 5 GB installed."
            )
            continue
        stamp.write_text(_digest(lock), encoding="ascii")
        say(f"{FOLDER} is ready: catnap student train DIR")
        return


def locks(wanted: str) -> tuple[Path, ...]:
    """Returns what is tried, in that order."""
    is_linux_pc = sys.platform == "linux" and platform.machine() == "x86_64"
    if wanted == "gpu" or not is_linux_pc or sys.version_info[:2] != _SMALL_PYTHON:
        return (_LARGE,)
    if wanted == "cpu":
        return (_SMALL,)
    return (_LARGE,) if NVIDIA.exists() else (_SMALL, _LARGE)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main() -> int:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        if wanted not in ("", "cpu", "gpu"):
            raise BuildError(f"{wanted}: cpu or gpu")
        set_up(wanted)
    except BuildError as problem:
        say(f"student: {problem}")
        return 1
    except KeyboardInterrupt:
        say("student: interrupted; run again to go on where it stopped")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
