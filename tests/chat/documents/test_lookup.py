"""What is looked for in documents on another thread: when it is said, who waits for it, and what stops it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

import pytest

from desktop.chat.documents.ground import Ground
from desktop.chat.documents.search import find_passages
from desktop.chat.events import AnswerBegan, AnswerDropped, AnswerFailed, AnswerLooked, AnswerStored, ChatEvent
from desktop.common import detached
from desktop.common.errors import Cancelled, UserFacingError
from desktop.documents.types import Document, DocumentKind, Part, PartKind
from desktop.engine.types import Failed, Finished, FinishReason, Stats, Token
from desktop.history.choices import ConversationChoices
from desktop.history.records import MessageState
from tests.chat.documents.bench import LIGHTHOUSE, Bench, said

T = TypeVar("T")

_FERRY = Document("ferry.txt", DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", "The ferry to Quorn leaves at noon."),))


class Held:
    """Begins to look when the test says so."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def __call__(self, work: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()

        def do() -> None:
            try:
                future.set_result(work())
            except Exception as problem:
                future.set_exception(problem)

        self._waiting.append(do)
        return future

    def look(self) -> None:
        """Looks for what was asked for first, on another thread."""
        thread = threading.Thread(target=self._waiting.pop(0))
        thread.start()
        thread.join()

    @property
    def is_asked(self) -> bool:
        return bool(self._waiting)


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def bench(tmp_path: Path, held: Held) -> Iterator[Bench]:
    made = Bench(tmp_path, held)
    made.library = (made.keep(), made.keep(_FERRY))
    made.chat.choices.choose(None, ConversationChoices(library="all"))
    yield made
    made.close()


async def _turn() -> None:
    """Lets the loop hear of what another thread has told it."""
    for _ in range(3):
        await asyncio.sleep(0)


def _looked(bench: Bench) -> list[int]:
    return [event.documents for event in bench.chat_events if isinstance(event, AnswerLooked)]


def _kinds(bench: Bench, *wanted: type[ChatEvent]) -> list[type]:
    return [type(event) for event in bench.chat_events if isinstance(event, wanted)]


def test_it_is_said_at_once_where_is_looked_and_the_model_gets_what_was_found(bench: Bench, held: Held) -> None:
    async def main() -> None:
        # WHEN something is asked THEN the message is there, it is said where is looked, and nobody was asked yet
        conversation = bench.chat.send(None, "When does the ferry leave?")
        assert _kinds(bench, AnswerBegan, AnswerLooked) == [AnswerBegan, AnswerLooked]
        assert _looked(bench) == [2] == [bench.chat.answers.looked_through(conversation)]
        assert bench.chat.answers.is_busy(conversation) and bench.chat.answers.any_under_way
        assert not bench.engine.requests
        # WHEN it was found THEN the model is asked with it
        held.look()
        await _turn()
        assert _looked(bench) == [2, 0] and not bench.chat.answers.looked_through(conversation)
        assert "leaves at noon" in said(bench.engine.last)[-1]
        # WHEN it has answered THEN the answer is stored with its source, and until then it is on its way
        bench.answer("At noon.")
        assert bench.chat.answers.is_busy(conversation)
        assert bench.chat.answers.growing(conversation) == ("At noon.", "")
        held.look()
        await _turn()
        assert not bench.chat.answers.is_busy(conversation)
        answer = bench.history.transcript(conversation).messages[-1]
        assert answer.state is MessageState.COMPLETE
        assert [source.document_id for source in answer.sources] == [bench.library[1]]

    bench.run(main())


def test_stopped_while_it_looks_nothing_is_asked(bench: Bench, held: Held) -> None:
    async def main() -> None:
        conversation = bench.chat.send(None, "When does the ferry leave?")
        # WHEN it is stopped THEN it ends at once
        bench.chat.answers.stop(conversation)
        assert isinstance(bench.chat_events[-1], AnswerDropped) and _looked(bench) == [2, 0]
        assert not bench.chat.answers.is_busy(conversation)
        # AND what was found too late is nobody's
        held.look()
        await _turn()
        assert not bench.engine.requests and not bench.engine.cancelled
        # AND it can be asked again
        bench.chat.regenerate(conversation)
        held.look()
        await _turn()
        assert "leaves at noon" in said(bench.engine.last)[-1]

    bench.run(main())


def test_looking_gives_up_between_documents(tmp_path: Path) -> None:
    given_up = threading.Event()
    given_up.set()
    with pytest.raises(Cancelled):
        find_passages(tmp_path / "documents.sqlite3", Ground(("one",)), "What?", None, 3, given_up)


def test_stopped_while_its_sources_are_looked_for_it_is_stored_without_them(bench: Bench, held: Held) -> None:
    async def main() -> None:
        conversation = bench.chat.send(None, "When does the ferry leave?")
        held.look()
        await _turn()
        bench.answer("At noon.")
        bench.chat.answers.stop(conversation)
        stored = bench.chat_events[-2]
        assert isinstance(stored, AnswerStored) and stored.message.state is MessageState.COMPLETE
        assert not stored.message.sources
        held.look()
        await _turn()
        assert _kinds(bench, AnswerStored) == [AnswerStored]

    bench.run(main())


def test_an_end_of_the_program_stores_what_has_ended_as_whole(bench: Bench, held: Held) -> None:
    async def main() -> None:
        conversation = bench.chat.send(None, "When does the ferry leave?")
        held.look()
        await _turn()
        bench.answer("At noon.")
        bench.chat.shut_down()
        assert bench.history.transcript(conversation).messages[-1].state is MessageState.COMPLETE

    bench.run(main())


@pytest.mark.parametrize("way", ["drop", "delete"])
def test_a_conversation_that_is_deleted_is_not_looked_for(bench: Bench, held: Held, way: str) -> None:
    async def main() -> None:
        conversation = bench.chat.send(None, "When does the ferry leave?")
        if way == "drop":
            bench.chat.answers.keep_silently(conversation)
        else:
            bench.chat.delete_for_good(conversation)
        held.look()
        await _turn()
        assert not bench.engine.requests and not bench.chat.answers.any_under_way

    bench.run(main())


def test_what_goes_wrong_is_said_and_the_question_stays(bench: Bench, held: Held) -> None:
    async def main() -> None:
        bench.grounds().store.passages  # noqa: B018 (its tables are made)
        conversation = bench.chat.send(None, "When does the ferry leave?")
        bench.grounds().store.connection.execute("DROP TABLE passages")
        bench.grounds().store.connection.execute("CREATE TABLE passages (x)")
        held.look()
        await _turn()
        failed = bench.chat_events[-1]
        assert isinstance(failed, AnswerFailed) and isinstance(failed.error, UserFacingError)
        assert not bench.chat.answers.is_busy(conversation)
        assert [one.text for one in bench.history.transcript(conversation).messages] == ["When does the ferry leave?"]

    bench.run(main())


def test_a_failure_after_the_first_words_is_told_when_these_are_stored(bench: Bench, held: Held) -> None:
    async def main() -> None:
        bench.chat.send(None, "When does the ferry leave?")
        held.look()
        await _turn()
        request = bench.engine.last.request_id
        bench.tell(Token(request, "At"))
        bench.tell(Failed(request, UserFacingError("The engine has died."), Stats()))
        assert not _kinds(bench, AnswerStored, AnswerFailed)
        held.look()
        await _turn()
        assert _kinds(bench, AnswerStored, AnswerFailed) == [AnswerStored, AnswerFailed]

    bench.run(main())


def test_a_whole_document_is_asked_at_once(bench: Bench, held: Held) -> None:
    async def main() -> None:
        bench.chat.choices.choose(None, ConversationChoices())
        bench.documents.attach(None, bench.keep(LIGHTHOUSE))
        bench.chat.send(None, "Who was the first keeper?")
        assert len(bench.engine.requests) == 1 and not held.is_asked
        bench.tell(Finished(bench.engine.last.request_id, FinishReason.STOPPED, Stats()))
        assert isinstance(bench.chat_events[-1], AnswerDropped) and not held.is_asked

    bench.run(main())


def test_a_thread_of_its_own_does_it_in_the_app(tmp_path: Path) -> None:
    threads: list[int] = []

    def begin(work: Callable[[], T]) -> Future[T]:
        def noting() -> T:
            threads.append(threading.get_ident())
            return work()

        return detached.start(noting, "document search")

    bench = Bench(tmp_path, begin)
    bench.library = (bench.keep(), bench.keep(_FERRY))
    bench.chat.choices.choose(None, ConversationChoices(library="all"))

    async def main() -> None:
        bench.chat.send(None, "When does the ferry leave?")
        await bench.until_asked()
        assert threads and threading.get_ident() not in threads

    bench.run(main())
    bench.close()
