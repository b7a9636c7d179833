"""The conversation as one text document: which messages are written, and the growing answer at its end.

Only a stretch of a long conversation is written, at first its newest messages. What is before and after it follows in
chunks when it is asked for, and another stretch takes its place where somebody goes far away. So opening, and going to
any message, costs the same whatever the length.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument

from desktop.engine.types import Role
from desktop.history.records import StoredMessage
from desktop.ui.transcript.days import day_begun, is_on_several
from desktop.ui.transcript.message_lines import DescribeSources, FindLanguage, MessageLines
from desktop.ui.transcript.message_writer import MessageWriter, WrittenMessage
from desktop.ui.transcript.streaming.answer import GROWING_KEY, StreamingAnswer
from desktop.ui.transcript.typography import Typography

# One chunk is laid out within some 10 ms on the machine of docs/ARCHITECTURE.md, within 100 ms on one ten times slower.
_CHUNK_CHARACTERS = 4_000
_CHUNK_MESSAGES = 8
_HEIGHTS = QTextBlockFormat.LineHeightTypes
# Points. No font can be had at less than half a pixel: Qt then tries every one there is, for 50 to 100 ms.
_FLAT = 1.0


class TranscriptPage:
    """Writes a conversation into a document."""

    def __init__(self, document: QTextDocument, style: Typography, parent: QObject) -> None:
        """
        Args:
            document: Is cleared and owned from here on.
            style: Fonts and colours; replaced by :meth:`restyle`.
            parent: Owner of what needs one.
        """
        self._document = document
        self._style = style
        self._lines = MessageLines(style, parent)
        self._writer = MessageWriter(self._lines)
        self._messages: list[StoredMessage] = []
        self._first = 0  # of the messages, the one that the written stretch begins with
        self._entries: list[WrittenMessage] = []
        self._unfolded: set[int] = set()  # ids; also of what is not written now
        self._growing: StreamingAnswer | None = None  # in the document while its end is the end of the conversation
        self._cut = 0
        self._has_days = False  # what was said was said on several
        self._begun = 0  # answers, to tell them apart
        self.show((), 0)

    @property
    def document(self) -> QTextDocument:
        """What it is written into."""
        return self._document

    @property
    def messages(self) -> Sequence[StoredMessage]:
        """All messages of the conversation, also those not yet written."""
        return self._messages

    @property
    def cut(self) -> int:
        """How many messages are read by the model no longer."""
        return self._cut

    @property
    def read(self) -> int | None:
        """Which message is read aloud; None: none is."""
        return self._lines.read

    def describe_sources(self, describe: DescribeSources) -> None:
        """Takes who says what the places are called that answers were taken from; for what is written from now on."""
        self._lines.describe_sources = describe

    def find_language(self, find: FindLanguage) -> None:
        """Takes who knows whether the last answer came in another language; for what is written from now on."""
        self._lines.find_language = find

    def note_words(self, message: StoredMessage) -> str:
        """Returns the lines below an answer that say what it rests on; empty: there is none."""
        is_last = self._growing is None and message is self._messages[-1]
        return self._lines.note_words(message, with_actions=is_last)

    @property
    def has_earlier(self) -> bool:
        return self._first > 0

    @property
    def is_end_written(self) -> bool:
        """Whether what is written reaches to the end of the conversation."""
        return self._last == len(self._messages)

    @property
    def written(self) -> range:
        """Which messages are written."""
        return range(self._first, self._last)

    @property
    def _last(self) -> int:
        return self._first + len(self._entries)

    @property
    def is_growing(self) -> bool:
        return self._growing is not None

    @property
    def growing_text(self) -> str:
        """What has come of the answer that grows, without its thoughts."""
        return self._growing.text if self._growing is not None else ""

    def unfolded(self) -> set[int]:
        """Returns the ids of the messages whose thoughts can be read."""
        return {entry.message.id for entry in self._entries if entry.unfolded}

    def index_of(self, message_id: int | None) -> int | None:
        """Returns which message it is; the growing answer, which has no id, follows the last one. None: it is gone."""
        if message_id is None:
            return len(self._messages) if self._growing is not None else None
        index = bisect_left(self._messages, message_id, key=lambda message: message.id)  # ids grow along a path
        return index if index < len(self._messages) and self._messages[index].id == message_id else None

    def spans(self) -> Iterator[tuple[StoredMessage | None, int, int]]:
        """Yields each written message with where it begins and what follows it; None: the growing answer."""
        for place, entry in enumerate(self._entries):
            yield entry.message, entry.start.position(), self._following(place)
        if self._growing is not None and self.is_end_written:
            yield None, self._growing.start, self._document.characterCount()

    def show(self, messages: Sequence[StoredMessage], cut: int) -> None:
        """Writes the newest messages of a conversation in the place of what was there."""
        self._messages = list(messages)
        self._cut = cut
        self._has_days = is_on_several(self._messages)
        self._growing = None
        self._unfolded = set()
        self._entries = []
        self.show_end()

    def show_end(self) -> None:
        """Writes the newest messages in the place of what is written."""
        self._clear(len(self._messages))
        self.load_earlier()
        if self._growing is not None:
            self._open_growing(self._growing)

    def show_from(self, index: int) -> None:
        """Writes a chunk that begins with a message in the place of what is written."""
        if index >= len(self._messages):
            self.show_end()
            return
        self._clear(index)
        self.load_later()

    def alone(self, message: StoredMessage) -> TranscriptPage:
        """Returns a page of its own with one message, written as it is or would be here."""
        page = TranscriptPage(QTextDocument(self._lines), self._style, self._lines)
        page._lines.describe_sources = self._lines.describe_sources
        page._messages = [message]
        page._unfolded = {message.id} & self._unfolded
        page.show_end()
        return page

    def restyle(self, style: Typography) -> None:
        """Writes the newest messages again, with other fonts and colours; the earlier ones have to be asked for."""
        self._style = self._lines.style = style
        self.show_end()

    def load_earlier(self) -> bool:
        """Writes one more chunk of messages above; returns whether there was one."""
        last = self._first
        first = self._chunk_before(last)
        if first == last:
            return False
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        earlier = [self._write(cursor, index) for index in range(first, last)]
        cursor.endEditBlock()
        self._entries[:0] = earlier
        self._first = first
        return True

    def load_later(self) -> bool:
        """Writes one more chunk of messages below; returns whether there was one."""
        first = self._last
        last = self._chunk_after(first)
        if first == last:
            return False
        cursor = self._end()
        cursor.beginEditBlock()
        for index in range(first, last):
            self._entries.append(self._write(cursor, index))
        cursor.endEditBlock()
        if self._growing is not None and self.is_end_written:
            self._open_growing(self._growing)
        return True

    def append(self, message: StoredMessage) -> None:
        """Adds a message at the end; where that is not written, this is not either."""
        is_end_written = self.is_end_written
        self._messages.append(message)
        if not self._has_days and is_on_several(self._messages):
            self._has_days = True
            if self._entries and self._first == 0:
                self._write_again(0, self._entries[0].unfolded)  # which has its own day now
        if not is_end_written:
            return
        cursor = self._end()
        cursor.beginEditBlock()
        before = self._entries[-1] if self._entries else None
        self._entries.append(self._write(cursor, len(self._messages) - 1))
        if before is not None:
            self._write_foot(before, with_actions=False)
        cursor.endEditBlock()

    def remove_from(self, message_id: int) -> None:
        """Removes a message and all after it."""
        index = next((at for at, one in enumerate(self._messages) if one.id >= message_id), None)
        if index is not None:
            self._drop_from(index)
        if not self._entries:
            self.show_end()
        elif self.is_end_written:
            self._write_foot(self._entries[-1], with_actions=True)

    def begin(self, replaces: int | None, waiting: str = "") -> None:
        """Opens an empty answer at the end.

        Args:
            replaces: Id of the last answer, which leaves the page.
            waiting: What the answer waits for.
        """
        self._close_growing()
        if replaces is not None and self._messages and self._messages[-1].id == replaces:
            self._drop_from(len(self._messages) - 1)
        self._begun += 1
        growing = StreamingAnswer(self._lines, self._begun, waiting)
        if self.is_end_written:
            self._open_growing(growing)
        else:
            self._growing = growing

    def grow(self, text: str, thought: str) -> None:
        """Adds a piece of the answer and of the thoughts before it; only what can still change is written anew."""
        if self._growing is not None:
            self._growing.take(text, thought)
            if self.is_end_written:
                self._growing.write()

    @property
    def is_behind(self) -> bool:
        """Whether more of the growing answer has come than is written; :meth:`grow` goes on with it."""
        return self._growing is not None and self.is_end_written and self._growing.is_behind

    def set_waiting(self, words: str) -> None:
        """Says what an answer without text waits for."""
        if self._growing is not None:
            self._growing.wait_for(words, is_written=self.is_end_written)

    def finish(self, message: StoredMessage, text: str = "", thought: str = "") -> None:
        """Puts the finished answer in the place of the growing one.

        What was written in one piece, or is long, stays as it is; another answer is written once more, as a whole. What
        of a long one is not written yet has to be asked for, see :meth:`write_rest`.

        Args:
            message: The answer as it is stored.
            text: The last piece of it, which was not shown yet.
            thought: The last piece of the thoughts before it.
        """
        growing = self._growing
        if not self.is_end_written:
            self._growing = None
            self._messages.append(message)
            return
        cursor = self._end()
        cursor.beginEditBlock()  # what was taken out and written again is laid out once
        if growing is not None:
            growing.take(text, thought)
        if growing is not None and growing.stays(message):
            growing.write()
            self._keep_growing(growing, message)
        else:
            unfolded = self._close_growing()
            self.append(message)
            if unfolded:
                self.toggle_thought(str(message.id))
        cursor.endEditBlock()

    def update(self, message: StoredMessage) -> None:
        """Takes what is known of a message now, where nothing of it that is written has changed."""
        index = self.index_of(message.id)
        if index is not None and index < len(self._messages):
            self._messages[index] = message
        for entry in self._entries:
            if entry.message.id == message.id:
                entry.message = message

    def mark_read(self, message_id: int | None) -> None:
        """Has the last answer offer to stop while it is read aloud; None: nothing is."""
        before, self._lines.read = self._lines.read, message_id
        last = self._entries[-1] if self._entries and self.is_end_written and self._growing is None else None
        if last is not None and last.message.id in (before, message_id) and before != message_id:
            self._write_foot(last, with_actions=True)

    def mark_cut(self, cut: int) -> None:
        """Draws the line below the ``cut`` leading messages; 0 takes it away."""
        old, self._cut = self._cut, cut
        for index in {old, cut}:
            if old != cut and index > 0 and index in self.written:
                place = index - self._first
                self._write_again(place, self._entries[place].unfolded)

    def toggle_thought(self, key: str) -> None:
        """Folds or unfolds the thoughts of the message with this id, or of the growing answer."""
        if key == GROWING_KEY and self._growing is not None:
            self._growing.toggle_thought()
            return
        for place, entry in enumerate(self._entries):
            if str(entry.message.id) == key:
                self._write_again(place, not entry.unfolded)

    def write_rest(self, key: str) -> bool:
        """Writes one more piece of the message with this id; returns whether there is another."""
        entry = next((one for one in self._entries if str(one.message.id) == key), None)
        if entry is None:
            return False
        return self._writer.write_more(QTextCursor(self._document), entry)

    def has_rest(self, message_id: int) -> bool:
        """Returns whether a message is written, and not to its end."""
        return any(one.message.id == message_id and one.rest is not None for one in self._entries)

    def message_at(self, position: int) -> StoredMessage | None:
        """Returns the message at a position of the document; None for the growing answer."""
        if self._growing is not None and self.is_end_written and position >= self._growing.start:
            return None
        place = bisect_right([entry.start.position() for entry in self._entries], position) - 1
        return self._entries[place].message if place >= 0 else None

    def span_of(self, message_id: int | None) -> tuple[int, int] | None:
        """Returns where a message begins and what follows it; None: it is not written. The growing answer has no id."""
        if message_id is None and self._growing is not None and self.is_end_written:
            return self._growing.start, self._document.characterCount()
        for place, entry in enumerate(self._entries):
            if entry.message.id == message_id:
                return entry.start.position(), self._following(place)
        return None

    def _chunk_before(self, last: int) -> int:
        return last - _chunk(self._messages[at] for at in range(last - 1, -1, -1))

    def _chunk_after(self, first: int) -> int:
        return first + _chunk(self._messages[at] for at in range(first, len(self._messages)))

    def _clear(self, first: int) -> None:
        """Takes away what is written; what is written next begins with a message, or ends before it."""
        for entry in self._entries:
            (self._unfolded.add if entry.unfolded else self._unfolded.discard)(entry.message.id)
        self._entries, self._first = [], first
        self._document.clear()
        self._document.setDefaultFont(self._style.font)
        self._document.setIndentWidth(self._style.unit * 3)
        top = QTextBlockFormat()  # everything is inserted below it
        top.setLineHeight(1, _HEIGHTS.FixedHeight.value)
        QTextCursor(self._document).setBlockFormat(top)
        flat = QTextCharFormat()  # else a selection that begins above the first message shows a stray mark there
        flat.setFontPointSize(_FLAT)
        QTextCursor(self._document).setBlockCharFormat(flat)

    def _end(self) -> QTextCursor:
        cursor = QTextCursor(self._document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        return cursor

    def _write(self, cursor: QTextCursor, index: int, unfolded: bool | None = None) -> WrittenMessage:
        """Writes a message into a new block after the cursor, which ends behind it; None: its thoughts as they were."""
        message = self._messages[index]
        return self._writer.write(
            cursor,
            message,
            day=day_begun(self._messages, index) if self._has_days else None,
            is_first=index == 0,
            cut=index if 0 < index == self._cut else 0,
            unfolded=message.id in self._unfolded if unfolded is None else unfolded,
            with_actions=index == len(self._messages) - 1,
        )

    def _write_foot(self, entry: WrittenMessage, with_actions: bool) -> None:
        """Writes the last line of an answer again: only the last answer has actions."""
        if entry.message.role is Role.USER:
            return
        cursor = QTextCursor(self._document)
        cursor.setPosition(self._following(self._entries.index(entry)) - 1)
        self._lines.write_foot(cursor, entry.message, with_actions=with_actions)

    def _write_again(self, place: int, unfolded: bool) -> None:
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        self._take_out(cursor, self._entries[place].start.position(), self._following(place))
        self._entries[place] = self._write(cursor, self._first + place, unfolded)
        cursor.endEditBlock()

    def _following(self, place: int) -> int:
        """Returns where what follows a message begins, one past the end of the document for the last."""
        if place + 1 < len(self._entries):
            return self._entries[place + 1].start.position()
        if self._growing is not None and self.is_end_written:
            return self._growing.start
        return self._document.characterCount()

    def _drop_from(self, index: int) -> None:
        """Drops a message and all after it, in one piece."""
        place = index - self._first
        if place <= 0 and self._entries:
            self._clear(index)
        elif place < len(self._entries):
            start = self._entries[place].start.position()
            del self._entries[place:]
            self._take_out(QTextCursor(self._document), start, self._document.characterCount())
        self._first = min(self._first, index)
        del self._messages[index:]

    def _open_growing(self, growing: StreamingAnswer) -> None:
        self._growing = None  # not in the document yet
        if self._entries:
            self._write_foot(self._entries[-1], with_actions=False)
        cursor = self._end()
        cursor.insertBlock(self._lines.text_block(), QTextCharFormat())
        self._growing = growing
        growing.open_at(cursor)

    def _close_growing(self) -> bool:
        growing, self._growing = self._growing, None
        if growing is None:
            return False
        if self.is_end_written:
            self._take_out(QTextCursor(self._document), growing.start, self._document.characterCount())
        return growing.unfolded

    def _keep_growing(self, growing: StreamingAnswer, message: StoredMessage) -> None:
        self._growing = None
        self._messages.append(message)
        entry = WrittenMessage(message, growing.start_mark, written=growing.written)
        self._entries.append(entry)
        self._writer.write_end(self._end(), entry, is_whole=not growing.is_behind)

    def _take_out(self, cursor: QTextCursor, start: int, following: int) -> None:
        """Removes the blocks between two positions and the separator before: a message is written with its own."""
        cursor.setPosition(start - 1)
        form = cursor.blockFormat()
        cursor.setPosition(following - 1, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        cursor.setBlockFormat(form)  # an empty block would take over the format of what was removed


def _chunk(messages: Iterable[StoredMessage]) -> int:
    """Returns how many of the next messages are written at once: a long one is written alone."""
    count = size = 0
    for message in messages:
        size += len(message.text)
        if count == _CHUNK_MESSAGES or (count and size > _CHUNK_CHARACTERS):
            break
        count += 1
    return count
