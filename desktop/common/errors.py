"""The three kinds of exception: text meant for people, a cancellation, and everything else, which is a bug."""

from __future__ import annotations

import errno
import os
from enum import Enum
from pathlib import Path

from desktop.common.credentials import without_credentials
from desktop.common.printable import printable

# What SQLite takes at once for the index of its log, the most of what it needs in one piece.
_PROBE_BYTES = 32_768
# What a disk says that takes nothing, or nothing more.
_OF_THE_DISK = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS))


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:  # noqa: N802 (the name lupdate looks for)
    """Marks a source text for translation without importing Qt; the interface translates it when it is shown."""
    del context
    return text


class UserFacingError(Exception):
    """Something a person can understand and act on.

    May be raised from any thread; the interface shows it as a banner, the command line as one line on stderr.

    Attributes:
        title: What happened, a sentence without variable parts, so that it can be translated.
        detail: The variable part: a path, a size, a host. May be empty.
        remedy: What to do about it, a sentence without variable parts. May be empty.
        pattern: The detail before ``values`` stand in it, so that it can be translated; empty: it has no words.
        values: What stands for {0}, {1} ... in the pattern.
    """

    def __init__(self, title: str, detail: str = "", remedy: str = "", *, values: tuple[str, ...] = ()) -> None:
        """Makes the error; names and passwords in addresses are taken out of the detail.

        Args:
            title: See the attribute.
            detail: See the attribute; with ``values`` it is the pattern.
            remedy: See the attribute.
            values: See the attribute.
        """
        values = tuple(map(without_credentials, values))
        self.title = title
        # It quotes names of files and models, and addresses.
        self.detail = printable(detail.format(*values) if values else without_credentials(detail))
        self.remedy = remedy
        self.pattern = detail if values else ""
        self.values = values
        super().__init__(" ".join(part for part in (title, self.detail, remedy) if part))


class MessageTooLongError(UserFacingError):
    """A single message, with the system prompt, does not fit into the context.

    Attributes:
        tokens: Length of the system prompt and the message, in tokens.
        room: Tokens that such a text may take at the most.
    """

    def __init__(self, tokens: int, room: int) -> None:
        super().__init__(
            QT_TRANSLATE_NOOP("Errors", "This message is too long for the model's context."),
            f"{tokens:,} tokens, room for {room:,}.",
            QT_TRANSLATE_NOOP("Errors", "Shorten it, or choose a larger context in the settings."),
        )
        self.tokens = tokens
        self.room = room


class AnswerInterruptedError(UserFacingError):
    """An answer ended early for a reason that lies outside of it: what was said before is kept as interrupted."""


class ServerAwayError(UserFacingError):
    """A server cannot be reached, or has no time: a model on this computer could answer instead."""


class ServerKeyError(UserFacingError):
    """A server refuses the key: it is to be mended; until then a model on this computer could answer instead."""


class WayOut(Enum):
    """What may help against an error, as far as the interface can lead there."""

    ANOTHER_MODEL = "another model"
    SMALLER_CONTEXT = "smaller context"
    REPORT = "report"


class EngineDiedError(AnswerInterruptedError):
    """The engine's process has died over a request.

    Attributes:
        ways: What may help, the likeliest first.
    """

    def __init__(
        self, title: str, detail: str, remedy: str, *, values: tuple[str, ...], ways: tuple[WayOut, ...]
    ) -> None:
        """
        Args:
            title: See :class:`UserFacingError`, also for the next three.
            detail: A pattern.
            remedy: See above.
            values: See above.
            ways: See the attribute.
        """
        super().__init__(title, detail, remedy, values=values)
        self.ways = ways


class Cancelled(Exception):  # noqa: N818 (not an error: the user asked for it)
    """The user stopped it. Never shown, never logged as a failure."""


def from_system(failure: OSError | MemoryError) -> UserFacingError:
    """Returns the sentence for a failure of the system that nobody closer to it has put into words."""
    if isinstance(failure, MemoryError):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "There is not enough memory."),
            "",
            QT_TRANSLATE_NOOP("Errors", "Close other programs and try again."),
        )
    why = failure.strerror or str(failure) or type(failure).__name__
    names = [os.fsdecode(name) for name in (failure.filename, failure.filename2) if isinstance(name, str | bytes)]
    detail = f"{': '.join((*names, why))}."
    if is_disk_full(failure):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The disk is full."),
            detail,
            QT_TRANSLATE_NOOP("Errors", "Make room on the disk and try again."),
        )
    title = QT_TRANSLATE_NOOP("Errors", "The system refuses what Catnap needs.")
    room = QT_TRANSLATE_NOOP("Errors", "Check that the disk is not full and the folder is writable.")
    return UserFacingError(title, detail, room if failure.errno in _OF_THE_DISK else "")


def name_file(problem: OSError, file: Path) -> None:
    """Has a failure to write say which file it was, where the system did not."""
    if problem.filename is None and problem.errno in _OF_THE_DISK:
        problem.filename = str(file)


def has_no_room(folder: Path) -> bool:
    """Finds out whether a folder's disk has room for a little, or the user's share of it. Any thread.

    For failures that do not say why.
    """
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(_PROBE_BYTES))
            probe.flush()
    except OSError as problem:
        return is_disk_full(problem)
    return False


def is_disk_full(problem: OSError) -> bool:
    """Tells whether there is no room on the disk, or the user's share of it is used up. Any thread."""
    return problem.errno in (errno.ENOSPC, errno.EDQUOT)
