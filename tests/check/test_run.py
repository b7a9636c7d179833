"""A check asks what is left, keeps each answer before the next question, and goes on where it was left."""

from __future__ import annotations

from typing import Any

import pytest

from desktop.check.run import CONTEXT, LONG_CONTEXT, CheckRun, context_for
from desktop.check.sandbox.runner import NoWallsError
from desktop.check.store import Record, ResultStore, Setup
from desktop.check.tasks import TaskSet, builtin_tasks
from desktop.check.types import Kind, Outcome, Why
from desktop.common.errors import Cancelled, MessageTooLongError
from desktop.engine.types import Message, Sampling

SETUP = Setup("Model", "a" * 24, "Q4_1", "f16", "1.0", "b" * 24)
PROGRAM = "def f(x):\n    return x * 2"


class Answers:
    """Says one thing after the other, and notes how it was asked."""

    def __init__(self, *answers: str | Exception) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, Sampling]] = []

    def __call__(self, messages: tuple[Message, ...], sampling: Sampling, _shared: str) -> str:
        self.asked.append((messages[-1].text, sampling))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def doubles(_code: str, _function: str, calls: Any) -> list[int]:
    return [2 * each[0] for each in calls]


def test_answers_are_marked_and_kept(tasks: TaskSet, record: Record, store: ResultStore) -> None:
    # GIVEN a model that knows one of three facts, and how to write a program
    answers = Answers("Tuesday", "Monday", "Wednesday", PROGRAM)
    # WHEN it is checked
    steps = list(CheckRun(tasks, record, answers, doubles).steps())
    # THEN that is what another program finds of it later
    kept = store.open(SETUP)
    outcomes = [each.outcome for each in kept.results]
    assert outcomes == [Outcome.RIGHT, Outcome.WRONG, Outcome.WRONG, Outcome.RIGHT]
    assert [each.answer for each in kept.results][1] == "Monday"
    # AND it was asked greedily, for as many tokens as each task allows
    assert {(each.temperature, each.repeat_penalty) for _, each in answers.asked} == {(0.0, 1.0)}
    assert answers.asked[0][1].max_tokens == tasks.tasks[0].max_tokens
    # AND how far it was is known all the while
    assert [each.done for each in steps] == [0, 1, 2, 3, 4]
    assert steps[0].seconds_left is None
    assert all(each.seconds_left is not None for each in steps[1:])


def test_one_that_is_paused_goes_on_with_the_next_task(tasks: TaskSet, record: Record, store: ResultStore) -> None:
    # GIVEN a check that was paused at the third task
    with pytest.raises(Cancelled):
        list(CheckRun(tasks, record, Answers("Tuesday", "Tuesday", Cancelled()), doubles).steps())
    # WHEN it goes on, in another program
    answers = Answers("Tuesday", PROGRAM)
    again = CheckRun(tasks, store.open(SETUP), answers, doubles)
    assert [task.id for task in again.left] == ["f3", "p1"]
    steps = list(again.steps())
    # THEN only the rest was asked
    assert len(answers.asked) == 2
    assert [each.done for each in steps] == [2, 3, 4]
    # AND there is nothing left to ask
    assert not CheckRun(tasks, store.open(SETUP), Answers(), doubles).left


def test_what_cannot_be_asked_is_no_mistake(tasks: TaskSet, record: Record) -> None:
    # GIVEN a text that is too long, and a system that cannot shut a program in
    def no_walls(*_arguments: object) -> None:
        raise NoWallsError

    answers = Answers("Tuesday", MessageTooLongError(9_000, 6_000), "Tuesday", PROGRAM)
    # WHEN the model is checked
    list(CheckRun(tasks, record, answers, no_walls).steps())
    # THEN those tasks were not asked, and it is said why
    not_asked = [(each.task_id, each.why) for each in record.results if each.outcome is Outcome.NOT_ASKED]
    assert not_asked == [("f2", Why.TOO_LONG), ("p1", Why.NO_WALLS)]


def test_a_task_that_says_something_else_now_is_asked_again(tasks: TaskSet, record: Record) -> None:
    list(CheckRun(tasks, record, Answers("Tuesday", "Tuesday", "Tuesday", PROGRAM), doubles).steps())
    changed = TaskSet("", (*tasks.tasks[1:], tasks.tasks[0].__class__(**{**vars(tasks.tasks[0]), "question": "When?"})))
    assert [task.id for task in CheckRun(changed, record, Answers(), doubles).left] == ["f1"]


def test_long_texts_get_the_room_that_they_need_and_a_model_no_more_than_it_knows() -> None:
    whole = builtin_tasks()
    assert context_for(whole, 32_768) == LONG_CONTEXT
    assert context_for(whole, 4_096) == 4_096
    assert context_for(whole.only([Kind.FACTS, Kind.JSON]), 0) == CONTEXT
