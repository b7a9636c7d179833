"""The answer on its way, at the end of the page: with each piece only what can still change is written anew."""

from __future__ import annotations

from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument

from desktop.history.records import StoredMessage
from desktop.ui.transcript.markdown import insert_markdown
from desktop.ui.transcript.markdown_source import FinalPart, final_part
from desktop.ui.transcript.message_lines import MessageLines

GROWING_KEY = "now"  # of the link that folds its thoughts


class StreamingAnswer:
    """Up to ``_body`` the document is final, what follows is written anew with each piece."""

    def __init__(self, lines: MessageLines, number: int, waiting: str) -> None:
        """
        Args:
            lines: Writes what is no text of the answer.
            number: Told apart from the answers before it by this: addresses of links are made of it.
            waiting: What the answer waits for.
        """
        self._lines = lines
        self._number = number
        self._waiting = waiting
        self._text: list[str] = []
        self._thought: list[str] = []
        self._start = self._body = QTextCursor()
        self._final = FinalPart()
        self._thought_is_final = False
        self.unfolded = False

    @property
    def text(self) -> str:
        """What has come of it, without the thoughts."""
        return "".join(self._text)

    @property
    def start(self) -> int:
        """Where it begins in the document."""
        return self._start.position()

    @property
    def start_mark(self) -> QTextCursor:
        """Stays where it begins, whatever is written above."""
        return self._start

    def open_at(self, cursor: QTextCursor) -> None:
        """Writes all of it at the end of a document, in the empty block that the cursor stands in."""
        self._start, self._body = mark(cursor), mark(cursor)
        self._final, self._thought_is_final = FinalPart(), False
        self._write()

    def add(self, text: str, thought: str) -> None:
        """Adds a piece of the answer and of the thoughts before it."""
        if text:
            self._text.append(text)
        if thought:
            self._thought.append(thought)
        self._write()

    def wait_for(self, words: str) -> None:
        """Says what it waits for, as long as nothing of it is there."""
        if self._waiting != words:
            self._waiting = words
            if not self._text and not self._thought:
                self._write()

    def toggle_thought(self) -> None:
        """Folds or unfolds the thoughts."""
        self.unfolded = not self.unfolded
        self._final, self._thought_is_final = FinalPart(), False
        self._body.setPosition(self._start.position())
        self._write()

    def is_like(self, message: StoredMessage) -> bool:
        """Tells whether what is written here is all of a message, and nothing else."""
        return bool(self._text) and not message.thinking and not self._thought and "".join(self._text) == message.text

    def _write(self) -> None:
        text, thought = "".join(self._text), "".join(self._thought)
        cursor = QTextCursor(self._document)
        cursor.setPosition(self._body.position())  # a copy of the mark would bring its anchor, which has moved on
        cursor.beginEditBlock()
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        cursor.setBlockFormat(self._lines.text_block())
        cursor.setBlockCharFormat(QTextCharFormat())
        if thought and not self._thought_is_final:
            self._lines.write_thought(cursor, thought, GROWING_KEY, unfolded=self.unfolded, growing=not text)
            if text:
                self._thought_is_final = True
                self._body.setPosition(cursor.position())
        final = final_part(text, self._final)
        if final.length > self._final.length:
            self._insert(cursor, text[self._final.length : final.length], ends_in=final.fence)
            cursor.insertBlock(self._lines.text_block(), QTextCharFormat())
            self._final = final
            self._body.setPosition(cursor.position())
        if text:
            self._insert(cursor, text[final.length :])
        elif not thought:
            self._lines.write_waiting(cursor, self._waiting)
        cursor.endEditBlock()

    def _insert(self, cursor: QTextCursor, piece: str, *, ends_in: str = "") -> None:
        key = f"{GROWING_KEY}{self._number}-{self._final.length}"
        begins_in = self._final.fence
        insert_markdown(cursor, piece, self._lines.style, key, begins_in=begins_in, ends_in=ends_in)

    @property
    def _document(self) -> QTextDocument:
        return self._start.document()


def mark(cursor: QTextCursor) -> QTextCursor:
    """Returns a cursor that stays before what is inserted at its place, and moves with what is inserted above."""
    made = QTextCursor(cursor)
    made.setKeepPositionOnInsert(True)
    return made
