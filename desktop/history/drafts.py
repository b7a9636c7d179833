"""What is written and not sent yet, in a small file of its own beside the conversations.

Not in their database: a draft comes and goes with the typing, is of no use to a search, and may be lost without harm to
a conversation. So no change of it waits for the disk, and no method fails for it; what went wrong can be asked.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from desktop.common.background_writer import PutWrite, write_at_once
from desktop.common.json_file import FileFault, StateFile

_log = logging.getLogger(__name__)
_DRAFTS = "drafts"
# Bytes of all drafts: a whole book, of which each character takes up to six.
_MOST: Final = 32_000_000


class DraftFile:
    """Keeps drafts from one start of the program to the next. No method raises: what cannot be written is logged.

    A draft is found under the id of its conversation, that of a conversation not begun yet under the empty text.

    Attributes:
        load_problem: What was wrong with the file, to be said once; None: nothing.
        trouble: Why the last of them could not be written, and where, in the system's words; empty: they were.
    """

    def __init__(self, file: Path, put: PutWrite = write_at_once) -> None:
        """
        Args:
            file: Readable by its user only; its folder exists. Not there while there is no draft.
            put: Takes each write.
        """
        self._put = put
        self._file = StateFile(file, _drafts, most=_MOST)
        self._stored: Mapping[str, str] = self._file.read() or {}
        self._written: Mapping[str, str] = self._stored  # what the file holds
        self._is_waiting = False  # the last of them have not been tried yet
        self.trouble = ""
        self.load_problem: FileFault | None = self._file.problem

    def load(self) -> Mapping[str, str]:
        """Returns the drafts as they were saved last."""
        return dict(self._stored)

    def save(self, drafts: Mapping[str, str]) -> bool:
        """Replaces all drafts; blank ones are none. Does not touch the disk where nothing has changed.

        Returns:
            Whether they are in the file now; else it is known when this is called again.
        """
        wanted = {conversation: text for conversation, text in drafts.items() if text.strip()}
        if wanted != self._stored or not (self._is_waiting or wanted == self._written):
            self._stored, self._is_waiting = wanted, True
            self._put(self._file.path, lambda: self._write(wanted))
        return self._written == wanted

    def _write(self, wanted: Mapping[str, str]) -> None:
        self._is_waiting = False
        try:
            if wanted:
                # Without a wait for the disk: a crash of the program alone loses nothing.
                self._file.write({_DRAFTS: wanted}, durable=False, indent=None)
            else:
                self._file.remove()
            self._written = wanted
            self.trouble = ""
        except OSError as problem:
            why = problem.strerror or str(problem)
            self.trouble = f"{self._file.path}: {why}"
            _log.warning("drafts not saved: %s", why)

    def keep_only(self, conversations: Collection[str]) -> None:
        """Erases the drafts of all conversations but these; that of the one not begun yet stays."""
        self.save({key: text for key, text in self._stored.items() if not key or key in conversations})


def _drafts(document: dict[str, Any]) -> dict[str, str]:
    return {key: text for key, text in document[_DRAFTS].items() if isinstance(text, str)}
