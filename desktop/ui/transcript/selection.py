"""What is selected on the page: over messages that are not written there, and while an answer grows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextEdit

from desktop.engine.types import Role
from desktop.history.records import StoredMessage
from desktop.ui.transcript.page import TranscriptPage
from desktop.ui.transcript.plain_text import plain_text

_KEEP = QTextCursor.MoveMode.KeepAnchor
# Where the conversation begins and ends, whatever is written of it: before the first message and behind the last.
_START, _END = -1, 1 << 62


@dataclass(frozen=True)
class _Place:
    """One end of a selection.

    Attributes:
        message: Id; None: the growing answer, which becomes the last message. Or one of the two ends of everything.
        offset: Characters on the page from where the message begins.
    """

    message: int | None
    offset: int = 0


_BEGINNING, _ENDING = _Place(_START), _Place(_END)


class PageSelection(QObject):
    """Knows what is selected of a conversation of which only a stretch is written.

    The very top of the document stands for the beginning of the conversation, its very end for the end of that. So does
    either where an end of the selection is in a message that is not written: then that is remembered here.
    """

    def __init__(self, view: QTextEdit, page: TranscriptPage) -> None:
        """
        Args:
            view: Has the selection.
            page: What is written on it.
        """
        super().__init__(view)
        self._view, self._page = view, page
        # Ends that are not written, and where the cursor was put in their stead: it is theirs as long as it is there.
        self._far: tuple[_Place | None, _Place | None] = (None, None)
        self._far_at = (0, 0)

    @property
    def exists(self) -> bool:
        """Whether anything is selected, written or not."""
        return self._places() is not None

    def text(self) -> str:
        """Returns the selection for the clipboard.

        Of more than one message, with who said what. Each of these that is selected whole comes as it was written, with
        its Markdown, as it does when it is copied by its command: thousands could not be rendered in time.
        """
        parts = list(self._parts())
        if len(parts) < 2:
            has_far = any(self._far_now())
            return "".join(text for _, text in parts) if has_far else plain_text(self._view.textCursor())
        names = {Role.USER: self.tr("You:"), Role.ASSISTANT: self.tr("Catnap:")}
        return "\n\n".join(f"{names.get(role, '')}\n{text}" for role, text in parts)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keeps the selection over a change of the page, which Qt knows only as text that goes and text that comes.

        What was selected to the end of the conversation is so afterwards, with what has come there.
        """
        places = self._places()
        yield
        if places is not None:
            self._select(places)

    def select(self, anchor: int, position: int) -> None:
        """Selects from one place of the document to another; the page does not move."""
        cursor = self._range(anchor, position)
        bar = self._view.verticalScrollBar()
        value = bar.value()
        self._view.setTextCursor(cursor)  # brings the caret into view
        bar.setValue(value)

    def extend(self, *, to_start: bool) -> None:
        """Moves the end with the caret to the beginning or the end of the conversation; the other one stays."""
        places = self._places()
        anchor = places[0] if places is not None else self._place_at(self._view.textCursor().anchor(), None)
        self._select((anchor, _BEGINNING if to_start else _ENDING))

    def forget_unwritten(self) -> None:
        """To be called where another selection begins."""
        self._far = (None, None)

    def _end(self) -> int:
        return self._view.document().characterCount() - 1

    def _places(self) -> tuple[_Place, _Place] | None:
        """Returns where the selection begins and where the caret is; None: nothing is selected."""
        cursor, far = self._view.textCursor(), self._far_now()
        if not cursor.hasSelection() and not any(far):
            return None
        return self._place_at(cursor.anchor(), far[0]), self._place_at(cursor.position(), far[1])

    def _far_now(self) -> tuple[_Place | None, _Place | None]:
        cursor = self._view.textCursor()
        (anchor, position), (anchor_at, position_at) = self._far, self._far_at
        return anchor if cursor.anchor() == anchor_at else None, position if cursor.position() == position_at else None

    def _place_at(self, position: int, far: _Place | None) -> _Place:
        if far is not None:
            return far
        if position == 0:
            return _BEGINNING
        if position >= self._end():
            return _ENDING
        message = self._page.message_at(position)
        identity = message.id if message is not None else None
        begin, _ = self._page.span_of(identity) or (0, 0)
        return _Place(identity, position - begin)

    def _select(self, places: tuple[_Place, _Place]) -> None:
        found = [self._position(place) for place in places]
        ends = (found[0][0], found[1][0])
        self._far = (places[0] if found[0][1] else None, places[1] if found[1][1] else None)
        cursor = self._view.textCursor()
        if ends != (cursor.anchor(), cursor.position()):
            self.select(*ends)
        self._far_at = ends

    def _position(self, place: _Place) -> tuple[int, bool]:
        """Returns where a place is in the document, and whether it is only the nearest one to it that is written."""
        if place.message == _START:
            return 0, False
        index = self._index_of(place)
        if place.message == _END or index is None:
            return self._end(), False
        span = self._page.span_of(self._identity(place))
        if span is not None:
            return span[0] + min(place.offset, span[1] - 1 - span[0]), False
        return (0, True) if index < self._page.written.start else (self._end(), True)

    def _identity(self, place: _Place) -> int | None:
        """Returns the id of a place's message; an answer that has ended has got one."""
        if place.message is None and not self._page.is_growing and self._page.messages:
            return self._page.messages[-1].id
        return place.message

    def _index_of(self, place: _Place) -> int | None:
        """Returns which message a place is in; the growing answer follows the last. None: that is gone."""
        messages = self._page.messages
        if place.message in (_START, _END):
            return -1 if place.message == _START else len(messages) + 1
        return self._page.index_of(self._identity(place))

    def _parts(self) -> Iterator[tuple[Role, str]]:
        places = self._places()
        if places is None:
            return
        ends = []
        for place in places:
            index = self._index_of(place)
            ends.append((len(self._page.messages) + 1 if index is None else index, place.offset))
        (first, start), (last, end) = sorted(ends)
        unfolded = self._page.unfolded()
        for index, message in enumerate(self._page.messages):
            if first <= index <= last:
                part = (start if index == first else 0, end if index == last else None)
                text = self._part(message, *part, unfolded)
                if text:
                    yield message.role, text
        if first <= len(self._page.messages) <= last and self._page.is_growing:
            index = len(self._page.messages)
            text = self._part(None, start if index == first else 0, end if index == last else None, unfolded)
            if text:
                yield Role.ASSISTANT, text

    def _part(self, message: StoredMessage | None, start: int, end: int | None, unfolded: set[int]) -> str:
        """Returns what of a message is selected: as it was written if that is all of it."""
        is_whole = start == 0 and end is None
        if not is_whole:
            identity = message.id if message is not None else None
            page = self._page
            if message is not None and page.span_of(identity) is None:
                page = page.alone(message)
            span = page.span_of(identity)
            if span is not None:
                begin, following = span[0] + start, span[1] - 1
                stop = following if end is None else min(span[0] + end, following)
                document = page.document
                if _says(document, span[0], begin) or _says(document, stop, following):
                    return plain_text(_range(document, begin, max(begin, stop)))
                if begin >= stop:
                    return ""
        if message is None:
            return self._page.growing_text
        return _written(message, unfolded)

    def _range(self, begin: int, end: int) -> QTextCursor:
        return _range(self._view.document(), begin, end)


def _range(document: QTextDocument, begin: int, end: int) -> QTextCursor:
    cursor = QTextCursor(document)
    cursor.setPosition(begin)
    cursor.setPosition(end, _KEEP)
    return cursor


def _says(document: QTextDocument, begin: int, end: int) -> bool:
    """Returns whether something is said between two places, and not only figures and links."""
    return begin < end and bool(plain_text(_range(document, begin, end)))


def _written(message: StoredMessage, unfolded: set[int]) -> str:
    """Returns a message as it was written, with its thoughts if these can be read."""
    thoughts = f"{message.thinking.strip()}\n\n" if message.id in unfolded else ""
    return thoughts + message.text
