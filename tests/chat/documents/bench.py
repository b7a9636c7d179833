"""Conversations about documents on a real history and real documents, with a fake engine."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from desktop.chat.documents.events import DocumentEvent, DocumentOpened, DocumentRefused, DocumentTooLong
from desktop.chat.documents.lazy import LazyGrounds
from desktop.chat.documents.service import DocumentService
from desktop.chat.events import ChatEvent
from desktop.chat.service import ChatService
from desktop.common.detached import Begin, at_once
from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.documents.types import Document, DocumentKind, Part, PartKind, ReadingProgress
from desktop.engine.types import EngineEvent, Failed, Finished, FinishReason, Generation, Message, Role, Stats, Token
from desktop.history.store import History
from desktop.settings.options import Settings
from tests.support.fake_engine import FakeEngine
from tests.support.patience import PATIENCE_S
from tests.support.subjects import Subjects

LIGHTHOUSE = Document(
    "lighthouse.pdf",
    DocumentKind.PDF,
    (
        Part(PartKind.PAGE, 1, "", "The lighthouse of Quorn was built in 1874. Its first keeper was Ada Brook."),
        Part(PartKind.PAGE, 2, "", "The tower is 62 metres high. It has 199 steps. 灯塔的管理员叫王小明。"),
        Part(PartKind.PAGE, 3, "", "Visitors are welcome on Sundays from ten to four. Tickets cost three pounds."),
    ),
)


class Bench:
    """A chat and a document service with what they stand on.

    Attributes:
        reader: What reads files.
        embedder: The model that finds passages by what they mean.
        may_read_ahead: Whether reading before a question is welcome.
        now: What the clock says.
        library: The documents of every library.
    """

    def __init__(self, folder: Path, begin_look: Begin = at_once) -> None:
        """
        Args:
            folder: For the files.
            begin_look: Begins to look through documents.
        """
        self.folder = folder
        self.history = History(folder / "history.sqlite3")
        self.engine = FakeEngine()
        self.chat_events: list[ChatEvent] = []
        self.events: list[DocumentEvent] = []
        self.troubles: list[UserFacingError] = []
        self.settings = Settings()
        self.reader: Callable[[Path, Callable[[ReadingProgress], None], threading.Event], Document] = (
            lambda _path, _progress, _given_up: LIGHTHOUSE
        )
        self.embedder: Subjects | None = None
        self.may_read_ahead = True
        self.now = 0.0
        self.library: tuple[str, ...] = ()
        grounds = LazyGrounds(
            folder / "documents.db",
            documents_of=lambda _library: self.library,
            embedder=lambda: self.embedder,
            forget=self._forget,
            tell_too_long=lambda one, found: self.take(DocumentTooLong(one, found.tokens, found.room)),
            tell_trouble=self.troubles.append,
        )
        self.grounds = grounds
        self.chat = ChatService(
            self.engine, self.history, lambda: self.settings, lambda: "tiny", self.take_chat,
            itertools.count(1), forget=self._forget, grounds=grounds, begin_look=begin_look,
        )  # fmt: skip
        self.documents = DocumentService(
            self.chat, grounds, self.take, self._read_ahead,
            self._read, lambda: self.now,
        )  # fmt: skip

    def take(self, event: DocumentEvent) -> None:
        self.events.append(event)

    def take_chat(self, event: ChatEvent) -> None:
        self.chat_events.append(event)

    def close(self) -> None:
        self.documents.shut_down()
        self.history.close()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs a test on a loop."""

        async def patiently() -> None:
            async with asyncio.timeout(PATIENCE_S):
                await work

        asyncio.run(patiently())

    async def until(self, kind: type[DocumentEvent]) -> DocumentEvent:
        """Returns the first event of a kind when it has come."""
        while True:
            for event in self.events:
                if isinstance(event, kind):
                    return event
                assert not isinstance(event, DocumentRefused) or kind is DocumentRefused, event
            await asyncio.sleep(0)

    async def until_asked(self) -> Generation:
        """Returns the first request for an answer when it has come."""
        while True:
            if self.engine.requests:
                return self.engine.requests[0]
            await asyncio.sleep(0)

    def keep(self, document: Document = LIGHTHOUSE) -> str:
        """Keeps a document as if it had been opened, and returns its id."""
        grounds = self.grounds()
        stored = grounds.keep(document, None)
        return stored.id

    async def opened(self) -> str:
        """Opens a file and returns the document's id."""
        self.documents.open(self.folder / "lighthouse.pdf")
        event = await self.until(DocumentOpened)
        assert isinstance(event, DocumentOpened)
        return event.stored.id

    def tell(self, event: EngineEvent) -> None:
        """Hands on an event of the engine, to both as the app does."""
        self.chat.on_engine_event(event)
        self.documents.on_engine_event(event)

    def answer(self, text: str) -> None:
        request = self.engine.last.request_id
        self.tell(Token(request, text))
        self.tell(Finished(request, FinishReason.COMPLETE, Stats(generated_tokens=3)))

    def refuse(self, tokens: int = 9000, room: int = 1600) -> None:
        """Says that the last request was too long."""
        self.tell(Failed(self.engine.last.request_id, MessageTooLongError(tokens, room), Stats()))

    def of(self, kind: type[DocumentEvent]) -> list[DocumentEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def _read(self, path: Path, progress: Callable[[ReadingProgress], None], given_up: threading.Event) -> Document:
        return self.reader(path, progress, given_up)

    def _forget(self, states: str) -> None:
        self.engine.forget(states)

    def _read_ahead(self, _conversation: str | None, request: Callable[[], Generation | None]) -> None:
        if self.may_read_ahead and (made := request()) is not None:
            self.engine.prepare(made)


def said(request: Generation, role: Role = Role.USER) -> list[str]:
    """Returns what a request holds of one role."""
    return [message.text for message in request.messages if message.role is role]


def instructions(request: Generation) -> str:
    """Returns the system message."""
    first: Message = request.messages[0]
    return first.text if first.role is Role.SYSTEM else ""
