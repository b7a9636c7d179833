"""The use of memory as a table in a file (CSV), a line for each measurement; for spreadsheets and reports of faults.

No word of a conversation is in it, and no name of a model.
"""

from __future__ import annotations

import io
import logging
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from desktop.common.atomic_file import append_whole
from desktop.common.background_writer import PutWrite
from desktop.lifecycle.memory_history import Sample

EVERY_SECONDS = 10.0
# One file of that size and the one before it: four months of an app that runs eight hours a day.
_FILE_BYTES = 5_000_000
# Lines that wait for a disk that does not take them: an hour. Older ones are dropped.
_WAITING = 360
_HEAD = ("time", "state", "program_bytes", "engine_bytes", "model_file_bytes", "machine_used_bytes", "machine_bytes")

_log = logging.getLogger(__name__)


class MemoryTable:
    """Appends lines to the file. GUI thread; what is written is written elsewhere."""

    def __init__(self, file: Path, put: PutWrite, now: Callable[[], float] = time.time) -> None:
        """
        Args:
            file: The table; beside it lies the one before it, with ``.old`` in its name.
            put: Has it written soon.
            now: Seconds since the epoch.
        """
        self._file = file
        self._put = put
        self._now = now
        self._waiting = deque[str](maxlen=_WAITING)
        self._is_in_trouble = False

    def add(self, sample: Sample) -> None:
        """Appends a measurement, with the present time."""
        reading = sample.reading
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(self._now()))
        figures = (reading.app, reading.engine, reading.mapped, reading.machine_used, reading.machine_total)
        self._waiting.append(_line((at, sample.rest.value, *figures)))
        self._put(self._file, self._write)

    def _write(self) -> None:
        lines = list(self._waiting)
        try:
            self._make_room()
            self._append("".join(lines))
        except OSError as problem:
            if not self._is_in_trouble:
                self._is_in_trouble = True
                _log.warning("the use of memory is not written: %s", problem)
            return
        self._is_in_trouble = False
        for line in lines:  # the GUI thread may have added some meanwhile, and dropped old ones
            if self._waiting and self._waiting[0] is line:
                self._waiting.popleft()

    def _append(self, text: str) -> None:
        append_whole(self._file, text.encode(), head=_line(_HEAD).encode(), durable=False)

    def _make_room(self) -> None:
        try:
            is_full = self._file.stat().st_size > _FILE_BYTES
        except FileNotFoundError:
            return
        if is_full:
            self._file.replace(self._file.with_name(f"{self._file.stem}.old{self._file.suffix}"))


def _line(values: tuple[object, ...]) -> str:
    import csv  # few people record

    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()
