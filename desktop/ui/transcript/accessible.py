"""The conversation for somebody who does not see it: a row for each message, and a word when an answer begins and ends.

The page itself stays a text that a screen reader goes through by the caret; below it lies a list whose rows say who
speaks and what. Nothing of this is made before a screen reader asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QTextCursor
from PySide6.QtWidgets import QAbstractScrollArea, QAccessibleWidget, QWidget

from desktop.engine.types import Role
from desktop.history.records import MessageState, StoredMessage
from desktop.ui.conversations.moments import moment_words
from desktop.ui.transcript.plain_text import plain_text
from desktop.ui.widgets.accessible import announce, install_once, say_roles

if TYPE_CHECKING:
    from desktop.ui.transcript.page import TranscriptPage

# Longer texts are heard in the page, where one can go back and forth.
_MOST_CHARACTERS = 4_000
_GROWING = -1  # the answer that grows has no number yet


class SpokenPage:
    """What is read out of a page: its messages, the newest of which may still grow."""

    def __init__(self, area: QAbstractScrollArea, page: TranscriptPage) -> None:
        """
        Args:
            area: Shows it.
            page: Has written it, as far as it is written.
        """
        self._area, self._page = area, page

    def numbers(self) -> list[int]:
        """Returns what tells the messages apart, the oldest first."""
        keys = [message.id for message in self._page.messages]
        return [*keys, _GROWING] if self._page.is_growing else keys

    def words(self, key: int) -> str:
        """Returns who speaks, and the text without the marks of Markdown as far as it is written; empty: it is gone."""
        message = next((one for one in self._page.messages if one.id == key), None)
        if message is None and key != _GROWING:
            return ""
        return self._with_notes(
            message, who_says(message.role if message is not None else Role.ASSISTANT, self.text(key))
        )

    def moment(self, key: int) -> str:
        """Returns when a message came, in words; empty: nobody knows, or it is gone."""
        message = next((one for one in self._page.messages if one.id == key), None)
        return moment_words(message.created) if message is not None else ""

    def answer(self, key: int) -> str:
        """Returns what is said in an answer, with what it rests on."""
        message = next((one for one in self._page.messages if one.id == key), None)
        return self._with_notes(message, self.text(key))

    def text(self, key: int) -> str:
        """Returns what is said in a message."""
        if key == _GROWING:
            return self._written(None) or self._page.growing_text
        message = next((one for one in self._page.messages if one.id == key), None)
        return self._written(key) or message.text if message is not None else ""

    def place(self, key: int) -> QRect:
        """Returns where a message is seen, in pixels of the viewport; empty: it is not written there now."""
        span = self._page.span_of(None if key == _GROWING else key)
        if span is None:
            return QRect()
        document = self._page.document
        layout, last = document.documentLayout(), document.characterCount() - 1
        ends = (document.findBlock(min(at, last)) for at in (span[0], span[1] - 1))
        first, second = (layout.blockBoundingRect(block) for block in ends)
        return first.united(second).translated(0, -self._area.verticalScrollBar().value()).toRect()

    def _with_notes(self, message: StoredMessage | None, words: str) -> str:
        notes = self._page.note_words(message) if message is not None else ""
        return f"{words}\n{notes}" if notes else words

    def _written(self, key: int | None) -> str:
        span = self._page.span_of(key)
        if span is None:
            return ""
        cursor = QTextCursor(self._page.document)
        cursor.setPosition(span[0])
        cursor.setPosition(min(span[1], self._page.document.characterCount()) - 1, QTextCursor.MoveMode.KeepAnchor)
        return plain_text(cursor)


def who_says(role: Role, text: str) -> str:
    """Returns a message with who speaks, as far as it is read out in one go."""
    speaker = (
        QCoreApplication.translate("Accessible", "You: {text}")
        if role is Role.USER
        else QCoreApplication.translate("Accessible", "Catnap: {text}")
    )
    return speaker.format(text=text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…")


def announce_begin(source: QObject) -> None:
    """Says that an answer is on its way; its tokens are not read out one by one."""
    announce(source, QCoreApplication.translate("Accessible", "Catnap is answering."))


def announce_end(source: QObject, text: Callable[[], str], state: MessageState = MessageState.COMPLETE) -> None:
    """Says that an answer has ended, how if not well, and what it is; ``text`` returns that, if it is wanted."""
    if not _is_heard():
        return
    ends = {
        MessageState.STOPPED: QCoreApplication.translate("Accessible", "The answer was stopped."),
        MessageState.INTERRUPTED: QCoreApplication.translate("Accessible", "The answer was interrupted."),
        MessageState.FAILED: QCoreApplication.translate("Accessible", "The answer failed before its end."),
    }
    end = ends.get(state, QCoreApplication.translate("Accessible", "The answer is complete."))
    said = text()
    announce(source, f"{end} {who_says(Role.ASSISTANT, said)}" if said else end)


def _is_heard() -> bool:
    return QAccessible.isActive()


def tell_of_change(area: QAbstractScrollArea) -> None:
    """Tells a screen reader that messages of a page have come or gone."""
    if _is_heard():
        QAccessible.updateAccessibility(QAccessibleEvent(area.viewport(), QAccessible.Event.ObjectReorder))


def make_accessible(app: QCoreApplication) -> None:
    """Has screen readers find what our widgets are, and the rows of every area that has a ``spoken`` page."""
    say_roles(app)
    install_once(app, "catnapSaysMessages", _make)


def _make(kind: str, about: QObject) -> QAccessibleInterface | None:
    if kind != "QWidget" or not isinstance(about, QWidget):
        return None
    area = about.parent()
    spoken = getattr(area, "spoken", None)
    if not isinstance(spoken, SpokenPage) or not isinstance(area, QAbstractScrollArea):
        return None
    return _MessageList(about, spoken) if area.viewport() is about else None


class _MessageList(QAccessibleWidget):
    """The rows. Owned by Qt, which deletes it with the widget."""

    def __init__(self, viewport: QWidget, page: SpokenPage) -> None:
        super().__init__(viewport, QAccessible.Role.List, QCoreApplication.translate("Accessible", "Messages"))
        self._viewport, self._page = viewport, page
        rows = self._rows = dict[int, _MessageRow]()
        viewport.destroyed.connect(lambda: _forget(rows, wanted=set()))

    def childCount(self) -> int:
        return len(self._page.numbers())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        keys = self._page.numbers()
        return self._row(keys[index], keys) if 0 <= index < len(keys) else None

    def indexOfChild(self, row: QAccessibleInterface) -> int:
        return next((at for at, key in enumerate(self._page.numbers()) if self._rows.get(key) is row), -1)

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        keys, place = self._page.numbers(), self._viewport.mapFromGlobal(QPoint(x, y))
        return next((self._row(key, keys) for key in keys if self._page.place(key).contains(place)), None)

    def _row(self, key: int, keys: Sequence[int]) -> QAccessibleInterface:
        if key not in self._rows:
            if len(self._rows) >= len(keys):
                _forget(self._rows, set(keys))
            self._rows[key] = _MessageRow(self._viewport, self._page, key)
            QAccessible.registerAccessibleInterface(self._rows[key])
        return self._rows[key]


def _forget(rows: dict[int, _MessageRow], wanted: set[int]) -> None:
    """Lets go of the rows of messages that are gone, which nobody can reach any more.

    WORKAROUND(PySide 6.8, of QAccessible.registerAccessibleInterface): Qt deletes what is registered, and so would
    Python with the last reference to it; it must be Qt's list that lets go first.
    """
    for key in [key for key in rows if key not in wanted]:
        row = rows.pop(key)
        QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(row))


class _MessageRow(QAccessibleInterface):
    """A message."""

    def __init__(self, viewport: QWidget, page: SpokenPage, key: int) -> None:
        super().__init__()
        self._viewport, self._page, self._key = viewport, page, key

    def isValid(self) -> bool:
        return self._key in self._page.numbers()

    def object(self) -> QObject | None:  # type: ignore[override]
        return None

    def parent(self) -> QAccessibleInterface:
        return QAccessible.queryAccessibleInterface(self._viewport)

    def childCount(self) -> int:
        return 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        del index
        return None

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        del x, y
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        del child
        return -1

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        return QAccessible.State()

    def text(self, kind: QAccessible.Text) -> str:
        if kind is QAccessible.Text.Description:
            return self._page.moment(self._key)
        return self._page.words(self._key) if kind is QAccessible.Text.Name else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Nobody writes in what was said."""

    def rect(self) -> QRect:
        place = self._page.place(self._key)
        return place if place.isEmpty() else place.translated(self._viewport.mapToGlobal(QPoint()))
