"""What is selected on the page: over messages that are not written there yet, and while an answer grows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QTextEdit

from desktop.engine.types import Role
from desktop.history.records import StoredMessage
from desktop.ui.transcript.page import TranscriptPage
from desktop.ui.transcript.plain_text import plain_text

_KEEP = QTextCursor.MoveMode.KeepAnchor


class PageSelection(QObject):
    """Knows that a selection from the very top of the document begins with the conversation, whatever is written of it.

    And that one to its very end goes on to the end of the conversation: see :mod:`desktop.ui.transcript.page`.
    """

    def __init__(self, view: QTextEdit, page: TranscriptPage) -> None:
        """
        Args:
            view: Has the selection.
            page: What is written on it.
        """
        super().__init__(view)
        self._view, self._page = view, page

    def text(self) -> str:
        """Returns the selection for the clipboard.

        Of more than one message, with who said what. Each of these that is selected whole comes as it was written, with
        its Markdown, as it does when it is copied by its command: thousands could not be rendered in time.
        """
        parts = list(self._parts())
        if len(parts) < 2:
            return plain_text(self._view.textCursor())
        names = {Role.USER: self.tr("You:"), Role.ASSISTANT: self.tr("Catnap:")}
        return "\n\n".join(f"{names.get(role, '')}\n{text}" for role, text in parts)

    @contextmanager
    def kept(self, change: Literal["above", "below"]) -> Iterator[None]:
        """Keeps the selection over a change of the page, which Qt knows only as text that goes and text that comes.

        Args:
            change: ``above``: earlier messages are written at the top. ``below``: later ones at the end, or the end is
                written anew, and what is selected there stays selected.
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
        cursor = self._range(anchor, position)
        bar = self._view.verticalScrollBar()
        value = bar.value()
        self._view.setTextCursor(cursor)  # brings the caret into view
        bar.setValue(value)

    def _end(self) -> int:
        return self._view.document().characterCount() - 1

    def _parts(self) -> Iterator[tuple[Role, str]]:
        cursor = self._view.textCursor()
        start, end = cursor.selectionStart(), cursor.selectionEnd()
        if start == end:
            return
        unfolded = self._page.unfolded()
        to_end = end >= self._end()
        if start == 0:
            for message in self._page.messages[: self._page.written.start]:
                yield message.role, _written(message, unfolded)
        for message_or_none, begin, following in self._page.spans():
            if begin >= end or start >= following:
                continue
            role = message_or_none.role if message_or_none is not None else Role.ASSISTANT
            if self._says(begin, start) or self._says(end, following - 1):
                text = plain_text(self._range(max(start, begin), min(end, following - 1)))
            else:
                text = _written(message_or_none, unfolded) if message_or_none is not None else self._page.growing_text
            if text:
                yield role, text
        if to_end and not self._page.is_end_written:
            for message in self._page.messages[self._page.written.stop :]:
                yield message.role, _written(message, unfolded)
            if self._page.growing_text:
                yield Role.ASSISTANT, self._page.growing_text

    def _says(self, begin: int, end: int) -> bool:
        """Returns whether something is said between two places, and not only figures and links."""
        return begin < end and bool(plain_text(self._range(begin, end)))

    def _range(self, begin: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self._view.document())
        cursor.setPosition(begin)
        cursor.setPosition(end, _KEEP)
        return cursor


def _written(message: StoredMessage, unfolded: set[int]) -> str:
    """Returns a message as it was written, with its thoughts if these can be read."""
    thoughts = f"{message.thinking.strip()}\n\n" if message.id in unfolded else ""
    return thoughts + message.text
