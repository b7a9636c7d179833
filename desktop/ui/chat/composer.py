"""The composer: where a message is written. Enter sends, Shift+Enter breaks the line."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import (
    QDragEnterEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPlainTextEdit, QPushButton, QWidget

from desktop.ui.chat.long_lines import LONGEST, has_long_line, insert_lines, text_between
from desktop.ui.documents.incoming import look_at
from desktop.ui.next_message.context_meter import ContextMeter
from desktop.ui.theme.apostrophes import NarrowApostrophes, is_wide
from desktop.ui.theme.focus import draw_focus
from desktop.ui.theme.metrics import message_font, spacing, unit
from desktop.ui.theme.palette import elsewhere, mix, tinted
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.words import plain_tip

_MOST_LINES = 6
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
# What leads through a long text, and so through the conversation while there is none here.
_READING_KEYS = (
    QKeySequence.StandardKey.MoveToStartOfDocument,
    QKeySequence.StandardKey.MoveToEndOfDocument,
    QKeySequence.StandardKey.MoveToPreviousPage,
    QKeySequence.StandardKey.MoveToNextPage,
)


class ComposerEdit(QPlainTextEdit):
    """The text field of the composer.

    Signals:
        submitted: Enter was pressed.
        escaped: Esc was pressed.
        upInEmpty: Up was pressed in the empty field.
        olderWanted: Up was pressed where a recalled message begins.
        newerWanted: Down was pressed where a recalled message ends.
        focusChanged: The keyboard's focus came or went.
        readingKeyPressed: (QKeySequence.StandardKey) The empty field was asked for its beginning, end, next or previous
            page: the conversation's are meant.
        previewed: An input method shows another text that is not yet taken over, or none any more.
        brought: (Incoming) Files, links or a picture were pasted.
        pasted: (QTextCursor) A text was pasted; the cursor has it selected, whatever is written around it.
    """

    submitted = Signal()
    escaped = Signal()
    upInEmpty = Signal()
    olderWanted = Signal()
    newerWanted = Signal()
    readingKeyPressed = Signal(object)
    focusChanged = Signal()
    previewed = Signal()
    brought = Signal(object)
    pasted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview = ""
        self._is_cut = False  # whether there is, or was, a line in more than one block
        self._known = -1, ""  # the text, and the revision of the document that it belongs to
        self._least = 0
        self._most_lines = _MOST_LINES
        self._wordings: Sequence[str] = ()
        self.is_recalled = False  # what stands here is a message sent before, as it was
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(unit(self) * 0.75)
        self.viewport().setAutoFillBackground(False)
        self.textChanged.connect(self.fit)

    @property
    def is_composing(self) -> bool:
        """Whether an input method shows text that is not yet taken over."""
        return bool(self._preview)

    @property
    def written(self) -> str:
        """The text, with what an input method shows behind it."""
        return self.text() + self._preview

    def text(self) -> str:
        """Returns all that is written: as it was put here, however it had to be cut to be shown."""
        document = self.document()
        if self._known[0] != document.revision():
            text = self.toPlainText() if not self._is_cut else text_between(document, 0, document.characterCount())
            self._known = document.revision(), text
        return self._known[1]

    def set_text(self, text: str) -> None:
        """Replaces all of it, which cannot be undone."""
        if not has_long_line(text):
            self._is_cut = False
            self.setPlainText(text)
            return
        self._is_cut = True
        cursor = QTextCursor(self.document())
        self.document().setUndoRedoEnabled(False)
        cursor.select(QTextCursor.SelectionType.Document)
        insert_lines(cursor, text)
        self.document().setUndoRedoEnabled(True)

    def select_from(self, offset: int) -> None:
        """Selects the text from a character on, with the caret where that begins."""
        document = self.document()
        end = document.characterCount() - 1
        place = len(self.text()[:offset].encode("utf-16-le", "surrogatepass")) // 2  # Qt counts in these
        if self._is_cut:  # and what joins the parts of a line counts as well

            def reaches(position: int) -> bool:
                return len(text_between(document, 0, position)) >= offset

            place = bisect_left(range(end), True, key=reaches)
        caret = QTextCursor(document)
        caret.setPosition(end)
        caret.setPosition(min(place, end), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(caret)
        self.ensureCursorVisible()

    def set_least_height(self, pixels: int) -> None:
        """Sets how high the field is at least."""
        self._least = pixels
        self.fit()

    def set_room(self, pixels: int) -> None:
        """Sets how high the field may become; it shows one line at least."""
        lines = max(1, min(_MOST_LINES, pixels // max(1, self.fontMetrics().lineSpacing())))
        if lines != self._most_lines:
            self._most_lines = lines
            self.fit()

    def fit(self) -> None:
        """Grows with the text up to six lines, where there is room for so many, then scrolls."""
        line = self.fontMetrics().lineSpacing()
        margin = self.document().documentMargin() * 2
        most = line * self._most_lines + margin
        # The layout counts the margin above the first block as a part of that block.
        layout, height = self.document().documentLayout(), margin / 2
        block = self.document().begin()
        while block.isValid() and height <= most:
            height += layout.blockBoundingRect(block).height()
            block = block.next()
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded if height > most else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        wanted = round(min(most, max(height, line + margin))) + 1
        # One line stands in the middle beside the button.
        spare = max(0, self._least - wanted)
        self.setViewportMargins(0, spare // 2, 0, 0)
        wanted += spare
        if wanted != self.height() or wanted != self.minimumHeight():
            self.setFixedHeight(wanted)

    def event(self, event: QEvent) -> bool:
        """Leaves the keys for undo and redo to the window where there is nothing written to undo."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            written = self.document()
            if (event.matches(QKeySequence.StandardKey.Undo) and not written.isUndoAvailable()) or (
                event.matches(QKeySequence.StandardKey.Redo) and not written.isRedoAvailable()
            ):
                event.ignore()
                return True
        return super().event(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._preview = event.preeditString()
        super().inputMethodEvent(event)
        self.previewed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if self.is_composing:
            super().keyPressEvent(event)  # the key belongs to the input method
        elif event.key() in _ENTER and modifiers in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.ControlModifier,
        ):
            self.submitted.emit()
        elif event.key() in _ENTER and modifiers == Qt.KeyboardModifier.ShiftModifier:
            self._put("\n")  # a paragraph: Qt itself would insert a line separator, U+2028
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif modifiers == Qt.KeyboardModifier.NoModifier and (signal := self._leads_out(event.key())) is not None:
            signal.emit()
        elif not self.toPlainText() and (wanted := next((key for key in _READING_KEYS if event.matches(key)), None)):
            self.readingKeyPressed.emit(wanted)
        else:
            super().keyPressEvent(event)

    def _leads_out(self, key: int) -> SignalInstance | None:
        """Returns what a key asks for that leads out of the text; None: it moves the caret, as in any text."""
        if key == Qt.Key.Key_Up and self.document().isEmpty():
            return self.upInEmpty
        if not self.is_recalled or key not in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return None
        caret, up = self.textCursor(), key == Qt.Key.Key_Up
        if caret.hasSelection() or caret.movePosition(
            QTextCursor.MoveOperation.Up if up else QTextCursor.MoveOperation.Down
        ):
            return None  # within a message of several lines
        return self.olderWanted if up else self.newerWanted

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Pastes a text, without its looks; of a link its address. What is no text is somebody else's."""
        incoming = look_at(source)
        text = (incoming.text or "\n".join(incoming.links)).replace("\u2029", "\n").replace("\u2028", "\n")
        if text:
            start = self.textCursor().selectionStart()
            self._put(text)
            cursor = self.textCursor()
            end = cursor.position()
            cursor.setPosition(end)
            cursor.setPosition(min(start, end), QTextCursor.MoveMode.KeepAnchor)
            self.pasted.emit(cursor)
        if incoming.is_taken:
            self.brought.emit(incoming)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Pastes pictures too, which are told of."""
        return super().canInsertFromMimeData(source) or look_at(source).is_taken

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Takes texts; what is more than a text the window takes."""
        if look_at(event.mimeData()).is_taken:
            event.ignore()
        else:
            super().dragEnterEvent(event)

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copies what was written, not how it was cut to be shown."""
        data, cursor = QMimeData(), self.textCursor()
        data.setText(text_between(self.document(), cursor.selectionStart(), cursor.selectionEnd()))
        return data

    def _put(self, text: str) -> None:
        cursor = self.textCursor()
        ends = (self.document().findBlock(place) for place in (cursor.selectionStart(), cursor.selectionEnd()))
        self._is_cut = self._is_cut or has_long_line(text) or any(block.length() > LONGEST // 2 for block in ends)
        insert_lines(cursor, text)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def invite(self, wordings: Sequence[str]) -> None:
        """Says what may be written, as long as nothing is.

        Args:
            wordings: The most telling one first, the shortest last: the first that has room on a line is shown.
        """
        self._wordings = wordings
        self._choose_wording()

    def _choose_wording(self) -> None:
        room = self.viewport().width() - 2 * self.document().documentMargin()
        fitting = (words for words in self._wordings if self.fontMetrics().horizontalAdvance(words) <= room)
        words = next(fitting, self._wordings[-1] if self._wordings else "")
        if words != self.placeholderText():
            self.setPlaceholderText(words)
            self.viewport().update()  # Qt does not look whether it is another text

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._choose_wording()
            self.fit()
            # While a field is about to be shown, Qt forgets that a scroll bar, which has come just now, takes of its
            # width: the lines of a draft would go on below it.
            now = self.viewport().size()
            if now.width() != event.size().width():
                super().resizeEvent(QResizeEvent(now, event.size()))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focusChanged.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._preview = ""  # the input method has given its text up
        self.focusChanged.emit()


class SendButton(QPushButton):
    """A button that is filled with the accent's colour while it is the obvious one to press."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._accented = self._leads_away = False
        self.setAutoDefault(False)

    def set_leading_away(self, away: bool) -> None:
        """Fills it with the colour of what leaves this computer, where it is filled."""
        self._leads_away = away
        self.update()

    def set_accented(self, accented: bool) -> None:
        """Fills it, or makes it look like any other."""
        self._accented = accented
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._accented or not self.isEnabled():
            super().paintEvent(event)
            return
        # The style's own gradient makes the accent too light for the text on it.
        palette, role = self.palette(), QPalette.ColorRole
        words = palette.color(role.Base if self._leads_away else role.HighlightedText)
        fill = elsewhere(palette) if self._leads_away else palette.color(role.Highlight)
        if self.isDown() or self.underMouse():
            fill = mix(fill, palette.color(role.Text), 0.18 if self.isDown() else 0.09)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(1, 1, -1, -1), unit(self) * 0.5, unit(self) * 0.5)
        painter.setPen(words)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            inside = self.rect().toRectF().adjusted(3, 3, -3, -3)
            draw_focus(painter, inside, palette, unit(self) * 0.5, words)


class Composer(QFrame):
    """The text field with its button, and a line that says when an old message is being edited.

    Signals:
        submitted: The text to send, or, while an answer is on its way, to send after it; the field keeps it until
            :meth:`set_text` is called.
        stopRequested: Stop was pressed, or Esc while an answer is on its way.
        takeBackRequested: Up was pressed in the empty field while messages wait to be sent: the newest shall come back.
        editCancelled: The old message shall stay as it is.
        composed: The text, with what an input method shows, after each change that the person made, and whenever it has
            become empty. Not a text that was put here for them: a draft that comes back is nobody's typing.

    Attributes:
        attach: The button for a document; whoever opens documents connects it.
    """

    submitted = Signal(str)
    stopRequested = Signal()
    takeBackRequested = Signal()
    editCancelled = Signal()
    composed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._busy = False
        self._about = ""  # what the conversation is about
        self._host = ""  # of the server that answers in it
        self._replacing = False
        self._last = ""
        self._has_waiting = False
        self._recall: Callable[[], Sequence[str]] = tuple
        self._recalled: list[str] = []  # what Up leads through, newest first, the draft before them
        self._place = 0
        self._edit = ComposerEdit(self)
        self._edit.setAccessibleName(self.tr("Message"))
        self._edit.setToolTip(self.tr("Enter sends, Shift+Enter breaks the line, Esc stops the answer"))
        self._button = SendButton(self)
        self._later = QPushButton(self.tr("Send next"), self)
        self._later.setAutoDefault(False)
        self._later.setToolTip(self.tr("Send it when this answer has ended (Enter)"))
        self._later.clicked.connect(self._on_later)
        self.attach = GlyphButton(Glyph.PAGE, self.tr("Ask about a document (Ctrl+O)"), self)
        self._note = QLabel(self)
        self._note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._note.setWordWrap(True)
        self._note.setIndent(round(unit(self) * 0.75))
        self.meter = ContextMeter(self)
        self._cancel = GlyphButton(Glyph.CLOSE, self.tr("Leave the message as it was (Esc)"), self)
        gap = spacing(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(gap.half, gap.half, gap.half, gap.half)
        grid.setSpacing(gap.half)
        grid.addWidget(self._note, 0, 0, 1, 3)
        grid.addWidget(self._cancel, 0, 3, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self._edit, 1, 0)
        grid.addWidget(self.attach, 1, 1, Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(self._later, 1, 2, Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(self._button, 1, 3, Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(self.meter, 2, 0, 1, 4)
        grid.setColumnStretch(0, 1)
        self._edit.submitted.connect(self.submit)
        self._edit.escaped.connect(self._on_escape)
        self._edit.upInEmpty.connect(self._on_up)
        self._edit.olderWanted.connect(lambda: self._recall_at(self._place + 1))
        self._edit.newerWanted.connect(lambda: self._recall_at(self._place - 1))
        self._edit.focusChanged.connect(self.update)
        self._edit.textChanged.connect(self._on_text)
        self._edit.previewed.connect(self._tell)
        self._button.clicked.connect(self._on_button)
        self._cancel.clicked.connect(self.editCancelled)
        self.setFocusProxy(self._edit)
        self.set_editing(None)
        self._show_button()
        self._fit_font()
        self._apostrophes = NarrowApostrophes(self._edit.document(), self.font()) if is_wide(self.font()) else None

    @property
    def edit(self) -> ComposerEdit:
        """The text field."""
        return self._edit

    @property
    def button(self) -> QPushButton:
        """Send, or Stop while an answer is on its way."""
        return self._button

    @property
    def later(self) -> QPushButton:
        """Lets the message wait for the answer that is on its way."""
        return self._later

    @property
    def is_editing(self) -> bool:
        return not self._note.isHidden()

    def text(self) -> str:
        return self._edit.text()

    def set_text(self, text: str) -> None:
        """Replaces the text and puts the caret behind it."""
        self._edit.is_recalled = False
        self._replacing = True
        self._edit.set_text(text)
        self._replacing = False
        self._edit.moveCursor(QTextCursor.MoveOperation.End)

    def submit(self) -> None:
        """Does what Enter does: hands the text over, unless it is blank, or an edit and an answer is on its way."""
        text = self.text()
        if text.strip() and not (self._busy and self.is_editing):
            self.submitted.emit(text)

    def describe_context(self, words: str) -> None:
        """Tells a screen reader in the field what the meter says."""
        if words != self._edit.accessibleDescription():
            self._edit.setAccessibleDescription(words)

    def set_subject(self, name: str) -> None:
        """Says in the empty field what questions are about; empty: about anything."""
        self._about = name
        self._show_button()

    def set_place(self, place: str) -> None:
        """Says that what is written here goes to a server; empty: it stays on this computer."""
        if place == self._host:
            return
        self._host = place
        message = self.tr("Message to {host}").format(host=place) if place else self.tr("Message")
        self._edit.setAccessibleName(message)
        self._button.set_leading_away(bool(place))
        self._show_button()
        self.update()

    def recall_from(self, messages: Callable[[], Sequence[str]]) -> None:
        """Lets Up in the empty field lead through messages sent before, as in a shell; Down leads back.

        Args:
            messages: Returns them, the newest first.
        """
        self._recall = messages

    def set_waiting(self, waiting: bool) -> None:
        """Says whether messages wait to be sent: Up then takes the newest back."""
        self._has_waiting = waiting

    def set_busy(self, busy: bool) -> None:
        """Turns Send into Stop while an answer is on its way."""
        self._busy = busy
        self._show_button()

    def set_editing(self, followed: int | None) -> None:
        """Says that an earlier message is being edited, and what becomes of what followed it.

        Args:
            followed: How many messages did; None: nothing is being edited.
        """
        if followed == 0:
            self._note.setText(self.tr("Editing an earlier message. The old one stays under ‹ ›."))
        elif followed == 1:
            self._note.setText(self.tr("Editing an earlier message. Its answer is set aside under ‹ ›, not lost."))
        elif followed is not None:
            words = self.tr("Editing an earlier message. The {count} that followed are set aside under ‹ ›.")
            self._note.setText(words.format(count=f"{followed:,}"))
        self._note.setVisible(followed is not None)
        self._cancel.setVisible(followed is not None)
        self._show_button()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_button"):
            self._show_button()
            self._fit_font()

    def _fit_font(self) -> None:
        self._edit.setFont(message_font(self.font()))
        self._edit.document().setDocumentMargin(unit(self) * 0.75)
        self._edit.invite(self._invitation())
        self._edit.set_least_height(self._button.sizeHint().expandedTo(self._button.minimumSize()).height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        palette = self.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(elsewhere(palette), 2.0) if self._host else QPen(tinted(palette, 0.28), 1.0))
        painter.setBrush(palette.base())
        box, radius = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), unit(self) * 0.75
        painter.drawRoundedRect(box, radius, radius)
        if self._edit.hasFocus():
            draw_focus(painter, self.rect(), palette, radius, elsewhere(palette) if self._host else None)

    def _on_button(self) -> None:
        self._keep_keyboard()
        if self._busy:
            self.stopRequested.emit()
        else:
            self.submit()

    def _on_later(self) -> None:
        self._keep_keyboard()
        self.submit()

    def _keep_keyboard(self) -> None:
        """Takes it from a button that is about to be switched off, and would hand it to whatever comes behind it."""
        self._edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_escape(self) -> None:
        if self.is_editing:
            self.editCancelled.emit()
        elif self._busy:
            self.stopRequested.emit()

    def _on_up(self) -> None:
        if self._has_waiting:
            self.takeBackRequested.emit()
        elif not self.is_editing:
            self._recalled = [self.text(), *self._recall()]
            self._recall_at(1)

    def _recall_at(self, place: int) -> None:
        if 0 <= place < len(self._recalled):
            self._place = place
            self.set_text(self._recalled[place])
            self._edit.is_recalled = place > 0

    def _on_text(self) -> None:
        self._edit.is_recalled = False  # what is changed is a message of its own
        self._show_button()
        self._tell()

    def _tell(self) -> None:
        written = self._edit.written
        if written == self._last:  # the field also says so of another font
            return
        self._last = written
        if not self._replacing or not written:
            self.composed.emit(written)

    def _invitation(self) -> tuple[str, ...]:
        if not self._busy:
            usual = self.tr("Ask something")
            if self._host:
                whole = self.tr("Ask {host}: what you write leaves this computer").format(host=self._host)
                return whole, self.tr("Ask {host}").format(host=self._host), usual
            return (self.tr("Ask about {name}").format(name=self._about), usual) if self._about else (usual,)
        whole = self.tr("Ask the next question: it is sent when this answer has ended")
        return whole, self.tr("Ask the next question")

    def _show_button(self) -> None:
        has_text = bool(self.text().strip())
        self._button.setText(self.tr("Stop") if self._busy else self.tr("Send"))
        send = self.tr("Send to {host} (Enter)").format(host=self._host) if self._host else self.tr("Send (Enter)")
        self._button.setToolTip(plain_tip(self.tr("Stop the answer (Esc)") if self._busy else send))
        self._button.setAccessibleName(self._button.text())
        self._button.setEnabled(self._busy or has_text)
        least = QSize(unit(self) * 8, unit(self) * 4)
        for button in (self._button, self._later):
            button.setMinimumSize(least)
        self.attach.setMinimumHeight(least.height())
        self._later.setVisible(self._busy and has_text and not self.is_editing)
        self._edit.invite(self._invitation())
        self._button.set_accented(has_text and not self._busy)
