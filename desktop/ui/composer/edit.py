"""The text field of the composer: its keys, what is pasted into it, and how high it is."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal, SignalInstance
from PySide6.QtGui import (
    QDragEnterEvent,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from desktop.ui.composer.long_lines import LONGEST, has_long_line, insert_lines, text_between
from desktop.ui.documents.incoming import look_at
from desktop.ui.theme.metrics import unit

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
