"""What is selected on the page: over messages that are not written there yet, and while an answer grows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextEdit

from desktop.engine.types import Role
from desktop.history.records import StoredMessage
from desktop.ui.transcript.page import TranscriptPage
from desktop.ui.transcript.plain_text import plain_text

_KEEP = QTextCursor.MoveMode.KeepAnchor


class PageSelection(QObject):
    """Knows that a selection from the very top of the document begins with the conversation, whatever is written of it.

    Only the newest messages of a long conversation are written at first, see :mod:`desktop.ui.transcript.page`.
    """

    def __init__(self, view: QTextEdit, page: TranscriptPage) -> None:
        """
        Args:
            view: Has the selection.
            page: What is written on it.
        """
        super().__init__(view)
        self._view, self._page = view, page

    @property
    def is_all(self) -> bool:
        """Whether the whole conversation is selected."""
        cursor = self._view.textCursor()
        return cursor.hasSelection() and cursor.selectionStart() == 0 and cursor.selectionEnd() >= self._end()

    def text(self) -> str:
        """Returns the selection for the clipboard.

        Of more than one message, with who said what. A whole conversation comes as it was written, with its Markdown,
        as a single message does that is copied by its command: thousands of messages could not be rendered in time.
        """
        parts = list(self._whole() if self.is_all else self._pieces())
        if len(parts) < 2:
            return "".join(text for _role, text in parts)
        names = {Role.USER: self.tr("You:"), Role.ASSISTANT: self.tr("Catnap:")}
        return "\n\n".join(f"{names.get(role, '')}\n{text}" for role, text in parts)

    @contextmanager
    def kept(self, change: Literal["above", "below"]) -> Iterator[None]:
        """Keeps the selection over a change of the page, which Qt knows only as text that goes and text that comes.

        Args:
            change: ``above``: earlier messages are written at the top. ``below``: the end is written anew, and what is
                selected there stays selected.
        """
        before = self._view.textCursor()
        ends = (before.anchor(), before.position())
        if before.anchor() == before.position():
            yield
            return
        end = self._end()
        yield
        now = self._view.textCursor()
        if change == "above":
            wanted = [0 if was == 0 else is_ for was, is_ in zip(ends, (now.anchor(), now.position()), strict=True)]
        else:
            wanted = [self._end() if was >= end else min(was, self._end()) for was in ends]
        if wanted != [now.anchor(), now.position()]:
            self.set(*wanted)

    def set(self, anchor: int, position: int) -> None:
        """Selects from one place to another; the page does not move."""
        cursor = QTextCursor(self._view.document())
        cursor.setPosition(anchor)
        cursor.setPosition(position, _KEEP)
        bar = self._view.verticalScrollBar()
        value = bar.value()
        self._view.setTextCursor(cursor)  # brings the caret into view
        bar.setValue(value)

    def _end(self) -> int:
        return self._view.document().characterCount() - 1

    def _whole(self) -> Iterator[tuple[Role, str]]:
        unfolded = self._page.unfolded()
        for message in self._page.messages:
            thoughts = f"{message.thinking.strip()}\n\n" if message.id in unfolded else ""
            yield message.role, thoughts + message.text
        growing = self._page.growing_text
        if growing:
            yield Role.ASSISTANT, growing

    def _pieces(self) -> Iterator[tuple[Role, str]]:
        cursor = self._view.textCursor()
        start, end = cursor.selectionStart(), cursor.selectionEnd()
        if start == end:
            return
        if start == 0:
            for message in self._page.messages[: self._page.unwritten]:
                yield message.role, self._rendered(message)
        for message_or_none, begin, following in self._page.spans():
            if begin < end and start < following:
                part = QTextCursor(self._view.document())
                part.setPosition(max(start, begin))
                part.setPosition(min(end, following - 1), _KEEP)
                text = plain_text(part)
                if text:
                    yield message_or_none.role if message_or_none else Role.ASSISTANT, text

    def _rendered(self, message: StoredMessage) -> str:
        document = QTextDocument()
        document.setUndoRedoEnabled(False)
        cursor = QTextCursor(document)
        self._page.write_text(cursor, message)
        cursor.select(QTextCursor.SelectionType.Document)
        return plain_text(cursor)
