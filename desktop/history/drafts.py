"""What is written and not sent yet, in a small file of its own beside the conversations.

Not in their database: a draft comes and goes with the typing, is of no use to a search, and may be lost without harm to
a conversation. So no change of it waits for the disk, and no trouble with it is worth a message.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from pathlib import Path

from desktop.common.atomic_file import write_atomically

_log = logging.getLogger(__name__)
_DRAFTS = "drafts"


class DraftFile:
    """Keeps drafts from one start of the program to the next. No method raises: what cannot be written is logged.

    A draft is found under the id of its conversation, that of a conversation not begun yet under the empty text.
    """

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: Readable by its user only; its folder exists. Not there while there is no draft.
        """
        self._file = file
        self._stored = _read(file)

    def load(self) -> Mapping[str, str]:
        """Returns the drafts as they were saved last."""
        return dict(self._stored)

    def save(self, drafts: Mapping[str, str]) -> None:
        """Replaces all drafts; blank ones are none. Does not touch the disk where nothing has changed."""
        wanted = {conversation: text for conversation, text in drafts.items() if text.strip()}
        if wanted == self._stored:
            return
        try:
            if wanted:
                # Escaped, so that also half of a surrogate pair can be written. Without a wait for the disk: on the
                # GUI thread of an old laptop that is a second, and a crash of the program alone loses nothing.
                content = json.dumps({"version": 1, _DRAFTS: wanted}).encode("ascii")
                write_atomically(self._file, content, durable=False)
            else:
                self._file.unlink(missing_ok=True)
        except OSError as problem:
            _log.warning("drafts not saved: %s", problem.strerror or problem)
            return
        self._stored = wanted

    def keep_only(self, conversations: Collection[str]) -> None:
        """Erases the drafts of all conversations but these; that of the one not begun yet stays."""
        self.save({key: text for key, text in self._stored.items() if not key or key in conversations})


def _read(file: Path) -> dict[str, str]:
    try:
        content = json.loads(file.read_bytes())
        stored = content[_DRAFTS].items()
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        _log.warning("drafts not read: %s", type(problem).__name__)  # without the text, which the error may quote
        return {}
    return {key: text for key, text in stored if isinstance(text, str)}
