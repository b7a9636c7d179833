"""The document that a question on the command line is about: a file that is named, or what is piped to stdin."""

from __future__ import annotations

import os
import re
import stat
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop.cli import common
from desktop.common.atomic_file import sweep_folders
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.documents.library.states import state_id
from desktop.documents.library.stored import identity_of
from desktop.documents.question import headed, opening_with, question_about_passages, task_for, text_of, title_of
from desktop.documents.reader import read_document
from desktop.documents.types import Document, Limits, PartKind, ReadingProgress
from desktop.engine.types import Message, Role
from desktop.machine.process import is_alive
from desktop.settings.options import option_for

if TYPE_CHECKING:
    from desktop.documents.passages.index import Found

_CHUNK: Final = 1 << 20
# The folder of what is piped, with the number of the process that reads it.
_PIPED: Final = re.compile(r"catnap-piped-(?P<writer>[0-9]+)-[a-z0-9_]{8}")
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


@dataclass(frozen=True)
class Asked:
    """What a model is asked.

    Attributes:
        opening: The document, before the question; empty: there is none, or it does not fit.
        state_id: Under which id what was read of a document is kept; None: it is not.
        given: Passages that stand in it instead of the whole document; None: there is no such thing.
    """

    messages: tuple[Message, ...]
    opening: str = ""
    state_id: str | None = None
    given: tuple[Found, ...] | None = None

    @property
    def characters(self) -> int:
        return len(self.opening) + sum(len(message.text) for message in self.messages)


def instructed(system: str, question: str) -> tuple[Message, ...]:
    """Returns a question with what the model is told before it; empty: nothing."""
    asked = Message(Role.USER, question)
    return (Message(Role.SYSTEM, system), asked) if system.strip() else (asked,)


def about_document(document: Document, system: str, question: str, task: str | None = None) -> Asked:
    """Returns a question about a whole document; the same document asked about tomorrow is not read again.

    Args:
        document: What was read, or the parts of it that are meant.
        system: What the model is told otherwise.
        question: As the person has put it.
        task: How it is put below the document; None: as :func:`task_for` puts it.
    """
    text = text_of(document)
    opening, asked = opening_with(text), instructed(system, task or task_for(question, text))
    return Asked(asked, opening, state_id(identity_of(document), system, opening))


def about_passages(document: Document, system: str, question: str, task: str | None = None) -> Asked:
    """Returns a question about a document that does not fit, with the passages that it is about.

    Args:
        document: See :func:`about_document`.
        system: See there.
        question: See there.
        task: See there.
    """
    from desktop.documents.passages.one_question import passages_about  # nobody else needs what it imports

    found = passages_about(document, question)
    parts = {part.number: part for part in document.parts}
    texts = [headed(title_of(parts[one.passage.part]), one.passage.text) for one in found]
    return Asked(instructed(system, question_about_passages(texts, question, task)), given=found)


def say_passages(
    document: Document, problem: MessageTooLongError, whole: Asked, asked: Asked, n_ctx: int | None
) -> None:
    """Says on stderr that a document does not fit, what the model is given instead, and what would let it read all.

    Args:
        document: What was asked about.
        problem: What the engine has said.
        whole: What did not fit.
        asked: What is asked instead.
        n_ctx: The context, in tokens; None: it cannot be chosen.
    """
    given = asked.given or ()
    parts = {part.number: part for part in document.parts}
    titles = dict.fromkeys(title for one in given if (title := title_of(parts[one.passage.part])))
    count = "1 passage" if len(given) == 1 else f"{len(given)} passages"
    where = f"{count} of {', '.join(titles)}" if titles else count
    common.warn(
        f"the document does not fit into the context ({problem.tokens:,} tokens, room for {problem.room:,}); "
        + (f"asked with {where}." if given else "nothing about the question was found in it.")
        + f" All of it: {'; or '.join(_ways(document, problem, whole, n_ctx)) or 'a model with a larger context'}."
    )


def does_not_fit(document: Document, problem: MessageTooLongError, asked: Asked, n_ctx: int | None) -> UserFacingError:
    """Returns what to say where not even passages fit into the context, with what would.

    Args:
        document: What was asked about.
        problem: What the engine has said.
        asked: What it was asked.
        n_ctx: The context, in tokens; None: it cannot be chosen.
    """
    ways = [*_ways(document, problem, asked, n_ctx), "a shorter question"]
    return UserFacingError(
        "The document does not fit into the model's context.",
        f"{document.name}: {problem.tokens:,} tokens, room for {problem.room:,}.",
        f"What would: {'; or '.join(ways)}.",
    )


def _ways(document: Document, problem: MessageTooLongError, asked: Asked, n_ctx: int | None) -> list[str]:
    """Returns what could be written on the command line for a document to fit."""
    ways = []
    titles = {part.number: len(f"[{title_of(part)}]\n\n\n") for part in document.parts}
    room = asked.characters * problem.room / problem.tokens * _CAREFUL
    room -= asked.characters - document.characters - sum(titles.values())  # what stands around the text stays
    numbers = []
    for part in document.parts if asked.given is None else ():
        room -= part.characters + titles[part.number]
        if room < 0:
            break
        numbers.append(part.number)
    if numbers and len(document.parts) > 1:
        first, last = numbers[0], numbers[-1]
        ways.append(f"--parts {first}-{last}" if first < last else f"--parts {first}")
    if n_ctx is None:
        return ways
    needed = -(-(problem.tokens + n_ctx - problem.room) // _STEP) * _STEP
    if needed <= option_for("n_ctx").maximum:
        ways.append(f"--ctx {needed}, which takes more memory")
    return ways


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
    sweep_folders(Path(tempfile.gettempdir()), _PIPED, is_alive)  # what was piped to one that was killed
    folder = tempfile.TemporaryDirectory(prefix=f"catnap-piped-{os.getpid()}-", ignore_cleanup_errors=True)
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
