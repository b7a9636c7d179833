"""A conversation about a document from attaching it to the next day, with the engine and real weights."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop.chat.documents.events import DocumentRead, DocumentTooLong
from desktop.documents.types import Document, DocumentKind, Part, PartKind
from desktop.engine.types import EngineConfig, EngineEvent, Failed, Finished
from desktop.engine.worker import EngineWorker
from desktop.history.records import StoredMessage
from tests.chat.documents.bench import Bench
from tests.support.engine_harness import config_for
from tests.support.patience import PATIENCE_S
from tests.support.weights import smollm2

NOTES = (
    "The library in Weimar Street opens at 9 in the morning and closes at 6 in the evening. On Sundays it is closed.",
    "The librarian is called Anna Brandt. A card costs 12 euros a year. Children pay nothing.",
)
NOTE = Document(
    "note.pdf", DocumentKind.PDF, tuple(Part(PartKind.PAGE, n, "", text) for n, text in enumerate(NOTES, 1))
)
FILLER = "The trees of the park are old, and the weather was mild on most days of that year in house number {0}. "
LONG = Document(
    "long.pdf", DocumentKind.PDF,
    (
        *(Part(PartKind.PAGE, n, "", FILLER.format(n) * 12) for n in range(1, 9)),
        *(Part(PartKind.PAGE, n, "", text) for n, text in enumerate(NOTES, 9)),
    ),
)  # fmt: skip


class Day:
    """One run of the program: a bench whose engine is a real one."""

    def __init__(self, folder: Path, config: EngineConfig) -> None:
        self._events: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self.worker = EngineWorker(self._events.put, config)
        self.bench = Bench(folder)
        for name in ("generate", "prepare", "cancel", "forget"):
            self._pass_on(name)
        self.ends: list[Finished] = []

    def _pass_on(self, name: str) -> None:
        noted: Callable[..., Any] = getattr(self.bench.engine, name)
        done: Callable[..., Any] = getattr(self.worker, name)

        def act(argument: Any) -> None:
            noted(argument)
            done(argument)

        setattr(self.bench.engine, name, act)

    def until_the_end_of(self, request_id: int) -> Finished | Failed:
        """Hands on the events of the engine until a request has ended."""
        while True:
            event = self._events.get(timeout=PATIENCE_S)
            self.bench.tell(event)
            if isinstance(event, Finished | Failed) and event.request_id == request_id:
                return event

    def ask(self, conversation: str | None, question: str) -> tuple[StoredMessage, Finished]:
        """Asks and returns the stored answer, and its end."""
        conversation = self.bench.chat.send(conversation, question)
        while self.bench.chat.answers.is_busy(conversation):
            end = self.until_the_end_of(self.bench.engine.last.request_id)
        assert isinstance(end, Finished), end
        return self.bench.history.transcript(conversation).messages[-1], end


@contextmanager
def day(folder: Path, n_ctx: int = 1024) -> Iterator[Day]:
    config = replace(config_for(smollm2(), n_ctx=n_ctx), snapshots_dir=folder / "states")
    run = Day(folder, config)
    with run.worker:
        yield run
    run.bench.close()


def unread(end: Finished) -> int:
    return end.stats.prompt_tokens - end.stats.reused_tokens


def test_a_document_is_read_once_and_answers_name_their_page_tomorrow_as_well(tmp_path: Path) -> None:
    # WHEN a document is attached
    with day(tmp_path) as today:
        document = today.bench.keep(NOTE)
        today.bench.documents.attach(None, document)
        # THEN it is read before anybody asks
        today.until_the_end_of(today.bench.engine.prepared[-1].request_id)
        (read,) = today.bench.of(DocumentRead)
        assert isinstance(read, DocumentRead)
        assert read.tokens > 60
        first, end = today.ask(None, "Who is the librarian?")
        assert "Anna Brandt" in first.text
        assert unread(end) < 60
        assert (first.sources[0].document_id, first.sources[0].part) == (document, 2)
        conversation = first.conversation_id
    # WHEN it is asked about on another day, in that conversation and in a new one, and with a larger context
    with day(tmp_path, n_ctx=1280) as tomorrow:
        second, end = tomorrow.ask(conversation, "When does the library close in the evening?")
        assert tomorrow.bench.documents.attached(conversation) is not None
        # THEN only what was said since is read, and the answer names its page
        assert unread(end) < 120
        assert second.sources[0].part == 1
        tomorrow.bench.documents.attach(None, document)
        tomorrow.until_the_end_of(tomorrow.bench.engine.prepared[-1].request_id)
        again, end = tomorrow.ask(None, "Who is the librarian?")
        assert again.text == first.text
        assert unread(end) < 60


def test_of_a_document_that_does_not_fit_the_right_page_is_given(tmp_path: Path) -> None:
    with day(tmp_path) as today:
        document = today.bench.keep(LONG)
        today.bench.documents.attach(None, document)
        end = today.until_the_end_of(today.bench.engine.prepared[-1].request_id)
        assert isinstance(end, Failed)
        (told,) = today.bench.of(DocumentTooLong)
        assert isinstance(told, DocumentTooLong)
        assert told.tokens > told.room
        answer, _ = today.ask(None, "Who is the librarian of the library?")
        assert "Anna Brandt" in answer.text
        assert answer.sources[0].part == 10


def test_a_question_before_the_reading_finds_out_for_itself(tmp_path: Path) -> None:
    with day(tmp_path) as today:
        today.bench.may_read_ahead = False
        today.bench.documents.attach(None, today.bench.keep(LONG))
        answer, _ = today.ask(None, "Who is the librarian of the library?")
        assert "Anna Brandt" in answer.text
        assert len(today.bench.of(DocumentTooLong)) == 1


@pytest.mark.parametrize("ends", ["detached", "deleted for good"])
def test_nothing_that_the_model_has_read_of_it_stays(tmp_path: Path, ends: str) -> None:
    states = tmp_path / "states"
    with day(tmp_path) as today:
        document = today.bench.keep(NOTE)
        conversation = today.bench.chat.send(None, "Hello!")
        today.until_the_end_of(today.bench.engine.last.request_id)
        today.bench.documents.attach(conversation, document)
        today.until_the_end_of(today.bench.engine.prepared[-1].request_id)
        assert list(states.glob("*-*.state"))
        if ends == "detached":
            today.bench.documents.detach(conversation)
        else:
            today.bench.chat.delete_for_good(conversation)
        assert today.bench.documents.document(document) is None
    assert not list(states.glob("*-*"))
