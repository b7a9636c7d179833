"""Export, import and printing as a person does them: a question, work in the background, a banner at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFileDialog

from desktop.common.errors import UserFacingError
from desktop.history.exchange.exporting import ExportFormat, format_of, nothing_to_export, pieces, write_file
from desktop.history.exchange.extent import Extent, LeftOut, left_out
from desktop.history.exchange.file_names import file_name
from desktop.history.exchange.importing import ImportReport, import_file
from desktop.history.exchange.words import ExportWords
from desktop.history.store import History
from desktop.ui.chat.window import ChatWindow
from desktop.ui.exchange.background import BackgroundTask, Work
from desktop.ui.exchange.extent_dialog import ExtentDialog
from desktop.ui.exchange.printing import PaperJobs
from desktop.ui.widgets.banner import Notice, NoticeAction, Severity
from desktop.ui.widgets.file_dialog import FileDialog
from desktop.ui.words import error_detail, error_remedy, error_title, percent_words, sentences

_KEY = "exchange"  # of the banner: one thing at a time
_NOTICE_SECONDS = 20.0
# How long quitting waits for a file that is being written; half of one is never left behind.
_STOP_SECONDS = 2.0


class ExchangePresenter(QObject):
    """Takes conversations out and in, one job at a time.

    Signals:
        imported: Id of the newest conversation that an import brought; empty: nothing new.
        openRequested: A conversation that was imported shall be shown.
    """

    imported = Signal(str)
    openRequested = Signal(str)

    def __init__(
        self,
        window: ChatWindow,
        history: History,
        shown: Callable[[], str | None],
        open_url: Callable[[QUrl], object] = QDesktopServices.openUrl,
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            window: Whose menus ask, and whose banner answers.
            history: The conversations; their file is opened once more for each job, by its own thread.
            shown: Returns the id of the conversation in view.
            open_url: Shows a folder in the system's program for that.
            parent: Owner.
        """
        super().__init__(parent)
        self._window = window
        self._history = history
        self._shown = shown
        self._open_url = open_url
        self._task: BackgroundTask | None = None
        self._dialog: QDialog | None = None
        self._folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        # What other programs export comes through a browser.
        self._brought = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        self._paper = PaperJobs(window, self._words, self)
        self._paper.advanced.connect(lambda done, total: self._say_progress(self._paper.title, done, total))
        self._paper.finished.connect(self._say_written)
        self._paper.failed.connect(self._say_problem)
        self._paper.ended.connect(self._withdraw)
        actions = window.menu.exchange
        actions.exportRequested.connect(self.export)
        actions.exportAllRequested.connect(self.export_all)
        actions.importRequested.connect(self.choose_import)
        actions.printRequested.connect(self.print_out)
        actions.pdfRequested.connect(self.save_pdf)
        window.list.menuOpened.connect(actions.add_to_list)

    @property
    def is_busy(self) -> bool:
        """A job is under way."""
        return self._task is not None or self._paper.is_busy

    def close(self) -> None:
        """Ends what is under way, for quitting."""
        self._paper.cancel()
        if self._task is not None:
            self._task.stop(_STOP_SECONDS)

    def export(self, conversation_id: str = "") -> None:
        """Asks where to, and exports one conversation; an empty id: the one shown."""
        chosen = conversation_id or self._shown() or ""

        def ask(extent: Extent) -> None:
            self._ask_where(self._title_of(chosen), lambda file: self._export(file, chosen, extent))

        if chosen and not self._refuse():
            self._ask_extent(chosen, self.tr("Export"), ask, self.tr("A JSON file always has everything."))

    def export_all(self) -> None:
        """Asks where to, and exports all conversations."""

        def ask(extent: Extent) -> None:
            self._ask_where(self.tr("Conversations"), lambda file: self._export(file, None, extent))

        if not self._history.conversations():
            self._say_problem(nothing_to_export())
        elif not self._refuse():
            self._ask_extent(None, self.tr("Export all"), ask, self.tr("A JSON file always has everything."))

    def choose_import(self) -> None:
        """Asks for a file, and imports it."""
        if self._refuse():
            return
        dialog = self._make_dialog(self.tr("Import conversations"), self._brought)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        known = self.tr("Exported conversations") + " (*.json *.zip *.sqlite3)"
        dialog.setNameFilters([known, self.tr("All files") + " (*)"])
        dialog.fileSelected.connect(lambda name: self.import_file(Path(name)))
        dialog.open()

    def import_file(self, file: Path) -> None:
        """Imports a file."""
        self._brought = str(file.absolute().parent)

        def work(report: Callable[[int, int], None], cancelled: Callable[[], bool]) -> ImportReport:
            history = History(self._history.file, beside=True, begins=False)
            try:
                return import_file(history, file, time.time(), report, cancelled)
            finally:
                history.close()

        self._start(self.tr("Importing conversations…"), work, self._say_imported)

    def print_out(self, conversation_id: str = "") -> None:
        """Asks for a printer, and prints one conversation; an empty id: the one shown."""
        chosen = conversation_id or self._shown()
        if chosen and not self._refuse():
            self._ask_extent(
                chosen, self.tr("Print"), lambda extent: self._paper.ask_printer(self._history, chosen, extent)
            )

    def save_pdf(self, conversation_id: str = "") -> None:
        """Asks where to, and writes one conversation as a PDF; an empty id: the one shown."""
        chosen = conversation_id or self._shown()
        if chosen and not self._refuse():
            self._ask_extent(chosen, self.tr("Save as PDF"), lambda extent: self._ask_pdf(chosen, extent))

    def _ask_extent(
        self, conversation_id: str | None, title: str, go_on: Callable[[Extent], None], note: str = ""
    ) -> None:
        """Asks how much shall be told, where there is more than what is in view, and goes on with that.

        Args:
            conversation_id: Which conversation; None: all of them.
            title: Of the dialog.
            go_on: What comes then.
            note: What else is to be said.
        """
        there: LeftOut | None = None
        if conversation_id is not None:
            try:
                tree = self._history.stored_tree(conversation_id)
            except UserFacingError as problem:
                self._say_problem(problem)
                return
            there = LeftOut() if tree is None else left_out(tree, Extent())
            if not there:
                self._guarded(lambda: go_on(Extent()))
                return
        dialog = ExtentDialog(title, there, note, self._window)
        self._dialog = dialog

        def on_finished(result: int) -> None:
            self._dialog = None
            dialog.deleteLater()
            if result == QDialog.DialogCode.Accepted.value:
                self._guarded(lambda: go_on(dialog.extent))

        dialog.finished.connect(on_finished)
        dialog.open()

    def _ask_pdf(self, chosen: str, extent: Extent) -> None:
        dialog = self._make_dialog(self.tr("Save as PDF"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("PDF") + " (*.pdf)"])
        dialog.setDefaultSuffix("pdf")
        dialog.selectFile(file_name(self._title_of(chosen), ".pdf", untitled=self._words().untitled))
        dialog.fileSelected.connect(
            lambda name: self._guarded(lambda: self._paper.write_pdf(self._history, chosen, Path(name), extent))
        )
        dialog.open()

    def _ask_where(self, title: str, write: Callable[[Path], None]) -> None:
        dialog = self._make_dialog(self.tr("Export"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        filters = {
            self.tr("Markdown, to read") + " (*.md)": "md",
            self.tr("JSON, for Catnap and other programs") + " (*.json)": "json",
            self.tr("Plain text") + " (*.txt)": "txt",
        }
        dialog.setNameFilters(list(filters))
        dialog.setDefaultSuffix("md")  # so that the dialog itself asks before it lets replace a file
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(filters.get(chosen, "md")))
        dialog.selectFile(file_name(title, "", untitled=self._words().untitled))
        dialog.fileSelected.connect(lambda name: write(Path(name)))
        dialog.open()

    def _make_dialog(self, title: str, folder: str = "") -> QFileDialog:
        dialog = FileDialog(self._window, title, folder or self._folder)
        self._dialog = dialog
        if not folder:
            dialog.fileSelected.connect(self._remember_folder)
        dialog.finished.connect(lambda _result: self._forget(dialog))
        return dialog

    def _remember_folder(self, file: str) -> None:
        """Takes the folder of a file that was chosen, also of one whose path was typed, as where to save next."""
        self._folder = str(Path(file).absolute().parent)

    def _forget(self, dialog: QFileDialog) -> None:
        self._dialog = None
        dialog.deleteLater()

    def _export(self, file: Path, conversation_id: str | None, extent: Extent) -> None:
        form, words = format_of(file) or ExportFormat.MARKDOWN, self._words()

        def work(report: Callable[[int, int], None], cancelled: Callable[[], bool]) -> Path:
            history = History(self._history.file, beside=True, begins=False)
            try:
                there = [one.id for one in history.conversations()]
                ids = [one for one in there if conversation_id in (None, one)]
                if not ids:  # deleted meanwhile: an old export is worth more than an empty one
                    raise nothing_to_export()
                told = _counted(ids, report)
                content = pieces(history, told, form, words, time.time(), extent)
                write_file(file, content, replace=True, cancelled=cancelled)
            finally:
                history.close()
            return file

        self._start(self.tr("Exporting conversations…"), work, self._say_written)

    def _start(self, title: str, work: Work, done: Callable[[object], None]) -> None:
        try:
            self._history.keep_in_place()
        except UserFacingError as problem:
            self._say_problem(problem)
            return
        task = self._task = BackgroundTask("exchange", work, self)
        task.progressed.connect(lambda part, total: self._say_progress(title, part, total))
        task.done.connect(lambda result: self._end(lambda: done(result)))
        task.failed.connect(lambda problem: self._end(lambda: self._say_problem(problem)))
        task.cancelled.connect(lambda: self._end(self._withdraw))
        self._say_progress(title, 0, 0)
        # Before the work begins, which takes much of the interpreter's time, and painting would have to wait for that.
        self._window.pane.banner.paint_now()
        QTimer.singleShot(0, task, task.start)

    def _end(self, say: Callable[[], None]) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.deleteLater()
            say()

    def _refuse(self) -> bool:
        """Tells whether another job is under way; its banner says so."""
        if self._dialog is not None:
            self._dialog.raise_()
        return self.is_busy or self._dialog is not None

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._paper.cancel()

    def _say_progress(self, title: str, done: int, total: int) -> None:
        if not self.is_busy:
            return
        part = percent_words(done / total) if total else ""
        stop = NoticeAction(self.tr("Stop"), self._cancel)
        self._say(Notice(title, part, actions=(stop,), key=_KEY, closable=False))

    def _say_written(self, file: object) -> None:
        if not isinstance(file, Path):
            self._say(Notice(self.tr("Sent to the printer"), key=_KEY, seconds=_NOTICE_SECONDS))
            return
        folder = NoticeAction(self.tr("Show in folder"), lambda: self._show_folder(file))
        self._say(Notice(self.tr("Saved"), str(file), actions=(folder,), key=_KEY, seconds=_NOTICE_SECONDS))

    def _show_folder(self, file: Path) -> None:
        self._open_url(QUrl.fromLocalFile(str(file.parent)))

    def _say_imported(self, result: object) -> None:
        assert isinstance(result, ImportReport)
        parts = [
            self._count(result.grown, self.tr("1 got new messages."), self.tr("{count} got new messages.")),
            self._count(result.known, self.tr("1 was there already."), self.tr("{count} were there already.")),
            self._count(result.skipped, self.tr("1 could not be read."), self.tr("{count} could not be read.")),
        ]
        if not any(parts) and not (result.added or result.damaged or result.cancelled):
            parts.append(self.tr("There are no conversations in the file."))
        if result.damaged:
            parts.append(self.tr("The file is damaged: what comes behind the damage was not read."))
        if result.cancelled:
            parts.append(self.tr("You stopped it: what was read before stays."))
        newest = result.newest
        show = (NoticeAction(self.tr("Show"), lambda: self.openRequested.emit(newest)),) if newest else ()
        one, many = self.tr("1 conversation imported"), self.tr("{count} conversations imported")
        title = self._count(result.added, one, many) or self.tr("Nothing new imported")
        troubled = Severity.PROBLEM if result.damaged else Severity.INFO
        self._say(Notice(title, sentences(*parts), actions=show, key=_KEY, severity=troubled))
        self.imported.emit(newest or "")

    def _count(self, number: int, one: str, many: str) -> str:
        """Returns how many; empty: none."""
        return "" if not number else one if number == 1 else many.format(count=f"{number:,}")

    def _say_problem(self, problem: UserFacingError) -> None:
        self._say(
            Notice(
                error_title(problem),
                error_detail(problem),
                error_remedy(problem),
                severity=Severity.PROBLEM,
                key=_KEY,
            )
        )

    def _say(self, notice: Notice) -> None:
        self._window.pane.banner.show_notice(notice)

    def _withdraw(self) -> None:
        self._window.pane.banner.withdraw(_KEY)

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except UserFacingError as problem:
            self._say_problem(problem)

    def _title_of(self, conversation_id: str) -> str:
        found = (one.title for one in self._history.conversations() if one.id == conversation_id)
        return next(found, "")

    def _words(self) -> ExportWords:
        return ExportWords(
            you=self.tr("You"),
            model=self.tr("Model"),
            untitled=self.tr("Conversation"),
            thoughts=self.tr("Thoughts"),
            exported=self.tr("Exported from {0} on {1}"),
            page=self.tr("Page {0} of {1}"),
            left_out=self.tr("Left out: {0}"),
            one_thought=self.tr("the thoughts of 1 answer"),
            many_thoughts=self.tr("the thoughts of {0} answers"),
            one_version=self.tr("1 message of other versions"),
            many_versions=self.tr("{0} messages of other versions"),
            number=self.tr("message {0}"),
            version=self.tr("version {0} of {1}"),
            others=self.tr("Other versions"),
            instead=self.tr("Instead of message {0}"),
            stopped=self.tr("stopped"),
            interrupted=self.tr("interrupted"),
            failed=self.tr("failed"),
        )


def _counted(ids: Sequence[str], report: Callable[[int, int], None]) -> Iterator[str]:
    for number, each in enumerate(ids):
        report(number, len(ids))
        yield each
