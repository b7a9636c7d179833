"""The scroll bar of a conversation: its length is that of all messages, however few of them are written.

Qt's own bar of the page knows only the stretch that is written. It stays what the page is moved by, unseen. Where not
all is written, the length of a message is estimated from its text; where all is, this bar is the same as Qt's.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QScrollBar, QTextEdit

from desktop.engine.types import Role
from desktop.history.records import StoredMessage
from desktop.ui.transcript.navigation.scrolling import PageScroll, Place
from desktop.ui.transcript.page import TranscriptPage
from desktop.ui.transcript.pieces import shown_at_first

# In lines. Characters in one, of Latin letters; and what is around a message.
_LINE = 68
_AROUND_QUESTION, _AROUND_ANSWER = 2.5, 3.5
_PER_LINE = 100  # steps of the bar
# Characters up to which a text is taken as one that is written whole.
_SHORT = 4_000


class ConversationScrollBar(QScrollBar):
    """Shows where in the conversation the page is, and goes anywhere in it at once."""

    def __init__(self, view: QTextEdit, page: TranscriptPage, scroll: PageScroll) -> None:
        """
        Args:
            view: Shows the page; its own vertical bar is hidden.
            page: What is written on it.
            scroll: Moves it.
        """
        super().__init__(Qt.Orientation.Vertical, view)
        self._page, self._scroll = page, scroll
        self._view = view
        self._known: tuple[int, StoredMessage | None] = (0, None)
        self._tops: list[float] = [0.0]
        self._lines_in_view = 0.0
        self._is_exact = True  # all is written, so that nothing has to be estimated
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # Not at once: the page may be in the middle of a change.
        self._following = QTimer(self, singleShot=True, interval=0)
        self._following.timeout.connect(self.follow)
        self._inner.rangeChanged.connect(lambda _low, _high: self._following.start())
        self._inner.valueChanged.connect(lambda _value: self._following.start())
        self.actionTriggered.connect(self._on_action)
        self.sliderReleased.connect(self.follow)

    @property
    def _inner(self) -> QScrollBar:
        """Qt's own bar. Asked for each time: its Python object does not outlive a walk through all widgets."""
        return self._view.verticalScrollBar()

    def follow(self) -> None:
        """Shows where the page is; while the handle is held it stays under the mouse."""
        if self.isSliderDown():
            return
        inner = self._inner
        self._is_exact = not self._page.has_earlier and self._page.is_end_written
        if self._is_exact:
            self._show(inner.maximum(), inner.pageStep(), inner.value())
            self._lines_in_view = 0.0
            return
        self._estimate()
        page = round(self._lines_in_view * _PER_LINE)
        most = max(1, round(self._tops[-1] * _PER_LINE) - page)
        self._show(most, page, self._estimated_value(most))

    def measure_anew(self) -> None:
        """To be called when the page has another size, or other letters."""
        self._lines_in_view = 0.0
        self._following.start()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page takes it

    def _show(self, maximum: int, page: int, value: int) -> None:
        blocked = self.blockSignals(True)
        self.setRange(0, maximum)
        self.setPageStep(page)
        self.setSingleStep(self._inner.singleStep())
        self.setValue(value)
        self.blockSignals(blocked)
        self.setVisible(maximum > 0)

    def _estimated_value(self, most: int) -> int:
        if self._scroll.following or (self._page.is_end_written and self._inner.value() >= self._inner.maximum()):
            return most
        if not self._page.has_earlier and self._inner.value() <= 0:
            return 0
        place = self._scroll.place()
        index = self._page.index_of(place.message) if place is not None else None
        if place is None or index is None:
            return most
        share = min(1.0, max(0.0, place.share))
        top = self._tops[index] + share * (self._tops[index + 1] - self._tops[index])
        return min(most - 1, max(1, round(top * _PER_LINE)))

    def _estimate(self) -> None:
        """Brings the estimated places of the messages up to date."""
        messages = self._page.messages
        now = (len(messages), messages[-1] if messages else None)
        if now != self._known:
            self._known, self._lines_in_view = now, 0.0
            self._tops = [0.0, *accumulate(map(_lines, messages))]
            self._tops.append(self._tops[-1] + _AROUND_ANSWER)  # of an answer that grows
        if not self._lines_in_view:
            # By what is written, so that the handle is as long as it should be; kept, so that it stays so.
            written = self._page.written
            lines = max(1.0, self._tops[written.stop] - self._tops[written.start])
            self._lines_in_view = (
                lines * self._view.viewport().height() / max(1.0, self._view.document().size().height())
            )

    def _on_action(self, action: int) -> None:
        kinds = QAbstractSlider.SliderAction
        if action == kinds.SliderMove.value:
            self._go_to(self.sliderPosition())
        elif action == kinds.SliderToMinimum.value:
            self._scroll.go_to_start(with_caret=False)
        elif action == kinds.SliderToMaximum.value:
            self._scroll.go_to_end()
        else:
            self._inner.triggerAction(kinds(action))
            self.setSliderPosition(self.value())

    def _go_to(self, position: int) -> None:
        if self._is_exact:
            self._inner.setValue(position)
        elif position >= self.maximum():
            self._scroll.go_to_end()
        elif position <= 0:
            self._scroll.go_to_start(with_caret=False)
        else:
            self._estimate()
            lines = position / _PER_LINE
            index = min(bisect_right(self._tops, lines) - 1, len(self._page.messages) - 1)
            begin, end = self._tops[index], self._tops[index + 1]
            share = (lines - begin) / max(1.0, end - begin)
            self._scroll.drag_to(Place(self._page.messages[index].id, min(1.0, share)))


def _lines(message: StoredMessage) -> float:
    """Returns about how many lines a message takes."""
    text = message.text
    if len(text) > _SHORT:
        text = text[: shown_at_first(text)]
    letters = len(text) if text.isascii() else len(text.encode("utf-16-le")) * 0.75
    around = _AROUND_QUESTION if message.role is Role.USER else _AROUND_ANSWER
    return around + text.count("\n") + letters / _LINE
