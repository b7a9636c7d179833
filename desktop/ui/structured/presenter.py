"""Connects the shapes of answers with the window: chosen in a dialog, said in the banner, saved as CSV at the end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from desktop.chat.events import AnswerBegan, AnswerStored, ChatEvent
from desktop.chat.service import ChatService
from desktop.chat.shapes import ShapedAnswer
from desktop.common.background_writer import PutWrite, put_content
from desktop.common.errors import UserFacingError
from desktop.ui.chat.presenter import ChatPresenter
from desktop.ui.chat.window import ChatWindow
from desktop.ui.widgets.banner import Notice, NoticeAction
from desktop.ui.widgets.file_dialog import FileDialog

if TYPE_CHECKING:  # imported when the first form is made
    from desktop.structured.library import FormLibrary
    from desktop.structured.shape import AnswerShape
    from desktop.ui.structured.dialog import ShapeDialog

_NEXT_KEY, _DONE_KEY = "answer-shape", "answer-shape-done"  # of the banner


class ShapePresenter(QObject):
    """Lets the next answer be a table, a form or JSON.

    Signals:
        troubled: Something could not be read or written: a UserFacingError.
    """

    troubled = Signal(object)
    _written = Signal(object)  # from the thread that writes: an error, or None

    def __init__(
        self,
        window: ChatWindow,
        shown: ChatPresenter,
        chat: ChatService,
        make_dialog: Callable[[], ShapeDialog],
        make_library: Callable[[], FormLibrary],
        put: PutWrite,
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            window: Whose menu asks.
            shown: Knows which conversation is in view.
            chat: Has the answers made.
            make_dialog: Makes the dialog, when it is first needed.
            make_library: Opens the saved forms, likewise.
            put: Writes files off this thread.
            parent: Owner.
        """
        super().__init__(parent)
        self._window, self._shown, self._chat = window, shown, chat
        self._make_dialog, self._make_library, self._put = make_dialog, make_library, put
        self._dialog: ShapeDialog | None = None
        self._library: FormLibrary | None = None
        self._saving: FileDialog | None = None
        self._folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        window.menu.answer_as.triggered.connect(lambda _checked: self.show())
        self._written.connect(self._on_written)

    @property
    def dialog(self) -> ShapeDialog | None:
        """The dialog, once it has been opened."""
        return self._dialog

    def show(self) -> None:
        """Opens the dialog."""
        library = self._library
        if library is None:
            library = self._library = self._make_library()
            if library.load_problem is not None:
                self.troubled.emit(library.load_problem.as_error())
        dialog = self._dialog
        if dialog is None:
            dialog = self._dialog = self._make_dialog()
            dialog.chosen.connect(self._on_chosen)
            dialog.editor.deleteRequested.connect(self._on_delete)
        dialog.set_forms(library.all())
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def on_chat_event(self, event: ChatEvent) -> None:
        """Follows the answers."""
        if isinstance(event, AnswerBegan):
            self._shown.notices.withdraw(event.conversation_id, _NEXT_KEY)
            self._shown.notices.withdraw(event.conversation_id, _DONE_KEY)
        elif isinstance(event, AnswerStored):
            conversation = event.message.conversation_id
            answer = self._chat.shapes.finished(conversation)
            if answer is not None and event.message.is_cut_off is False:
                self._offer(conversation, answer)

    def _on_chosen(self, shape: AnswerShape) -> None:
        assert self._library is not None
        self._library.save(shape.form)
        conversation = self._shown.current
        self._chat.shapes.choose(conversation, shape)
        words = {
            "table": self.tr("The next answer comes as a table: {name}"),
            "form": self.tr("The next answer comes as a form: {name}"),
            "json": self.tr("The next answer comes as JSON: {name}"),
        }[shape.look.value]
        actions = (
            NoticeAction(self.tr("Change…"), self.show),
            NoticeAction(self.tr("As usual"), partial(self._chat.shapes.choose, conversation, None)),
        )
        notice = Notice(words.format(name=shape.form.name), actions=actions, key=_NEXT_KEY)
        self._shown.notices.show(conversation, notice)
        self._window.pane.focus_composer()

    def _on_delete(self, name: str) -> None:
        assert self._library is not None and self._dialog is not None
        form = next((each for each in self._library.all() if each.name == name), None)
        if form is not None:
            self._library.delete(name)
            self._dialog.set_forms(self._library.all())

    def _offer(self, conversation: str, answer: ShapedAnswer) -> None:
        actions = (
            NoticeAction(self.tr("Save as CSV…"), partial(self._ask_where, answer)),
            NoticeAction(self.tr("Copy JSON"), partial(self._copy, answer)),
        )
        words = self.tr("The answer fits the form. Whether it is true, only you can tell.")
        self._shown.notices.show(conversation, Notice(words, actions=actions, key=_DONE_KEY))

    def _copy(self, answer: ShapedAnswer) -> None:
        from desktop.common.json_file import to_json

        QGuiApplication.clipboard().setText(to_json(answer.value, indent=2))

    def _ask_where(self, answer: ShapedAnswer) -> None:
        dialog = self._saving = FileDialog(self._window, self.tr("Save as CSV"), self._folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("Table for a spreadsheet") + " (*.csv)"])
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(lambda name: self.save(answer, Path(name)))
        dialog.finished.connect(lambda _result: self._forget_dialog(dialog))
        dialog.open()

    def _forget_dialog(self, dialog: FileDialog) -> None:
        self._folder = dialog.directory().absolutePath()
        self._saving = None
        dialog.deleteLater()

    def save(self, answer: ShapedAnswer, file: Path) -> None:
        """Writes an answer as a CSV file, off this thread; what goes wrong is told.

        Args:
            answer: What to write.
            file: Is replaced, as the dialog has asked.
        """
        from desktop.structured.tables import csv_of

        content = csv_of(answer.value, answer.shape.form).encode()
        put_content(self._put, file, content, self._written.emit)

    def _on_written(self, problem: OSError | None) -> None:
        if problem is not None:
            from desktop.common.errors import from_system

            error: UserFacingError = from_system(problem)
            self.troubled.emit(error)
            return
        self._window.pane.banner.show_notice(Notice(self.tr("The table was saved."), key=_DONE_KEY, seconds=8.0))
