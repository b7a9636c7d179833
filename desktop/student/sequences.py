"""The file that a teacher's answers are kept in, with what it thought before each token. Standard library only.

Little-endian throughout, so that NumPy reads it with ``frombuffer``; docs/adr/029 says why it is not pickle or JSON.

Head: ``CATNAPKD``; version (u16, 1); number of temperatures t (u16); logits kept of a token k (u32); tokens of the
vocabulary (u32); the temperatures (t times f32).

Then a record for each answer: bytes of its body (u32), CRC-32 of the body (u32), and the body: id of the prompt (16
bytes); tokens of the prompt p and of the answer a (u32 each); flags (u32; 1: the answer came to its end); the tokens
(p + a times u32); for each token of the answer what was thought before it, see
:func:`desktop.engine.llama.distillation.logits.record_size`: the best logit (f32); the logarithm of the sum of
exp(logit / T) over the whole vocabulary for each temperature T (f32); the ids of the k best tokens, the best first
(u32); how far the logit of each lies below the best (f16).

A program that is killed leaves at most one record cut off at the end, which :func:`open_for_more` takes away. A record
that is damaged in between, as a bad disk or memory leaves it, counts for nothing; those behind it are found again.
"""

from __future__ import annotations

import math
import os
import re
import struct
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError, name_file

_MAGIC: Final = b"CATNAPKD"
_VERSION: Final = 1
_HEAD: Final = struct.Struct("<8sHHII")
_RECORD: Final = struct.Struct("<II")
_BODY: Final = struct.Struct("<16sIII")
_WHOLE: Final = 1
# The logarithm of a chance that no best token has.
UNKNOWN: Final = -30.0
# Of one record; 8,192 tokens with 4,096 logits each have 200 MB.
_MOST_BYTES: Final = 256 * 1024 * 1024
# How a record begins, as far as that is alike for all: with some tokens, fewer than 16 million, and the flags.
_BEGINNING: Final = re.compile(rb"(?=.{24}(?!\0{3}).{3}\0(?!\0{3}).{3}\0[\0\1]\0{3})", re.DOTALL)
_HEADS: Final = _RECORD.size + _BODY.size
_OTHERWISE: Final = QT_TRANSLATE_NOOP("Errors", "Put back a copy of it, or remove it and collect the answers again.")
# Bytes that are searched at once for the next record.
_WINDOW: Final = 1 << 20


@dataclass(frozen=True)
class Layout:
    """What is the same for all answers of a file.

    Attributes:
        vocabulary: Tokens that the teacher has.
        kept: Logits that are kept of a token.
        temperatures: That there are sums for; the first is 1.
    """

    vocabulary: int
    kept: int
    temperatures: tuple[float, ...]

    @property
    def token_bytes(self) -> int:
        """Bytes of what was thought before one token."""
        return 4 + 4 * len(self.temperatures) + 6 * self.kept


@dataclass(frozen=True)
class Thought:
    """What the teacher thought before a token.

    Attributes:
        totals: The logarithm of the sum of exp(logit / T) over the vocabulary, for each temperature.
        ids: The best tokens, the best first.
        logits: Theirs, at temperature 1.
    """

    totals: tuple[float, ...]
    ids: tuple[int, ...]
    logits: tuple[float, ...]

    @property
    def is_known(self) -> bool:
        """Whether anything of it is: a teacher of other tokens has begun none here."""
        return self.logits[0] - self.totals[0] > UNKNOWN

    def mass(self, place: int, temperature: float, kept: int | None = None) -> float:
        """Returns the share of the whole probability that the best tokens hold.

        Args:
            place: Of the temperature among those that there are sums for.
            temperature: The same as a number.
            kept: Of how many tokens; None: of all that are kept.
        """
        return sum(math.exp(logit / temperature - self.totals[place]) for logit in self.logits[:kept])


@dataclass(frozen=True)
class TaughtSequence:
    """An answer of the teacher's, with the question before it.

    Attributes:
        id: Of the prompt, 32 hexadecimal digits.
        tokens: The question as the chat template has it, and the answer.
        first: Where the answer begins.
        is_whole: The answer came to its end, and was not cut off.
        layout: Of its file.
        thoughts: What was thought before each token of the answer, as bytes.
    """

    id: str
    tokens: tuple[int, ...]
    first: int
    is_whole: bool
    layout: Layout
    thoughts: bytes

    @property
    def length(self) -> int:
        """Tokens of the answer."""
        return len(self.tokens) - self.first

    def thought(self, place: int) -> Thought:
        """Returns what was thought before a token of the answer."""
        kept, count = self.layout.kept, len(self.layout.temperatures)
        numbers = struct.unpack_from(f"<f{count}f{kept}I{kept}e", self.thoughts, place * self.layout.token_bytes)
        best, below = numbers[0], numbers[1 + count + kept :]
        return Thought(numbers[1 : 1 + count], numbers[1 + count : 1 + count + kept], tuple(best - x for x in below))

    def ids(self, kept: int) -> array[int]:
        """Returns the ids of the best tokens before each token of the answer, in a row.

        Args:
            kept: Of how many.
        """
        size, begin = self.layout.token_bytes, 4 + 4 * len(self.layout.temperatures)
        ids = array("I")
        for place in range(self.length):
            ids.extend(struct.unpack_from(f"<{kept}I", self.thoughts, place * size + begin))
        return ids

    def cut(self, length: int) -> TaughtSequence:
        """Returns the sequence with no more than so many tokens of the answer."""
        if self.length <= length:
            return self
        return TaughtSequence(
            self.id,
            self.tokens[: self.first + length],
            self.first,
            is_whole=False,
            layout=self.layout,
            thoughts=self.thoughts[: length * self.layout.token_bytes],
        )


class Appender:
    """A file that answers are added to; each is on the disk before the next is asked for. A context manager.

    Attributes:
        layout: Of the file.
        ids: Of the prompts that have their answer.
        lost: Bytes of records that are damaged, or were never finished: these are taken away from the end.
    """

    def __init__(self, stream: BinaryIO, layout: Layout, ids: Sequence[str], lost: int) -> None:
        """
        Args:
            stream: At the end of the file.
            layout: See the attribute.
            ids: See the attribute.
            lost: See the attribute.
        """
        self._stream = stream
        self.layout = layout
        self.ids = list(ids)
        self.lost = lost

    def __enter__(self) -> Appender:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def add(self, sequence: TaughtSequence) -> None:
        """Adds an answer.

        Raises:
            OSError: It cannot be written; what there was before stays readable.
        """
        tokens = struct.pack(f"<{len(sequence.tokens)}I", *sequence.tokens)
        flags = _WHOLE if sequence.is_whole else 0
        head = _BODY.pack(bytes.fromhex(sequence.id), sequence.first, sequence.length, flags)
        body = head + tokens + sequence.thoughts
        try:
            self._stream.write(_RECORD.pack(len(body), zlib.crc32(body)) + body)
            self._stream.flush()
            os.fsync(self._stream.fileno())
        except OSError as problem:
            name_file(problem, Path(self._stream.name))
            raise
        self.ids.append(sequence.id)


def open_for_more(path: Path, layout: Layout) -> Appender:
    """Opens a file to add answers to, or makes one. Whatever lies behind its last whole record is taken away.

    Args:
        path: The file; its folder is there.
        layout: Of a new file; an old one must have the same.

    Raises:
        UserFacingError: There is a file with another layout, or something that is no such file.
        OSError: It cannot be written.
    """
    count = len(layout.temperatures)
    head = _HEAD.pack(_MAGIC, _VERSION, count, layout.kept, layout.vocabulary)
    head += struct.pack(f"<{count}f", *layout.temperatures)
    if not path.exists() or _is_begun(path, head):
        stream: BinaryIO = path.open("wb")
        stream.write(head)
        stream.flush()
        os.fsync(stream.fileno())
        return Appender(stream, layout, (), 0)
    stream = path.open("r+b")
    try:
        found = _read_head(stream, path)
        if (found.vocabulary, found.kept) != (layout.vocabulary, layout.kept) or not _alike(found, layout):
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "These answers were collected in another way."),
                f"{path}: {found.kept} logits at {found.temperatures}.",
                QT_TRANSLATE_NOOP("Errors", "Begin another project for it."),
            )
        end, ids = stream.tell(), []
        whole = end
        for body in _read_bodies(stream, found):
            end = stream.tell()
            whole += _RECORD.size + len(body)
            ids.append(body[:16].hex())
        lost = stream.seek(0, os.SEEK_END) - whole
        stream.truncate(end)
        stream.seek(end)
        return Appender(stream, found, ids, lost)
    except BaseException:
        stream.close()
        raise


def _is_begun(path: Path, head: bytes) -> bool:
    """Tells whether there is no more than a part of a head, which a full disk or a kill has left."""
    with path.open("rb") as stream:
        found = stream.read(len(head))
    return len(found) < len(head) and head.startswith(found)


def read_layout(path: Path) -> Layout:
    """Returns the layout of a file.

    Raises:
        UserFacingError: It is no such file, or is not there.
    """
    with _opened(path) as stream:
        return _read_head(stream, path)


def read_sequences(path: Path) -> Iterator[TaughtSequence]:
    """Yields the answers of a file, without those that are damaged and one that was cut off at its end.

    Raises:
        UserFacingError: It is no such file, or is not there.
    """
    with _opened(path) as stream:
        layout = _read_head(stream, path)
        for body in _read_bodies(stream, layout):
            yield _parse(body, layout, path)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The teacher's answers cannot be read."), f"{path}: {why}.", _OTHERWISE
        ) from problem


def _read_head(stream: BinaryIO, path: Path) -> Layout:
    head = stream.read(_HEAD.size)
    if len(head) == _HEAD.size:
        magic, version, count, kept, vocabulary = _HEAD.unpack(head)
        temperatures = stream.read(4 * count)
        if magic == _MAGIC and version == _VERSION and len(temperatures) == 4 * count and count and kept:
            return Layout(vocabulary, kept, struct.unpack(f"<{count}f", temperatures))
    raise _no_answers(path)


def _no_answers(path: Path) -> UserFacingError:
    title = QT_TRANSLATE_NOOP("Errors", "This is no file of a teacher's answers.")
    return UserFacingError(title, f"{path}.", _OTHERWISE)


def _read_bodies(stream: BinaryIO, layout: Layout) -> Iterator[bytes]:
    """Yields the body of each record that is whole; the stream stands behind it then."""
    while True:
        begin = stream.tell()
        while (body := _read_body(stream)) is None:
            place = _find_record(stream, begin + 1, layout)
            if place is None:
                return
            begin = stream.seek(place)
        yield body


def _find_record(stream: BinaryIO, begin: int, layout: Layout) -> int | None:
    """Returns where the next record seems to begin; None: nowhere."""
    while True:
        stream.seek(begin)
        window = stream.read(_WINDOW + _HEADS)
        for match in _BEGINNING.finditer(window):
            size, _ = _RECORD.unpack_from(window, match.start())
            _, prompt, answer, _ = _BODY.unpack_from(window, match.start() + _RECORD.size)
            if size == _BODY.size + 4 * (prompt + answer) + answer * layout.token_bytes and answer:
                return begin + match.start()
        if len(window) < _WINDOW + _HEADS:
            return None
        begin += _WINDOW


def _read_body(stream: BinaryIO) -> bytes | None:
    """Returns the body of the next record; None: there is none that is whole."""
    head = stream.read(_RECORD.size)
    if len(head) < _RECORD.size:
        return None
    size, checksum = _RECORD.unpack(head)
    if not _BODY.size <= size <= _MOST_BYTES:
        return None
    body = stream.read(size)
    return body if len(body) == size and zlib.crc32(body) == checksum else None


def _parse(body: bytes, layout: Layout, path: Path) -> TaughtSequence:
    name, prompt, answer, flags = _BODY.unpack_from(body)
    begin = _BODY.size + 4 * (prompt + answer)
    if len(body) != begin + answer * layout.token_bytes or not prompt:
        raise _no_answers(path)
    tokens = struct.unpack_from(f"<{prompt + answer}I", body, _BODY.size)
    return TaughtSequence(name.hex(), tokens, prompt, bool(flags & _WHOLE), layout, body[begin:])


def _alike(one: Layout, other: Layout) -> bool:
    return len(one.temperatures) == len(other.temperatures) and all(
        math.isclose(mine, theirs, rel_tol=1e-6)
        for mine, theirs in zip(one.temperatures, other.temperatures, strict=True)
    )
