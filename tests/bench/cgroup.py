"""A Linux control group with a limit on memory: a laptop with less of it. Needs root."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_MOUNT = Path("/sys/fs/cgroup")
_PATIENCE_S = 5.0


class NoControlGroups(Exception):  # noqa: N818 (it is an answer, not a failure)
    """They cannot be made here; the text says why."""


@contextmanager
def memory_limit(limit: int | None) -> Iterator[tuple[str, ...]]:
    """Makes a group and yields the beginning of a command line: what follows it runs within the limit.

    File pages are charged to the group that touches them first: a file that is in the page cache already costs a
    program in the group nothing.

    Args:
        limit: Bytes; None: no group.

    Raises:
        NoControlGroups: The group cannot be made.
    """
    if limit is None:
        yield ()
        return
    group, limits = _place()
    try:
        group.mkdir()
    except OSError as problem:
        raise NoControlGroups(f"{group}: {problem.strerror}") from problem
    try:
        for name, must in limits.items():
            _write(group / name, 0 if "swap" in name else limit, must=must)
        yield ("/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs"))
    finally:
        _remove(group)


def _place() -> tuple[Path, dict[str, bool]]:
    """Returns the folder of a new group, and the files that take the limit, with whether they must be there."""
    name = f"catnap-bench-{os.getpid()}"
    if sys.platform != "linux":
        raise NoControlGroups("there are no control groups on this system")
    if (_MOUNT / "memory" / "cgroup.procs").exists():  # version 1
        return _MOUNT / "memory" / name, {"memory.limit_in_bytes": True, "memory.memsw.limit_in_bytes": False}
    controllers = _MOUNT / "cgroup.subtree_control"
    if not controllers.exists():
        raise NoControlGroups(f"nothing is mounted at {_MOUNT}")
    with suppress(OSError):
        if "memory" not in controllers.read_text(encoding="ascii").split():
            controllers.write_text("+memory", encoding="ascii")
    return _MOUNT / name, {"memory.max": True, "memory.swap.max": False}


def _write(file: Path, value: int, *, must: bool) -> None:
    try:
        file.write_text(str(value), encoding="ascii")
    except OSError as problem:
        if must:
            raise NoControlGroups(f"{file}: {problem.strerror}") from problem


def _remove(group: Path) -> None:
    """Removes a group; the last of its processes may take a moment to leave it."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            group.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
