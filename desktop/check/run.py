"""Asks the tasks that are not answered yet, one after the other, and keeps what came of each before the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from desktop.check.sandbox.runner import NoWallsError
from desktop.check.scoring.python_code import RunPython
from desktop.check.scoring.score import score
from desktop.check.store import Record
from desktop.check.tasks import TaskSet, digest_of, message_of
from desktop.check.types import Kind, Outcome, Task, TaskResult, Why
from desktop.common.errors import MessageTooLongError
from desktop.engine.types import Message, Role, Sampling

# Of the context: the long texts and an answer fit, with the tokens that a template adds; and for all other tasks.
LONG_CONTEXT: Final = 6144
CONTEXT: Final = 2048
# Characters that are read in about the time in which one token is made.
_READ_AT_ONCE: Final = 20

# Asks a model: the message, how tokens are chosen, and which texts it shares with others. Returns what it says without
# its thoughts. Raises Cancelled when the check is to pause, MessageTooLongError, or what went wrong.
Ask = Callable[[tuple[Message, ...], Sampling, str], str]


@dataclass(frozen=True)
class CheckProgress:
    """How far a check is.

    Attributes:
        done: Tasks that are answered, or cannot be asked.
        total: All tasks of this check.
        kind: Of the task that comes next.
        seconds_left: As far as the tasks so far tell; None: they do not yet.
    """

    done: int
    total: int
    kind: Kind | None
    seconds_left: float | None = None


class CheckRun:
    """One check, from where it was left to its end or to the next pause. One thread."""

    def __init__(self, tasks: TaskSet, record: Record, ask: Ask, run_python: RunPython) -> None:
        """
        Args:
            tasks: Those that are wanted.
            record: What is known so far, and takes what comes.
            ask: Asks the model.
            run_python: Runs programs of the model, shut in.
        """
        self._tasks = tasks.tasks
        self._record = record
        self._ask = ask
        self._run_python = run_python
        self._has_walls = True

    @property
    def left(self) -> tuple[Task, ...]:
        """The tasks that are not answered yet."""
        return tuple(task for task in self._tasks if self._record.result_of(task.id, digest_of(task)) is None)

    def steps(self) -> Iterator[CheckProgress]:
        """Asks what is left, and yields how far it is before each task and at the end.

        Raises:
            Cancelled: Of ``ask`` or ``run_python``; everything so far is kept.
            UserFacingError: What went wrong; everything so far is kept.
            OSError: A result cannot be kept.
        """
        left = self.left
        costs = _costs(left)
        done = len(self._tasks) - len(left)
        began, spent, total = time.monotonic(), 0.0, sum(costs)
        for place, task in enumerate(left):
            rate = (time.monotonic() - began) / spent if spent else None
            seconds = rate * (total - spent) if rate is not None else None
            yield CheckProgress(done + place, len(self._tasks), task.kind, seconds)
            self._record.add(self._result(task))
            spent += costs[place]
        yield CheckProgress(len(self._tasks), len(self._tasks), None, 0.0)

    def _result(self, task: Task) -> TaskResult:
        said, digest = "", digest_of(task)
        is_python = task.expect["type"] == "python"
        if is_python and not self._has_walls:
            return _not_asked(task, digest, Why.NO_WALLS)
        sampling = Sampling(temperature=0.0, repeat_penalty=1.0, max_tokens=task.max_tokens)
        try:
            said = self._ask((Message(Role.USER, message_of(task)),), sampling, task.text[:80])
        except MessageTooLongError:
            return _not_asked(task, digest, Why.TOO_LONG)
        try:
            is_right = score(task, said, self._run_python)
        except NoWallsError:
            self._has_walls = False
            return _not_asked(task, digest, Why.NO_WALLS)
        outcome = Outcome.RIGHT if is_right else Outcome.WRONG
        return TaskResult(task.id, digest, task.kind, task.language, outcome, said)


def context_for(tasks: TaskSet, trained: int) -> int:
    """Returns the tokens of context that some tasks need, and no more than a model was trained for.

    Args:
        tasks: Those that will be asked.
        trained: What the model was trained for; 0: nobody knows.
    """
    is_long = any(len(message_of(task)) > CONTEXT for task in tasks.tasks)
    wanted = LONG_CONTEXT if is_long else CONTEXT
    return min(wanted, trained) if trained else wanted


def _not_asked(task: Task, digest: str, why: Why) -> TaskResult:
    return TaskResult(task.id, digest, task.kind, task.language, Outcome.NOT_ASKED, why=why)


def _costs(tasks: tuple[Task, ...]) -> list[float]:
    """Returns how long tasks may take, one against the other: a text that was read is not read again."""
    costs, before = [], ""
    for task in tasks:
        read = len(task.question) + (len(task.text) if task.text != before else 0)
        costs.append(task.max_tokens + read / _READ_AT_ONCE)
        before = task.text
    return costs
