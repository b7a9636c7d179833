"""The files in which other programs hand out conversations: JSON, or the archive that ChatGPT packs it in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError
from desktop.common.regular_file import NotAFileError, open_regular

MOST_BYTES = 4 << 30  # unpacked; ten years of daily use are some 500 MB
# JSON that was packed is 5 to 30 times as large; what is larger still was made to fill memories.
_MOST_PACKED = 200
_NO_BOMB = 64 << 20  # bytes: below, how well it is packed does not matter
_ZIP: Final = b"PK\x03\x04"
# "conversations.json"; of a large account "conversations-000.json" and so on.
_PACKED: Final = re.compile(r"(?i)^conversations(-\d+)?\.json$")


class SourceReader:
    """Reads one JSON text of a source, and counts.

    Attributes:
        damaged: The archive says that what it holds is not what was packed.
    """

    def __init__(
        self,
        stream: BinaryIO,
        progress: _Progress,
        unpacked_from: int | None = None,
        damage: tuple[type[Exception], ...] = (),
    ) -> None:
        self.damaged = False
        self._damage = damage
        self._stream = stream
        self._progress = progress
        self._room = MOST_BYTES
        if unpacked_from is not None:
            self._room = min(self._room, max(_NO_BOMB, unpacked_from * _MOST_PACKED))

    def __call__(self, size: int) -> bytes:
        """Returns at most so many bytes; none at the end, or where an archive is damaged.

        Raises:
            UserFacingError: It is too large.
            OSError: It cannot be read.
            Cancelled: It was.
        """
        try:
            raw = self._stream.read(size)
        except self._damage:
            self.damaged = True
            return b""
        self._room -= len(raw)
        if self._room < 0:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "This file is too large to be imported."),
                "",
                QT_TRANSLATE_NOOP("Errors", "Export fewer conversations at a time."),
            )
        self._progress.passed(len(raw))
        return raw


class _Progress:
    def __init__(self, report: Callable[[int, int], None], cancelled: Callable[[], bool]) -> None:
        self.total = 0
        self._done = 0
        self._report = report
        self._cancelled = cancelled

    def passed(self, size: int) -> None:
        if self._cancelled():
            raise Cancelled
        self._done += size
        self._report(min(self._done, self.total), self.total)


@contextmanager
def open_source(
    file: Path | BinaryIO,
    report: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Iterator[SourceReader]]:
    """Opens a file that may hold conversations; yields its JSON texts.

    Args:
        file: The file, or a stream, which must be JSON.
        report: Told how many bytes of how many were read; of a stream the total is 0.
        cancelled: Asked before each reading.

    Raises:
        UserFacingError: It cannot be opened, or is an archive with nothing in it.
    """
    progress = _Progress(report, cancelled)
    if not isinstance(file, Path):
        yield iter((SourceReader(file, progress),))
        return
    try:
        stream = open_regular(file)
    except NotAFileError as problem:
        raise unreadable(file) from problem
    except OSError as problem:
        raise _cannot_open(file, problem) from problem
    with stream:
        if stream.read(len(_ZIP)) == _ZIP:
            stream.seek(0)
            yield _packed(stream, file, progress)
            return
        progress.total = stream.seek(0, 2)
        stream.seek(0)
        yield iter((SourceReader(stream, progress),))


def unreadable(file: Path | None) -> UserFacingError:
    """Returns the sentence for a file that holds nothing that can be imported."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This file holds no conversations that Catnap can read."),
        f"{file}." if file is not None else "",
        QT_TRANSLATE_NOOP(
            "Errors",
            "Catnap reads its own JSON files and databases (.sqlite3), the conversations.json of ChatGPT or the archive"
            " (.zip) that comes in, and the chats that Open WebUI exports.",
        ),
    )


def unfinished(file: Path | None) -> UserFacingError:
    """Returns the sentence for a file that ends before its first conversation does."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This file ends in the middle."),
        f"{file}." if file is not None else "",
        QT_TRANSLATE_NOOP("Errors", "It was not written, or not downloaded, to its end. Get it once more."),
    )


def cannot_read(file: Path | None, problem: OSError) -> UserFacingError:
    """Returns the sentence for a file that cannot be read on."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The file cannot be read."),
        f"{file}: {problem.strerror or problem}." if file is not None else str(problem),
        QT_TRANSLATE_NOOP("Errors", "Check that it is there and may be read."),
    )


def _cannot_open(file: Path, problem: OSError) -> UserFacingError:
    return unreadable(file) if isinstance(problem, IsADirectoryError) else cannot_read(file, problem)


def _packed(stream: BinaryIO, file: Path, progress: _Progress) -> Iterator[SourceReader]:
    import zipfile  # with all that it can unpack; only for this
    import zlib

    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError) as problem:
        raise unreadable(file) from problem
    with archive:
        members = [one for one in archive.infolist() if _PACKED.match(one.filename.rpartition("/")[2])]
        members = [one for one in members if not one.filename.startswith("__MACOSX/")]
        if not members:
            texts = [one for one in archive.infolist() if one.filename.lower().endswith(".json")]
            members = texts if len(texts) == 1 else []
        if not members or any(one.flag_bits & 1 for one in members):  # the bit says that it has a password
            raise unreadable(file)
        progress.total = sum(one.file_size for one in members)
        for member in sorted(members, key=lambda one: one.filename):
            try:
                packed = archive.open(member)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as problem:
                raise unreadable(file) from problem
            with packed:
                damage = (zipfile.BadZipFile, zlib.error, EOFError)
                yield SourceReader(packed, progress, member.compress_size, damage)  # type: ignore[arg-type]
