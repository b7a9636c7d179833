"""Writes what it is told to while its disk runs out of room, and says what became of it.

    python -m tests.torture.full_victim DISK [CONTROL]

A line of JSON on stdin: ``{"writer", "kind", "share", "room"}``; one on stdout: what :class:`Told` has. What hangs is
for whoever waits for the answer.
"""

from __future__ import annotations

import json
import logging
import shutil
import sys
import threading
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from desktop.common.errors import UserFacingError
from tests.torture.full_histories import HISTORY_WRITERS
from tests.torture.full_window import WINDOW_WRITERS
from tests.torture.full_writers import WRITERS, Writer
from tests.torture.kept_writers import KEPT_WRITERS
from tests.torture.small_disk import Disk

ALL_WRITERS: Final[tuple[type[Writer], ...]] = (*WRITERS, *HISTORY_WRITERS, *WINDOW_WRITERS, *KEPT_WRITERS)
# What a writer that was interrupted may leave behind; the names are those of the program.
SCRATCH: Final = ("*.tmp", "*.part", "*.part-*", "*.moving", "*.again.*", "*.recovering*")
# What the file system and the index of a database need beside what is written.
_LEAST: Final = 4096


@dataclass
class Told:
    """What became of a try.

    Attributes:
        old: What was on the disk before.
        new: What there is when it can be written.
        short: What there was while the room was short.
        after: What there was when there was room again, and it was asked for once more if need be.
        restart: What there is after the program has ended.
        claimed: The program said that it was done while the room was short.
        allowed: It is all right that ``short`` is neither.
        sentences: What was said, as (title, detail, remedy).
        failure: What nobody was to hear of; empty: nothing.
        left: Scratch files that lay there when it was over.
        need: Bytes that it writes.
    """

    old: str = ""
    new: str = ""
    short: str = ""
    after: str = ""
    restart: str = ""
    claimed: bool = False
    allowed: bool = False
    sentences: list[tuple[str, str, str]] = field(default_factory=list)
    failure: str = ""
    left: list[str] = field(default_factory=list)
    need: int = 0


class Victim:
    """Tries one writer after the other."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._known: dict[str, tuple[str, int]] = {}
        self._number = 0

    def obey(self, order: dict[str, Any]) -> Told:
        """Does what an order says."""
        made = next(one for one in ALL_WRITERS if one.name == order["writer"])
        told = Told()
        try:
            told.new, told.need = self._known.get(made.name) or self._rehearse(made)
            room = round(order["share"] * told.need) + order["room"]
            self._try(self._make(made), told, order["kind"], max(0, room))
        except BaseException:
            told.failure = traceback.format_exc()
        self._disk.lift()
        for each in self._disk.folder.iterdir():
            shutil.rmtree(each, ignore_errors=True)
        return told

    def _make(self, made: type[Writer]) -> Writer:
        self._number += 1
        folder = self._disk.folder / str(self._number)
        folder.mkdir()
        return made(folder)

    def _rehearse(self, made: type[Writer]) -> tuple[str, int]:
        """Finds out what there is when it is written, and how much that takes."""
        writer = self._make(made)
        writer.prepare()
        written, free = self._disk.written(), self._disk.free()
        try:
            writer.act()
        except UserFacingError:  # of what was damaged
            writer.again()
        need = max(_LEAST, self._disk.written() - written, free - self._disk.free())
        new = writer.state()
        writer.close()
        shutil.rmtree(writer.folder)
        self._known[made.name] = new, need
        return new, need

    def _try(self, writer: Writer, told: Told, kind: str, room: int) -> None:
        writer.prepare()
        told.old = writer.state()
        with heard(told):
            self._disk.limit(kind, room)
            told.claimed = say(told, writer) and writer.speaks
            told.short = writer.state()
            told.allowed = writer.may_be(told.short)
            if kind != "read-only":  # there nothing can be removed either; the next start does it
                told.left = [each.name for name in SCRATCH for each in writer.folder.rglob(name)]
            self._disk.lift()
            # Of a log that was cut off by a few bytes, a program that crashes now may well find what was refused.
            if told.sentences or told.short != told.new or writer.by_itself:
                writer.again()
            told.after = writer.state()
            writer.close()
        told.restart = writer.state()


def say(told: Told, writer: Writer) -> bool:
    """Has it write and keeps the sentence that it ends in; returns whether there was none."""
    try:
        writer.act()
    except UserFacingError as problem:
        # Names of folders say nothing about the disk.
        told.sentences.append((problem.title, problem.detail.replace(str(writer.folder), ""), problem.remedy))
        return False
    return True


class heard(logging.Handler):  # noqa: N801 (a context manager)
    """Hears of exceptions that nobody caught, in any thread and in logging itself."""

    def __init__(self, told: Told) -> None:
        super().__init__(logging.WARNING)
        self._told = told
        self._before = threading.excepthook

    def __enter__(self) -> None:
        threading.excepthook = lambda given: self._note("".join(traceback.format_exception(given.exc_value)))
        logging.getLogger().addHandler(self)

    def __exit__(self, *_: object) -> None:
        threading.excepthook = self._before
        logging.getLogger().removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        if record.exc_info or "unhandled" in record.getMessage():
            self._note(f"{record.getMessage()}: {record.exc_info and record.exc_info[1]!r}")

    def _note(self, what: str) -> None:
        self._told.failure = self._told.failure or what


def main() -> None:
    disk, control = Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None
    victim = Victim(Disk(disk, control))
    for line in sys.stdin:
        print(json.dumps(asdict(victim.obey(json.loads(line)))), flush=True)


if __name__ == "__main__":
    main()
