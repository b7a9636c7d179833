"""Documents in conversations: opened, kept, attached, and read by the model before anybody asks.

Runs on the GUI thread and its asyncio loop; files are read by worker threads. Nothing of what reads or keeps documents
is imported before there is one.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
from desktop.chat.events import ChatEvent, MessageStored
from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, MessageTooLongError, UserFacingError
from desktop.documents.library.stored import StoredDocument
from desktop.documents.types import Document, DocumentKind, Part, PartKind, ReadingProgress
from desktop.engine.routing import server_model
from desktop.engine.types import Awake, EngineEvent, Failed, Finished, FinishReason, Generation, Reading
from desktop.history.choices import AttachedDocument, ConversationChoices

if TYPE_CHECKING:
    from desktop.chat.documents.lazy import LazyGrounds
    from desktop.chat.service import ChatService

_log = logging.getLogger(__name__)

# Before that the speed of a reading says little.
_LEAST_SECONDS: Final = 1.0

ReadDocument = Callable[[Path, Callable[[ReadingProgress], None], threading.Event], Document]


@dataclass
class _Reading:
    """The model reads the document of a conversation, or shall when it is free.

    Attributes:
        conversation_id: None: the one that is not begun yet.
        began: When it began to read, by the monotonic clock, and with how many tokens left; None: it has not.
        total: Tokens that it had to read at first.
        is_paused: Something more urgent has come.
    """

    conversation_id: str | None
    document_id: str
    began: tuple[float, int] | None = None
    total: int = 0
    is_paused: bool = False


class DocumentService:
    """See the module. Methods that touch what is kept may raise UserFacingError."""

    def __init__(
        self,
        chat: ChatService,
        grounds: LazyGrounds,
        notify: Callable[[DocumentEvent], None],
        read_ahead: Callable[[str | None, Callable[[], Generation | None]], None],
        read: ReadDocument | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            chat: Knows what is chosen for conversations.
            grounds: Knows their documents.
            notify: Receives the events.
            read_ahead: Has the engine read what is known of a conversation, if that is welcome now.
            read: Reads a file; None: as :func:`desktop.documents.reader.read_document` does.
            clock: Seconds, monotonic.
        """
        self._chat = chat
        self._grounds = grounds
        self._notify = notify
        self._read_ahead = read_ahead
        self._read = read or _read
        self._clock = clock
        self._keys = itertools.count(1)
        self._opening: dict[int, threading.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._reading: _Reading | None = None
        self._loaded: tuple[str, int] | None = None
        self._is_closed = False

    # --- documents by themselves

    def open(self, path: Path) -> int:
        """Reads a file and keeps its text; ``DocumentOpening``, then ``DocumentOpened`` or ``DocumentRefused`` follow.

        Returns:
            What names it in these events.
        """
        key = next(self._keys)
        self._opening[key] = threading.Event()
        self._run(self._open(key, path))
        return key

    def cancel(self, key: int) -> None:
        """Gives up reading a file; no event follows."""
        if (given_up := self._opening.pop(key, None)) is not None:
            given_up.set()

    def take_text(self, text: str, name: str) -> StoredDocument:
        """Keeps a text that is no file's, such as a pasted one.

        Raises:
            ValueError: It is blank.
        """
        text = text.replace("\r\n", "\n").strip()
        if not text:
            raise ValueError("blank text")
        document = Document(name, DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", text),))
        return self._grounds().keep(document, None)

    def document(self, document_id: str) -> Document | None:
        """Returns a document with its text; None: it is not kept any more."""
        return self._grounds().store.document(document_id)

    def stored(self, document_id: str) -> StoredDocument | None:
        """Returns what is known of a document; None: it is not kept any more."""
        return self._grounds().store.get(document_id)

    # --- documents of conversations

    def attach(self, conversation_id: str | None, document_id: str, parts: str = "") -> None:
        """Makes a conversation one about a document; the model begins to read it.

        Args:
            conversation_id: None: the one that is not begun yet.
            document_id: Of a document that is kept.
            parts: Numbers of the parts that are meant, as "1-3,7"; empty: all.
        """
        since = 0 if conversation_id is None else self._chat.newest_message(conversation_id)
        self._choose(conversation_id, AttachedDocument(document_id, parts, since))
        self._grounds().let_go(document_id)
        self.read_ahead(conversation_id)

    def detach(self, conversation_id: str | None) -> None:
        """Lets a conversation be about no document again; what was said stays."""
        if self._reading is not None and self._reading.conversation_id == conversation_id:
            self._reading = None
        self._choose(conversation_id, None)

    def attached(self, conversation_id: str | None) -> Attachment | None:
        """Returns what a conversation is about; None: no document, or it is not kept any more."""
        choices = self._chat.choices.of(conversation_id)
        if choices.document is None:
            return None
        stored = self.stored(choices.document.id)
        return None if stored is None else Attachment(stored, choices.document.parts)

    def chosen(self, conversation_id: str | None) -> AttachedDocument | None:
        """Returns what is chosen for a conversation to be about, kept or not; quicker than :meth:`attached`."""
        return self._chat.choices.of(conversation_id).document

    def read_ahead(self, conversation_id: str | None) -> None:
        """Has the model read the document of a conversation, now or when it is free; nothing where there is none.

        Not for a conversation that is only looked at: that would wake the model. Whoever writes there wakes it.
        """
        choices = self._chat.choices.of(conversation_id)
        if self._is_closed or choices.document is None or server_model(choices.model) is not None:
            return  # a server is told nothing before it is asked
        voice = self._chat.choices.voice(conversation_id)
        if not voice.is_whole:
            if voice.ground is not None and (found := voice.ground.too_long) is not None:
                self._notify(DocumentTooLong(choices.document.id, found.tokens, found.room))
            return
        self._reading = _Reading(conversation_id, choices.document.id)
        self._begin_reading()

    # --- what happens

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine; after the chat service has."""
        if isinstance(event, Awake):
            loaded = (event.model_name, event.n_ctx)
            if self._loaded is not None and loaded != self._loaded:
                self._grounds.forget_lengths()
            self._loaded = loaded
            return
        reading = self._reading
        if reading is None or not isinstance(event, Reading | Finished | Failed):
            return
        prepared = self._chat.preparation.last
        is_ours = (
            prepared is not None
            and event.request_id == prepared.request_id
            and prepared.conversation_id == reading.conversation_id
            and prepared.made.voice.is_whole
        )
        if isinstance(event, Reading):
            if is_ours:
                self._tell_progress(reading, event)
        elif is_ours and isinstance(event, Finished) and event.reason is FinishReason.COMPLETE:
            self._reading = None
            self._notify(DocumentRead(reading.document_id, event.stats.prompt_tokens))
        elif is_ours and isinstance(event, Failed):
            self._reading = None
            if isinstance(event.error, MessageTooLongError):
                assert prepared is not None
                self._chat.preparation.take_passages(prepared, event.error)  # which tells that it is too long
        elif is_ours or reading.is_paused:
            reading.is_paused, reading.began = True, None
            self._later(self._go_on)

    def on_chat_event(self, event: ChatEvent) -> None:
        """Takes an event of the chat: a conversation that was not begun yet may have got its first question."""
        reading = self._reading
        if reading is None or reading.conversation_id is not None or not isinstance(event, MessageStored):
            return
        begun = event.message.conversation_id
        chosen = self.chosen(begun)
        if chosen is not None and chosen.id == reading.document_id:
            # The question takes the document along; whether all of it was read is seen when that is answered.
            reading.conversation_id, reading.is_paused, reading.began = begun, True, None

    def shut_down(self) -> None:
        """Gives up what is being read, and closes the file. Idempotent."""
        self._is_closed = True
        self._reading = None
        self._grounds.close()
        for given_up in self._opening.values():
            given_up.set()
        self._opening.clear()

    # ---

    def _choose(self, conversation_id: str | None, attached: AttachedDocument | None) -> None:
        choices: ConversationChoices = self._chat.choices.of(conversation_id)
        self._chat.choices.choose(conversation_id, replace(choices, document=attached))

    def _begin_reading(self) -> None:
        reading = self._reading
        if reading is None:
            return
        reading.is_paused = False
        self._read_ahead(reading.conversation_id, lambda: self._preparation(reading))

    def _preparation(self, reading: _Reading) -> Generation | None:
        try:
            request = self._chat.preparation.request(reading.conversation_id)
            prepared = self._chat.preparation.last
        except UserFacingError as problem:  # whoever asks will be told
            _log.warning("not read ahead: %s", problem.title)
            return None
        if request is None or prepared is None or not prepared.made.voice.is_whole:
            return None
        return request

    def _go_on(self) -> None:
        """Reads on after a pause, unless an answer is on its way: its end leads here again."""
        reading = self._reading
        if reading is not None and reading.is_paused and not self._is_closed and not self._chat.answers.any_under_way:
            self._begin_reading()

    def _tell_progress(self, reading: _Reading, event: Reading) -> None:
        now, left = self._clock(), event.total - event.done
        reading.total = max(reading.total, event.total)
        if reading.began is None:
            reading.began = now, left
        since, left_then = reading.began
        seconds = None
        if now - since >= _LEAST_SECONDS and left_then > left:
            seconds = left * (now - since) / (left_then - left)
        self._notify(DocumentReading(reading.document_id, reading.total - left, reading.total, seconds))

    async def _open(self, key: int, path: Path) -> None:
        given_up = self._opening[key]
        loop = asyncio.get_running_loop()

        def tell(progress: ReadingProgress) -> None:
            if key in self._opening:
                self._notify(DocumentOpening(key, path.name, progress))

        def show(progress: ReadingProgress) -> None:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(tell, progress)

        def work() -> StoredDocument:
            document = self._read(path, show, given_up)
            from desktop.chat.documents.grounds import keep_beside

            return keep_beside(file, document, path)

        found: DocumentEvent
        try:
            grounds = self._grounds()
            file = grounds.store.file  # opened here, so that what is wrong with it is found here
            tell(ReadingProgress())
            stored = await asyncio.to_thread(work)
            grounds.hold(stored.id)
            found = DocumentOpened(key, stored)
        except Cancelled:
            return
        except UserFacingError as problem:
            found = DocumentRefused(key, problem)
        except Exception as bug:
            loop.call_exception_handler({"message": "document service", "exception": bug})
            found = DocumentRefused(key, _unexpected(path, bug))
        if self._opening.pop(key, None) is not None:
            self._notify(found)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _later(self, act: Callable[[], None]) -> None:
        try:
            asyncio.get_running_loop().call_soon(act)
        except RuntimeError:  # the program has no loop, or none any more
            act()


def _read(path: Path, progress: Callable[[ReadingProgress], None], given_up: threading.Event) -> Document:
    from desktop.documents.reader import read_document  # with all that starts a process

    return read_document(path, progress=progress, given_up=given_up)


def _unexpected(path: Path, bug: Exception) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The document could not be read, for a reason that Catnap does not know."),
        f"{path}: {type(bug).__name__}.",
        QT_TRANSLATE_NOOP("Errors", "Try again, or save the document in another format."),
    )
