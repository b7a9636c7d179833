"""Which conversation was shown last, in a small file of its own, so that it is shown again after the next start."""

from __future__ import annotations

import logging
from pathlib import Path

from desktop.common.background_writer import PutWrite, write_at_once
from desktop.common.json_file import read_json, write_json

_log = logging.getLogger(__name__)
_CONVERSATION = "conversation"
# An id has 32 characters; whatever is much longer is not our file.
_MOST_BYTES = 4096


class LastOpenFile:
    """Keeps an id from one start of the program to the next. No method raises: what cannot be written is logged."""

    def __init__(self, file: Path, put: PutWrite = write_at_once) -> None:
        """
        Args:
            file: Its folder exists.
            put: Takes each write.
        """
        self._put = put
        self._failed = False  # what is stored is not in the file
        self._file = file
        self._stored = _read(file)

    def load(self) -> str | None:
        """Returns the id saved last; None: of none, or of a conversation that was not begun."""
        return self._stored

    def save(self, conversation: str | None) -> None:
        """Replaces the id. Does not touch the disk where nothing has changed, and does not wait for it."""
        if conversation == self._stored and not self._failed:
            return
        self._stored = conversation
        self._put(self._file, lambda: self._write(conversation))

    def _write(self, conversation: str | None) -> None:
        self._failed = False
        try:
            write_json(self._file, {"version": 1, _CONVERSATION: conversation}, durable=False, indent=None)
        except OSError as problem:
            self._failed = True
            _log.warning("open conversation not saved: %s", problem.strerror or problem)


def _read(file: Path) -> str | None:
    try:
        found = read_json(file, _MOST_BYTES)[_CONVERSATION]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as problem:
        _log.warning("open conversation not read: %s", type(problem).__name__)
        return None
    return found if isinstance(found, str) else None
