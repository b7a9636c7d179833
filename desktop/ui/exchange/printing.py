"""A conversation to a printer or a PDF: the dialog, the file, and the pages between other work of the GUI thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QFileDevice, QIODevice, QLocale, QMarginsF, QObject, QSaveFile, Signal
from PySide6.QtGui import QPagedPaintDevice, QPageLayout, QPageSize, QPdfWriter
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QWidget

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError, has_no_room
from desktop.common.regular_file import is_open_database
from desktop.history.exchange.exporting import no_file
from desktop.history.exchange.extent import Extent
from desktop.history.exchange.words import ExportWords
from desktop.history.store import History
from desktop.ui.exchange.paper import PaperContent, PaperWriter
from desktop.ui.widgets.plain_buttons import take_pictures_away

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter

# Dots per inch of a PDF: the finest place a letter can have.
_PDF_RESOLUTION = 1200
_MARGIN = 20.0  # millimetres


class PaperJobs(QObject):
    """Prints, or writes PDFs, one at a time.

    Attributes:
        title: What is being done, for a banner.

    Signals:
        advanced: (done, total) of the messages.
        finished: The Path of the file that was written; None: it went to a printer.
        failed: A UserFacingError.
        ended: It was cancelled.
    """

    advanced = Signal(int, int)
    finished = Signal(object)
    failed = Signal(object)
    ended = Signal()

    def __init__(
        self,
        window: QWidget,
        words: Callable[[], ExportWords],
        parent: QObject | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            window: Owner of the dialog; its font and its screen are taken.
            words: Returns the words between the messages, in the language of the interface.
            parent: Owner.
            now: The clock, in seconds since the epoch.
        """
        super().__init__(parent)
        self.title = ""
        self._window = window
        self._words = words
        self._now = now
        self._writer: PaperWriter | None = None
        self._file: QSaveFile | None = None
        self._target: Path | None = None
        self._device: QPagedPaintDevice | None = None
        self._dialog: QPrintDialog | None = None

    @property
    def is_busy(self) -> bool:
        return self._writer is not None or self._dialog is not None

    def ask_printer(self, history: History, conversation_id: str, extent: Extent) -> None:
        """Shows the system's dialog for printing, and prints if it is accepted.

        Raises:
            UserFacingError: The conversation is not there, or this system cannot print.
        """
        try:
            from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # 1 MB that most starts do without
        except ImportError as problem:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "This system cannot print from Catnap."),
                f"{problem}.",
                QT_TRANSLATE_NOOP("Errors", "Save the conversation as a PDF and print that."),
            ) from problem
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setPageMargins(_margins(), QPageLayout.Unit.Millimeter)
        dialog = self._dialog = QPrintDialog(printer, self._window)
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange, False)  # pages are known when they are painted

        for box in cast("list[QDialogButtonBox]", dialog.findChildren(QDialogButtonBox)):  # where it is Qt's own
            take_pictures_away(box)

        def on_finished(result: int) -> None:
            self._dialog = None
            dialog.deleteLater()
            if result == QDialog.DialogCode.Accepted.value:
                self._print(printer, history, conversation_id, extent)
            else:
                self.ended.emit()

        dialog.finished.connect(on_finished)
        QDialog.open(dialog)  # its own has no form without a receiver

    def write_pdf(self, history: History, conversation_id: str, target: Path, extent: Extent) -> None:
        """Begins to write a PDF, which is there when it is whole.

        Raises:
            UserFacingError: The conversation is not there, or the file cannot be written.
        """
        if is_open_database(target):  # such as the history itself
            raise no_file(target)
        file = QSaveFile(str(target))
        if not file.open(QIODevice.OpenModeFlag.WriteOnly):
            raise _unwritable(target, file.errorString())
        device = QPdfWriter(file)
        device.setResolution(_PDF_RESOLUTION)
        letter = QLocale().measurementSystem() is QLocale.MeasurementSystem.ImperialUSSystem
        device.setPageSize(QPageSize(QPageSize.PageSizeId.Letter if letter else QPageSize.PageSizeId.A4))
        device.setPageMargins(_margins(), QPageLayout.Unit.Millimeter)
        device.setCreator("Catnap")
        self._file, self._target = file, target
        self.title = self.tr("Writing the PDF…")
        self._begin(device, _PDF_RESOLUTION, history, conversation_id, extent)

    def cancel(self) -> None:
        """Ends what is under way; no half of a file stays."""
        if self._writer is not None:
            self._writer.cancel()
            if self._file is not None:
                self._file.cancelWriting()
            abort = getattr(self._device, "abort", None)  # of a printer
            if abort is not None:
                abort()
            self._forget()
            self.ended.emit()

    def _print(self, printer: QPrinter, history: History, conversation_id: str, extent: Extent) -> None:
        self.title = self.tr("Printing…")
        try:
            self._begin(printer, printer.resolution(), history, conversation_id, extent)
        except UserFacingError as problem:
            self.failed.emit(problem)

    def _begin(
        self, device: QPagedPaintDevice, resolution: int, history: History, conversation_id: str, extent: Extent
    ) -> None:
        tree = history.stored_tree(conversation_id)
        if tree is None:
            self._forget()
            raise UserFacingError(QT_TRANSLATE_NOOP("Errors", "This conversation is no longer there."))
        for name in ("setTitle", "setDocName"):  # of a PDF, of a printer
            if hasattr(device, name):
                getattr(device, name)(tree.conversation.title)
        writer = PaperWriter(self._window.font(), self._window.logicalDpiY(), self)
        self._device, self._writer = device, writer
        writer.advanced.connect(self.advanced)
        writer.finished.connect(self._on_finished)
        writer.failed.connect(self._on_failed)
        writer.write(device, resolution, PaperContent(tree, extent, self._words(), self._now()))

    def _on_finished(self) -> None:
        file, target = self._file, self._target
        printed_to = getattr(self._device, "outputFileName", str)()  # of a printer that is a file
        if printed_to:
            target = Path(printed_to)
        self._forget()
        full = file is not None and target is not None and _found_no_room(file, target)
        if file is not None and target is not None and not file.commit():
            self.failed.emit(_no_room(target) if full else _unwritable(target, file.errorString()))
        else:
            self.finished.emit(target)

    def _on_failed(self) -> None:
        file, target = self._file, self._target
        full, reason = False, ""
        if file is not None and target is not None:
            full, reason = _found_no_room(file, target), file.errorString()
            file.cancelWriting()
        self._forget()
        if target is not None:
            self.failed.emit(_no_room(target) if full else _unwritable(target, reason))
        else:
            self.failed.emit(
                UserFacingError(
                    QT_TRANSLATE_NOOP("Errors", "The printer takes nothing."),
                    "",
                    QT_TRANSLATE_NOOP("Errors", "Look after it, or save the conversation as a PDF."),
                )
            )

    def _forget(self) -> None:
        if self._writer is not None:
            self._writer.deleteLater()
        self._writer = self._device = self._file = self._target = None


def _margins() -> QMarginsF:
    return QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN)


def _found_no_room(file: QSaveFile, target: Path) -> bool:
    """Tells whether writing has failed for want of room, which Qt itself calls an unknown error.

    Asked before what was written so far is removed.
    """
    failed = not file.flush() or file.error() != QFileDevice.FileError.NoError
    return failed and has_no_room(target.parent)


def _no_room(target: Path) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The disk is full; the PDF was not written."),
        f"{target}.",
        QT_TRANSLATE_NOOP("Errors", "Make room on the disk, or choose another folder."),
    )


def _unwritable(target: Path, reason: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The PDF cannot be written there."),
        f"{target}: {reason}." if reason else f"{target}.",
        QT_TRANSLATE_NOOP("Errors", "Choose another folder."),
    )
