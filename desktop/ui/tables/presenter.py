"""Begins tables from documents, shows them while they fill in, and writes them to files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QStandardPaths, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.common.background_writer import PutWrite, put_content
from desktop.common.errors import UserFacingError, from_system
from desktop.common.printable import one_line
from desktop.documents.library.libraries import DocumentLibrary
from desktop.extraction.filling import Read
from desktop.extraction.kept import KeptTable, TableOrder
from desktop.extraction.rows import Row, csv_of_rows, markdown_of_rows
from desktop.extraction.sources import find_sources, library_sources
from desktop.structured.library import FormLibrary
from desktop.ui.tables.dialog import TableDialog
from desktop.ui.tables.look import DocumentLook
from desktop.ui.tables.making import TableMaking
from desktop.ui.tables.words import progress_words
from desktop.ui.widgets.banner import Notice, NoticeAction, Severity
from desktop.ui.widgets.file_dialog import FileDialog, choose_folder
from desktop.ui.words import error_detail, error_remedy, error_title, error_words, short_name

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.ui.documents.viewer import DocumentViewer

_END_SECONDS: Final = 2.0
_UNDO_SECONDS: Final = 12.0
# Documents of a table in a window; `catnap extract` makes longer ones.
_MOST_DOCUMENTS: Final = 2_000
_DELETED_KEY, _SAVED_KEY, _TROUBLE_KEY = "table-deleted", "table-saved", "table-trouble"  # of the banner
_DONE_KEY: Final = "table-done"  # of that of the chat window


class TablesPresenter(QObject):
    """Opens the dialog, and has the table made that it describes.

    Signals:
        troubled: Something went wrong that the dialog, not being open, could not show: a UserFacingError.
        finished: (Notice) The table is done, which the dialog, not being open, could not show.
        shown: (key) The dialog is open: the notice with this key has had its time.

    Attributes:
        making: The work at the table.
    """

    troubled = Signal(object)
    finished = Signal(object)
    shown = Signal(str)
    _found = Signal(object)  # emitted by a thread that works, received by that of the windows; so is the next
    _written = Signal(object)

    def __init__(
        self,
        make_dialog: Callable[[], TableDialog],
        make_viewer: Callable[[], DocumentViewer],
        kept: KeptTable,
        forms: FormLibrary,
        libraries: Callable[[], Sequence[DocumentLibrary]],
        making: TableMaking,
        can_ask: Callable[[], bool],
        put: PutWrite,
        read: Read,
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            make_dialog: Makes the dialog.
            make_viewer: Makes the window that shows a document.
            kept: The table that was made last.
            forms: The saved forms.
            libraries: Returns the libraries that there are.
            making: The work at the table.
            can_ask: Whether there is a model that can be asked; says why not.
            put: Writes files off this thread.
            read: Reads a document, on any thread.
            parent: Owner.
        """
        super().__init__(parent)
        self._make_dialog = make_dialog
        self._look = DocumentLook(make_viewer, read, self)
        self._look.troubled.connect(self._say)
        self._kept, self._forms, self._libraries = kept, forms, libraries
        self._can_ask, self._put = can_ask, put
        self._dialog: TableDialog | None = None
        self.making = making
        making.rowsChanged.connect(self._show_rows)
        making.failed.connect(self._say)
        making.done.connect(self._tell_done)
        making.moved.connect(self._show_standing)
        self._finder: threading.Thread | None = None
        self._folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        queued = Qt.ConnectionType.QueuedConnection
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

    def show(self) -> None:
        """Opens the dialog: with the table that is there, else to begin one."""
        dialog = self._dialog or self._make()
        if self.making.order is None and (found := self._kept.read()) is not None:
            self._take(*found)
        if self.making.order is None:
            dialog.show_setup()
        self._open(dialog)

    def show_for_library(self, library: DocumentLibrary) -> None:
        """Opens the dialog to begin a table of a library; while one is being made, that one."""
        self.show()
        assert self._dialog is not None
        if not self.making.is_running:
            self._begin_setup(library.id)

    def shut_down(self) -> None:
        """Stops for good: the program ends. What is done is kept."""
        self._look.end()
        self.making.shut_down()
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
            setup.editor.focus_first()
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
        if self.making.order is None or not self._can_ask():
            return
        if self._dialog is not None:
            self._dialog.banner.withdraw(_TROUBLE_KEY)
        self.making.go_on()

    def save(self, file: Path) -> None:
        """Writes the table as a CSV file, off this thread; what goes wrong is told.

        Args:
            file: Is replaced, as the dialog has asked.
        """
        if (order := self.making.order) is None:
            return
        content = csv_of_rows(self._in_order(order), order.form).encode("utf-8", "replace")
        put_content(self._put, file, content, self._written.emit)

    def copy(self) -> None:
        """Puts the table on the clipboard, as Markdown."""
        if (order := self.making.order) is not None:
            QGuiApplication.clipboard().setText(markdown_of_rows(self._in_order(order), order.form))

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
        rows.pauseRequested.connect(self.making.pause)
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
        self.shown.emit(_DONE_KEY)

    def _begin_setup(self, library: str) -> None:
        assert self._dialog is not None
        setup = self._dialog.setup
        if (order := self.making.order) is not None:
            setup.editor.show_form(order.form)
        setup.editor.set_forms(self._forms.all())
        setup.set_libraries(self._libraries(), library)
        setup.offer_back(order is not None)
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
        self._dialog.rows.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.go_on()

    def _take(self, order: TableOrder, rows: Mapping[str, Row]) -> None:
        assert self._dialog is not None
        self.making.take(order, rows)
        self._dialog.rows.show_order(order, rows)
        self._dialog.show_rows()
        self._show_standing()

    def _delete(self) -> None:
        order, rows = self.making.order, self.making.rows
        if order is None or not self.making.is_idle:
            return
        assert self._dialog is not None
        try:
            self._kept.erase()
        except UserFacingError as problem:
            self._say(problem)
            return
        self._begin_setup("")
        self.making.drop()
        self._dialog.setup.offer_back(False)
        back = NoticeAction(self.tr("Undo"), lambda: self._put_back(order, rows))
        notice = Notice(self.tr("The table was deleted."), actions=(back,), key=_DELETED_KEY, seconds=_UNDO_SECONDS)
        self._dialog.banner.show_notice(notice)

    def _put_back(self, order: TableOrder, rows: Mapping[str, Row]) -> None:
        try:
            self._kept.begin(order)
            for row in rows.values():
                self._kept.add(row)
        except UserFacingError as problem:
            self._say(problem)
        self._take(order, rows)

    def _ask_where(self) -> None:
        order = self.making.order
        assert self._dialog is not None and order is not None
        dialog = FileDialog(self._dialog, self.tr("Save as CSV"), self._folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("Table for a spreadsheet") + " (*.csv)"])
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"{order.title or order.form.name}.csv")
        dialog.fileSelected.connect(lambda name: self.save(Path(name)))
        dialog.finished.connect(lambda _result: dialog.deleteLater())
        dialog.open()

    def _on_written(self, problem: OSError | None) -> None:
        if problem is not None:
            self._say(from_system(problem))
        elif self._dialog is not None:
            self._dialog.banner.show_notice(Notice(self.tr("The table was saved."), key=_SAVED_KEY, seconds=8.0))

    # --- the table

    def _tell_done(self) -> None:
        """Says that nothing is left to be filled in; to somebody who has closed the window, in the one they are at."""
        order, dialog = self.making.order, self._dialog
        assert order is not None
        if dialog is not None and dialog.isVisible():
            dialog.rows.tell_done()
            return
        words = self.tr("The table is done: {name}").format(name=short_name(one_line(order.title)))
        actions = (NoticeAction(self.tr("Show it"), self.show),)
        self.finished.emit(Notice(words, actions=actions, key=_DONE_KEY))

    def _show_rows(self) -> None:
        if self._dialog is not None:
            self._dialog.rows.show_rows(self.making.rows)

    def _show_standing(self) -> None:
        order, work = self.making.order, self.making.work
        if self._dialog is None or order is None:
            return
        words, place = "", None
        if work is not None:
            place = work.place
            words = progress_words(place, len(order.sources), order.sources[place].name, work.filling)
        self._dialog.rows.show_standing(self.making.standing, words, place)

    def _in_order(self, order: TableOrder) -> list[Row]:
        """Returns the rows in the order of the documents; of those that were not come to, nothing but their names."""
        rows = self.making.rows
        return [rows[source.name] for source in order.sources if source.name in rows]

    def _say(self, problem: UserFacingError) -> None:
        if self._dialog is not None and self._dialog.isVisible():
            words = error_title(problem), error_detail(problem), error_remedy(problem)
            self._dialog.banner.show_notice(Notice(*words, severity=Severity.PROBLEM, key=_TROUBLE_KEY))
        else:
            self.troubled.emit(problem)

    def _show_document(self, place: int, name: str) -> None:
        if (order := self.making.order) is not None:
            source = order.sources[place]
            fields = tuple(each for each in order.form.fields if name in ("", each.name))
            self._look.show(source, self.making.rows.get(source.name), fields)
