"""The answer that is being made, on the disk within two seconds: a crash or a power cut takes no more than that.

One file for each answer under way, appended to by a thread of its own, which is there only while there are any, so that
nobody waits for the disk: a line that says what is answered, then a line for each piece. It is overwritten and removed
when the answer is in the history. What is left of it at the next start is adopted by :mod:`desktop.chat.adoption`.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import stat
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from desktop.common.json_file import parse_json
from desktop.common.set_aside import rename_bad

_log = logging.getLogger(__name__)

_SUFFIX = ".answer"
# At most 2 s of an answer may be lost (FAULTS B5), the time included that a busy processor and an old disk take.
_INTERVAL_SECONDS = 1.5
_LONGEST = 64 << 20  # bytes of a file that is read back: far more than any context holds


@dataclass(frozen=True)
class AnswerBegun:
    """What an answer in the journal belongs to.

    Attributes:
        parent: Id of the message that is answered.
        question: Its text, in case the history has lost it.
        after: The largest id of a message when the answer was asked for; an answer with a larger one is this one.
        model: Name of the model.
        shape: What the answer is to look like, see :attr:`desktop.history.sources.Support.shape`.
    """

    conversation_id: str
    parent: int
    question: str
    after: int
    model: str
    shape: str = ""


@dataclass(frozen=True)
class UnfinishedAnswer:
    """What the journal holds of an answer whose end it has not seen.

    Attributes:
        file: Where it lies, to be handed to :func:`erase`.
    """

    begun: AnswerBegun
    text: str
    thought: str
    file: Path


@dataclass
class _Entry:
    """An answer under way; all pieces stay, in case the file is removed.

    Attributes:
        written: How many of the pieces are in the file.
        size: Bytes of the file with which they are whole.
        due: When the next pieces are to be in the file, on the monotonic clock; None: there are none.
    """

    file: Path
    begun: AnswerBegun
    pieces: list[tuple[str, str]] = field(default_factory=list)
    written: int = 0
    size: int = 0
    due: float | None = None
    ended: bool = False


class AnswerJournal:
    """Keeps what has come of answers. Methods return at once and never raise: what cannot be written is logged."""

    def __init__(self, folder: Path, interval: float = _INTERVAL_SECONDS) -> None:
        """
        Args:
            folder: Made when it is needed, readable by the user only.
            interval: Seconds from a piece to its being on the disk, at the most.
        """
        self._folder = folder
        self._interval = interval
        self._changed = threading.Condition()
        self._entries: dict[int, _Entry] = {}
        self._thread: threading.Thread | None = None
        self._closed = False

    def begin(self, request_id: int, begun: AnswerBegun) -> None:
        """Opens an answer; there is no file before its first piece."""
        with self._changed:
            if not self._closed:
                file = self._folder / f"{uuid.uuid4().hex}{_SUFFIX}"
                self._entries[request_id] = _Entry(file, begun)

    def grow(self, request_id: int, text: str, thought: str) -> None:
        """Adds a piece; of an answer that was not begun, or has ended, there is none."""
        with self._changed:
            entry = self._entries.get(request_id)
            if entry is None or entry.ended:
                return
            entry.pieces.append((text, thought))
            if entry.due is None:
                entry.due = time.monotonic() + self._interval
                self._wake()

    def end(self, request_id: int) -> None:
        """Erases an answer: it is in the history, or nobody wants it."""
        with self._changed:
            entry = self._entries.get(request_id)
            if entry is None:
                return
            entry.ended = True
            if self._thread is None and not entry.pieces:  # there is no file
                del self._entries[request_id]
            else:
                self._wake()

    def wait_erased(self, seconds: float) -> bool:
        """Waits until all that has ended is erased; returns whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not any(one.ended for one in self._entries.values()), seconds)

    def close(self, seconds: float = 5.0) -> None:
        """Writes what is due, erases what has ended, and ends the thread; may be called twice."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _wake(self) -> None:
        """Lets the thread look, or begins it. Holds the lock."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="answer-journal", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._has_work():
                    self._changed.wait(self._seconds_left())
                closing, now = self._closed, time.monotonic()
                ended = [(key, one) for key, one in self._entries.items() if one.ended]
                due = [
                    (one, len(one.pieces))
                    for one in self._entries.values()
                    if not one.ended and one.due is not None and (closing or one.due <= now)
                ]
                for one, _count in due:
                    one.due = None
            missing = [one for one, count in due if not _append(one, count)]
            for _key, one in ended:
                erase(one.file)
            with self._changed:
                for one in missing:  # there may be room by then, and no further piece may come
                    one.due = time.monotonic() + self._interval
                for key, _one in ended:
                    del self._entries[key]
                self._changed.notify_all()
                if closing or not self._entries:
                    self._thread = None
                    return

    def _has_work(self) -> bool:
        now = time.monotonic()
        return self._closed or any(
            one.ended or (one.due is not None and one.due <= now) for one in self._entries.values()
        )

    def _seconds_left(self) -> float | None:
        due = [one.due for one in self._entries.values() if one.due is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None


def unfinished_answers(folder: Path) -> Iterator[UnfinishedAnswer]:
    """Yields what the last run has left in the journal; what makes no sense is set aside under another name."""
    try:
        files = sorted(file for file in folder.iterdir() if file.name.endswith(_SUFFIX))
    except OSError:
        return
    for file in files:
        try:
            found = _read(file)
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as problem:
            _log.warning("%s makes no sense: %s", file.name, type(problem).__name__)  # without the text
            _set_aside(file)
            continue
        if found is not None:
            yield found


def erase(file: Path) -> None:
    """Removes a file of the journal, its words overwritten before; what cannot be removed is logged."""
    try:
        try:
            with file.open("r+b") as stream:
                stream.write(bytes(os.fstat(stream.fileno()).st_size))
                stream.flush()  # else it comes after what shall make it last
                _sync(stream.fileno())
        finally:  # a full disk may have no room even for what is written over (btrfs)
            file.unlink()
    except FileNotFoundError:
        pass
    except OSError as problem:
        _log.warning("%s not erased: %s", file.name, problem.strerror or problem)


def _append(entry: _Entry, count: int) -> bool:
    """Puts the first ``count`` pieces onto the disk, those that are not there yet; all where the file has gone.

    Returns:
        Whether they are there; else the file is as it was.
    """
    try:
        if not entry.file.exists():
            entry.written = entry.size = 0
            entry.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lines: list[object] = [] if entry.written else [asdict(entry.begun)]
        lines += [list(piece) for piece in entry.pieces[entry.written : count]]
        content = b"".join(json.dumps(line).encode("ascii") + b"\n" for line in lines)
        handle = os.open(entry.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
        try:
            _put(handle, entry.size, content)
        finally:
            os.close(handle)
        entry.written, entry.size = count, entry.size + len(content)
    except OSError as problem:
        _log.warning("growing answer not kept: %s", problem.strerror or problem)
        return False
    return True


def _put(handle: int, size: int, content: bytes) -> None:
    """Puts something behind the first ``size`` bytes of a file; raises OSError, and then nothing is behind them.

    Without a buffer, which would write what it still has when it is closed.
    """
    if os.fstat(handle).st_size > size:  # a part of a line would end what can be read of those that come later
        os.ftruncate(handle, size)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
        _sync(handle)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(handle, size)
        raise


def _sync(handle: int) -> None:
    # Without the file's times where the system can: one write less for an old disk.
    getattr(os, "fdatasync", os.fsync)(handle)


def _read(file: Path) -> UnfinishedAnswer | None:
    """Returns what a file holds up to the first line that is not whole; None: nothing worth keeping."""
    if not stat.S_ISREG(file.lstat().st_mode):
        raise ValueError("no file")
    with file.open("rb") as stream:
        first, *rest = stream.read(_LONGEST).split(b"\n")
    if not first.strip(b"\0"):  # cut off before the first line was there, or while it was erased
        erase(file)
        return None
    header = parse_json(first)
    header = {"shape": "", **header}  # which older ones do not have
    values = {one.name: header[one.name] for one in fields(AnswerBegun)}
    for name, value in values.items():
        if name in ("parent", "after"):
            if not isinstance(value, int) or not 0 <= value < 1 << 63:
                raise ValueError("no row number")
        elif not isinstance(value, str):
            raise ValueError("no text")
    begun = AnswerBegun(**values)
    text: list[str] = []
    thought: list[str] = []
    for line in rest:
        piece = _piece(line)
        if piece is None:
            break
        text.append(piece[0])
        thought.append(piece[1])
    if not text and any(line.strip(b"\0") for line in rest):
        raise ValueError("no piece")
    return UnfinishedAnswer(begun, "".join(text), "".join(thought), file)


def _piece(line: bytes) -> tuple[str, str] | None:
    try:
        text, thought = parse_json(line)
    except (ValueError, TypeError):
        return None
    return (text, thought) if isinstance(text, str) and isinstance(thought, str) else None


def _set_aside(file: Path) -> None:
    try:
        rename_bad(file)  # its ending would have it read again
    except OSError as problem:
        _log.warning("%s not set aside: %s", file.name, problem.strerror or problem)
