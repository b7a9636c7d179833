"""Connects libraries with their dialog, and with the conversations that are about one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.chat.choices import ChatChoices
from desktop.common.errors import UserFacingError
from desktop.documents.library.lazy import LazyLibraries
from desktop.documents.library.libraries import DocumentLibrary
from desktop.ui.widgets.banner import Notice, NoticeAction, Severity
from desktop.ui.words import error_detail, error_remedy, error_title

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.ui.chat.presenter import ChatPresenter
    from desktop.ui.chat.window import ChatWindow
    from desktop.ui.libraries.dialog import LibrariesDialog

_REMOVED_KEY = "library-removed"
_TROUBLE_KEY = "library-trouble"
_ABOUT_KEY = "library"  # of the banner that says what a conversation is answered from
_UNDO_SECONDS = 12.0

# Asks for a folder: parent, title, folder to begin in; empty: none was chosen.
ChooseFolder = Callable[[QWidget, str, str], str]
# Asks for a file: the same, and kinds of files.
ChooseFile = Callable[[QWidget, str, str, list[str]], str]


@dataclass(frozen=True)
class MeaningModel:
    """The embedding model, as the dialog needs it.

    Attributes:
        file: Returns the file in force; empty: there is none.
        use: Puts a file in force, or none; raises UserFacingError where it is no embedding model, or is not kept.
        choose_file: Asks for a file.
        known: Returns names and files of those that are installed.
    """

    file: Callable[[], str]
    use: Callable[[str], None]
    choose_file: ChooseFile
    known: Callable[[], Sequence[tuple[str, str]]]


class LibrariesPresenter(QObject):
    """Opens the dialog, which is made when it is first needed, and says which conversation is about a library.

    Signals:
        troubled: Something could not be read or written: a UserFacingError.
        talkRequested: A new conversation shall be shown, in the window.
        tableRequested: (DocumentLibrary) A table shall be made of its documents.
        hubRequested: The user wants to add an embedding model from Hugging Face.
        changed: A conversation is about another library, or none.
    """

    troubled = Signal(object)
    changed = Signal()
    talkRequested = Signal()
    tableRequested = Signal(object)
    hubRequested = Signal()
    _moved = Signal()  # emitted by the thread that reads, received by that of the windows

    def __init__(
        self,
        make_dialog: Callable[[], LibrariesDialog],
        libraries: LazyLibraries,
        choices: ChatChoices,
        choose_folder: ChooseFolder,
        meaning: MeaningModel,
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            make_dialog: Makes the dialog.
            libraries: The libraries.
            choices: Knows which conversation is about which.
            choose_folder: Asks for a folder.
            meaning: The model that finds passages by what they mean.
            parent: Owner.
        """
        super().__init__(parent)
        self._make_dialog, self._libraries, self._chosen = make_dialog, libraries, choices
        self._choose_folder, self._meaning = choose_folder, meaning
        self._window: ChatWindow | None = None
        self._shown: ChatPresenter | None = None
        self._dialog: LibrariesDialog | None = None
        self._moved.connect(self._refresh, Qt.ConnectionType.QueuedConnection)

    @property
    def dialog(self) -> LibrariesDialog | None:
        """The dialog, once it has been opened."""
        return self._dialog

    def follow(self, window: ChatWindow, shown: ChatPresenter) -> None:
        """Offers the dialog in a window, and says there what a conversation is about."""
        self._window, self._shown = window, shown
        window.menu.libraries.triggered.connect(lambda _checked: self.show())
        shown.opened.connect(lambda _conversation: self._say_about())
        self._say_about()

    def find_with(self, file: str) -> None:
        """Opens the dialog and puts an embedding model in force."""
        self.show()
        self._use_model(file)

    def add(self, folder: Path) -> None:
        """Opens the dialog and makes a library of a folder."""
        self.show()
        self._add(folder)

    def show(self) -> None:
        """Opens the dialog."""
        dialog = self._dialog or self._make()
        self._libraries().begin()
        self._refresh()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _make(self) -> LibrariesDialog:
        dialog = self._dialog = self._make_dialog()
        self._libraries.subscribe(self._moved.emit)
        dialog.addRequested.connect(self._on_add)
        dialog.askRequested.connect(self._on_ask)
        dialog.tableRequested.connect(self._on_table)
        dialog.againRequested.connect(lambda identity: self._libraries().look_again(identity))
        dialog.removeRequested.connect(self._on_remove)
        dialog.modelRequested.connect(self._on_model)
        dialog.knownModelRequested.connect(self._use_model)
        dialog.hubRequested.connect(self.hubRequested)
        dialog.modelsAsked.connect(lambda: dialog.set_known_models(self._meaning.known(), self._meaning.file()))
        dialog.offRequested.connect(lambda: self._use_model(""))
        return dialog

    def _refresh(self) -> None:
        if self._dialog is not None:
            self._dialog.set_states(self._libraries().states())
            self._dialog.set_meaning(PurePath(self._meaning.file()).name, self._libraries.meanings())

    def _on_add(self) -> None:
        assert self._dialog is not None
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        folder = self._choose_folder(self._dialog, self.tr("Choose a folder with documents"), documents)
        if folder:
            self._add(Path(folder))

    def _add(self, folder: Path, name: str = "") -> None:
        assert self._dialog is not None
        self._dialog.banner.withdraw(_REMOVED_KEY)
        try:
            added = self._libraries().add(folder, name)
        except UserFacingError as problem:
            self._say(self._dialog, problem)
            return
        self._dialog.banner.withdraw(_TROUBLE_KEY)
        self._refresh()
        self._dialog.select(added.id)

    def _on_model(self) -> None:
        assert self._dialog is not None
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation)
        kinds = self.tr("Models (*.gguf);;All files (*)").split(";;")
        file = self._meaning.choose_file(self._dialog, self.tr("Choose an embedding model"), folder, kinds)
        if file:
            self._use_model(file)

    def _use_model(self, file: str) -> None:
        assert self._dialog is not None
        try:
            self._meaning.use(file)
        except UserFacingError as problem:
            self._say(self._dialog, problem)
            return
        self._dialog.banner.withdraw(_TROUBLE_KEY)
        self._refresh()

    def _say(self, dialog: LibrariesDialog, problem: UserFacingError) -> None:
        words = error_title(problem), error_detail(problem), error_remedy(problem)
        dialog.banner.show_notice(Notice(*words, severity=Severity.PROBLEM, key=_TROUBLE_KEY))

    def _on_remove(self, identity: str) -> None:
        assert self._dialog is not None
        library = self._named(identity)
        if library is None:
            return
        try:
            self._libraries().remove(identity)
        except UserFacingError as problem:
            self.troubled.emit(problem)
            return
        self._refresh()
        back = NoticeAction(self.tr("Undo"), lambda: self._add(library.folder, library.name))
        words = self.tr("“{name}” is no library any more; its folder stays.").format(name=library.name)
        self._dialog.banner.show_notice(Notice(words, actions=(back,), key=_REMOVED_KEY, seconds=_UNDO_SECONDS))

    def _on_ask(self, identity: str) -> None:
        if self._dialog is not None:
            self._dialog.close()  # it would lie over the answer
        self.talkRequested.emit()
        self._choose(None, identity)

    def _on_table(self, identity: str) -> None:
        library = self._named(identity)
        if library is not None:
            self.tableRequested.emit(library)

    def _choose(self, conversation: str | None, identity: str | None) -> None:
        try:
            choices = replace(self._chosen.of(conversation), library=identity)
            self._chosen.choose(conversation, replace(choices, document=None) if identity else choices)
        except UserFacingError as problem:
            self.troubled.emit(problem)
        self._say_about()
        self.changed.emit()

    def _say_about(self) -> None:
        """Says above a conversation which library it is answered from, for as long as it is."""
        if self._shown is None:
            return
        conversation = self._shown.current
        try:
            identity = self._chosen.of(conversation).library
        except UserFacingError:  # it is gone, or the history cannot be read, which is said elsewhere
            identity = None
        if identity is None:
            self._shown.notices.withdraw(conversation, _ABOUT_KEY)
            return
        library = self._named(identity)
        if library is None:
            words = self.tr("The library that this conversation is about is gone; the model answers by itself.")
        else:
            words = self.tr("Answered from the library “{name}”.").format(name=library.name)
        without = NoticeAction(self.tr("Ask without it"), lambda: self._choose(conversation, None))
        self._shown.notices.show(conversation, Notice(words, actions=(without,), key=_ABOUT_KEY))

    def _named(self, identity: str) -> DocumentLibrary | None:
        there = self._libraries().states()
        return next((state.library for state in there if state.library.id == identity), None)
