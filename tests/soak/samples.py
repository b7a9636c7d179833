"""What a round has left behind: memory, descriptors, threads, widgets, files. No Qt of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import psutil

from desktop.common.paths import Paths


@dataclass(frozen=True)
class Memory:
    """What a process holds.

    Attributes:
        rss: Bytes in RAM.
        anonymous: Bytes among them that no file stands for; where the system does not tell, those that are its alone.
        handles: Open descriptors, on Windows handles.
        threads: Threads.
    """

    rss: int
    anonymous: int
    handles: int
    threads: int


@dataclass(frozen=True)
class Sample:
    """A moment at the end of a round, the same one each time: nothing open but the window, and the model asleep.

    Attributes:
        round: Number of the round, from 0.
        seconds: How long the round took.
        app_rss, app_anonymous: Bytes of the app.
        engine_rss, engine_anonymous: Bytes of the engine's process a moment before, after its last answer.
        engine_handles, engine_threads: Of that process.
        handles, threads: Of the app.
        widgets: Widgets of the app, seen and unseen.
        objects: Objects of Python that the garbage collector follows, without those of the start.
        temporary: Files that should be gone: in the folder for temporary files, and half-written ones of our own.
        states: Bytes of the states of conversations on disk.
        database: Bytes of the history with its log, without the daily copies.
        copies: Bytes of these.
    """

    round: int
    seconds: float
    app_rss: int
    app_anonymous: int
    engine_rss: int
    engine_anonymous: int
    engine_handles: int
    engine_threads: int
    handles: int
    threads: int
    widgets: int
    objects: int
    temporary: int
    states: int
    database: int
    copies: int

    def record(self) -> dict[str, Any]:
        """Returns it for JSON."""
        return asdict(self)


FIELDS = tuple(field.name for field in fields(Sample))


def read_memory(process: psutil.Process) -> Memory:
    """Returns what a process holds; what the system does not tell is 0.

    Raises:
        psutil.NoSuchProcess: It is gone.
    """
    info = process.memory_info()
    if hasattr(info, "shared"):  # Linux: pages of files, and those shared with others
        anonymous = info.rss - info.shared
    else:
        anonymous = getattr(info, "private", 0) or process.memory_full_info().uss
    try:
        handles = getattr(process, "num_handles" if os.name == "nt" else "num_fds")()
    except psutil.AccessDenied:  # a process behind walls may be nobody's to look into
        handles = 0
    return Memory(info.rss, anonymous, handles, process.num_threads())


def temporary_files(paths: Paths) -> list[Path]:
    """Returns the files that should be gone when nothing is under way."""
    found = [path for path in Path(tempfile.gettempdir()).rglob("*") if path.is_file()]
    for folder in (paths.data, paths.config, paths.cache):
        found += [path for path in folder.rglob("*") if path.name.endswith((".tmp", ".part")) or path.name[0] == "."]
    if paths.answers_dir.is_dir():
        found += [path for path in paths.answers_dir.iterdir() if path.is_file()]
    return found


def bytes_of(files: Iterable[Path]) -> int:
    """Returns the size of files; one that has just gone counts nothing."""
    total = 0
    for file in files:
        try:
            total += file.stat().st_size
        except FileNotFoundError:
            continue
    return total
