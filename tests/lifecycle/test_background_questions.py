"""Questions that nobody waits for: when they are put, when they give way, and that none is lost."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Iterator

import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.engine.types import Failed, Finished, FinishReason, Generation, Sampling, Stats, Token
from desktop.lifecycle.background_questions import BackgroundQuestions, Reply
from tests.support.patience import PATIENCE_S

ANSWER = Sampling(temperature=0.0)


class Bench:
    """The GUI thread is the test's; another one asks."""

    def __init__(self) -> None:
        self.requests: list[Generation] = []
        self.cancelled: list[int] = []
        self.may_begin = self.may_go_on = True
        self.handed: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.replies: queue.SimpleQueue[Reply | None] = queue.SimpleQueue()
        self.questions = BackgroundQuestions(
            self, itertools.count(7), lambda: self.may_begin, lambda: self.may_go_on, lambda: self.handed.put(None)
        )
        self.threads: list[threading.Thread] = []

    def generate_behind(self, request: Generation) -> None:
        self.requests.append(request)

    def cancel(self, request_id: int) -> None:
        self.cancelled.append(request_id)

    def ask(self, question: str, schema: str | None = None) -> None:
        """Returns when somebody has been told to look."""

        def work() -> None:
            try:
                self.replies.put(self.questions.ask(question, ANSWER, schema))
            except Cancelled:
                self.replies.put(None)

        thread = threading.Thread(target=work)
        self.threads.append(thread)
        thread.start()
        self.handed.get(timeout=PATIENCE_S)

    def end_of(self, reason: FinishReason, *words: str) -> None:
        request = self.requests[-1].request_id
        for word in words:
            self.questions.on_engine_event(Token(request, word))
        self.questions.on_engine_event(Finished(request, reason, Stats()))

    def reply(self) -> Reply | None:
        return self.replies.get(timeout=PATIENCE_S)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.questions.end()
    for thread in made.threads:
        thread.join(PATIENCE_S)


def test_a_question_is_answered(bench: Bench) -> None:
    bench.ask("What?", "{}")
    assert bench.questions.is_waiting
    bench.questions.look()
    assert bench.questions.is_asking and not bench.questions.is_waiting
    request = bench.requests[-1]
    assert (request.messages[-1].text, request.schema, request.keep_state) == ("What?", "{}", False)
    # WHEN what belongs to others comes between THEN it is none of it
    bench.questions.on_engine_event(Token(1, "no"))
    bench.questions.on_engine_event(Token(request.request_id, "hm", thinking=True))
    bench.end_of(FinishReason.COMPLETE, "A ", "cat")
    assert bench.reply() == Reply("A cat", is_whole=True)


@pytest.mark.parametrize("reason", [FinishReason.LENGTH, FinishReason.REPEATED])
def test_one_that_is_cut_off_is_not_whole(bench: Bench, reason: FinishReason) -> None:
    bench.ask("What?")
    bench.questions.look()
    bench.end_of(reason, "A c")
    assert bench.reply() == Reply("A c", is_whole=False)


def test_it_waits_until_it_is_welcome(bench: Bench) -> None:
    bench.may_begin = False
    bench.ask("What?")
    bench.questions.look()
    assert not bench.requests and bench.questions.is_waiting
    bench.may_begin = True
    bench.questions.look()
    assert len(bench.requests) == 1
    bench.questions.look()
    assert len(bench.requests) == 1 and not bench.cancelled


def test_one_that_gave_way_is_put_again_from_its_beginning(bench: Bench) -> None:
    bench.ask("What?")
    bench.questions.look()
    first = bench.requests[-1].request_id
    # WHEN somebody else has it stopped
    bench.end_of(FinishReason.STOPPED, "A d")
    assert bench.questions.is_waiting and bench.replies.empty()
    bench.questions.look()
    assert bench.requests[-1].request_id != first
    bench.questions.on_engine_event(Token(first, "late"))
    bench.end_of(FinishReason.COMPLETE, "A cat")
    assert bench.reply() == Reply("A cat", is_whole=True)


def test_one_that_may_not_go_on_is_stopped(bench: Bench) -> None:
    bench.ask("What?")
    bench.questions.look()
    bench.may_go_on = False
    bench.questions.look()
    assert bench.cancelled == [bench.requests[-1].request_id]


def test_an_error_comes_to_whoever_asks(bench: Bench) -> None:
    bench.ask("What?")
    bench.questions.look()
    error = UserFacingError("It died.")
    bench.questions.on_engine_event(Failed(bench.requests[-1].request_id, error, Stats()))
    assert bench.reply() == Reply(error=error)


@pytest.mark.parametrize("look", [True, False])
def test_the_end_is_one_for_whoever_waits_and_whoever_comes(bench: Bench, look: bool) -> None:
    bench.ask("What?")
    if look:
        bench.questions.look()
    bench.questions.end()
    assert bench.reply() is None
    assert bool(bench.cancelled) is look
    with pytest.raises(Cancelled):
        bench.questions.ask("And?", ANSWER)
