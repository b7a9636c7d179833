"""Writes a conversation on paper, or into a PDF, page by page between other work of the GUI thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import perf_counter

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QFontInfo,
    QPagedPaintDevice,
    QPainter,
    QPalette,
    QTextDocument,
)

from desktop.history.exchange.words import ExportWords
from desktop.history.records import Conversation, StoredMessage
from desktop.ui.exchange.sheets import Sheet, SheetStyle, message_sheets, page_ends, sheet_style, title_sheet
from desktop.ui.theme.palette import make_palette
from desktop.ui.transcript.painting import paint_tints

# Seconds of the GUI thread at a time; one more piece of a message may come on top.
_SLICE = 0.02
# In units of 8 px: the header, and the room below it.
_HEADER, _HEADER_GAP = 2.0, 2.0


class PaperWriter(QObject):
    """Paints the messages of a conversation on pages with a header; one at a time.

    Signals:
        advanced: (messages, of how many) are written.
        finished: All is written.
        failed: The device takes nothing more: a full disk, a printer that is gone.
    """

    advanced = Signal(int, int)
    finished = Signal()
    failed = Signal()

    def __init__(self, font: QFont, dots_per_inch: int, words: ExportWords, parent: QObject | None = None) -> None:
        """
        Args:
            font: Of the interface.
            dots_per_inch: Of the screen, in whose pixels pages are laid out.
            words: In a person's language.
            parent: Owner.
        """
        super().__init__(parent)
        self._font = font
        self._dots_per_inch = dots_per_inch
        self._words = words
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._go_on)
        self._steps: Iterator[int] = iter(())
        self._painter: QPainter | None = None
        self._total = 0

    def write(
        self, device: QPagedPaintDevice, resolution: int, conversation: Conversation, messages: Iterable[StoredMessage],
        total: int,
    ) -> None:  # fmt: skip
        """Begins; one of the signals follows.

        Args:
            device: A printer or a PDF; stays with the caller, and is complete when ``finished`` comes.
            resolution: Its dots per inch.
            conversation: For title and dates.
            messages: Its messages in their order.
            total: How many these are.
        """
        self._painter, self._total = QPainter(), total
        if not self._painter.begin(device):
            self._painter = None
            QTimer.singleShot(0, self.failed.emit)
            return
        scale = resolution / self._dots_per_inch
        self._painter.scale(scale, scale)
        area = QRectF(0, 0, device.width() / scale, device.height() / scale)
        pages = _Pages(device, self._painter, area, self._font, conversation.title or self._words.untitled)
        self._steps = self._write(pages, conversation, messages)
        self._timer.start()

    def cancel(self) -> None:
        """Ends without a signal; what is on the device is not complete."""
        self._timer.stop()
        self._steps = iter(())
        if self._painter is not None:
            self._painter.end()
            self._painter = None

    def _write(self, pages: _Pages, conversation: Conversation, messages: Iterable[StoredMessage]) -> Iterator[int]:
        pages.add(title_sheet(conversation, self._words, pages.style))
        for number, message in enumerate(messages, 1):
            for sheet in message_sheets(message, self._words, pages.style):
                pages.add(sheet)
                yield number
        pages.finish()

    def _go_on(self) -> None:
        until = perf_counter() + _SLICE
        number = None
        while perf_counter() < until:
            number = next(self._steps, None)
            if number is None:
                self._end()
                return
        if number is not None:
            self.advanced.emit(number, self._total)

    def _end(self) -> None:
        self._timer.stop()
        painter, self._painter = self._painter, None
        if painter is not None and painter.end():
            self.finished.emit()
        else:
            self.failed.emit()


class _Pages:
    """Fills pages from top to bottom."""

    def __init__(self, device: QPagedPaintDevice, painter: QPainter, area: QRectF, font: QFont, title: str) -> None:
        self._device = device
        self._painter = painter
        self._area = area
        self._palette = make_palette(dark=False)
        self._palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.white)
        self.style: SheetStyle = sheet_style(font, self._palette, area.width())
        self._title = title
        self._number = 0
        unit = self.style.text.unit
        self._top = (_HEADER + _HEADER_GAP) * unit
        self._at = area.height()  # full: the first sheet begins the first page

    def add(self, sheet: Sheet) -> None:
        """Writes a sheet behind what is there, on as many pages as it takes."""
        ends = page_ends(sheet.document)
        begin = 0.0
        while begin < ends[-1]:
            room = self._area.height() - self._at
            fitting = [end for end in ends if begin < end <= begin + room]
            if not fitting:
                if self._at > self._top:
                    self._begin_page()
                    continue
                fitting = [min(begin + room, ends[-1])]  # higher than a page: cut it anywhere
            self._paint(sheet.document, begin, fitting[-1])
            self._at += fitting[-1] - begin
            begin = fitting[-1]
            if begin < ends[-1]:
                self._begin_page()
        self._at += sheet.gap

    def finish(self) -> None:
        """Begins the only page where nothing was written."""
        if self._number == 0:
            self._begin_page()

    def _begin_page(self) -> None:
        if self._number:
            self._device.newPage()
        self._number += 1
        self._at = self._top
        style, painter, unit = self.style.text, self._painter, self.style.text.unit
        font = QFont(style.font)
        font.setPointSizeF(style.small)
        # In pixels of the layout: points would be those of the device, whose scale is changed.
        font.setPixelSize(QFontInfo(font).pixelSize())
        painter.setFont(font)
        painter.setPen(style.muted)
        line = QRectF(0, 0, self._area.width(), _HEADER * unit)
        middle = Qt.AlignmentFlag.AlignVCenter
        number = str(self._number)
        painter.drawText(line, int(middle | Qt.AlignmentFlag.AlignRight), number)
        metrics = painter.fontMetrics()
        room = round(line.width() - metrics.horizontalAdvance(number) - unit * 4)
        title = metrics.elidedText(" ".join(self._title.split()), Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, int(middle | Qt.AlignmentFlag.AlignLeft), title)
        painter.setPen(style.rule)
        painter.drawLine(line.bottomLeft(), line.bottomRight())

    def _paint(self, sheet: QTextDocument, begin: float, end: float) -> None:
        painter, unit = self._painter, self.style.text.unit
        painter.save()
        painter.translate(0, self._at - begin)
        part = QRectF(-unit, begin, self._area.width() + 2 * unit, end - begin)
        painter.save()
        painter.setClipRect(part.adjusted(0, -unit, 0, unit))  # tints reach beyond their text
        view = (begin + unit, end - unit)  # of a box that begins on the next page not even the rim
        paint_tints(painter, sheet, self._palette, unit, sheet.begin(), sheet.begin(), view)
        painter.restore()
        painter.setClipRect(part)
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette = self._palette  # type: ignore[attr-defined] # else that of the screen, which may be dark
        context.clip = part  # type: ignore[attr-defined]
        sheet.documentLayout().draw(painter, context)
        painter.restore()
