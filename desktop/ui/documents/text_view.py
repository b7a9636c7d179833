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
    QTextCursor,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from desktop.documents.types import Document
from desktop.ui.documents.marks import PageMarks
from desktop.ui.documents.page import DocumentPage
from desktop.ui.documents.words import part_words
from desktop.ui.find.marks import MARK_SHARE
from desktop.ui.theme.focus import draw_focus_of_page, repaint_focus_of_page
from desktop.ui.theme.metrics import message_font, unit
from desktop.ui.theme.palette import accented
from desktop.ui.transcript.typography import Typography, typography

# Chunks that are written without anybody scrolling there; and those from which on what is far away is dropped.
_AT_ONCE, _MOST = 24, 60
# Characters in a line at the most; lines of a PDF are about as long.
_MEASURE = 96
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class DocumentTextView(QTextBrowser):
    """Shows one document after the other.

    Signals:
        partInView: (place) Another part, counted from 0, stands at the top.
        documentChanged: Another document is shown.
    """

    partInView = Signal(int)
    documentChanged = Signal()

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
        self._marks = PageMarks(self, self._page)
        self._part = -1
        self._shows_keyboard = False
        # All of what was written then was selected, and so the whole document.
        self._holds_all = False
        self.selectionChanged.connect(self._on_selection)
        # One chunk a turn of the event loop.
        self._filling = QTimer(self, singleShot=True, interval=0)
        self._filling.timeout.connect(self._fill)
        self._marking = QTimer(self, singleShot=True, interval=0)
        self._marking.timeout.connect(self._marks.paint)
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
        self._document, self._part = document, -1
        self._marks.clear()
        self._page.set_document(document, self._typography())
        self._begin_with(0)
        self.documentChanged.emit()

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
        self._marks.passage = (place, start, end)
        first, last = self._page.chunk_with(place, start), self._page.chunk_with(place, max(start, end - 1))
        if first not in self._page.written or last not in self._page.written:
            self._begin_with(first)
            while last not in self._page.written and self._page.load_later():
                pass  # a passage is short
        self._marks.paint()
        spans = list(self._page.spans(place, start, end))
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

    # Finding words in it.

    @property
    def chunk_count(self) -> int:
        """In how many chunks the document is cut, written or not."""
        return len(self._page.chunks)

    def chunk_text(self, chunk: int) -> str:
        """Returns the text of a chunk, counted from 0."""
        return self._page.text_of(chunk)

    def first_chunk_in_view(self) -> int:
        """Returns the first chunk that can be seen."""
        return self._page.chunk_at(self.cursorForPosition(QPoint(0, 0)).position())

    def mark_words(self, words: str) -> None:
        """Marks words wherever they can be seen from now on, and no passage meanwhile.

        Args:
            words: As :func:`desktop.common.text.matching.fold` returns them; empty: none.
        """
        self._marks.words, self._marks.current = words, None
        self._marking.start()

    def go_to_found(self, chunk: int, start: int, end: int) -> None:
        """Brings a place of the words that are marked into view, and marks it more strongly than the others.

        Args:
            chunk: Its chunk.
            start: Its first character in the text of that.
            end: What follows its last one.
        """
        self._marks.current = (chunk, start, end)
        if chunk not in self._page.written:
            self._begin_with(chunk)
        begin = next(self._page.spans_in(chunk, start, end), (self._page.position_of(chunk), 0))[0]
        self._fill_below(begin)
        cursor = QTextCursor(self.document())
        cursor.setPosition(begin)
        area = self.viewport().rect().adjusted(0, unit(self) * 2, 0, -unit(self) * 2)
        if not area.contains(self.cursorRect(cursor).center()):
            self._scroll_to(begin, share=0.25)
        self.setTextCursor(cursor)
        self._marking.start()
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
        """Returns the selection for the clipboard: where all is selected also what of the document is not written."""
        if not (self._holds_all and self._document is not None and (self._page.has_earlier or self._page.has_later)):
            return super().createMimeDataFromSelection()
        data = QMimeData()
        titled = ((part_words(part.kind, part.number, part.name), part.text) for part in self._document.parts)
        data.setText("\n\n".join("\n".join(filter(None, each)) for each in titled))
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
        self._marks.paint()
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
        self._marks.paint()
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
        passage = self._marks.passage
        if passage is not None and self._page.chunk_with(*passage[:2]) in self._page.written:
            self.mark(*passage)

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
        if self._marks.words:
            self._marking.start()
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
            palette.setColor(group, role.Highlight, accented(palette, MARK_SHARE))
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
