"""Puts documents and the windows together: what shows them is made with the first window, or when it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from desktop.chat.documents.events import DocumentEvent
from desktop.chat.documents.service import DocumentService
from desktop.chat.events import ChatEvent
from desktop.common.events import Publisher
from desktop.models.events import LibraryChanged, ModelArrived, ModelEvent, TrialEnded
from desktop.settings.options import Settings
from desktop.ui.documents.incoming import Incoming
from desktop.ui.quick_ask.presenter import QuickPresenter

if TYPE_CHECKING:
    from desktop.ui.chat.presenter import ChatPresenter
    from desktop.ui.chat.window import ChatWindow
    from desktop.ui.documents.changed_files import ChangedFiles
    from desktop.ui.documents.presenter import DocumentsPresenter
    from desktop.ui.documents.quick_box import QuickBoxDocuments
    from desktop.ui.documents.viewer import DocumentViewer


class WindowDocuments(QObject):
    """Documents in the chat window and in the quick box.

    Attributes:
        presenter: Shows them in the window, once there is one.

    Signals:
        changed: Other words may come before the conversation that is shown.
        conversationNeeded: An empty conversation shall be shown, in the window.
        libraryWanted: (Path) A library shall be made of a folder.
    """

    changed = Signal()
    conversationNeeded = Signal()
    libraryWanted = Signal(object)

    def __init__(
        self,
        service: DocumentService,
        events: Publisher[DocumentEvent],
        chat_events: Publisher[ChatEvent],
        quick: QuickPresenter,
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            service: Reads and keeps documents.
            events: Its events.
            chat_events: Those of the chat.
            quick: The quick box.
            parent: Owner.
        """
        super().__init__(parent)
        self._service, self._events, self._chat_events = service, events, chat_events
        self._files: ChangedFiles | None = None
        self._quick = quick
        self._box: QuickBoxDocuments | None = None
        self.presenter: DocumentsPresenter | None = None
        quick.opened.connect(self._on_box)

    def follow(self, window: ChatWindow, chat: ChatPresenter) -> None:
        """Takes what is brought to the window, and shows there what conversations are about."""
        from desktop.ui.documents.changed_files import ChangedFiles
        from desktop.ui.documents.presenter import DocumentsPresenter

        presenter = self.presenter = DocumentsPresenter(_make_viewer, self._service, self)
        self._events.subscribe(presenter.on_document_event)
        self._chat_events.subscribe(presenter.on_chat_event)
        presenter.changed.connect(self.changed)
        presenter.conversationNeeded.connect(self.conversationNeeded)
        presenter.libraryWanted.connect(self.libraryWanted)
        presenter.follow(window, chat)
        files = self._files = ChangedFiles(chat, self._service, self)
        files.readAgainRequested.connect(lambda file: presenter.take(Incoming(files=(file,))))
        chat.opened.connect(lambda _conversation: files.look())
        presenter.changed.connect(files.look)

    def model_changed(self) -> None:
        """Another model, or another context, may answer in the conversation that is shown."""
        if self.presenter is not None:
            self.presenter.forget_states()

    def on_model_event(self, event: ModelEvent) -> None:
        """Takes an event of the models: a document may have been opened before there was one to read it."""
        if self.presenter is not None and isinstance(event, LibraryChanged | ModelArrived | TrialEnded):
            self.presenter.read_ahead()

    def on_settings(self, old: Settings, new: Settings) -> None:
        """Takes other settings."""
        if (old.model, old.n_ctx) != (new.model, new.n_ctx):
            self.model_changed()

    def on_focus(self, state: Qt.ApplicationState) -> None:
        """Looks at the file of the document again: another program may have changed it meanwhile."""
        if self._files is not None and state is Qt.ApplicationState.ApplicationActive:
            self._files.look()

    def close(self) -> None:
        """Takes the viewer off the screen."""
        if self.presenter is not None and self.presenter.viewer is not None:
            self.presenter.viewer.hide()

    def _on_box(self) -> None:
        if self._box is not None:
            return
        from desktop.ui.documents.quick_box import QuickBoxDocuments

        self._box = QuickBoxDocuments(self._quick, self)
        self._box.brought.connect(self._begin_with)

    def _begin_with(self, incoming: Incoming, question: str) -> None:
        self.conversationNeeded.emit()  # which makes the window
        if self.presenter is not None:
            self.presenter.begin_with(incoming, question)


def _make_viewer() -> DocumentViewer:
    from desktop.ui.documents.viewer import DocumentViewer

    return DocumentViewer()
