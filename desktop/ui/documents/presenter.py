"""Connects documents with the window: how they come in, what is shown of them, and where an answer was taken from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QStandardPaths, Signal

from desktop.chat.documents.events import (
    Attachment,
    DocumentEvent,
    DocumentOpened,
    DocumentOpening,
    DocumentRead,
    DocumentReading,
    DocumentRefused,
    DocumentTooLong,
)
from desktop.chat.documents.service import DocumentService
from desktop.chat.events import AnswerFailed, ChatEvent, MessageStored
from desktop.common.errors import QT_TRANSLATE_NOOP, MessageTooLongError, UserFacingError
from desktop.documents.types import IsAFolderError, ReadingProgress
from desktop.history.sources import Source
from desktop.ui.documents.chip import DocumentChip
from desktop.ui.documents.drops import FileDrops
from desktop.ui.documents.incoming import Incoming
from desktop.ui.documents.paste_offer import PasteOffer
from desktop.ui.documents.state_words import ReadingState, opening_state, reading_state
from desktop.ui.documents.words import place_words
from desktop.ui.widgets.banner import Notice, NoticeAction
from desktop.ui.widgets.file_dialog import choose_file
from desktop.ui.words import listed, short_name

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.ui.chat.presenter import ChatPresenter
    from desktop.ui.chat.window import ChatWindow
    from desktop.ui.documents.viewer import DocumentViewer

_UNDO_SECONDS: Final = 12.0
_UNDO_KEY: Final = "document-taken-away"
_SEVERAL_KEY: Final = "several-documents"
_LINK_KEY: Final = "link-dropped"
_REFUSED_KEY: Final = "document-refused"
_PICTURE: Final = UserFacingError(
    QT_TRANSLATE_NOOP("Errors", "This is a picture, a sound or a film, not a document."),
    remedy=QT_TRANSLATE_NOOP("Errors", "Choose a document with text."),
)
_GONE: Final = UserFacingError(
    QT_TRANSLATE_NOOP("Errors", "This document is no longer kept."),
    remedy=QT_TRANSLATE_NOOP("Errors", "Open the file again to look at it."),
)
_ENDINGS: Final = (
    "pdf docx xlsx xlsm xls pptx odt ods odp epub html htm md txt csv tsv json xml py js c cpp h java go rs sh log"
)


@dataclass
class _Opening:
    """A file on its way.

    Attributes:
        key: What the service calls it.
        file: What is opened.
        name: Of the file.
        conversation: Which one it is for; None: the one that is not begun yet.
        progress: How far it is.
    """

    key: int
    file: Path
    name: str
    conversation: str | None
    progress: ReadingProgress


@dataclass(frozen=True)
class _Wanted:
    """A document that is being looked at.

    Attributes:
        conversation: Which one it is for; None: the one that is not begun yet.
        document_id: The document.
    """

    conversation: str | None
    document_id: str


class DocumentsPresenter(QObject):
    """Takes documents in and shows them; the viewer is made when it is first needed.

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
        make_viewer: Callable[[], DocumentViewer],
        service: DocumentService,
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            make_viewer: Makes the viewer.
            service: Reads and keeps documents, and knows what conversations are about.
            parent: Owner.
        """
        super().__init__(parent)
        self._make_viewer = make_viewer
        self._service = service
        self._window: ChatWindow | None = None
        self._shown: ChatPresenter | None = None
        self._chip = DocumentChip()
        self._viewer: DocumentViewer | None = None
        self._opening: _Opening | None = None
        self._wanted: _Wanted | None = None
        self._states: dict[str, ReadingState] = {}
        self._offer: PasteOffer | None = None
        self._folder = ""

    @property
    def viewer(self) -> DocumentViewer | None:
        """The viewer, once it was opened."""
        return self._viewer

    @property
    def chip(self) -> DocumentChip:
        """The document of the conversation that is shown."""
        return self._chip

    def follow(self, window: ChatWindow, shown: ChatPresenter) -> None:
        """Takes what is brought to a window, and shows there what its conversation is about."""
        self._window, self._shown = window, shown
        pane = window.pane
        offer = self._offer = PasteOffer(pane.composer.edit)
        pane.put_above_composer(offer)
        pane.put_above_composer(self._chip)
        pane.transcript.describe_sources(self._describe)
        offer.taken.connect(self.take_text)
        FileDrops(window).dropped.connect(self.take)
        pane.composer.edit.brought.connect(self.take)
        pane.transcript.requests.sourceRequested.connect(self.show_source)
        window.menu.open_document.triggered.connect(lambda _checked: self.choose_file())
        self._chip.lookRequested.connect(self._look)
        self._chip.removeRequested.connect(self._remove)
        shown.opened.connect(lambda _conversation: self._on_conversation())
        shown.changes.undo.changed.connect(self.refresh)
        self.refresh()

    def choose_file(self) -> None:
        """Asks for a file and opens it."""
        assert self._window is not None
        places = QStandardPaths.StandardLocation
        folder = self._folder or QStandardPaths.writableLocation(places.DocumentsLocation)
        kinds = " ".join(f"*.{ending}" for ending in _ENDINGS.split())
        filters = [self.tr("Documents") + f" ({kinds})", self.tr("All files") + " (*)"]
        chosen = choose_file(self._window, self.tr("Open a document"), folder, filters)
        if chosen:
            self._folder = str(Path(chosen).parent)
            self.take(Incoming(files=(Path(chosen),)))

    def take(self, incoming: Incoming) -> None:
        """Opens what was dropped or pasted, or says why not."""
        assert self._shown is not None
        if incoming.files:
            self._open(incoming.files)
        elif incoming.links:
            title = self.tr("A link is not opened: Catnap loads nothing from the network on its own.")
            remedy = self.tr("Save the page as a file, and drop that.")
            self._shown.notices.show(self._shown.current, Notice(title, remedy=remedy, key=_LINK_KEY))
        elif incoming.is_picture:
            self._shown.trouble.show_error(_PICTURE)
        elif incoming.text.strip():
            self.take_text(incoming.text)

    def take_text(self, text: str) -> None:
        """Has the conversation that is shown be about a text."""
        assert self._shown is not None
        try:
            stored = self._service.take_text(text, self.tr("Pasted text"))
            self._attach(self._shown.current, stored.id, "")
        except UserFacingError as problem:
            self._shown.trouble.show_error(problem)
            assert self._window is not None
            self._window.pane.put_text_back(text)  # it was out of the field already

    def begin_with(self, incoming: Incoming, question: str) -> None:
        """Does the same with a question that was begun elsewhere, in the new conversation that is shown."""
        assert self._window is not None
        if question.strip():
            self._window.pane.put_text_back(question)
        self.take(incoming)

    def on_document_event(self, event: DocumentEvent) -> None:
        """Takes an event of the service."""
        match event:
            case DocumentOpening():
                if self._opening is not None and self._opening.key == event.key:
                    self._opening.progress = event.progress
            case DocumentOpened():
                if (opening := self._close_opening(event.key)) is not None:
                    self._show_before_use(opening.conversation, event.stored.id)
            case DocumentRefused():
                if (opening := self._close_opening(event.key)) is not None:
                    self._refuse(opening.file, event.error)
            case DocumentReading():
                self._states[event.document_id] = event
            case DocumentTooLong():
                self._states[event.document_id] = event
                self.changed.emit()  # passages of it come with the question, and not all of it before that
            case DocumentRead():
                was_read = isinstance(self._states.get(event.document_id), DocumentRead)
                self._states[event.document_id] = event
                attachment = self._attached()
                if not was_read and attachment is not None and attachment.document.id == event.document_id:
                    self._chip.tell(self.tr("{name} was read.").format(name=attachment.document.name))
        self.refresh()

    def on_chat_event(self, event: ChatEvent) -> None:
        """Takes an event of the chat, after the window has: a conversation may just have begun."""
        if isinstance(event, AnswerFailed) and event.put_back and isinstance(event.error, MessageTooLongError):
            where = None if event.conversation_gone else event.conversation_id
            if self._offer is not None and self._shown is not None and where == self._shown.current:
                self._offer.offer_all()  # what is too long for a message may be a document all the same
            return
        if not isinstance(event, MessageStored) or self._shown is None:
            return
        begun = event.message.conversation_id
        if begun == self._shown.current:
            if self._opening is not None and self._opening.conversation is None:
                self._opening.conversation = begun
            if self._wanted is not None and self._wanted.conversation is None:
                self._wanted = replace(self._wanted, conversation=begun)
            attachment = self._attached()
            if attachment is not None and isinstance(self._states.get(attachment.document.id), DocumentReading):
                del self._states[attachment.document.id]  # it is read with the question, and that line says how far
        self.refresh()

    def read_ahead(self) -> None:
        """Has the model read the document of the conversation that is shown; what it has read is found at once."""
        attachment = self._attached()
        if attachment is None or self._shown is None:
            return
        with suppress(UserFacingError):  # the history cannot be read, which is said elsewhere
            self._service.read_ahead(self._shown.current)

    def forget_states(self) -> None:
        """Another model may answer: what was read has to be read by that, or found where it was kept."""
        self._states.clear()
        self.read_ahead()
        self.refresh()

    def refresh(self) -> None:
        """Shows what the conversation that is shown is about, and how far it was read."""
        if self._shown is None:
            return
        assert self._window is not None
        opening, attachment = self._opening, self._attached()
        pane = self._window.pane
        pane.composer.set_subject(short_name(attachment.document.name) if attachment is not None else "")
        if attachment is not None:
            pane.empty_page.set_starters(())  # they are about anything else
        if opening is not None and opening.conversation == self._shown.current:
            state = opening_state(opening.progress)
            self._chip.show_opening(opening.name, state.words, state.fraction)
        elif attachment is not None:
            state = reading_state(attachment, self._states.get(attachment.document.id))
            self._chip.show_document(attachment.document.name, state.words, state.fraction, state.tip)
        else:
            self._chip.clear()

    def show_source(self, message_id: int, number: int) -> None:
        """Shows where an answer was taken from, marked in the document."""
        assert self._window is not None and self._shown is not None
        messages = self._window.pane.transcript.messages
        message = next((one for one in messages if one.id == message_id), None)
        if message is None or number >= len(message.sources):
            return
        source = message.sources[number]
        if self._view(source.document_id):
            assert self._viewer is not None
            self._viewer.show_passage(source.part, source.start, source.end)

    # What comes in.

    def _on_conversation(self) -> None:
        self.read_ahead()
        self.refresh()

    def _open(self, files: Sequence[Path]) -> None:
        assert self._shown is not None
        first, rest = files[0], files[1:]
        if self._opening is not None:
            self._service.cancel(self._opening.key)
        self._shown.trouble.withdraw(_REFUSED_KEY)  # it was about what was opened before
        key = self._service.open(first)
        self._opening = _Opening(key, first, first.name or str(first), self._shown.current, ReadingProgress())
        self.refresh()
        if rest:
            self._say_one_at_a_time(first, rest)

    def _say_one_at_a_time(self, first: Path, rest: Sequence[Path]) -> None:
        assert self._shown is not None
        title = self.tr("A conversation is about one document: {name} is opened.").format(name=short_name(first.name))
        others = listed(short_name(file.name) for file in rest[:3])
        if len(rest) > 3:
            others = self.tr("{names} and {count} more").format(names=others, count=f"{len(rest) - 3:,}")
        remedy = self.tr("The others can follow in conversations of their own: {names}.").format(names=others)
        name = short_name(rest[0].name, 24)
        follow = NoticeAction(self.tr("Open {name}").format(name=name), partial(self._open_elsewhere, tuple(rest)))
        # Who brings many files of a folder may want to ask them all.
        together = [self._library_of(first.parent)] if {file.parent for file in rest} == {first.parent} else []
        notice = Notice(title, remedy=remedy, actions=(follow, *together), key=_SEVERAL_KEY)
        self._shown.notices.show(self._shown.current, notice)

    def _library_of(self, folder: Path) -> NoticeAction:
        name = short_name(folder.name or str(folder), 24)
        words = self.tr("Make a library of “{folder}”").format(folder=name)
        return NoticeAction(words, partial(self.libraryWanted.emit, folder))

    def _open_elsewhere(self, files: tuple[Path, ...]) -> None:
        self.conversationNeeded.emit()
        self.take(Incoming(files=files))

    def _refuse(self, file: Path, error: UserFacingError) -> None:
        assert self._shown is not None
        library = self._library_of(file) if isinstance(error, IsAFolderError) else None
        self._shown.trouble.show_error(error, library, _REFUSED_KEY)

    def _close_opening(self, key: int) -> _Opening | None:
        opening = self._opening
        if opening is None or opening.key != key:
            return None
        self._opening = None
        return opening

    # The viewer.

    def _show_before_use(self, conversation: str | None, document_id: str) -> None:
        from desktop.ui.documents.viewer import Purpose

        try:
            document = self._service.document(document_id)
        except UserFacingError as problem:
            self._report(problem)
            return
        if document is None:
            self._report(_GONE)
            return
        self._wanted = _Wanted(conversation, document_id)
        viewer = self._viewer or self._make()
        viewer.show_document(document, Purpose.BEGIN)
        viewer.open_window()

    def _view(self, document_id: str) -> bool:
        """Shows a document that is used, or was; returns whether it can be shown."""
        from desktop.ui.documents.viewer import Purpose

        assert self._shown is not None
        try:
            document = self._service.document(document_id)
            chosen = self._service.chosen(self._shown.current)
        except UserFacingError as problem:
            self._report(problem)
            return False
        if document is None:
            self._report(_GONE)
            return False
        self._wanted = _Wanted(self._shown.current, document_id)
        viewer = self._viewer or self._make()
        is_used = chosen is not None and chosen.id == document_id
        scope = chosen.parts if chosen is not None and is_used else ""
        viewer.show_document(document, Purpose.CHANGE if is_used else Purpose.LOOK, scope)
        viewer.open_window()
        return True

    def _look(self) -> None:
        assert self._shown is not None
        try:
            chosen = self._service.chosen(self._shown.current)
        except UserFacingError as problem:
            self._report(problem)
            return
        if chosen is not None:
            self._view(chosen.id)

    def _make(self) -> DocumentViewer:
        viewer = self._viewer = self._make_viewer()
        viewer.askRequested.connect(self._on_ask)
        return viewer

    def _on_ask(self) -> None:
        assert self._viewer is not None and self._shown is not None and self._window is not None
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        if wanted.conversation != self._shown.current:
            self._shown.open(wanted.conversation)
        try:
            self._attach(self._shown.current, wanted.document_id, self._viewer.scope)
        except UserFacingError as problem:
            self._report(problem)
        self._window.activateWindow()
        self._window.pane.focus_composer()

    # What a conversation is about.

    def _attach(self, conversation: str | None, document_id: str, parts: str) -> None:
        before = self._attached()
        self._service.attach(conversation, document_id, parts)
        self._after_change()
        if before is not None and before.document.id != document_id:
            words = self.tr("The conversation was about {name} until now.").format(name=before.document.name)
            self._offer_back(words, conversation, before)

    def _remove(self) -> None:
        assert self._shown is not None
        conversation = self._shown.current
        if self._opening is not None and self._opening.conversation == conversation:
            self._service.cancel(self._opening.key)
            self._opening = None
            self.refresh()
            return
        before = self._attached()
        if before is None:
            return
        try:
            self._service.detach(conversation)
        except UserFacingError as problem:
            self._report(problem)
            return
        self._after_change()
        words = self.tr("{name} was taken away. Questions are no longer about it.").format(name=before.document.name)
        self._offer_back(words, conversation, before)

    def _offer_back(self, words: str, conversation: str | None, before: Attachment) -> None:
        assert self._shown is not None
        back = NoticeAction(self.tr("Undo"), partial(self._put_back, conversation, before))
        notice = Notice(words, actions=(back,), key=_UNDO_KEY, seconds=_UNDO_SECONDS)
        self._shown.notices.show(conversation, notice)

    def _put_back(self, conversation: str | None, before: Attachment) -> None:
        try:
            self._service.attach(conversation, before.document.id, before.parts)
        except UserFacingError as problem:
            self._report(problem)
        self._after_change()

    def _after_change(self) -> None:
        assert self._window is not None
        self.changed.emit()
        self.refresh()
        self._window.pane.focus_composer()

    def _attached(self) -> Attachment | None:
        if self._shown is None:
            return None
        try:
            return self._service.attached(self._shown.current)
        except UserFacingError:  # the history cannot be read, which is said elsewhere
            return None

    # Words.

    def _describe(self, sources: Sequence[Source]) -> list[str]:
        """Returns what the places are called that an answer was taken from; of those that are gone nothing."""
        words, named, seen = [], "", set()
        for source in sources:
            try:
                stored = self._service.stored(source.document_id)
            except UserFacingError:  # said when somebody wants to see it
                stored = None
            part = next((one for one in stored.parts if one.number == source.part), None) if stored else None
            if stored is None or part is None or (source.document_id, source.part) in seen:
                words.append("")
                continue
            seen.add((source.document_id, source.part))
            name = "" if named == source.document_id else short_name(stored.name)
            words.append(place_words(part.kind, part.number, name))
            named = source.document_id
        return words

    def _report(self, error: UserFacingError) -> None:
        assert self._shown is not None
        self._shown.trouble.show_error(error)
