"""What was said once and is not said again, in a small file of its own: nobody chooses it, so it is no setting."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

from desktop.common.background_writer import PutWrite, write_at_once
from desktop.common.json_file import FileFault, StateFile

_log = logging.getLogger(__name__)
_TOLD: Final = "told"
# Far more than there are models; a file with more is none of ours.
_MOST_ENTRIES: Final = 5_000


class ToldFile:
    """Remembers what was said from one start of the program to the next. No method raises: what cannot be written is
    logged, and said once more after the next start.

    Attributes:
        load_problem: What was wrong with the file; None: nothing.
    """

    def __init__(self, file: Path, put: PutWrite = write_at_once) -> None:
        """
        Args:
            file: Its folder exists.
            put: Takes each write.
        """
        self._put = put
        self._file = StateFile(file, _told)
        self._told: frozenset[str] = self._file.read() or frozenset()
        self.load_problem: FileFault | None = self._file.problem

    def was_told(self, what: str) -> bool:
        """Tells whether something was said before."""
        return what in self._told

    def tell(self, what: str) -> None:
        """Remembers that it was said; does not wait for the disk."""
        if what not in self._told:
            told = self._told = self._told | {what}
            self._put(self._file.path, lambda: self._write(told))

    def _write(self, told: frozenset[str]) -> None:
        try:
            self._file.write({_TOLD: sorted(told)})
        except OSError as problem:
            _log.warning("what was said is not remembered: %s", problem.strerror or problem)


def _told(document: dict[str, Any]) -> frozenset[str]:
    entries = document[_TOLD]
    if not isinstance(entries, list) or len(entries) > _MOST_ENTRIES:
        raise ValueError("no list of what was said")
    return frozenset(entry for entry in entries if isinstance(entry, str))
