"""Work that does not end is left alone, and whoever asked goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from desktop.common import detached
from desktop.common.detached import Question
from tests.support.patience import PATIENCE_S, wait_for


class Drive:
    """A disk that answers when the test says so."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.asked = 0

    def read(self) -> int:
        self.asked += 1
        assert self.answers.wait(PATIENCE_S)
        return self.asked


@pytest.fixture
def drive() -> Iterator[Drive]:
    made = Drive()
    yield made
    made.answers.set()


def test_work_is_done_on_a_daemon_thread_of_that_name() -> None:
    threads: list[threading.Thread] = []
    detached.start(lambda: threads.append(threading.current_thread()), "somebody").result(PATIENCE_S)
    assert [(thread.name, thread.daemon) for thread in threads] == [("somebody", True)]


def test_what_work_raises_is_raised_to_whoever_waits() -> None:
    def broken() -> None:
        raise KeyError("no")

    with pytest.raises(KeyError):
        asyncio.run(detached.run(broken, "broken"))


def test_a_deadline_passes_and_the_loop_ends_while_the_work_goes_on(drive: Drive) -> None:
    with pytest.raises(TimeoutError):
        asyncio.run(detached.run(drive.read, "drive", 0.0))
    assert not drive.answers.is_set()


def test_a_quick_answer_is_there_at_once() -> None:
    question: Question[int] = Question("drive", PATIENCE_S, lambda _late: None)
    answer = question.ask(lambda: 7)
    assert answer is not None and answer.result() == 7
    assert not question.is_open


def test_a_late_answer_is_heard_once_and_nothing_is_asked_twice(drive: Drive) -> None:
    late: list[int] = []

    async def work() -> None:
        heard = asyncio.Event()

        def hear(answer: Future[int]) -> None:
            late.append(answer.result())
            heard.set()

        question: Question[int] = Question("drive", 0.0, hear)
        # WHEN the drive does not answer
        assert question.ask(drive.read) is None
        assert question.is_open
        assert question.ask(drive.read) is None
        drive.answers.set()
        async with asyncio.timeout(PATIENCE_S):
            await heard.wait()
        assert not question.is_open

    asyncio.run(work())
    assert late == [1]


def test_without_a_loop_the_next_question_brings_the_late_answer(drive: Drive) -> None:
    question: Question[int] = Question("drive", 0.0, lambda _late: pytest.fail("there is no loop to hear it on"))
    assert question.ask(drive.read) is None
    drive.answers.set()
    answer = wait_for("the late answer", lambda: question.ask(drive.read))
    assert answer.result() == 1


def test_a_dropped_question_is_asked_anew(drive: Drive) -> None:
    question: Question[int] = Question("drive", 0.0, lambda _late: pytest.fail("it was dropped"))
    assert question.ask(drive.read) is None
    question.drop()
    assert not question.is_open
