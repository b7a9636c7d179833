"""The stretch of a document that is written: chunks are added at both of its ends, or another stretch is begun."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument

from desktop.documents.types import Document
from desktop.ui.documents.chunks import Chunk, cut_document
from desktop.ui.documents.writing import ChunkWriter, Segment, places_of
from desktop.ui.transcript.typography import Typography


@dataclass(frozen=True)
class _Written:
    """A chunk in the text document.

    Attributes:
        start: Stands at its first character.
    """

    start: QTextCursor
    segments: tuple[Segment, ...]


class DocumentPage:
    """Writes a document into a text document, as far as somebody looks at it."""

    def __init__(self, target: QTextDocument) -> None:
        """
        Args:
            target: Is cleared and owned from here on.
        """
        self._target = target
        self._document: Document | None = None
        self._chunks: tuple[Chunk, ...] = ()
        self._writer: ChunkWriter | None = None
        self._first = 0
        self._written: list[_Written] = []

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """All chunks of the document."""
        return self._chunks

    @property
    def written(self) -> range:
        """Which chunks are written."""
        return range(self._first, self._first + len(self._written))

    @property
    def has_earlier(self) -> bool:
        return self._first > 0

    @property
    def has_later(self) -> bool:
        return self.written.stop < len(self._chunks)

    def set_document(self, document: Document, style: Typography) -> None:
        """Takes another document; nothing of it is written yet."""
        self._clear(0)
        self._document = document
        self._chunks = cut_document(document)
        self.restyle(style)

    def restyle(self, style: Typography) -> None:
        """Writes in other fonts and colours from now on; nothing is written any more."""
        if self._document is not None:
            self._writer = ChunkWriter(self._document, style)
            self._clear(0)

    def begin_with(self, chunk: int) -> None:
        """Writes one chunk in the place of what is written."""
        self._clear(chunk)
        self.load_later()

    def load_later(self) -> bool:
        """Writes one more chunk below; returns whether there was one."""
        if self._writer is None or not self.has_later:
            return False
        cursor = QTextCursor(self._target)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if self._written:
            cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
        self._written.append(self._write(cursor, self.written.stop))
        return True

    def load_earlier(self) -> bool:
        """Writes one more chunk above; returns whether there was one."""
        if self._writer is None or not self.has_earlier:
            return False
        cursor = QTextCursor(self._target)
        cursor.beginEditBlock()
        cursor.insertBlock()
        cursor.setPosition(0)
        cursor.setBlockFormat(QTextBlockFormat())
        self._first -= 1
        self._written.insert(0, self._write(cursor, self._first))
        cursor.endEditBlock()
        return True

    def chunk_with(self, part: int, start: int) -> int:
        """Returns which chunk has a character of a part.

        Args:
            part: Place of the part in the document.
            start: Place of the character in its text.
        """
        found = bisect_right(self._chunks, (part, start), key=lambda chunk: (chunk.part, chunk.start)) - 1
        return max(0, min(found, len(self._chunks) - 1))

    def chunk_at(self, position: int) -> int:
        """Returns which chunk stands at a position of the text document; of an empty page the first."""
        found = bisect_right(self._written, position, key=lambda written: written.start.position()) - 1
        return self._first + max(0, found)

    def position_of(self, chunk: int) -> int:
        """Returns where a written chunk begins in the text document."""
        return self._written[chunk - self._first].start.position()

    def text_of(self, chunk: int) -> str:
        """Returns the text of a chunk, written or not."""
        assert self._document is not None
        piece = self._chunks[chunk]
        return self._document.parts[piece.part].text[piece.start : piece.end]

    def spans_in(self, chunk: int, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yields where characters of the text of a chunk stand in the text document; none: it is not written."""
        assert self._document is not None
        if chunk in self.written:
            piece, written = self._chunks[chunk], self._written[chunk - self._first]
            base, text = written.start.position(), self._document.parts[piece.part].text
            for begin, stop in places_of(written.segments, text, piece.start + start, piece.start + end):
                yield base + begin, base + stop

    def spans(self, part: int, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yields where characters of a part stand in the text document, as far as they are written."""
        for number in self.written:
            chunk = self._chunks[number]
            if chunk.part == part and chunk.start < end and chunk.end > start:
                yield from self.spans_in(number, start - chunk.start, end - chunk.start)

    def _write(self, cursor: QTextCursor, chunk: int) -> _Written:
        assert self._writer is not None
        position = cursor.position()
        segments = self._writer.write(cursor, self._chunks[chunk])
        start = QTextCursor(self._target)
        start.setPosition(position)
        return _Written(start, segments)

    def _clear(self, first: int) -> None:
        self._written = []
        self._first = first
        self._target.clear()
