"""The quick ask: one line near the pointer, the answer below it, nothing remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QInputMethodEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop.ui.quick_ask.floating_panel import FloatingPanel
from desktop.ui.quick_ask.text_bar import TextBar
from desktop.ui.servers.signs import PlaceSign
from desktop.ui.theme.icons import app_icon
from desktop.ui.theme.metrics import spacing
from desktop.ui.transcript.accessible import announce_end
from desktop.ui.transcript.view import TranscriptView
from desktop.ui.widgets.accessible import announce
from desktop.ui.widgets.banner import NoticeAction
from desktop.ui.widgets.labels import ElidedLabel, WarningLabel, small_font
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.words import SEPARATOR, sentences

# The answer never takes more of the screen than this: what the user asked about stays in view.
_ANSWER_SHARE = 0.4
_WIDEST_SHARE = 0.92
_LINE_SIZE = 1.2


class AskLine(QLineEdit):
    """A line that knows whether an input method is composing in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._composing = False

    @property
    def is_composing(self) -> bool:
        """Whether there is text that the input method has not handed over yet."""
        return self._composing

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Keeps count of the text under composition."""
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)


class QuickAsk(FloatingPanel):
    """A frameless box with a line for a question; the answer streams below. GUI thread.

    Enter asks, Esc stops and hides. A click elsewhere hides it only while it is idle and empty. Hiding forgets the
    question and the answer.

    Attributes:
        asked: A question; :meth:`begin_answer` is expected in return.
        stopRequested: The answer under way is not wanted any further.
        continueRequested: The exchange shall become a conversation; the box hides right after this signal unless
            :meth:`stay` is called in answer to it.
        pasteRequested: The answer shall go where the text came from.
        composingChanged: What stands in the line, whenever that changes.
        activated: The box has got the keyboard.
        hidden: The box is gone, and what it showed is forgotten.
    """

    asked = Signal(str)
    stopRequested = Signal()
    continueRequested = Signal()
    pasteRequested = Signal()
    composingChanged = Signal(str)
    activated = Signal()
    hidden = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Ask Catnap"))
        self.setWindowIcon(app_icon())
        self._busy = self._stays = False
        self._answer_text = ""
        self._answered = False
        self._has_words = False
        self._can_paste = False
        self._said = ""  # what stands below without an answer
        self._build()
        self._reset()

    @property
    def is_busy(self) -> bool:
        """Whether an answer is under way."""
        return self._busy

    @property
    def text(self) -> str:
        """What stands in the line."""
        return self._line.text()

    @property
    def status_words(self) -> str:
        """What is said of the answer: what is going on, its figures; empty: nothing."""
        return self._status.accessibleName() if self._status.isVisible() else ""

    @property
    def text_bar(self) -> TextBar:
        """What is shown of a text from elsewhere."""
        return self._text_bar

    @property
    def place(self) -> str:
        """Host of the server that answers; empty: this computer does."""
        return self._place_sign.place

    def show_place(self, place: str) -> None:
        """Says, in another colour, that what is asked leaves this computer.

        Args:
            place: Host of the server that answers; empty: this computer does.
        """
        if place == self._place_sign.place:
            return
        self._place_sign.show_place(place)
        self.set_leads_away(bool(place))
        name = self.tr("Question")
        if place:
            name = self.tr("Question, answered by {host}").format(host=place)
        self._line.setAccessibleName(name)
        self._fit()

    @property
    def answer(self) -> str:
        """The answer shown, as Markdown."""
        return self._answer_text

    def open_at(self, point: QPoint | None) -> None:
        """Shows the box with the keyboard in it, or brings it back to the front.

        Args:
            point: Place to open at, in global coordinates; None or a null point: where the pointer is unknown.
        """
        if not self.isVisible():
            self.ensurePolished()  # only now is the size of the fonts settled
            self._fit()
            self.place_near(point if point is not None and not point.isNull() else None)
        self.show()
        self.raise_()
        self.activateWindow()
        self._line.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
        self._line.selectAll()

    def begin_answer(self) -> None:
        """Empties the answer and waits for a new one."""
        self._busy = True
        self._answered = True
        self._has_words = False
        self._answer_text = ""
        self._error.say("")
        self.say_first("")
        self._offer(())
        self._view.begin_answer(None, "")
        self._line.selectAll()
        self.set_status("", None)
        self._update()

    def grow_answer(self, text: str, thought: str) -> None:
        """Adds a piece of the answer and of the thoughts before it."""
        self._answer_text += text
        self._view.grow_answer(text, thought)
        if not self._has_words and (text or thought):
            self._has_words = True
            self._update()

    def finish_answer(self, text: str, note: str, ways: Sequence[NoticeAction] = ()) -> None:
        """Shows the whole answer.

        Args:
            text: Markdown; replaces what was shown if it differs.
            note: Figures or how it ended, for the state line, already translated.
            ways: Buttons below it, for another answer.
        """
        if text != self._answer_text:
            self._view.begin_answer(None, "")
            self._view.grow_answer(text, "")
            self._answer_text = text
            self._has_words = bool(text)
        self._busy = False
        announce_end(self._view, lambda: text)
        self._offer(ways)
        self.set_status(note, None)
        self._update()

    def set_status(self, words: str, fraction: float | None) -> None:
        """Says what is going on.

        Args:
            words: Already translated: "waking 40%", "8 words a second".
            fraction: How much of it is done, 0 to 1; None: unknown, or nothing to wait for.
        """
        self._said = ""
        self._status.say(words, words.split(SEPARATOR, maxsplit=1)[0])
        self._progress.setVisible(fraction is not None)
        if fraction is not None:
            self._progress.setValue(round(min(max(fraction, 0.0), 1.0) * self._progress.maximum()))
        self._fit()

    def show_error(self, title: str, detail: str, remedy: str, ways: Sequence[NoticeAction] = ()) -> None:
        """Says what went wrong, already translated; the answer so far stays.

        Args:
            title: What happened.
            detail: The variable part.
            remedy: What to do about it.
            ways: Buttons below, for what may help.
        """
        self._busy = False
        self.say_first("")
        self._error.say("\n".join(part for part in (sentences(title, detail), remedy) if part))
        self._offer(ways)
        self.set_status("", None)
        self._update()

    def ask_first(self, words: str, ways: Sequence[NoticeAction]) -> None:
        """Asks for a decision before anything is answered, translated, with buttons; it stays until there is one."""
        self._busy = False
        self._error.say("")
        self.say_first(words)
        self._offer(ways)
        self.set_status("", None)
        self._update()

    def say_first(self, words: str) -> None:
        """Says something above the answer, translated, until the next one; empty: nothing."""
        self._first.setText(words)
        self._first.setVisible(bool(words))
        if words and self.isVisible():
            announce(self._first, words, urgent=True)
        self._fit()

    def stay(self) -> None:
        """Keeps the box open: what it shows could not be taken over into a conversation."""
        self._stays = True

    def put_text_back(self, text: str) -> None:
        """Puts a question that was not asked into the line again, unless there is a new one already."""
        if not self._line.text():
            self._line.setText(text)

    def take_questions_about_text(self, about: bool) -> None:
        """Says in the line whether what is typed is a question about the text."""
        words = self.tr("Ask about the text…") if about else self.tr("Ask anything…")
        self._line.setPlaceholderText(words)
        if about:
            self._line.setFocus(Qt.FocusReason.OtherFocusReason)

    def offer_paste(self, offered: bool) -> None:
        """Shows whether the answer can be put where the text came from."""
        self._can_paste = offered
        self._update()

    def say(self, words: str) -> None:
        """Says something below the answer that is no error, translated, in place of its figures."""
        self.set_status(words, None)
        self._said = words
        self._update()

    def offer(self, words: str, ways: Sequence[NoticeAction]) -> None:
        """Says something below the line that is no error, translated, with buttons for what can be done."""
        self._offer(ways)
        self.say(words)

    # --- building

    def _build(self) -> None:
        self._rows: list[QHBoxLayout] = []
        self._view = TranscriptView()
        self._view.setAccessibleName(self.tr("Answer"))
        self._line = AskLine()
        font = self._line.font()
        font.setPointSizeF(font.pointSizeF() * _LINE_SIZE)
        self._line.setFont(font)
        self._line.setFrame(False)
        self._line.setPlaceholderText(self.tr("Ask anything…"))
        self._line.setAccessibleName(self.tr("Question"))
        self._line.setToolTip(self.tr("Enter asks, Esc stops and closes"))
        self._line.textChanged.connect(self.composingChanged)
        self._line.returnPressed.connect(self._ask)
        self._cat = QLabel()
        self._cat.setAccessibleName(self.tr("Catnap"))
        self._draw_cat()
        self._place_sign = PlaceSign()
        top = self._row(self._cat, self._line, self._place_sign)
        self._text_bar = TextBar("SCHBN")

        # Later: the signal comes in the middle of an edit, and a new height makes the page lay itself out.
        self._fitting = QTimer(self, singleShot=True, interval=0)
        self._fitting.timeout.connect(self._fit)
        self._view.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fitting.start())
        self._error = WarningLabel()
        self._first = QLabel()
        self._first.setTextFormat(Qt.TextFormat.PlainText)
        self._first.setWordWrap(True)
        self._first.hide()
        self._ways = self._row()
        self._progress = QProgressBar()
        self._progress.setRange(0, 1000)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(self.tr("Progress"))

        self._build_foot()
        self._answer_row = answer = QHBoxLayout()
        answer.addWidget(self._view)

        self._page = page = QVBoxLayout(self)
        for part in (
            top,
            self._row(self._text_bar),
            self._row(self._first),
            answer,
            self._row(self._error),
            self._ways,
            self._row(self._progress),
        ):
            add_layout(page, part)
        page.addWidget(self._foot)
        self._space_out()
        self._text_bar.resized.connect(self._fitting.start)
        # A key that an input method uses to give up its text never comes here as Esc.
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.hide)

    def _build_foot(self) -> None:
        self._status = ElidedLabel()
        self._status.setFont(small_font(self._status.font()))
        self._stop = self._button(self.tr("&Stop"), self.stopRequested.emit)
        self._stop.setToolTip(self.tr("Stops the answer; Esc also closes the box"))
        self._paste = self._button(self.tr("Paste &back"), self.pasteRequested.emit, "Ctrl+Shift+V")
        self._paste.setToolTip(
            self.tr("Puts the answer in place of the selected text, through the clipboard ({keys})").format(
                keys=self._paste.toolTip()
            )
        )
        self._copy = self._button(self.tr("&Copy"), self._copy_answer, "Ctrl+Shift+C")
        self._continue = self._button(self.tr("Continue in c&hat"), self._go_on, "Ctrl+Return")
        self._foot = QWidget()
        foot = self._row(self._status, self._stop, self._paste, self._copy, self._continue)
        foot.setStretch(0, 1)
        self._foot.setLayout(foot)

    def _row(self, *widgets: QWidget) -> QHBoxLayout:
        """Returns a line of the box; :meth:`_space_out` gives it its place."""
        row = QHBoxLayout()
        self._rows.append(row)
        for widget in widgets:
            row.addWidget(widget)
        return row

    def _space_out(self) -> None:
        """Has every line begin and end where the text of the answer does, whatever the size of the letters is."""
        gaps, bar = spacing(self), self._view.measure.scroll_bar_width()
        edge, beside = gaps.unit + gaps.half, bar + 2 * gaps.unit  # the margin of the answer's page
        self._page.setContentsMargins(1, edge, 1, edge)  # the outline
        self._page.setSpacing(gaps.unit)
        self._answer_row.setContentsMargins(bar, 0, 0, 0)  # as much as is kept free on the right
        self._progress.setFixedHeight(gaps.half)
        for row in self._rows:
            row.setContentsMargins(beside, 0, beside, 0)
            row.setSpacing(gaps.unit)

    def _button(self, text: str, slot: Callable[[], None], keys: str = "") -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: slot())
        if keys:
            # Without a button there is nothing to do: an answer that still grows would be taken over as it stands.
            shortcut = QShortcut(QKeySequence(keys), self, lambda: button.click() if button.isVisible() else None)
            button.setToolTip(shortcut.key().toString(QKeySequence.SequenceFormat.NativeText))
        return button

    # --- what the user does

    @Slot()
    def _ask(self) -> None:
        question = self._line.text().strip()
        if question and not self._line.is_composing:
            self.asked.emit(question)

    def _copy_answer(self) -> None:
        QGuiApplication.clipboard().setText(self._answer_text)

    def _go_on(self) -> None:
        self._stays = False
        self.continueRequested.emit()
        if not self._stays:
            self.hide()

    @property
    def _is_in_use(self) -> bool:
        asks = not self._first.isHidden() or not self._error.isHidden()
        shows = self._busy or self._answered or bool(self._said) or asks
        return shows or bool(self._line.text())

    # --- looks

    def _offer(self, ways: Sequence[NoticeAction]) -> None:
        """Shows buttons below the error, in place of those before."""
        while (item := self._ways.takeAt(0)) is not None:
            if (button := item.widget()) is not None:
                button.hide()
                button.deleteLater()
        for way in ways:
            button = self._button(way.text, way.run)
            self._ways.addWidget(button)
            button.show()  # else a layout counts it only later, and the box is too low
        if ways:
            self._ways.addStretch()

    def _reset(self) -> None:
        self._answered = False
        self._has_words = False
        self._answer_text = ""
        self._line.clear()
        self._view.show_messages((), 0)
        self._error.say("")
        self.say_first("")
        self._offer(())
        self._text_bar.show_text("", ())
        self._text_bar.show_next("")
        self.take_questions_about_text(False)
        self._can_paste = False
        self.set_status("", None)
        self._update()

    def _update(self) -> None:
        """Shows and enables what makes sense now."""
        done = not self._busy and bool(self._answer_text)
        self._view.setVisible(self._has_words)
        self._foot.setVisible(self._busy or done or bool(self._said))
        self._stop.setVisible(self._busy)
        self._paste.setVisible(done and self._can_paste)
        self._copy.setVisible(done)
        self._continue.setVisible(done)
        self._fit()

    def _fit(self) -> None:
        """Gives the answer the height it needs, within the screen."""
        area = self.available_area()
        # As wide as the page of the answer, which keeps the room of a scroll bar free on its right.
        measure = self._view.measure
        wide = min(round(area.width() * _WIDEST_SHARE), measure.page_width() + 2 * measure.scroll_bar_width() + 2)
        if self._has_words:
            wanted = round(self._view.document().size().height())
            self._view.setFixedHeight(min(wanted, round(area.height() * _ANSWER_SHARE)))
        page = self._page
        page.activate()
        needed = QSize(wide, page.totalHeightForWidth(wide) if page.hasHeightForWidth() else page.sizeHint().height())
        self.resize_to(needed)

    # --- events

    def event(self, event: QEvent) -> bool:
        """Hides an idle, empty box when the user turns to something else."""
        if event.type() is QEvent.Type.WindowDeactivate and not self._is_in_use:
            self.hide()
        if event.type() is QEvent.Type.WindowActivate:
            self.activated.emit()
        if event.type() is QEvent.Type.DevicePixelRatioChange and hasattr(self, "_page"):
            self._draw_cat()  # on a screen of another scale
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_page"):
            self._draw_cat()
            self._space_out()
            self._fitting.start()

    def _draw_cat(self) -> None:
        edge = self._line.fontMetrics().height() + spacing(self).half
        self._cat.setPixmap(app_icon().pixmap(QSize(edge, edge), self.devicePixelRatioF()))

    def hideEvent(self, event: QHideEvent) -> None:
        """Stops the answer and forgets everything."""
        super().hideEvent(event)
        if event.spontaneous():  # another virtual desktop, not the user
            return
        if self._busy:
            self._busy = False
            self.stopRequested.emit()
        self._reset()
        self.hidden.emit()
