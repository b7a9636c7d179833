"""Makes tables from documents in the background, shows them while they fill in, and writes them to files."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.common.background_writer import PutWrite
from desktop.common.errors import MessageTooLongError, UserFacingError, from_system
from desktop.documents.library.libraries import DocumentLibrary
from desktop.engine.types import Asleep, EngineEvent, Failed, Finished, Sampling, SleepReason
from desktop.extraction.filling import Ask, Read, cut_off
from desktop.extraction.job import EngineTroubleError, JobPhase, TableJob
from desktop.extraction.kept import KeptTable, TableOrder
from desktop.extraction.rows import Row, csv_of_rows, markdown_of_rows
from desktop.extraction.sources import find_sources, library_sources
from desktop.lifecycle.background_questions import BackgroundQuestions, BehindPort
from desktop.lifecycle.low_memory import SpareMemory
from desktop.structured.library import FormLibrary
from desktop.ui.tables.dialog import TableDialog
from desktop.ui.tables.look import DocumentLook
from desktop.ui.tables.rows_page import TableStanding
from desktop.ui.tables.words import progress_words
from desktop.ui.widgets.banner import Notice, NoticeAction, Severity
from desktop.ui.widgets.file_dialog import FileDialog, choose_folder
from desktop.ui.words import error_detail, error_remedy, error_title, error_words

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.ui.documents.viewer import DocumentViewer

_TICK_MS: Final = 500
# After an answer people read it, and ask on; a table only takes the time that is left.
_QUIET_SECONDS: Final = 5.0
_END_SECONDS: Final = 2.0
_UNDO_SECONDS: Final = 12.0
# Documents of a table in a window; `catnap extract` makes longer ones.
_MOST_DOCUMENTS: Final = 2_000
_GREEDY: Final = Sampling(temperature=0.0, repeat_penalty=1.0)
_DELETED_KEY, _SAVED_KEY, _TROUBLE_KEY = "table-deleted", "table-saved", "table-trouble"  # of the banner


class TablesPresenter(QObject):
    """Opens the dialog, and has one table made at a time.

    Signals:
        troubled: Something went wrong that the dialog, not being open, could not show: a UserFacingError.
    """

    troubled = Signal(object)
    _moved = Signal()  # emitted by the thread that works, received by that of the windows; so are the next two
    _found = Signal(object)
    _written = Signal(object)

    def __init__(
        self,
        make_dialog: Callable[[], TableDialog],
        make_viewer: Callable[[], DocumentViewer],
        kept: KeptTable,
        forms: FormLibrary,
        libraries: Callable[[], Sequence[DocumentLibrary]],
        engine: BehindPort,
        request_ids: itertools.count[int],
        can_ask: Callable[[], bool],
        is_admitted: Callable[[], bool],
        is_in_use: Callable[[], bool],
        memory: SpareMemory,
        put: PutWrite,
        read: Read,
        parent: QObject | None = None,
        quiet_seconds: float = _QUIET_SECONDS,
    ) -> None:
        """
        Args:
            make_dialog: Makes the dialog.
            make_viewer: Makes the window that shows a document.
            kept: The table that was made last.
            forms: The saved forms.
            libraries: Returns the libraries that there are.
            engine: Is asked, behind the person's own questions.
            request_ids: Source of ids never used twice.
            can_ask: Whether there is a model that can be asked; says why not.
            is_admitted: Whether the model is in memory, or may come there.
            is_in_use: Whether the person waits for an answer now, or writes.
            memory: Whether there is some to spare.
            put: Writes files off this thread.
            read: Reads a document, on any thread.
            parent: Owner.
            quiet_seconds: After an answer, before the table goes on.
        """
        super().__init__(parent)
        self._make_dialog = make_dialog
        self._look = DocumentLook(make_viewer, read, self)
        self._look.troubled.connect(self._say)
        self._kept, self._forms, self._libraries = kept, forms, libraries
        self._engine, self._request_ids = engine, request_ids
        self._can_ask, self._is_admitted, self._is_in_use = can_ask, is_admitted, is_in_use
        self._memory, self._put, self._read = memory, put, read
        self._quiet_seconds = quiet_seconds
        self._quiet_from = 0.0
        self._dialog: TableDialog | None = None
        self._order: TableOrder | None = None
        self._rows: dict[str, Row] = {}
        self._job: TableJob | None = None
        self._questions: BackgroundQuestions | None = None
        self._is_wanted = False
        self._finder: threading.Thread | None = None
        self._folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)
        queued = Qt.ConnectionType.QueuedConnection
        self._moved.connect(self._tick, queued)
        self._found.connect(self._on_found, queued)
        self._written.connect(self._on_written, queued)

    @property
    def dialog(self) -> TableDialog | None:
        """The dialog, once it has been opened."""
        return self._dialog

    @property
    def viewer(self) -> DocumentViewer | None:
        """The window that shows a document of the table, once it was opened."""
        return self._look.viewer

    @property
    def is_running(self) -> bool:
        """Whether a table is being made, or waits to be gone on with by itself."""
        return self._is_wanted

    def show(self) -> None:
        """Opens the dialog: with the table that is there, else to begin one."""
        dialog = self._dialog or self._make()
        if self._order is None and (found := self._kept.read()) is not None:
            self._take(*found)
        if self._order is None:
            dialog.show_setup()
        self._open(dialog)

    def show_for_library(self, library: DocumentLibrary) -> None:
        """Opens the dialog to begin a table of a library; while one is being made, that one."""
        self.show()
        assert self._dialog is not None
        if not self._is_wanted:
            self._begin_setup(library.id)

    def shut_down(self) -> None:
        """Stops for good: the program ends. What is done is kept."""
        self._timer.stop()
        self._is_wanted = False
        self._look.end()
        self._stop_job()
        if self._job is not None:
            self._job.wait(_END_SECONDS)
        if self._finder is not None:
            self._finder.join(_END_SECONDS)
        if self._dialog is not None:
            self._dialog.hide()

    def start(self) -> None:
        """Begins the table that the dialog describes."""
        assert self._dialog is not None
        setup = self._dialog.setup
        try:
            form = setup.editor.form()
        except UserFacingError as problem:
            setup.complain(error_words(problem))
            return
        library, places, recursive = setup.library, setup.places, setup.is_recursive
        if library is None and not places:
            setup.complain(self.tr("Choose the documents first."))
            return
        if not self._can_ask():
            return
        setup.complain("")
        setup.set_busy(True)

        def find() -> None:
            try:
                if library is not None:
                    sources, title = library_sources(library.folder, _MOST_DOCUMENTS), library.name
                else:
                    sources = find_sources(places, recursive=recursive, most=_MOST_DOCUMENTS)
                    title = places[0].name if len(places) == 1 else places[0].parent.name
            except UserFacingError as problem:
                self._found.emit(problem)
            except OSError as problem:
                self._found.emit(from_system(problem))
            else:
                self._found.emit(TableOrder(form, tuple(sources), title))

        self._finder = threading.Thread(target=find, name="table-documents", daemon=True)
        self._finder.start()

    def go_on(self) -> None:
        """Fills in what is left, and tries again what has failed."""
        if self._order is None or not self._can_ask():
            return
        self._is_wanted = True
        self._quiet_from = time.monotonic()  # whoever asks for it now wants it now
        if self._dialog is not None:
            self._dialog.banner.withdraw(_TROUBLE_KEY)
        self._timer.start()
        self._tick()

    def pause(self) -> None:
        """Stops for now; the rows that are done are kept."""
        self._is_wanted = False
        self._stop_job()
        self._tick()

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine that answers."""
        questions = self._questions
        is_ours = questions is not None and questions.owns(getattr(event, "request_id", None))
        if questions is not None:
            questions.on_engine_event(event)
        if isinstance(event, Finished | Failed):
            if not is_ours:
                self._quiet_from = time.monotonic() + self._quiet_seconds
        elif isinstance(event, Asleep) and event.reason is SleepReason.ASKED and self._is_wanted:
            self.pause()  # whoever wants the model to sleep does not want it woken

    def save(self, file: Path) -> None:
        """Writes the table as a CSV file, off this thread; what goes wrong is told.

        Args:
            file: Is replaced, as the dialog has asked.
        """
        from desktop.common.atomic_file import write_atomically

        if self._order is None:
            return
        content = csv_of_rows(self._in_order(), self._order.form).encode("utf-8", "replace")

        def write() -> None:
            try:
                write_atomically(file, content, unnamed=True)
            except OSError as problem:
                self._written.emit(problem)
            else:
                self._written.emit(None)

        self._put(file, write)

    def copy(self) -> None:
        """Puts the table on the clipboard, as Markdown."""
        if self._order is not None:
            QGuiApplication.clipboard().setText(markdown_of_rows(self._in_order(), self._order.form))

    # --- the dialog

    def _make(self) -> TableDialog:
        dialog = self._dialog = self._make_dialog()
        setup, rows = dialog.setup, dialog.rows
        setup.folderRequested.connect(self._choose_folder)
        setup.filesRequested.connect(self._choose_files)
        setup.startRequested.connect(self.start)
        setup.backRequested.connect(dialog.show_rows)
        setup.editor.deleteRequested.connect(self._delete_form)
        rows.goOnRequested.connect(self.go_on)
        rows.pauseRequested.connect(self.pause)
        rows.saveRequested.connect(self._ask_where)
        rows.copyRequested.connect(self.copy)
        rows.newRequested.connect(lambda: self._begin_setup(""))
        rows.deleteRequested.connect(self._delete)
        rows.documentRequested.connect(self._show_document)
        setup.editor.set_forms(self._forms.all())
        setup.set_libraries(self._libraries())
        return dialog

    def _open(self, dialog: QWidget) -> None:
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _begin_setup(self, library: str) -> None:
        assert self._dialog is not None
        setup = self._dialog.setup
        if self._order is not None:
            setup.editor.show_form(self._order.form)
        setup.editor.set_forms(self._forms.all())
        setup.set_libraries(self._libraries(), library)
        setup.offer_back(self._order is not None)
        self._dialog.show_setup()

    def _choose_folder(self) -> None:
        assert self._dialog is not None
        folder = choose_folder(self._dialog, self.tr("Choose a folder with documents"), self._folder)
        if folder:
            self._folder = folder
            self._dialog.setup.set_places([Path(folder)])

    def _choose_files(self) -> None:
        assert self._dialog is not None
        dialog = FileDialog(self._dialog, self.tr("Choose documents"), self._folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self._take_files)
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def _take_files(self, names: list[str]) -> None:
        if self._dialog is not None and names:
            self._folder = str(Path(names[0]).parent)
            self._dialog.setup.set_places([Path(name) for name in names])

    def _delete_form(self, name: str) -> None:
        assert self._dialog is not None
        self._forms.delete(name)
        self._dialog.setup.editor.set_forms(self._forms.all())

    def _on_found(self, found: TableOrder | UserFacingError) -> None:
        assert self._dialog is not None
        self._dialog.setup.set_busy(False)
        if isinstance(found, UserFacingError):
            self._dialog.setup.complain(error_words(found))
            return
        try:
            self._kept.begin(found)
        except UserFacingError as problem:
            self._dialog.setup.complain(error_words(problem))
            return
        self._forms.save(found.form)
        self._take(found, {})
        self.go_on()

    def _take(self, order: TableOrder, rows: dict[str, Row]) -> None:
        assert self._dialog is not None
        self._order, self._rows = order, rows
        self._dialog.rows.show_order(order, rows)
        self._dialog.show_rows()
        self._show_standing()

    def _delete(self) -> None:
        order, rows = self._order, self._rows
        if order is None or self._is_wanted or self._job is not None:
            return
        assert self._dialog is not None
        try:
            self._kept.erase()
        except UserFacingError as problem:
            self._say(problem)
            return
        self._begin_setup("")
        self._order, self._rows = None, {}
        self._dialog.setup.offer_back(False)
        back = NoticeAction(self.tr("Undo"), lambda: self._put_back(order, rows))
        notice = Notice(self.tr("The table was deleted."), actions=(back,), key=_DELETED_KEY, seconds=_UNDO_SECONDS)
        self._dialog.banner.show_notice(notice)

    def _put_back(self, order: TableOrder, rows: dict[str, Row]) -> None:
        try:
            self._kept.begin(order)
            for row in rows.values():
                self._kept.add(row)
        except UserFacingError as problem:
            self._say(problem)
        self._take(order, rows)

    def _ask_where(self) -> None:
        assert self._dialog is not None and self._order is not None
        dialog = FileDialog(self._dialog, self.tr("Save as CSV"), self._folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("Table for a spreadsheet") + " (*.csv)"])
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"{self._order.title or self._order.form.name}.csv")
        dialog.fileSelected.connect(lambda name: self.save(Path(name)))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def _on_written(self, problem: OSError | None) -> None:
        if problem is not None:
            self._say(from_system(problem))
        elif self._dialog is not None:
            self._dialog.banner.show_notice(Notice(self.tr("The table was saved."), key=_SAVED_KEY, seconds=8.0))

    # --- the work

    def _tick(self) -> None:
        self._take_rows()
        if self._is_wanted and self._job is None and self._order is not None:
            questions = self._questions = BackgroundQuestions(
                self._engine, self._request_ids, self._may_begin, self._memory.is_there, self._moved.emit
            )
            job = TableJob(self._order, self._rows, self._kept, _asker(questions), self._moved.emit, self._read)
            self._job = job
            job.begin()
        if self._questions is not None:
            self._questions.look()
        if self._job is None and not self._is_wanted:
            self._timer.stop()
        self._show_standing()

    def _take_rows(self) -> None:
        """Takes what is done, and note of a job that has ended, however it did."""
        job = self._job
        if job is None:
            return
        self._rows = dict(job.rows)
        if self._dialog is not None:
            self._dialog.rows.show_rows(self._rows)
        if not job.has_ended:
            return
        self._job = self._questions = None
        if job.state.phase is not JobPhase.PAUSED:
            self._is_wanted = False
        if job.state.error is not None:
            self._say(job.state.error)

    def _stop_job(self) -> None:
        if self._job is not None:
            self._job.pause()
        if self._questions is not None:
            self._questions.end()

    def _may_begin(self) -> bool:
        if self._is_in_use() or time.monotonic() < self._quiet_from or not self._memory.is_there():
            return False
        if not self._is_admitted():
            self._memory.refuse()  # it is asked again when there may be more
            return False
        return True

    def _standing(self) -> TableStanding:
        if not self._is_wanted:
            is_done = self._order is None or len(self._rows) >= len(self._order.sources)
            return TableStanding.DONE if is_done and self._job is None else TableStanding.PAUSED
        if self._questions is not None and self._questions.is_waiting:
            if not self._memory.is_there():
                return TableStanding.WAITING_FOR_MEMORY
            return TableStanding.WAITING_FOR_ANSWER
        return TableStanding.RUNNING

    def _show_standing(self) -> None:
        if self._dialog is None or self._order is None:
            return
        words, place, job = "", None, self._job
        if job is not None:
            place = job.state.place
            name = self._order.sources[place].name
            words = progress_words(place, len(self._order.sources), name, job.state.filling)
        self._dialog.rows.show_standing(self._standing(), words, place)

    def _in_order(self) -> list[Row]:
        """Returns the rows in the order of the documents; of those that were not come to, nothing but their names."""
        assert self._order is not None
        return [self._rows[source.name] for source in self._order.sources if source.name in self._rows]

    def _say(self, problem: UserFacingError) -> None:
        if self._dialog is not None and self._dialog.isVisible():
            words = error_title(problem), error_detail(problem), error_remedy(problem)
            self._dialog.banner.show_notice(Notice(*words, severity=Severity.PROBLEM, key=_TROUBLE_KEY))
        else:
            self.troubled.emit(problem)

    def _show_document(self, place: int, name: str) -> None:
        if self._order is not None:
            source = self._order.sources[place]
            fields = tuple(each for each in self._order.form.fields if name in ("", each.name))
            self._look.show(source, self._rows.get(source.name), fields)


def _asker(questions: BackgroundQuestions) -> Ask:
    """Returns what asks for a document, and says which errors are none of the document's."""

    def ask(question: str, schema: str) -> str:
        reply = questions.ask(question, _GREEDY, schema)
        if reply.error is not None:
            raise _as_trouble(reply.error)
        if not reply.is_whole:
            raise cut_off()
        return reply.text

    return ask


def _as_trouble(error: UserFacingError) -> UserFacingError:
    if isinstance(error, MessageTooLongError):
        return error
    return EngineTroubleError(error.title, error.pattern or error.detail, error.remedy, values=error.values)
