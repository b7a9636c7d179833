"""Takes the conversations of a file into the history, whichever of the known programs wrote it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from desktop.common.errors import Cancelled
from desktop.history.exchange.formats import catnap_json, chatgpt, open_webui, own_database
from desktop.history.exchange.json_items import DamagedJsonError, JsonItems, Skipped, UnfinishedJsonError
from desktop.history.exchange.records import EmptyConversationError, ExchangedConversation, NotAConversationError
from desktop.history.exchange.sources import SourceReader, cannot_read, open_source, unfinished, unreadable
from desktop.history.exchange.taking_in import Taken
from desktop.history.exchange.values import as_title
from desktop.history.store import History

_log = logging.getLogger(__name__)

_MOST_MESSAGES = 100_000  # of one conversation
_TITLE = 60  # characters
# What tells whether an object is of a program, and what reads it.
_READERS = (
    (chatgpt.is_conversation, chatgpt.read_conversation),
    (open_webui.is_conversation, open_webui.read_conversation),
    (catnap_json.is_conversation, catnap_json.read_conversation),
)


@dataclass(frozen=True)
class ImportReport:
    """What an import brought.

    Attributes:
        added: Conversations that were not there.
        grown: Conversations that were there and have got messages.
        known: Conversations that were there with all their messages.
        skipped: What could not be read as a conversation.
        damaged: The file cannot be read to its end.
        cancelled: It was; what was read before stays.
        newest: Id of the newest conversation added or grown; None: there is none.
    """

    added: int = 0
    grown: int = 0
    known: int = 0
    skipped: int = 0
    damaged: bool = False
    cancelled: bool = False
    newest: str | None = None


def import_file(
    history: History,
    file: Path | BinaryIO,
    now: float,
    report: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> ImportReport:
    """Imports a file. Each conversation is stored at once, so what came before a failure or a cancel stays.

    Args:
        history: Where to, for the calling thread.
        file: A file, which may be another database of Catnap's, or a stream of JSON.
        now: For what has no time, in seconds since the epoch.
        report: Told how much of how much was read.
        cancelled: Asked again and again.

    Raises:
        UserFacingError: The file cannot be read, holds nothing known or comes from a newer Catnap, or the history
            cannot be written.
    """
    task = _Import(history, now)
    path = file if isinstance(file, Path) else None
    was_cancelled = False
    try:
        if path is not None and own_database.is_database(path):
            task.read_database(own_database.read_conversations(path, history.file.parent, report, cancelled))
        else:
            with open_source(file, report, cancelled) as readers:
                for reader in readers:
                    task.read(reader, cancelled)
    except Cancelled:
        was_cancelled = True
    except OSError as problem:
        if not task.found:
            raise cannot_read(path, problem) from problem
        task.damaged = True
    if not task.found and not was_cancelled and (task.skipped or task.damaged):
        raise unfinished(path) if task.unfinished else unreadable(path)
    return ImportReport(
        added=task.counts[Taken.ADDED],
        grown=task.counts[Taken.GROWN],
        known=task.counts[Taken.KNOWN],
        skipped=task.skipped,
        damaged=task.damaged,
        cancelled=was_cancelled,
        newest=task.newest[1],
    )


def parse(value: object, now: float) -> ExchangedConversation:
    """Returns the conversation that a JSON value is.

    Raises:
        NotAConversationError: It is none that can be read.
    """
    if isinstance(value, dict):
        for is_conversation, read_conversation in _READERS:
            if is_conversation(value):
                conversation = read_conversation(value, now)
                if len(conversation.messages) > _MOST_MESSAGES:
                    raise NotAConversationError("too many messages")
                return conversation if conversation.title else replace(conversation, title=_title(conversation))
    raise NotAConversationError("of no known program")


def _title(conversation: ExchangedConversation) -> str:
    """Returns the start of the first message as a title."""
    line = as_title(conversation.messages[0].text)
    return line if len(line) <= _TITLE else f"{line[:_TITLE].rstrip()}…"


class _Import:
    def __init__(self, history: History, now: float) -> None:
        self.counts = dict.fromkeys(Taken, 0)
        self.skipped = 0
        self.damaged = self.unfinished = False
        self.newest: tuple[float, str | None] = (float("-inf"), None)
        self._history = history
        self._now = now

    @property
    def found(self) -> int:
        return sum(self.counts.values())

    def read(self, reader: SourceReader, cancelled: Callable[[], bool]) -> None:
        items = JsonItems(reader, catnap_json.CONVERSATIONS)
        try:
            for item in items:
                catnap_json.check_version(items.head)
                if cancelled():
                    raise Cancelled
                if item is items.head and item.get("format") == catnap_json.FORMAT and not self.found:
                    continue  # a file of ours without conversations
                self._take(item)
            catnap_json.check_version(items.head)
        except DamagedJsonError as problem:
            catnap_json.check_version(items.head)
            _log.info("import: %s", problem)
            self.damaged, self.unfinished = True, isinstance(problem, UnfinishedJsonError)
        self.damaged = self.damaged or reader.damaged

    def read_database(self, conversations: Iterator[object]) -> None:
        for conversation in conversations:
            if conversation is False:
                self.damaged = True
            else:
                self._take(conversation)

    def _take(self, item: object) -> None:
        try:
            if isinstance(item, Skipped):
                raise NotAConversationError("damaged, too deep or too large")
            conversation = parse(item, self._now)
        except EmptyConversationError:
            return
        except NotAConversationError as reason:
            self.skipped += 1
            _log.info("import: an item was left out: %s", reason)
            return
        taken = self._history.take_in(conversation)
        self.counts[taken.taken] += 1
        if taken.taken is not Taken.KNOWN:
            self.newest = max(self.newest, (conversation.updated, taken.conversation_id), key=lambda one: one[0])
