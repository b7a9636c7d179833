"""Where the page stands: at its end while it grows, or where somebody reads, while messages around come in slices."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QTextEdit

from desktop.history.records import StoredMessage
from desktop.ui.theme.metrics import unit
from desktop.ui.transcript.page import TranscriptPage
from desktop.ui.transcript.selection import PageSelection

# Written anew, the page keeps its old picture for this many slices, in the hope that the place read comes back soon.
_PATIENCE = 8
_GAP = 3.0  # units below a message that belong to it


@dataclass(frozen=True)
class Place:
    """Where the top of the view stands.

    Attributes:
        message: Id; None: the growing answer.
        share: Of the message's height, what is above ``below``; negative in the gap before a message.
        below: Pixels below the top of the view.
        with_caret: The caret goes to the message.
    """

    message: int | None
    share: float
    below: float = 0.0
    with_caret: bool = False


class PageScroll(QObject):
    """Moves the scroll bar of a page.

    Attributes:
        following: The end stays in view while the page grows.

    Signals:
        arrived: The page stands where somebody wanted to go.
    """

    arrived = Signal()

    def __init__(self, view: QTextEdit, page: TranscriptPage, selection: PageSelection) -> None:
        """
        Args:
            view: Shows the page.
            page: What is written on it.
            selection: Lasts while messages before and after are written.
        """
        super().__init__(view)
        self._view, self._page, self._selection = view, page, selection
        self.following = True
        self._wanted: Place | None = None
        self._patience = 0
        self._slices = QTimer(self, singleShot=True, interval=0)
        self._slices.timeout.connect(self._load_slice)
        bar = view.verticalScrollBar()
        bar.rangeChanged.connect(self._on_range)
        bar.valueChanged.connect(self._on_value)

    @property
    def is_end_in_view(self) -> bool:
        """Whether the end of the conversation can be seen, or all but a sliver of its last line."""
        bar = self._view.verticalScrollBar()
        return self._page.is_end_written and bar.value() >= bar.maximum() - unit(self._view)

    def follow(self) -> None:
        """Goes to the end with the next change and stays there."""
        self.following = True
        self._wanted = None
        self._show()

    def after_change(self) -> None:
        """To be called after each change of the page."""
        if self.following and not self._page.is_end_written:
            with self._selection.kept():
                self._page.show_end()
        self._lay_out()
        if self.following:
            bar = self._view.verticalScrollBar()
            bar.setValue(bar.maximum())
        self._want_more()

    def reveal(self, message_id: int) -> None:
        """Brings a message into view: what is around it is written in the place of what is shown."""
        self._go_to(Place(message_id, 0.0, below=2 * unit(self._view), with_caret=True))

    def go_to_start(self, *, with_caret: bool) -> None:
        """Goes to the first message as :meth:`reveal` does; ``with_caret``: the caret goes along."""
        if self._page.messages:
            self._go_to(Place(self._page.messages[0].id, 0.0, with_caret=with_caret))

    def go_to_end(self) -> None:
        """Shows the end of the conversation, and stays there while it grows."""
        self.follow()
        self.after_change()

    def drag_to(self, place: Place) -> None:
        """Goes to a place while the handle of the scroll bar is on its way; the caret stays where it is."""
        self._go_to(place)

    def stop_following(self) -> None:
        """Lets the page stand where it is while it grows."""
        self.following = False

    def bring_into_view(self, cursor: QTextCursor) -> None:
        """Puts the caret somewhere on what is written, and moves the page if that is out of view, or at its edge."""
        self._wanted = None
        bar, height = self._view.verticalScrollBar(), self._view.viewport().height()
        value = bar.value()
        self._view.setTextCursor(cursor)
        bar.setValue(value)  # not by Qt's rule, which brings it to the very edge
        self._lay_out()
        place = self._view.cursorRect(cursor)
        if place.top() < height // 8 or place.bottom() > height - height // 8:
            bar.setValue(value + place.top() - height // 3)
        self._want_more()

    def place(self) -> Place | None:
        """Returns where the reader is; None: at the end."""
        if self._wanted is not None or self.following:
            return self._wanted  # not there yet
        top = float(self._view.verticalScrollBar().value())
        identity = self._message_at(0)
        if identity is None:  # above the first message there is the margin of the page
            identity = self._message_at(unit(self._view) * 4)
        begin, end = self._reach(identity) or (0.0, 1.0)
        return Place(identity, (top - begin) / max(1.0, end - begin))

    def is_in_view(self, message: int) -> bool:
        """Returns whether some of a message can be seen."""
        reach, top = self._reach(message), self._view.verticalScrollBar().value()
        return reach is not None and reach[1] > top and reach[0] < top + self._view.viewport().height()

    def message_at_height(self, height: int) -> StoredMessage | None:
        """Returns the message at a height of the view, in pixels, with the gap below it; None: there is none.

        The answer that grows is none.
        """
        place = height + self._view.verticalScrollBar().value()
        found = self._page.message_at(self._view.cursorForPosition(QPoint(0, height)).position())
        reach = self._reach(found.id) if found is not None else None
        if found is None or reach is None or place >= reach[0]:
            return found if reach is not None and place < reach[1] + _GAP * unit(self._view) else None
        index = self._page.index_of(found.id)
        return self._page.messages[index - 1] if index else None

    def foot_of(self, message: int) -> float:
        """Returns where a message ends, in pixels below the top of the view; one that is not written ends there."""
        reach = self._reach(message)
        return reach[1] - self._view.verticalScrollBar().value() if reach is not None else 0.0

    def come_back(self, place: Place | None) -> None:
        """Goes to where the reader was before the page was written anew; None: to the end."""
        if place is None:
            self.follow()
            self.after_change()
            return
        self._patience = _PATIENCE
        self._view.viewport().setUpdatesEnabled(False)
        self._go_to(place)
        self._load_slice()

    def _go_to(self, place: Place) -> None:
        self.following = False
        self._wanted = place
        self._slices.start()

    def _message_at(self, height: int) -> int | None:
        message = self._page.message_at(self._view.cursorForPosition(QPoint(0, height)).position())
        return message.id if message is not None else None

    def _lay_out(self) -> None:
        self._view.document().documentLayout().documentSize()  # now, so that the range is right

    def _on_range(self, _low: int, high: int) -> None:
        if self.following:
            self._view.verticalScrollBar().setValue(high)

    def _on_value(self, _value: int) -> None:
        self.following = self.is_end_in_view
        self._want_more()

    def _want_more(self) -> None:
        if self._wanted is not None or self._needs_earlier() or self._needs_later():
            self._slices.start()

    def _needs_earlier(self) -> bool:
        """Returns whether the view is so near the beginning of what is written that more is to be written above."""
        return self._page.has_earlier and self._view.verticalScrollBar().value() < self._view.viewport().height()

    def _needs_later(self) -> bool:
        bar = self._view.verticalScrollBar()
        return not self._page.is_end_written and bar.maximum() - bar.value() < self._view.viewport().height()

    def _load_slice(self) -> None:
        if self._wanted is not None and self._arrive(self._wanted):
            return
        if self._wanted is not None and self._wanted.message is None and not self._page.is_growing:
            self._wanted = None  # the answer has ended meanwhile
        loaded = self._write_more()
        self._patience -= 1
        if self._patience <= 0 or not loaded:
            self._show()
        if self._wanted is None:
            self.after_change()
        elif self._arrive(self._wanted):
            pass
        elif loaded:
            self._slices.start()
        else:
            self._wanted = None

    def _write_more(self) -> bool:
        """Writes a chunk of messages where they are wanted; returns whether there was one."""
        wanted = self._wanted
        index = self._page.index_of(wanted.message) if wanted is not None else None
        if wanted is None or index is None:
            return self._write_earlier() if self._needs_earlier() else self._needs_later() and self._write_later()
        written = self._page.written
        if index in written or (index == written.stop and self._page.is_end_written):
            return (self._is_cut_above(wanted) and self._write_earlier()) or self._write_later()
        if not self._selection.exists:
            self._wanted = replace(wanted, with_caret=True)  # where it was is no longer written
        self._patience = _PATIENCE
        self._view.viewport().setUpdatesEnabled(False)
        with self._selection.kept():
            self._page.show_from(index)
        self._lay_out()
        return True

    def _write_earlier(self) -> bool:
        following, bar = self.following, self._view.verticalScrollBar()
        below = bar.maximum() - bar.value()
        with self._selection.kept():
            loaded = self._page.load_earlier()
        self._lay_out()
        if not following:
            bar.setValue(bar.maximum() - below)
        self.following = following
        return loaded

    def _write_later(self) -> bool:
        with self._selection.kept():
            loaded = self._page.load_later()
        self._lay_out()
        return loaded

    def _arrive(self, place: Place) -> bool:
        """Goes to a place; returns False while it is not written."""
        top = self._top_of(place)
        if top is None:
            return False
        self._lay_out()
        if top < 0 and self._page.has_earlier:
            return False  # what is to be seen above it is not written
        height = self._view.document().size().height()
        if top + self._view.viewport().height() > height and not self._page.is_end_written:
            return False  # nor is what is to be seen below
        if place.message is not None and place.message == self._page.messages[0].id and place.share <= 0:
            top = 0.0  # with the margin of the page
        if place.with_caret:
            cursor = QTextCursor(self._view.document())
            cursor.setPosition((self._page.span_of(place.message) or (0, 0))[0])
            self._view.setTextCursor(cursor)
        self._wanted = None
        self._view.verticalScrollBar().setValue(round(top))
        self.following = False
        self._show()
        self._want_more()
        self.arrived.emit()
        return True

    def _is_cut_above(self, place: Place) -> bool:
        top = self._top_of(place)
        return top is not None and top < 0

    def _top_of(self, place: Place) -> float | None:
        """Returns where the top of the view goes to, in pixels of the page; None: the message is not written."""
        reach = self._reach(place.message)
        if reach is None:
            return None
        begin, end = reach
        return begin + place.share * (end - begin) - place.below

    def _show(self) -> None:
        self._patience = 0
        self._view.viewport().setUpdatesEnabled(True)

    def _reach(self, message: int | None) -> tuple[float, float] | None:
        """Returns where a message begins and ends on the page, in pixels."""
        span = self._page.span_of(message)
        if span is None:
            return None
        document = self._view.document()
        layout = document.documentLayout()
        begin = layout.blockBoundingRect(document.findBlock(span[0])).top()
        return begin, max(begin + 1.0, layout.blockBoundingRect(document.findBlock(span[1] - 1)).bottom())
