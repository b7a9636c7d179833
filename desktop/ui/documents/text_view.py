"""The text of a document, to be read, selected and copied; a passage of it can be marked."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QShowEvent,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QTextEdit, QWidget

from desktop.documents.types import Document
from desktop.ui.documents.page import DocumentPage
from desktop.ui.theme.focus import draw_focus_of_page, repaint_focus_of_page
from desktop.ui.theme.metrics import message_font, unit
from desktop.ui.theme.palette import accented
from desktop.ui.transcript.typography import Typography, typography

# Chunks that are written without anybody scrolling there; and those from which on what is far away is dropped.
_AT_ONCE, _MOST = 24, 60
# Characters in a line at the most; lines of a PDF are about as long.
_MEASURE = 96
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_MARK_SHARE = 0.3  # of the accent in the colour behind a passage


class DocumentTextView(QTextBrowser):
    """Shows one document after the other.

    Signals:
        partInView: (place) Another part, counted from 0, stands at the top.
    """

    partInView = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Text of the document"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._page = DocumentPage(self.document())
        self._document: Document | None = None
        self._passage: tuple[int, int, int] | None = None
        self._part = -1
        self._shows_keyboard = False
        # All of what was written then was selected, and so the whole document.
        self._holds_all = False
        self.selectionChanged.connect(self._on_selection)
        # One chunk a turn of the event loop.
        self._filling = QTimer(self, singleShot=True, interval=0)
        self._filling.timeout.connect(self._fill)
        self._dress()
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(lambda _value: self._on_scroll())
        bar.rangeChanged.connect(lambda _low, _high: self._filling.start())

    @property
    def marked(self) -> str:
        """The passage that is marked, as it stands on the page; empty: none is."""
        parts = []
        for selection in self.extraSelections():
            parts.append(selection.cursor.selectedText())  # type: ignore[attr-defined] # not in Qt's declarations
        return "\n".join(parts)

    def show_document(self, document: Document) -> None:
        """Shows a document from its beginning."""
        self._document, self._passage, self._part = document, None, -1
        self.setExtraSelections([])
        self._page.set_document(document, self._typography())
        self._begin_with(0)

    def go_to_part(self, place: int) -> None:
        """Brings the beginning of a part into view.

        Args:
            place: In the document, from 0.
        """
        self._bring_to_top(self._page.chunk_with(place, 0))

    def mark(self, place: int, start: int, end: int) -> None:
        """Marks a passage and brings it into view, selected, so that a screen reader finds it.

        Args:
            place: Of its part in the document, from 0.
            start: Its first character in the text of that part.
            end: What follows its last one.
        """
        self._passage = (place, start, end)
        first, last = self._page.chunk_with(place, start), self._page.chunk_with(place, max(start, end - 1))
        if first not in self._page.written or last not in self._page.written:
            self._begin_with(first)
            while last not in self._page.written and self._page.load_later():
                pass  # a passage is short
        spans = self._mark()
        if not spans:
            self._bring_to_top(first)
            return
        self._fill_below(spans[0][0])
        cursor = QTextCursor(self.document())
        cursor.setPosition(spans[0][0])
        in_cell = cursor.currentTable() is not None  # cells are selected as a rectangle
        cursor.setPosition(spans[0 if in_cell else -1][1])
        cursor.setPosition(spans[0][0], QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        self._scroll_to(spans[0][0], share=0.25)
        self._filling.start()

    # What Qt asks of the widget.

    def loadResource(self, _kind: int, _name: QUrl | str) -> Any:
        """Loads nothing: a document must not reach into the file system or the network by being shown."""
        return None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Goes to the beginning and the end of the document, and not only to those of what is written of it."""
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:  # it is about to become another selection
            self._holds_all = False
        if event.matches(QKeySequence.StandardKey.MoveToStartOfDocument) and self._page.has_earlier:
            self._begin_with(0)
        elif event.matches(QKeySequence.StandardKey.MoveToEndOfDocument) and self._page.has_later:
            self._begin_with(len(self._page.chunks) - 1)
            self._fill_above()
            self.moveCursor(QTextCursor.MoveOperation.End)
        else:
            super().keyPressEvent(event)

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copies the whole document where all of it is selected, also what is not written on the page."""
        if not (self._holds_all and self._document is not None and (self._page.has_earlier or self._page.has_later)):
            return super().createMimeDataFromSelection()
        data = QMimeData()
        data.setText("\n\n".join(part.text for part in self._document.parts))
        return data

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self._shows_keyboard:
            draw_focus_of_page(self.viewport(), self.palette())

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if self.hasFocus() and self._shows_keyboard:
            repaint_focus_of_page(self.viewport(), dy)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Shows where the keyboard is, unless a click has brought it: that shows it itself."""
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self._shows_keyboard = event.reason() is not Qt.FocusReason.MouseFocusReason
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_measure()
        super().resizeEvent(event)
        self._filling.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._filling.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.ApplicationPaletteChange, QEvent.Type.FontChange) and hasattr(self, "_filling"):
            self._restyle()

    # What is written.

    def _on_selection(self) -> None:
        cursor = self.textCursor()
        if not cursor.hasSelection():
            self._holds_all = False
        elif cursor.selectionStart() == 0 and cursor.selectionEnd() == self.document().characterCount() - 1:
            self._holds_all = True

    def _begin_with(self, chunk: int) -> None:
        self._page.begin_with(chunk)
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.verticalScrollBar().setValue(0)
        self._mark()
        self._tell_part()
        self._filling.start()

    def _bring_to_top(self, chunk: int) -> None:
        if chunk not in self._page.written:
            self._begin_with(chunk)
            return
        position = self._page.position_of(chunk)
        self._fill_below(position)
        self._scroll_to(position, share=0.0)
        cursor = QTextCursor(self.document())
        cursor.setPosition(position)
        self.setTextCursor(cursor)

    def _fill(self) -> None:
        """Writes one chunk where it will be needed, the event loop having its turn before the next."""
        if self._document is None or not self.isVisible():
            return
        bar = self.verticalScrollBar()
        near = bar.pageStep()
        count = len(self._page.written)
        if count > _MOST:
            self._drop_far()
        elif self._page.has_later and (bar.value() > bar.maximum() - near or count < _AT_ONCE):
            self._page.load_later()
        elif self._page.has_earlier and (bar.value() < near or count < _AT_ONCE):
            self._load_earlier()
        else:
            return
        self._mark()
        self._filling.start()

    def _fill_below(self, position: int) -> None:
        """Writes what is needed for a position to be able to stand at the top."""
        while self._page.has_later:
            below = self.document().documentLayout().documentSize().height() - self._top_of(position)
            if below >= self.viewport().height():
                return
            self._page.load_later()

    def _fill_above(self) -> None:
        while self._page.has_earlier and self.document().size().height() < self.viewport().height():
            self._page.load_earlier()

    def _load_earlier(self) -> None:
        """Writes a chunk above, while what is in view stays where it is."""
        bar = self.verticalScrollBar()
        first = self._page.written.start
        before = self._top_of(self._page.position_of(first))
        self._page.load_earlier()
        bar.setValue(bar.value() + round(self._top_of(self._page.position_of(first)) - before))

    def _drop_far(self) -> None:
        """Begins a new stretch with what is in view: nobody has to keep all of a book in the memory of the page."""
        top = self.cursorForPosition(QPoint(0, 0)).position()
        chunk = self._page.chunk_at(top)
        offset = self.verticalScrollBar().value() - self._top_of(self._page.position_of(chunk))
        self._page.begin_with(chunk)
        self._fill_below(self._page.position_of(chunk))
        self.verticalScrollBar().setValue(round(self._top_of(self._page.position_of(chunk)) + offset))

    def _restyle(self) -> None:
        if self._document is None:
            self._dress()
            return
        chunk = self._page.chunk_at(self.cursorForPosition(QPoint(0, 0)).position())
        self._page.restyle(self._typography())
        self._dress()
        self._fit_measure()
        self._begin_with(chunk)
        if self._passage is not None and self._page.chunk_with(*self._passage[:2]) in self._page.written:
            self.mark(*self._passage)

    def _mark(self) -> list[tuple[int, int]]:
        """Paints the passage that is marked, as far as it is written; returns where it stands."""
        if self._passage is None:
            return []
        spans = list(self._page.spans(*self._passage))
        form = QTextCharFormat()
        form.setBackground(accented(self.palette(), _MARK_SHARE))
        marks = []
        for begin, end in spans:
            selection = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            cursor.setPosition(begin)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            # Qt's declarations leave out that these two are attributes.
            selection.cursor, selection.format = cursor, form  # type: ignore[attr-defined]
            marks.append(selection)
        self.setExtraSelections(marks)
        return spans

    # Where it stands.

    def _top_of(self, position: int) -> float:
        block = self.document().findBlock(position)
        return self.document().documentLayout().blockBoundingRect(block).top()

    def _scroll_to(self, position: int, share: float) -> None:
        """Brings a position to a share of the height, from the top."""
        bar = self.verticalScrollBar()
        cursor = QTextCursor(self.document())
        cursor.setPosition(position)
        top = self.cursorRect(cursor).top() + bar.value()
        bar.setValue(round(top - self.viewport().height() * share) - (0 if share else unit(self)))

    def _on_scroll(self) -> None:
        self._filling.start()
        self._tell_part()

    def _tell_part(self) -> None:
        if not self._page.written:
            return
        chunk = self._page.chunk_at(self.cursorForPosition(QPoint(0, unit(self) * 2)).position())
        part = self._page.chunks[chunk].part
        if part != self._part:
            self._part = part
            self.partInView.emit(part)

    def _typography(self) -> Typography:
        return typography(message_font(self.font()), self.palette(), "")

    def _dress(self) -> None:
        """Takes the colours and the font in force, best while nothing is written."""
        palette, role = QPalette(), QPalette.ColorRole
        # What is selected has the look of a passage that is marked, which is selected where somebody is led to it.
        for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
            palette.setColor(group, role.Highlight, accented(palette, _MARK_SHARE))
            palette.setColor(group, role.HighlightedText, palette.color(group, role.Text))
        if palette != self.palette():
            self.setPalette(palette)
        self.document().setDocumentMargin(unit(self) * 2)
        self.document().setDefaultFont(message_font(self.font()))

    def _fit_measure(self) -> None:
        """Keeps the lines at the measure, in the middle of a wide window."""
        letter = QFontMetricsF(message_font(self.font())).horizontalAdvance(_ALPHABET) / len(_ALPHABET)
        page = round(letter * _MEASURE) + 4 * unit(self)
        beside = max(0, (self.width() - self.verticalScrollBar().sizeHint().width() - page) // 2)
        self.setViewportMargins(beside, 0, beside, 0)
