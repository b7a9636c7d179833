"""Fills pages with the sheets of a conversation from top to bottom, each with its header and its number."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QAbstractTextDocumentLayout, QFont, QFontInfo, QPagedPaintDevice, QPainter, QTextDocument

from desktop.ui.exchange.page_breaks import PageBreaks, TableStretch, page_breaks
from desktop.ui.exchange.sheets import Sheet, SheetStyle
from desktop.ui.transcript.painting import paint_tints

# In units of 8 px: the header, the room below it, the room above the footer, the footer.
_HEADER, _HEADER_GAP, _FOOTER_GAP, _FOOTER = 2.0, 2.0, 1.5, 2.0
# Of a page: a head of a table that takes more is not written again.
_HIGHEST_HEAD = 0.25


@dataclass(frozen=True)
class PageFrame:
    """What stands on every page.

    Attributes:
        title: Of the conversation.
        date: Of the print.
        page: {0} the number, {1} how many there are.
        total: How many pages there are.
    """

    title: str
    date: str
    page: str
    total: int


@dataclass(frozen=True)
class Canvas:
    """What pages are painted on.

    Attributes:
        device: A printer or a PDF.
        painter: On it, scaled to the pixels of the layout.
        frame: Of each page.
    """

    device: QPagedPaintDevice
    painter: QPainter
    frame: PageFrame


class Pages:
    """Pages that are painted, or only counted.

    Attributes:
        count: Pages begun.
    """

    def __init__(self, style: SheetStyle, area: QRectF, canvas: Canvas | None) -> None:
        """
        Args:
            style: That of the sheets.
            area: A page without its margins, in pixels of the layout.
            canvas: Where to paint; None: nowhere.
        """
        self.count = 0
        self._style = style
        self._area = area
        self._canvas = canvas
        unit = style.text.unit
        self._top = (_HEADER + _HEADER_GAP) * unit
        self._bottom = area.height() - (_FOOTER_GAP + _FOOTER) * unit
        self._at = self._bottom  # full: the first sheet begins the first page
        self._begins_at = self._top  # where a page has nothing yet but what heads it
        self._heading: list[Sheet] = []

    def add(self, sheet: Sheet) -> None:
        """Writes a sheet behind what is there, on as many pages as it takes."""
        if sheet.heads:
            self._heading.append(sheet)
            return
        breaks = page_breaks(sheet.document, ends_in_table=sheet.ends_in_table)
        self._place_heading(breaks)
        begin = 0.0
        table = breaks.kept[0] if sheet.goes_on and breaks.kept else None
        if isinstance(table, TableStretch) and self._at > self._top:
            begin = table.head_end  # it is on this page already
        while begin < breaks.end:
            begin = self._add_part(sheet.document, breaks, begin)
        self._at += sheet.gap

    def finish(self) -> None:
        """Writes what waits for something to follow it, and begins the only page where nothing was written."""
        self._place_heading(None)
        if self.count == 0:
            self._begin_page()

    def _place_heading(self, breaks: PageBreaks | None) -> None:
        """Writes the headings that wait on a page that has room for the beginning of what follows."""
        heading, self._heading = self._heading, []
        if not heading:
            return
        height = sum(each.document.size().height() + each.gap for each in heading)
        page = self._bottom - self._top - height
        if breaks is None:
            fits = self._at + height <= self._bottom
        else:
            fits = breaks.fitting(0.0, self._bottom - self._at - height, page) is not None
        if not fits and (self._at > self._begins_at or self.count == 0):
            self._begin_page()
        is_new = self._at == self._begins_at
        for each in heading:
            self._paint(each.document, 0.0, each.document.size().height())
            self._at += each.document.size().height() + each.gap
        if is_new:
            self._begins_at = self._at

    def _add_part(self, document: QTextDocument, breaks: PageBreaks, begin: float) -> float:
        """Writes what fits on this page, or begins another; returns where the rest begins."""
        room, page = self._bottom - self._at, self._bottom - self._top
        end = breaks.fitting(begin, room, page)
        if end is None and self._at > self._begins_at:
            self._begin_page()
            table = breaks.table_at(begin)
            if table is not None and table.head_end - table.begin < page * _HIGHEST_HEAD:
                self._paint(document, table.begin, table.head_end)
                self._at = self._begins_at = self._at + table.head_end - table.begin
            return begin
        if end is None:
            end = breaks.fitting(begin, room, room)  # what would fit on a page without what heads this one is torn
        if end is None:
            end = min(begin + room, breaks.end)  # higher than a page: cut it anywhere
        self._paint(document, begin, end)
        self._at += end - begin
        return end

    def _begin_page(self) -> None:
        self.count += 1
        self._at = self._begins_at = self._top
        if self._canvas is None:
            return
        if self.count > 1:
            self._canvas.device.newPage()
        self._paint_frame(self._canvas.painter, self._canvas.frame)

    def _paint_frame(self, painter: QPainter, frame: PageFrame) -> None:
        style, unit = self._style.text, self._style.text.unit
        font = QFont(style.font)
        font.setPointSizeF(style.small)
        # In pixels of the layout: points would be those of the device, whose scale is changed.
        font.setPixelSize(QFontInfo(font).pixelSize())
        painter.setFont(font)
        painter.setPen(style.muted)
        line = QRectF(0, 0, self._area.width(), _HEADER * unit)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, int(middle | Qt.AlignmentFlag.AlignRight), frame.date)
        metrics = painter.fontMetrics()
        room = round(line.width() - metrics.horizontalAdvance(frame.date) - unit * 4)
        title = metrics.elidedText(" ".join(frame.title.split()), Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, int(middle | Qt.AlignmentFlag.AlignLeft), title)
        foot = QRectF(0, self._area.height() - _FOOTER * unit, self._area.width(), _FOOTER * unit)
        number = frame.page.format(self.count, frame.total)
        painter.drawText(foot, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter), number)
        painter.setPen(style.rule)
        painter.drawLine(line.bottomLeft(), line.bottomRight())

    def _paint(self, sheet: QTextDocument, begin: float, end: float) -> None:
        if self._canvas is None:
            return
        painter, unit = self._canvas.painter, self._style.text.unit
        painter.save()
        painter.translate(0, self._at - begin)
        part = QRectF(-unit, begin, self._area.width() + 2 * unit, end - begin)
        painter.save()
        painter.setClipRect(part.adjusted(0, -unit, 0, unit))  # tints reach beyond their text
        view = (begin + unit, end - unit)  # of a box that begins on the next page not even the rim
        paint_tints(painter, sheet, self._style.palette, unit, sheet.begin(), sheet.begin(), view)
        painter.restore()
        painter.setClipRect(part)
        context = QAbstractTextDocumentLayout.PaintContext()
        # Else that of the screen, which may be dark.
        context.palette = self._style.palette  # type: ignore[attr-defined]
        context.clip = part  # type: ignore[attr-defined]
        sheet.documentLayout().draw(painter, context)
        painter.restore()
