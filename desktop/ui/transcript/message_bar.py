"""When the message under the mouse, or with the caret, was said, and what can be done with it: a row in the gap below.

There is one row, whatever the length of the conversation, and it lies above the page: nothing moves when it comes.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QHBoxLayout, QSizePolicy, QWidget

from desktop.engine.types import Role
from desktop.history.records import StoredMessage
from desktop.ui.conversations.moments import moment_words, whole_moment_words
from desktop.ui.theme.metrics import unit
from desktop.ui.theme.palette import tinted
from desktop.ui.transcript.message_requests import MessageRequests
from desktop.ui.transcript.navigation.scrolling import PageScroll
from desktop.ui.transcript.page import TranscriptPage
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.widgets.labels import MutedLabel

_HEIGHT = 3  # units: what is free between the text of a message and that of the next one


class _Sign(GlyphButton):
    left = Signal()  # by the keyboard

    def sizeHint(self) -> QSize:
        return QSize(unit(self) * _HEIGHT + unit(self) // 2, unit(self) * _HEIGHT)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class MessageBar(QWidget):
    """The row."""

    def __init__(
        self, area: QAbstractScrollArea, page: TranscriptPage, scroll: PageScroll, requests: MessageRequests
    ) -> None:
        """
        Args:
            area: Shows the page; owner.
            page: The messages.
            scroll: Knows where they are.
            requests: Gets what the signs stand for.
        """
        super().__init__(area)
        self._area, self._page, self._scroll, self._requests = area, page, scroll, requests
        self._message: StoredMessage | None = None
        self._read: int | None = None
        self.setAccessibleName(self.tr("Message actions"))
        self._copy = self._sign(
            Glyph.COPY, self.tr("Copy message"), lambda one: QGuiApplication.clipboard().setText(one.text)
        )
        self._aloud = self._sign(Glyph.SPEAKER, self.tr("Read aloud"), lambda one: requests.readRequested.emit(one.id))
        self._edit = self._sign(
            Glyph.PENCIL, self.tr("Edit and ask again"), lambda one: requests.editRequested.emit(one.id)
        )
        self._on = self._sign(Glyph.ONWARD, self.tr("Continue"), lambda _one: requests.continueRequested.emit())
        self._again = self._sign(Glyph.AGAIN, self.tr("Regenerate"), lambda _one: requests.regenerateRequested.emit())
        self._good, self._bad = self._thumb(Glyph.THUMB_UP, 1), self._thumb(Glyph.THUMB_DOWN, -1)
        self._delete = self._sign(
            Glyph.BIN, self.tr("Delete message"), lambda one: requests.deleteRequested.emit(one.id)
        )
        self._moment = MutedLabel()
        self._moment.setWordWrap(False)
        self._moment.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._moment)
        self._signs = (
            *(self._copy, self._aloud, self._edit, self._on, self._again, self._good, self._bad, self._delete),
        )
        for sign in self._signs:
            row.addWidget(sign)
            sign.left.connect(self._on_left)
        self.hide()

    @property
    def message(self) -> StoredMessage | None:
        """The message that it belongs to; None: it is not shown."""
        return self._message

    def set_read(self, message_id: int | None) -> None:
        """Takes which message is read aloud; None: none is."""
        self._read = message_id
        self._show_reading()

    def show_at(self, height: int) -> None:
        """Shows what can be done with the message at a height of the view, in pixels."""
        self.show_for(self._scroll.message_at_height(height))

    def show_for(self, message: StoredMessage | None) -> None:
        """Shows what can be done with a message; None: hides itself."""
        if message is None:
            self.leave()
            return
        if message is not self._message or not self.isVisible():
            self._message = message
            self._offer(message)
        self.follow()
        self.show()
        self.raise_()

    def update_message(self, message: StoredMessage) -> None:
        """Takes what is known of a message now, if it is the one that the row belongs to."""
        if self._message is not None and self._message.id == message.id:
            self._message = message
            self._show_thumbs()

    def renew(self) -> None:
        """Offers what can be done now: messages have come or gone, or an answer has begun or ended."""
        if self._message is not None and self._page.index_of(self._message.id) is not None:
            self._offer(self._message)
        self.follow()

    def leave(self) -> None:
        """Hides itself, unless the keyboard is in it."""
        if self._message is not None and not any(sign.hasFocus() for sign in self._signs):
            self._message = None
            self.hide()

    def follow(self) -> None:
        """Goes where its message is seen now; with one that is out of sight it goes too."""
        message = self._message
        if message is None:
            return
        if self._page.index_of(message.id) is None or not self._scroll.is_in_view(message.id):
            self._message = None
            self.hide()
            return
        viewport, step = self._area.viewport().geometry(), unit(self)
        self._show_moment(viewport.width())
        size = self.sizeHint()
        top = min(round(self._scroll.foot_of(message.id)), viewport.height() - size.height() - step // 2)
        self.resize(size)
        self.move(viewport.right() - size.width() - step, viewport.top() + max(top, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._area.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Goes on with Tab past the page, which lies around the row and would first go through its own links."""
        return self.window().focusNextPrevChild(forward)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # it is small: it is painted whole
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tinted(self.palette(), 0.2), 1))
        painter.setBrush(self.palette().brush(QPalette.ColorRole.Base))
        edge = self.rect().adjusted(0, 0, -1, -1)
        painter.drawRoundedRect(edge, unit(self) / 2, unit(self) / 2)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_delete"):
            self.follow()

    def _show_moment(self, room: int) -> None:
        """Says when the message came, where there is room for that beside the signs, in pixels."""
        message = self._message
        words = moment_words(message.created) if message is not None else ""
        step = unit(self)
        if words != self._moment.text():
            self._moment.setText(words)
            self._moment.setToolTip(whole_moment_words(message.created) if message is not None else "")
        self._moment.setContentsMargins(step, 0, step // 2, 0)
        shown = sum(1 for sign in self._signs if not sign.isHidden())
        needed = self._moment.sizeHint().width() + shown * self._copy.sizeHint().width() + 2 * step
        self._moment.setVisible(bool(words) and needed <= room)
        self._row.activate()  # what is hidden now takes no room any more

    def _on_left(self) -> None:
        if not self._area.hasFocus() and not self.underMouse():
            self.leave()

    def _sign(self, glyph: Glyph, name: str, act: Callable[[StoredMessage], None]) -> _Sign:
        sign = _Sign(glyph, name, self)

        def pressed() -> None:
            if self._message is not None:
                act(self._message)

        sign.clicked.connect(pressed)
        return sign

    def _thumb(self, glyph: Glyph, rating: int) -> _Sign:
        name = self.tr("Good answer") if rating > 0 else self.tr("Bad answer")
        thumb = self._sign(
            glyph, name, lambda one: self._requests.rateRequested.emit(one.id, 0 if one.rating == rating else rating)
        )
        thumb.setCheckable(True)
        # A press does not change how it looks: the message does, once the thumb is stored.
        thumb.clicked.connect(lambda _on: self._show_thumbs())
        return thumb

    def _show_thumbs(self) -> None:
        rating = self._message.rating if self._message is not None else 0
        for thumb, value in ((self._good, 1), (self._bad, -1)):
            thumb.setChecked(rating == value)
        kept = self.tr("{name}; press again to take it back. Kept on this computer only.")
        self._good.setToolTip(kept.format(name=self.tr("Good answer")))
        self._bad.setToolTip(kept.format(name=self.tr("Bad answer")))

    def _offer(self, message: StoredMessage) -> None:
        is_last = bool(self._page.messages) and message is self._page.messages[-1]
        can_change, is_question = not self._page.is_growing, message.role is Role.USER
        self._aloud.setVisible(bool(message.text.strip()))
        self._edit.setVisible(can_change and is_question)
        self._on.setVisible(can_change and is_last and message.is_cut_off)
        self._again.setVisible(can_change and is_last)
        # Of a question that was stopped before the first word, or failed.
        self._again.show_as(Glyph.AGAIN, self.tr("Have it answered") if is_question else self.tr("Regenerate"))
        for thumb in (self._good, self._bad):
            thumb.setVisible(can_change and message.can_be_rated)
        self._show_thumbs()
        self._delete.setVisible(can_change)
        self._show_reading()

    def _show_reading(self) -> None:
        if self._message is not None and self._message.id == self._read:
            self._aloud.show_as(Glyph.STOP, self.tr("Stop reading"))
        else:
            self._aloud.show_as(Glyph.SPEAKER, self.tr("Read aloud"))
