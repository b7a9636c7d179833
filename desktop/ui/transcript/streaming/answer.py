"""The answer on its way, at the end of the page: with each piece only what can still change is written anew."""

from __future__ import annotations

from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument

from desktop.history.records import StoredMessage
from desktop.ui.transcript.markdown.source import FinalPart, final_part
from desktop.ui.transcript.message_lines import MessageLines
from desktop.ui.transcript.pieces import Piece, is_affordable, next_piece, piece_of

GROWING_KEY = "now"  # of the link that folds its thoughts


class StreamingAnswer:
    """Up to ``_body`` the document is final, what follows is written anew with each piece.

    Attributes:
        is_behind: More has come than can be written at once; :meth:`write` goes on with it.
    """

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
        self.is_behind = False

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

    @property
    def written(self) -> FinalPart:
        """What is final of it, and written."""
        return self._final

    def stays(self, message: StoredMessage) -> bool:
        """Tells whether what is written here is to stay as the message that it has become.

        It is if it looks as if it had been written at once, or is so long that it would not be written at once.
        """
        if not self._text or message.thinking or self._thought or "".join(self._text) != message.text:
            return False
        return not final_part(message.text, self._final).length or not is_affordable(message.text)

    def open_at(self, cursor: QTextCursor) -> None:
        """Writes all of it at the end of a document, in the empty block that the cursor stands in."""
        self._start, self._body = mark(cursor), mark(cursor)
        self._final, self._thought_is_final = FinalPart(), False
        self.write()

    def add(self, text: str, thought: str) -> None:
        """Adds a piece of the answer and of the thoughts before it."""
        self.take(text, thought)
        self.write()

    def take(self, text: str, thought: str) -> None:
        """Adds a piece without writing it; :meth:`write` follows, or the end."""
        if text:
            self._text.append(text)
        if thought:
            self._thought.append(thought)

    def write(self) -> None:
        """Writes anew what can still change, and at the most one piece of what is final: see :attr:`is_behind`."""
        text, thought = "".join(self._text), "".join(self._thought)
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()  # first of all: outside of one, Qt lays out what a cursor is put on
        cursor.setPosition(self._body.position())  # a copy of the mark would bring its anchor, which has moved on
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        cursor.setBlockFormat(self._lines.text_block())
        cursor.setBlockCharFormat(QTextCharFormat())
        if thought and not self._thought_is_final:
            self._lines.write_thought(cursor, thought, GROWING_KEY, unfolded=self.unfolded, growing=not text)
            if text:
                self._thought_is_final = True
                self._body.setPosition(cursor.position())
        following = next_piece(text, self._final, grows=True)
        if following is not None:
            piece, after = following
            self._insert(cursor, piece)
            self._final = after
            cursor.insertBlock(self._lines.text_block(), QTextCharFormat())
            self._body.setPosition(cursor.position())
        self.is_behind = next_piece(text, self._final, grows=True) is not None
        if text and not self.is_behind:
            rest, length = text[self._final.length :], self._final.length
            goes_on = length > 0 and text[length - 1] != "\n"
            self._insert(cursor, piece_of(rest, self._final, FinalPart(len(text)), goes_on=goes_on))
        elif not text and not thought:
            self._lines.write_waiting(cursor, self._waiting)
        cursor.endEditBlock()

    def wait_for(self, words: str, *, is_written: bool) -> None:
        """Says what it waits for, as long as nothing of it is there.

        Args:
            words: What to say.
            is_written: It has been opened in the document, and its end is there.
        """
        if self._waiting != words:
            self._waiting = words
            if is_written and not self._text and not self._thought:
                self.write()

    def toggle_thought(self) -> None:
        """Folds or unfolds the thoughts."""
        self.unfolded = not self.unfolded
        self._final, self._thought_is_final = FinalPart(), False
        self._body.setPosition(self._start.position())
        self.write()

    def _insert(self, cursor: QTextCursor, piece: Piece) -> None:
        """Writes a piece that follows what is final."""
        self._lines.write_piece(cursor, piece, f"{GROWING_KEY}{self._number}-{self._final.length}")

    @property
    def _document(self) -> QTextDocument:
        return self._start.document()


def mark(cursor: QTextCursor) -> QTextCursor:
    """Returns a cursor that stays before what is inserted at its place, and moves with what is inserted above."""
    made = QTextCursor(cursor)
    made.setKeepPositionOnInsert(True)
    return made
