"""The transcript: one page that can be read, selected and copied across messages, and that grows without jumping."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, Qt, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QAbstractSlider, QFrame, QMenu, QTextBrowser, QWidget

from desktop.engine.types import Role
from desktop.history.records import StoredMessage
from desktop.ui.find.found_words import Found, FoundWords
from desktop.ui.theme.apostrophes import NarrowApostrophes, is_wide
from desktop.ui.theme.code_colours import code_colours
from desktop.ui.theme.focus import draw_focus_of_page, repaint_focus_of_page
from desktop.ui.theme.metrics import message_font, unit
from desktop.ui.transcript.accessible import (
    SpokenPage,
    announce_begin,
    announce_end,
    tell_of_change,
)
from desktop.ui.transcript.highlighting import CodeHighlighter
from desktop.ui.transcript.measure import PageMeasure
from desktop.ui.transcript.message_bar import MessageBar
from desktop.ui.transcript.message_lines import DescribeSources, FindLanguage
from desktop.ui.transcript.message_menu import MessageMenu
from desktop.ui.transcript.message_requests import MessageRequests
from desktop.ui.transcript.navigation.newest_button import NewestButton
from desktop.ui.transcript.navigation.reach import MessagesInReach
from desktop.ui.transcript.navigation.scroll_bar import ConversationScrollBar
from desktop.ui.transcript.navigation.scrolling import PageScroll, Place
from desktop.ui.transcript.page import TranscriptPage
from desktop.ui.transcript.page_links import PageLinks
from desktop.ui.transcript.painting import paint_blocks
from desktop.ui.transcript.selection import PageSelection
from desktop.ui.transcript.streaming.pacing import AnswerPacing
from desktop.ui.transcript.streaming.rest import RestOfMessage
from desktop.ui.transcript.typography import Typography, typography
from desktop.ui.transcript.warming.fonts import FontWarming
from desktop.ui.transcript.warming.imports import ImportWarming, import_parser


class TranscriptView(QTextBrowser):
    """Shows a conversation.

    Attributes:
        spoken: What a screen reader reads of it.
        found: Words that were looked for.
        reach: Which message a command means.
        requests: What is wanted of messages, and others have to do.
        measure: How wide the page is.

    Signals:
        messagesChanged: Messages have come or gone, or another conversation is shown.
    """

    messagesChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shows_keyboard = False  # a key has brought the keyboard here: a click shows that itself
        self.setAccessibleName(self.tr("Conversation"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setLineWrapMode(QTextBrowser.LineWrapMode.FixedPixelWidth)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        # The margins beside the measure belong to the page.
        self.setBackgroundRole(self.viewport().backgroundRole())
        self.setAutoFillBackground(True)
        self._page = TranscriptPage(self.document(), self._typography(), self)
        self.spoken = SpokenPage(self, self._page)
        self._apostrophes = NarrowApostrophes(self.document(), self.font()) if is_wide(self.font()) else None
        self._selection = PageSelection(self, self._page)
        self._scroll = PageScroll(self, self._page, self._selection)
        self._highlighter = CodeHighlighter(self.document(), self)
        self._highlighter.set_colours(code_colours(self.palette()))
        self._bar = ConversationScrollBar(self, self._page, self._scroll)
        self.measure = PageMeasure(self, self._bar)
        self.reach = MessagesInReach(self, self._page, self._scroll)
        self.found = FoundWords(self, self._page, self._scroll)
        self.requests = MessageRequests(self)
        self._bar_of_message = MessageBar(self, self._page, self._scroll, self.requests)
        self.messagesChanged.connect(self._bar_of_message.renew)
        self.viewport().setMouseTracking(True)
        self._newest = NewestButton(self, self._scroll)
        self._newest.clicked.connect(self.go_to_newest)
        self._fonts = FontWarming(lambda: self._page.is_growing, self)
        self._parser_warming = ImportWarming(import_parser, "markdown-parser", self)
        self._is_warm = False
        self._pacing = AnswerPacing(self._flush, self)
        self._rest = RestOfMessage(self._page, self._scroll, self)
        self._links = PageLinks(self._page, self._scroll, self._rest, self.requests, self.copy_last_answer)
        self.anchorClicked.connect(self._links.follow)

    @property
    def is_growing(self) -> bool:
        """Whether an answer is on its way."""
        return self._page.is_growing

    @property
    def messages(self) -> Sequence[StoredMessage]:
        """All messages of the conversation shown."""
        return self._page.messages

    @property
    def messages_cut(self) -> int:
        """How many of the messages are read by the model no longer."""
        return self._page.cut

    def show_messages(self, messages: Sequence[StoredMessage], cut: int) -> None:
        """Shows a conversation from its end."""
        self._pacing.drop()
        self._selection.forget_unwritten()
        self._scroll.follow()
        self._page.show(messages, cut)
        self._highlighter.hurry()
        self._scroll.after_change()
        self._newest.forget_news()
        self._offer_newest()
        tell_of_change(self)
        self.messagesChanged.emit()

    def show_version(self, messages: Sequence[StoredMessage], cut: int, old: int, new: int) -> None:
        """Shows the conversation with another version of a message, whose last line stays where that of the old one is.

        Whoever pages through with the mouse finds the pager below it each time.

        Args:
            messages: The conversation as it is now.
            cut: As for :meth:`show_messages`.
            old: The message that was shown.
            new: The one that is, with the caret.
        """
        self._pacing.drop()
        self._selection.forget_unwritten()
        place = Place(new, 1.0, below=self._scroll.foot_of(old), with_caret=True)
        self._page.show(messages, cut)
        self._newest.forget_news()
        self._scroll.come_back(place)
        self._offer_newest()
        self.messagesChanged.emit()

    def describe_sources(self, describe: DescribeSources) -> None:
        """Takes who says what the places are called that answers were taken from, in what is shown next."""
        self._page.describe_sources(describe)

    def find_language(self, find: FindLanguage) -> None:
        """Takes who knows whether the last answer came in another language, in what is shown next."""
        self._page.find_language(find)

    def set_read(self, message_id: int | None) -> None:
        """Shows which message is read aloud; None: none is, or one that still grows."""
        self._page.mark_read(message_id)
        self._bar_of_message.set_read(message_id)

    def update_message(self, message: StoredMessage) -> None:
        """Takes what is thought of a message now; its text is as it was."""
        self._page.update(message)
        self._bar_of_message.update_message(message)

    def append_message(self, message: StoredMessage) -> None:
        """Adds a message; one of the user's brings the end into view."""
        if message.role is Role.USER:
            self._scroll.follow()
        with self._change_of_end():
            self._page.append(message)
        tell_of_change(self)
        self.messagesChanged.emit()

    def remove_from(self, message_id: int) -> None:
        """Removes a message and all after it."""
        self._page.remove_from(message_id)
        self._scroll.after_change()
        self._offer_newest()
        self.messagesChanged.emit()

    def warm_up(self) -> None:
        """Gets ready, in pauses, for what the first message needs: its fonts, and the parser of Markdown.

        To be called when a message may be the next thing, also while another page is in front of this one. Idempotent.
        """
        if not self._is_warm:
            self._is_warm = True
            self._fonts.begin(self._typography())
            self._parser_warming.begin()

    def begin_answer(self, replaces: int | None, waiting: str, text: str = "", thought: str = "") -> None:
        """Opens an answer.

        Args:
            replaces: Id of the last answer, which leaves the page.
            waiting: What it waits for.
            text: What is there of it already.
            thought: The thoughts before that.
        """
        self._pacing.drop()
        self._scroll.follow()
        with self._change_of_end():
            self._page.begin(replaces, waiting)
            if text or thought:
                self._page.grow(text, thought)
        if self._page.is_behind:
            self._flush_soon()
        announce_begin(self)
        tell_of_change(self)
        self.messagesChanged.emit()

    def set_waiting(self, words: str) -> None:
        """Says what an answer without text waits for."""
        if not self._pacing.has_pending:
            with self._change_of_end():
                self._page.set_waiting(words)

    def grow_answer(self, text: str, thought: str) -> None:
        """Adds a piece; it is shown within a picture or two, together with what else has come until then."""
        self._pacing.add(text, thought)
        self._flush_soon()

    def finish_answer(self, message: StoredMessage) -> None:
        """Shows the stored answer in the place of the growing one."""
        text, thought = self._pacing.take()
        with self._change_of_end():
            self._page.finish(message, text, thought)
            self._highlighter.go_on()  # the code that is written again has its colours at once
        self._highlighter.hurry()
        self._rest.write(str(message.id))
        announce_end(self, lambda: self.spoken.answer(message.id), message.state)
        tell_of_change(self)
        self.messagesChanged.emit()

    def mark_cut(self, cut: int) -> None:
        """Draws the line below the ``cut`` leading messages, which the model no longer reads."""
        self._page.mark_cut(cut)
        self._scroll.after_change()

    def reveal(self, message_id: int, words: Sequence[str] = ()) -> None:
        """Brings a message into view, however far away it is, with words in it that are marked."""
        if words:
            self.found.look_for(words)
            self.found.go_to(Found(message_id, 0))
        else:
            self._scroll.reveal(message_id)

    @property
    def scroll_bar(self) -> ConversationScrollBar:
        """The bar that a person sees, as long as the conversation; Qt's own knows only what is written."""
        return self._bar

    def copy_last_answer(self) -> None:
        """Puts the Markdown of the newest answer on the clipboard."""
        answer = self.reach.last_answer()
        if answer is not None:
            QGuiApplication.clipboard().setText(answer.text)

    def copy_message(self) -> None:
        """Puts the Markdown of the message that a command means on the clipboard."""
        message = self.reach.message()
        if message is not None:
            QGuiApplication.clipboard().setText(message.text)

    def copy_selection(self) -> None:
        """Puts what is selected on the clipboard, also where none of it is written now."""
        if self._selection.exists:
            QGuiApplication.clipboard().setMimeData(self.createMimeDataFromSelection())

    def select_all(self) -> None:
        """Selects the whole conversation."""
        self._selection.forget_unwritten()
        self.selectAll()

    def go_to_start(self) -> None:
        """Shows the beginning of the conversation, and puts the caret there."""
        self._selection.forget_unwritten()
        self._selection.select(0, 0)  # at once: the next key may select from there, before the beginning is written
        self._scroll.go_to_start(with_caret=True)

    def go_to_end(self) -> None:
        """Shows the end of the conversation, and puts the caret there."""
        self._scroll.go_to_end()
        self.moveCursor(QTextCursor.MoveOperation.End)

    def go_to_newest(self) -> None:
        """Shows the end of the conversation, and stays there while it grows; the caret stays where it is."""
        self._scroll.go_to_end()

    def turn(self, key: QKeySequence.StandardKey) -> None:
        """Does what one of the keys for the beginning, the end and the pages of a text means, without the caret."""
        action = QAbstractSlider.SliderAction
        if key is QKeySequence.StandardKey.MoveToStartOfDocument:
            self._scroll.go_to_start(with_caret=False)
        elif key is QKeySequence.StandardKey.MoveToEndOfDocument:
            self._scroll.go_to_end()
        elif key is QKeySequence.StandardKey.MoveToPreviousPage:
            self.verticalScrollBar().triggerAction(action.SliderPageStepSub)
        elif key is QKeySequence.StandardKey.MoveToNextPage:
            self.verticalScrollBar().triggerAction(action.SliderPageStepAdd)

    # What Qt asks of the widget.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Goes to the beginning and the end of the conversation, and not only to those of what is written of it."""
        if event.matches(QKeySequence.StandardKey.MoveToStartOfDocument):
            self.go_to_start()
        elif event.matches(QKeySequence.StandardKey.MoveToEndOfDocument):
            self.go_to_end()
        elif event.matches(QKeySequence.StandardKey.SelectStartOfDocument):
            self._selection.extend(to_start=True)
            self._scroll.go_to_start(with_caret=False)
        elif event.matches(QKeySequence.StandardKey.SelectEndOfDocument):
            self._selection.extend(to_start=False)
            self._scroll.go_to_end()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        else:
            super().keyPressEvent(event)
        self.reach.has_caret = True
        if self._shows_focus:
            self._bar_of_message.show_for(self.reach.message())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if not event.buttons():  # else something is being selected
            self._bar_of_message.show_at(round(event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._bar_of_message.leave()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.reach.has_caret = True
        if event.button() is Qt.MouseButton.LeftButton and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._selection.forget_unwritten()
        super().mousePressEvent(event)

    def loadResource(self, _kind: int, _name: QUrl | str) -> Any:
        """Loads nothing: an answer must not reach into the file system or the network by being shown."""
        return None

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copies what was said, without the links and figures of the page, also where it is not written on it yet."""
        data = QMimeData()
        data.setText(self._selection.text())
        return data

    def paintEvent(self, event: QPaintEvent) -> None:
        begin = time.perf_counter()
        part, scrolled = event.rect(), self.verticalScrollBar().value()
        # What reaches from above into the part may begin a box's margin higher.
        first = self.cursorForPosition(QPoint(0, max(0, part.top() - unit(self)))).block()
        paint_blocks(self.viewport(), self.document(), first, scrolled, unit(self), part)
        super().paintEvent(event)
        if self._shows_focus:
            draw_focus_of_page(self.viewport(), self.palette())
        self._pacing.painting_cost = time.perf_counter() - begin

    @property
    def _shows_focus(self) -> bool:
        return self.hasFocus() and self._shows_keyboard

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._bar_of_message.follow()
        self._offer_newest()
        if self._shows_focus:
            repaint_focus_of_page(self.viewport(), dy)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Shows where the keyboard is, unless a click has brought it: that shows it itself."""
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self._shows_keyboard = event.reason() is not Qt.FocusReason.MouseFocusReason
        if self._shows_focus:
            self._bar_of_message.show_for(self.reach.message())
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if not self.underMouse():
            self._bar_of_message.leave()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.measure.fit()
        super().resizeEvent(event)
        self._offer_newest()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.warm_up()
        self._flush()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:  # over the margins; the viewport's own arrive elsewhere
            return bool(self.viewportEvent(event))
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.LanguageChange):
            self._restyle()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        place = self.viewport().mapFromGlobal(event.globalPos())
        cursor = self.cursorForPosition(place) if by_mouse else self.textCursor()
        menu = self._menu_at(cursor.position(), self.anchorAt(place) if by_mouse else "")
        menu.exec(event.globalPos() if by_mouse else self.viewport().mapToGlobal(self.cursorRect().bottomLeft()))
        menu.deleteLater()

    def _menu_at(self, position: int, address: str) -> QMenu:
        menu = MessageMenu(self._page, self.reach, self.requests, self)
        copy = self.copy_selection if self._selection.exists else None
        menu.offer(position, address, copy_selection=copy, select_all=self.select_all)
        return menu

    def _flush(self) -> None:
        begin = time.perf_counter()
        text, thought = self._pacing.take()
        if text or thought or self._page.is_behind:
            with self._change_of_end():
                self._page.grow(text, thought)
            self._pacing.writing_cost = time.perf_counter() - begin
        if self._page.is_behind:
            self._flush_soon()

    def _flush_soon(self) -> None:
        if self.isVisible():
            self._pacing.show_soon()

    @contextmanager
    def _change_of_end(self) -> Iterator[None]:
        """Goes around a change of the end of the page: what is selected stays so, and the end in view stays in view."""
        following = self._scroll.following
        with self._selection.kept():
            yield
        self._scroll.following = following
        self._scroll.after_change()
        self._newest.take_news()
        self._offer_newest()

    def _offer_newest(self) -> None:
        """Offers the way to the end where text has come there that cannot be seen."""
        if not hasattr(self, "_newest"):
            return
        beside = QRect() if self._bar_of_message.isHidden() else self._bar_of_message.geometry()
        self._newest.offer(beside)

    def _typography(self) -> Typography:
        return typography(message_font(self.font()), self.palette(), self.tr("Copy"))

    def _restyle(self) -> None:
        if not hasattr(self, "_fonts"):
            return
        place, style = self._scroll.place(), self._typography()
        self._highlighter.set_colours(code_colours(self.palette()))
        with self._selection.kept():
            self._page.restyle(style)
        self._highlighter.hurry()
        if self._is_warm:
            self._fonts.begin(style)
        self.measure.fit()
        self._scroll.come_back(place)
        self.found.restyle()
        if self._page.is_behind:
            self._flush_soon()
