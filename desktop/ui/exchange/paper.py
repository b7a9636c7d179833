"""Writes a conversation on paper, or into a PDF, page by page between other work of the GUI thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QPagedPaintDevice, QPainter, QPalette

from desktop.history.exchange.extent import Extent, left_out, other_branches
from desktop.history.exchange.stored import StoredTree
from desktop.history.exchange.words import ExportWords, local_time
from desktop.ui.exchange.pages import Canvas, PageFrame, Pages
from desktop.ui.exchange.sheets import (
    Sheet,
    SheetStyle,
    branch_sheet,
    message_sheets,
    sheet_style,
    title_sheet,
    versions_sheet,
)
from desktop.ui.theme.palette import make_palette

# Seconds of the GUI thread at a time; one more piece of a message may come on top.
_SLICE = 0.02


@dataclass(frozen=True)
class PaperContent:
    """What is to be written.

    Attributes:
        tree: The conversation.
        extent: How much of it; the first page says what is left out.
        words: In a person's language.
        now: The time of the print, in seconds since the epoch.
    """

    tree: StoredTree
    extent: Extent
    words: ExportWords
    now: float


class PaperWriter(QObject):
    """Paints the messages of a conversation on pages; one at a time.

    All is laid out twice: how many pages there are, which each of them says, is known only after the last one.

    Signals:
        advanced: (messages, of how many) are written; each counts twice.
        finished: All is written.
        failed: The device takes nothing more: a full disk, a printer that is gone.
    """

    advanced = Signal(int, int)
    finished = Signal()
    failed = Signal()

    def __init__(self, font: QFont, dots_per_inch: int, parent: QObject | None = None) -> None:
        """
        Args:
            font: Of the interface.
            dots_per_inch: Of the screen, in whose pixels pages are laid out.
            parent: Owner.
        """
        super().__init__(parent)
        self._font = font
        self._dots_per_inch = dots_per_inch
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._go_on)
        self._steps: Iterator[int] = iter(())
        self._painter: QPainter | None = None
        self._total = 0

    def write(self, device: QPagedPaintDevice, resolution: int, content: PaperContent) -> None:
        """Begins; one of the signals follows.

        Args:
            device: A printer or a PDF; stays with the caller, and is complete when ``finished`` comes.
            resolution: Its dots per inch.
            content: What to write.
        """
        told = content.tree.ids if content.extent.versions else content.tree.structure.path()
        self._painter, self._total = QPainter(), 2 * len(told)
        if not self._painter.begin(device):
            self._painter = None
            QTimer.singleShot(0, self.failed.emit)
            return
        scale = resolution / self._dots_per_inch
        self._painter.scale(scale, scale)
        area = QRectF(0, 0, device.width() / scale, device.height() / scale)
        self._steps = self._write(device, self._painter, area, content)
        self._timer.start()

    def cancel(self) -> None:
        """Ends without a signal; what is on the device is not complete."""
        self._timer.stop()
        self._steps = iter(())
        if self._painter is not None:
            self._painter.end()
            self._painter = None

    def _write(
        self, device: QPagedPaintDevice, painter: QPainter, area: QRectF, content: PaperContent
    ) -> Iterator[int]:
        palette = make_palette(dark=False)
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.white)
        style = sheet_style(self._font, palette, area.width())
        counted = Pages(style, area, None)
        for number, sheet in _sheets(content, style):
            counted.add(sheet)
            yield number
        counted.finish()
        title = content.tree.conversation.title or content.words.untitled
        frame = PageFrame(title, local_time(content.now)[:10], content.words.page, counted.count)
        pages = Pages(style, area, Canvas(device, painter, frame))
        for number, sheet in _sheets(content, style):
            pages.add(sheet)
            yield self._total // 2 + number
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


def _sheets(content: PaperContent, style: SheetStyle) -> Iterator[tuple[int, Sheet]]:
    """Yields what goes on the pages, each with how many messages are done with it."""
    tree, words, extent = content.tree, content.words, content.extent
    missing = words.what_is_left_out(left_out(tree, extent))
    yield 0, title_sheet(tree.conversation, words, missing, style)
    done = 0
    for place, message in enumerate(tree.messages(tree.structure.path()), 1):
        done += 1
        number = place if extent.versions else None
        for sheet in message_sheets(message, words, style, with_thoughts=extent.thoughts, number=number):
            yield done, sheet
    if not extent.versions:
        return
    for place, branch in enumerate(other_branches(tree)):
        if place == 0:
            yield done, versions_sheet(words, style)
        yield done, branch_sheet(branch.instead_of, words, style)
        for message in tree.messages(branch.ids):
            done += 1
            for sheet in message_sheets(message, words, style, with_thoughts=extent.thoughts):
                yield done, sheet
