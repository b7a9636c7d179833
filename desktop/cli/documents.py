"""The document that a question on the command line is about: a file that is named, or what is piped to stdin."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from desktop.cli import common
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.documents.question import title_of
from desktop.documents.reader import read_document
from desktop.documents.types import Document, Limits, PartKind, ReadingProgress
from desktop.settings.options import option_for

_CHUNK: Final = 1 << 20
# A pipe that nobody writes to and nobody closes looks as if Catnap hung.
_SAY_AFTER_SECONDS: Final = 3.0
# Contexts are chosen in such steps.
_STEP: Final = 1024
# Characters for each token differ from page to page.
_CAREFUL: Final = 0.9


def read_about(file: str | None, stdin_is_question: bool, parts: tuple[range, ...] | None) -> Document | None:
    """Reads the document that a question is about; None: there is none.

    Args:
        file: Its name; None: it may be piped.
        stdin_is_question: What is piped is the question, and no document.
        parts: Numbers of the parts that are meant; None: all.

    Raises:
        UserFacingError: It cannot be read, or has no such parts.
    """
    progress = common.ProgressLine()

    def show(reading: ReadingProgress) -> None:
        of = f" of {reading.total:,}" if reading.total else ""
        progress.show(f"reading the document: {reading.done:,}{of}, {reading.characters:,} characters")

    try:
        if file is not None:
            document = read_document(common.absolute_path(file), progress=show)
        elif stdin_is_question or (piped := _piped()) is None:
            if parts is not None:
                raise UserFacingError("There is no document to take parts of.", "", "Name one: --file FILE")
            return None
        else:
            with piped as folder:
                document = read_document(Path(folder) / "stdin", progress=show)
    finally:
        progress.clear()
    return document if parts is None else _only(document, parts)


def does_not_fit(document: Document, problem: MessageTooLongError, n_ctx: int, asked: int) -> UserFacingError:
    """Returns what to say of a document that is too long for the context, with what would fit.

    Args:
        document: What was asked about.
        problem: What the engine has said.
        n_ctx: The context, in tokens.
        asked: Characters of all that the model was to read.
    """
    ways = []
    titles = {part.number: len(f"[{title_of(part)}]\n\n\n") for part in document.parts}
    room = asked * problem.room / problem.tokens * _CAREFUL
    room -= asked - document.characters - sum(titles.values())  # what stands around the text stays
    numbers = []
    for part in document.parts:
        room -= part.characters + titles[part.number]
        if room < 0:
            break
        numbers.append(part.number)
    if numbers and len(document.parts) > 1:
        first, last = numbers[0], numbers[-1]
        ways.append(f"--parts {first}-{last}" if first < last else f"--parts {first}")
    needed = -(-(problem.tokens + n_ctx - problem.room) // _STEP) * _STEP
    if needed <= option_for("n_ctx").maximum:
        ways.append(f"--ctx {needed}, which takes more memory")
    if not ways:
        ways.append("a shorter document, or a part of it saved as one")
    return UserFacingError(
        "The document does not fit into the model's context.",
        f"{document.name}: {problem.tokens:,} tokens, room for {problem.room:,}.",
        f"What would: {'; or '.join(ways)}.",
    )


def _piped() -> tempfile.TemporaryDirectory[str] | None:
    """Returns a folder with what is piped to stdin, in a file of that name; None: nothing is.

    A terminal is not waited for, and neither is what scripts of other programs leave there: a device, a socket.
    """
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):  # it is closed
        return None
    if not (stat.S_ISFIFO(mode) or stat.S_ISREG(mode)):
        return None
    folder = tempfile.TemporaryDirectory(prefix="catnap-", ignore_cleanup_errors=True)
    hint = threading.Timer(
        _SAY_AFTER_SECONDS, common.warn, ("waiting for the end of what is piped to stdin; none is wanted: < /dev/null",)
    )
    hint.daemon = True
    hint.start()
    try:
        size = _copy(Path(folder.name) / "stdin")
    except BaseException:
        folder.cleanup()
        raise
    finally:
        hint.cancel()
    if size:
        return folder
    folder.cleanup()
    return None


def _copy(target: Path) -> int:
    most, size = Limits().file_bytes, 0
    with target.open("wb") as file:
        while chunk := sys.stdin.buffer.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise UserFacingError("The text on stdin is too long.", f"More than {format_bytes(most)}.")
            file.write(chunk)
    return size


def _only(document: Document, wanted: Iterable[range]) -> Document:
    """Returns a document with some of its parts.

    Raises:
        UserFacingError: It has none of them.
    """
    ranges = tuple(wanted)
    parts = tuple(part for part in document.parts if any(part.number in each for each in ranges))
    if not parts:
        numbers = [part.number for part in document.parts]
        is_whole = document.parts[0].kind is PartKind.WHOLE
        there = (
            "it has no parts" if is_whole else f"it has {document.parts[0].kind.value}s {numbers[0]} to {numbers[-1]}"
        )
        raise UserFacingError("The document has no such parts with text.", f"{document.name}: {there}.")
    return replace(document, parts=parts)
