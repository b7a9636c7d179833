"""Writes one message of a conversation: what stands above it, its text piece by piece, and its last line."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor

from desktop.engine.types import Role
from desktop.history.records import StoredMessage
from desktop.ui.conversations.moments import day_words
from desktop.ui.transcript.markdown.source import FinalPart
from desktop.ui.transcript.message_lines import MessageLines
from desktop.ui.transcript.pieces import next_piece, plain_piece, shown_at_first
from desktop.ui.transcript.streaming.answer import mark


@dataclass
class WrittenMessage:
    """A message in the document.

    Attributes:
        start: Stands at its first character.
        unfolded: Its thoughts can be seen.
        written: How much of its text is written.
        rest: Stands in the line that offers the rest; None: all is written.
    """

    message: StoredMessage
    start: QTextCursor
    unfolded: bool = False
    written: FinalPart = field(default_factory=FinalPart)
    rest: QTextCursor | None = None


class MessageWriter:
    """Knows how a message is written, and not which ones are."""

    def __init__(self, lines: MessageLines) -> None:
        """
        Args:
            lines: Writes each block.
        """
        self._lines = lines

    def write(
        self,
        cursor: QTextCursor,
        message: StoredMessage,
        *,
        day: date | None,
        is_first: bool,
        cut: int,
        unfolded: bool,
        with_actions: bool,
    ) -> WrittenMessage:
        """Writes a message into a new block after the cursor, which ends behind it.

        Args:
            cursor: Where.
            message: Its text is written as far as it can be afforded at once.
            day: Begins with it; None: it is of the same day as what is above.
            is_first: Nothing of the conversation comes before it.
            cut: How many messages above it the model reads no longer, if the line that says so comes here; else 0.
            unfolded: Its thoughts can be seen.
            with_actions: It is the last one, whose last line offers what can be done.
        """
        cursor.insertBlock(self._lines.text_block(), QTextCharFormat())
        start = mark(cursor)
        if day is not None:
            self._lines.write_day(cursor, day_words(day), is_first=is_first)
            cursor.insertBlock(self._lines.text_block(), QTextCharFormat())
        if cut:
            self._lines.write_cut(cursor, cut)
            cursor.insertBlock(self._lines.text_block(), QTextCharFormat())
        entry = WrittenMessage(message, start, unfolded)
        if message.role is Role.USER:
            self._write_pieces(cursor, entry, shown_at_first(message.text, is_plain=True))
            if message.versions > 1:
                cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
                self._lines.write_versions(cursor, message)
            return entry
        if message.thinking:
            self._lines.write_thought(cursor, message.thinking, str(message.id), unfolded=unfolded, growing=False)
        self._write_pieces(cursor, entry, shown_at_first(message.text))
        cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
        self._lines.write_foot(cursor, message, with_actions=with_actions)
        return entry

    def write_more(self, cursor: QTextCursor, entry: WrittenMessage) -> bool:
        """Writes one more piece of a message in the place of the line that offers it; returns whether there is another.

        Args:
            cursor: Of the document; it is moved.
            entry: The message.
        """
        if entry.rest is None:
            return False
        cursor.beginEditBlock()
        cursor.setPosition(entry.rest.position())
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        cursor.setBlockFormat(self._lines.text_block())
        cursor.setBlockCharFormat(QTextCharFormat())
        self._write_pieces(cursor, entry, entry.written.length + 1)
        cursor.endEditBlock()
        return entry.rest is not None

    def write_end(self, cursor: QTextCursor, entry: WrittenMessage, *, is_whole: bool) -> None:
        """Writes what follows the text of an answer that has grown, and is the last message.

        Args:
            cursor: Stands in the empty block behind what is written of it.
            entry: The answer.
            is_whole: All of its text is written.
        """
        if not is_whole:
            self._offer_rest(cursor, entry)
        cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
        self._lines.write_foot(cursor, entry.message, with_actions=True)

    def _write_pieces(self, cursor: QTextCursor, entry: WrittenMessage, until: int) -> None:
        """Writes the next pieces of a message into the empty block that the cursor stands in, and what offers the rest.

        The cursor stands in the last block then.

        Args:
            cursor: Where.
            entry: The message.
            until: Characters of it that are to be written at least.
        """
        message, key = entry.message, str(entry.message.id)
        entry.rest, first = None, entry.written.length
        while (start := entry.written.length) < until or start == first:
            if start > first:
                cursor.insertBlock(self._lines.text_block(), QTextCharFormat())
            if message.role is Role.USER:
                entry.written = FinalPart(plain_piece(message.text, start))
                self._lines.write_question(cursor, message, start, entry.written.length)
            else:
                following = next_piece(message.text, entry.written, grows=False)
                if following is not None:
                    piece, entry.written = following
                    self._lines.write_piece(cursor, piece, f"{key}-{start}" if start else key)
            if entry.written.length >= len(message.text):
                return
        cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
        self._offer_rest(cursor, entry)

    def _offer_rest(self, cursor: QTextCursor, entry: WrittenMessage) -> None:
        entry.rest = mark(cursor)
        message = entry.message
        self._lines.write_rest(cursor, str(message.id), len(message.text) - entry.written.length)
