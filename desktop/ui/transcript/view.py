"""The transcript: one page that can be read, selected and copied across messages, and that grows without jumping."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDesktopServices,
    QFocusEvent,
    QFontMetricsF,
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
from desktop.ui.transcript.markdown.links import is_web_address
from desktop.ui.transcript.message_bar import MessageBar
from desktop.ui.transcript.message_lines import DescribeSources, FindLanguage
from desktop.ui.transcript.message_menu import MessageMenu
from desktop.ui.transcript.newest_button import NewestButton
from desktop.ui.transcript.page import TranscriptPage
from desktop.ui.transcript.painting import paint_blocks
from desktop.ui.transcript.plain_text import code_below
from desktop.ui.transcript.scroll_bar import ConversationScrollBar
from desktop.ui.transcript.scrolling import PageScroll, Place
from desktop.ui.transcript.selection import PageSelection
from desktop.ui.transcript.typography import Typography, typography
from desktop.ui.transcript.warming.fonts import FontWarming
from desktop.ui.transcript.warming.parser import ParserWarming

# Characters in a line: what docs/ARCHITECTURE.md asks for; the alphabet gives the average width of one.
_MEASURE = 72
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"

# Of the GUI thread's time, at most a twentieth goes into showing an answer that grows: a 25th for writing and painting,
# which are measured, and the rest for what goes with it. Half a second is the longest that a piece waits; a screen
# shows 60 pictures a second.
_LEAST_INTERVAL_MS, _LONGEST_INTERVAL_MS = 16, 500
_SHARE = 25


class TranscriptView(QTextBrowser):
    """Shows a conversation.

    Attributes:
        spoken: What a screen reader reads of it.
        found: Words that were looked for.

    Signals:
        regenerateRequested: The last answer shall be given again.
        continueRequested: The last answer shall go on where it was cut off.
        editRequested: The user's message with this id shall be edited.
        readRequested: The message with this id shall be read aloud, or no further.
        deleteRequested: The message with this id shall be deleted.
        rateRequested: (id, rating) What the person thinks of an answer: 1 good, -1 bad, 0 nothing any more.
        languageRequested: (code of two letters) The last answer shall be given again in this language.
        messagesChanged: Messages have come or gone, or another conversation is shown.
        sourceRequested: (id, number) The place shall be shown that an answer was taken from, the first one is 0.
        versionRequested: (id, step) Instead of this message the version shall be shown that is so many further.
    """

    regenerateRequested = Signal()
    continueRequested = Signal()
    editRequested = Signal(int)
    readRequested = Signal(int)
    deleteRequested = Signal(int)
    rateRequested = Signal(int, int)
    versionRequested = Signal(int, int)
    sourceRequested = Signal(int, int)
    languageRequested = Signal(str)
    messagesChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pending_text: list[str] = []
        self._pending_thought: list[str] = []
        self._flush_cost = self._paint_cost = 0.0  # seconds that the last ones took
        self._has_caret = False  # somebody has put it where it is
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
        self.found = FoundWords(self, self._page, self._scroll)
        self._bar_of_message = self._make_bar()
        self._newest = NewestButton(self)
        self._newest.clicked.connect(self.go_to_newest)
        self._has_news = False  # text has come below what is in view
        self._fonts = FontWarming(lambda: self._page.is_growing, self)
        self._parser_warming = ParserWarming(self)
        self._is_warm = False
        self._flush_timer = QTimer(self, singleShot=True)
        self._flush_timer.timeout.connect(self._flush)
        self._rest = ""  # id of the message whose rest is being written
        self._rest_timer = QTimer(self, singleShot=True, interval=0)
        self._rest_timer.timeout.connect(self._write_rest)
        self.anchorClicked.connect(self._on_anchor)

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
        self._drop_pending()
        self._selection.forget_unwritten()
        self._scroll.follow()
        self._page.show(messages, cut)
        self._highlighter.hurry()
        self._scroll.after_change()
        self._has_news = False
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
        self._drop_pending()
        self._selection.forget_unwritten()
        place = Place(new, 1.0, below=self._scroll.foot_of(old), with_caret=True)
        self._page.show(messages, cut)
        self._has_news = False
        self._scroll.come_back(place)
        self._offer_newest()
        self.messagesChanged.emit()

    def versions_in_reach(self) -> StoredMessage | None:
        """Returns the message that a command about versions means: that with the caret, if it has any and can be seen.

        Else the newest that has any. None: no message of the conversation has more than one version.
        """
        at_caret = self._page.message_at(self.textCursor().position())
        if at_caret is not None and at_caret.versions > 1 and self._scroll.is_in_view(at_caret.id):
            return at_caret
        return next((message for message in reversed(self._page.messages) if message.versions > 1), None)

    def message_in_reach(self) -> StoredMessage | None:
        """Returns the message that a command means: that with the caret if that can be seen, else the newest."""
        at_caret = self._page.message_at(self.textCursor().position())
        if at_caret is not None and self._has_caret and self._scroll.is_in_view(at_caret.id):
            return at_caret
        return self._page.messages[-1] if self._page.messages else None

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
        self._drop_pending()
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
        if not self._pending_text and not self._pending_thought:
            with self._change_of_end():
                self._page.set_waiting(words)

    def grow_answer(self, text: str, thought: str) -> None:
        """Adds a piece; it is shown within a picture or two, together with what else has come until then."""
        if text:
            self._pending_text.append(text)
        if thought:
            self._pending_thought.append(thought)
        self._flush_soon()

    def finish_answer(self, message: StoredMessage) -> None:
        """Shows the stored answer in the place of the growing one."""
        text, thought = self._take_pending()
        with self._change_of_end():
            self._page.finish(message, text, thought)
            self._highlighter.go_on()  # the code that is written again has its colours at once
        self._highlighter.hurry()
        self._rest = str(message.id)
        self._rest_timer.start()
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

    def first_in_view(self) -> int | None:
        """Returns the id of the topmost message that can be seen; None: there is none, or it is still growing."""
        message = self._page.message_at(self.cursorForPosition(QPoint(0, unit(self) * 4)).position())
        return message.id if message is not None else None

    def page_width(self) -> int:
        """Returns the width of the page with its margins, in pixels."""
        letter = QFontMetricsF(message_font(self.font())).horizontalAdvance(_ALPHABET) / len(_ALPHABET)
        return round(letter * _MEASURE) + 4 * unit(self)

    def scroll_bar_width(self) -> int:
        return self._bar.sizeHint().width()

    @property
    def scroll_bar(self) -> ConversationScrollBar:
        """The bar that a person sees, as long as the conversation; Qt's own knows only what is written."""
        return self._bar

    def last_answer(self) -> StoredMessage | None:
        """Returns the newest message if it is an answer."""
        messages = self._page.messages
        return messages[-1] if messages and messages[-1].role is Role.ASSISTANT else None

    def last_question(self) -> StoredMessage | None:
        """Returns the user's newest message."""
        return next((message for message in reversed(self._page.messages) if message.role is Role.USER), None)

    def count_after(self, message_id: int) -> int:
        """Returns how many messages follow one."""
        return sum(1 for message in self._page.messages if message.id > message_id)  # ids grow along what is shown

    def copy_last_answer(self) -> None:
        """Puts the Markdown of the newest answer on the clipboard."""
        answer = self.last_answer()
        if answer is not None:
            QGuiApplication.clipboard().setText(answer.text)

    def copy_message(self) -> None:
        """Puts the Markdown of the message that a command means on the clipboard."""
        message = self.message_in_reach()
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
        self._has_caret = True
        if self._shows_focus:
            self._bar_of_message.show_for(self.message_in_reach())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if not event.buttons():  # else something is being selected
            self._bar_of_message.show_at(round(event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._bar_of_message.leave()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._has_caret = True
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
        self._paint_cost = time.perf_counter() - begin

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
            self._bar_of_message.show_for(self.message_in_reach())
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if not self.underMouse():
            self._bar_of_message.leave()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_measure()
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

    def _make_bar(self) -> MessageBar:
        bar = MessageBar(self, self._page, self._scroll)
        bar.copyRequested.connect(lambda message: QGuiApplication.clipboard().setText(message.text))
        for asked, wish in (
            (bar.readRequested, self.readRequested),
            (bar.editRequested, self.editRequested),
            (bar.regenerateRequested, self.regenerateRequested),
            (bar.continueRequested, self.continueRequested),
            (bar.deleteRequested, self.deleteRequested),
            (bar.rateRequested, self.rateRequested),
        ):
            asked.connect(wish)
        self.messagesChanged.connect(bar.renew)
        self.viewport().setMouseTracking(True)
        return bar

    def _menu_at(self, position: int, address: str) -> QMenu:
        return MessageMenu(self, self._page, position, address, has_selection=self._selection.exists)

    def _on_anchor(self, url: QUrl) -> None:
        address = url.toString()
        if is_web_address(address):
            QDesktopServices.openUrl(url)
        elif address == "catnap:copy":
            self.copy_last_answer()
        elif address == "catnap:regenerate":
            self.regenerateRequested.emit()
        elif address == "catnap:continue":
            self.continueRequested.emit()
        elif address.startswith("catnap:language/"):
            self.languageRequested.emit(address.removeprefix("catnap:language/"))
        elif address.startswith("catnap:read/"):
            self.readRequested.emit(int(address.removeprefix("catnap:read/")))
        elif address.startswith("catnap:think/"):
            with_end = self._scroll.following
            self._scroll.following = False
            self._page.toggle_thought(address.removeprefix("catnap:think/"))
            self._scroll.following = with_end and self._page.is_growing
        elif address.startswith("catnap:rest/"):
            self._scroll.following = False  # whoever wants to read on does so here
            self._rest = address.removeprefix("catnap:rest/")
            self._rest_timer.start()
        elif address.startswith("catnap:version/"):
            message, step = address.removeprefix("catnap:version/").split("/")
            self.versionRequested.emit(int(message), int(step))
        elif address.startswith("catnap:source/"):
            message, number = address.removeprefix("catnap:source/").split("/")
            self.sourceRequested.emit(int(message), int(number))
        elif address.startswith("catnap:code/"):
            QGuiApplication.clipboard().setText(code_below(self.document(), address))

    def _flush(self) -> None:
        begin = time.perf_counter()
        text, thought = self._take_pending()
        if text or thought or self._page.is_behind:
            with self._change_of_end():
                self._page.grow(text, thought)
            self._flush_cost = time.perf_counter() - begin
        if self._page.is_behind:
            self._flush_soon()

    def _flush_soon(self) -> None:
        if self.isVisible() and not self._flush_timer.isActive():
            pause = round((self._flush_cost + self._paint_cost) * _SHARE * 1000)
            self._flush_timer.start(min(max(_LEAST_INTERVAL_MS, pause), _LONGEST_INTERVAL_MS))

    def _write_rest(self) -> None:
        """Writes one piece of what is left of a long message, the event loop having its turn before the next."""
        if self._page.write_rest(self._rest):
            self._rest_timer.start()
        self._scroll.after_change()

    def _take_pending(self) -> tuple[str, str]:
        """Returns what has come and is not shown yet, text and thoughts; it is the caller's from now on."""
        pending = "".join(self._pending_text), "".join(self._pending_thought)
        self._drop_pending()
        return pending

    @contextmanager
    def _change_of_end(self) -> Iterator[None]:
        """Goes around a change of the end of the page: what is selected stays so, and the end in view stays in view."""
        following = self._scroll.following
        with self._selection.kept():
            yield
        self._scroll.following = following
        self._scroll.after_change()
        self._has_news = True
        self._offer_newest()

    def _offer_newest(self) -> None:
        """Offers the way to the end where text has come there that cannot be seen."""
        if not hasattr(self, "_newest"):
            return
        self._has_news = self._has_news and not self._scroll.is_end_in_view
        beside = QRect() if self._bar_of_message.isHidden() else self._bar_of_message.geometry()
        self._newest.offer(is_of_use=self._has_news, beside=beside)

    def _drop_pending(self) -> None:
        self._flush_timer.stop()
        self._pending_text.clear()
        self._pending_thought.clear()

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
        self._fit_measure()
        self._scroll.come_back(place)
        self.found.restyle()
        if self._page.is_behind:
            self._flush_soon()

    def _fit_measure(self) -> None:
        """Keeps the lines at the measure, in the middle of a wide window."""
        self.document().setDocumentMargin(unit(self) * 2)
        page = self.page_width()
        # The room of the scroll bar is kept free: the text must not move when the bar comes.
        bar = self.scroll_bar_width()
        room = self.width() - bar
        beside = max(0, (room - page) // 2)
        self.setViewportMargins(beside, 0, beside + bar, 0)
        right = 0 if self.isRightToLeft() else self.width() - bar
        self._bar.setGeometry(right, 0, bar, self.height())
        self._bar.measure_anew()
        width = max(page // 4, min(page, room))
        if width != self.lineWrapColumnOrWidth():  # Qt lays the whole page out again even if it is the same
            self.setLineWrapColumnOrWidth(width)
