"""Asks models the tasks of a function check, from the command line: pauses, goes on, says how far it is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from desktop.check.run import CheckProgress, CheckRun
from desktop.check.sandbox.runner import run_python
from desktop.check.store import Record, ResultStore, Setup
from desktop.check.tasks import TaskSet
from desktop.check.types import KIND_NAMES
from desktop.cli import common
from desktop.cli.engine import Engine
from desktop.common.errors import Cancelled, UserFacingError
from desktop.engine.types import EngineConfig, Message, Sampling
from desktop.lifecycle.checking.setup import prepare_check
from desktop.lifecycle.low_memory import SpareMemory
from desktop.machine import battery
from desktop.machine.memory import MemoryReader
from desktop.machine.memory_pressure import make_pressure_reader
from desktop.settings.options import Settings

_MINUTE: Final = 60
_FORGIVEN: Final = "--anyway"


@dataclass(frozen=True)
class CheckOrders:
    """How a check goes about it.

    Attributes:
        resume: Only go on with a check that was paused.
        again: Ask all tasks once more.
        anyway: Also on battery, and where memory is short.
    """

    resume: bool = False
    again: bool = False
    anyway: bool = False


class Checker:
    """Checks one model after the other with the same tasks.

    Attributes:
        store: Where results are kept.
    """

    def __init__(
        self,
        places: common.Places,
        tasks: TaskSet,
        all_tasks: TaskSet,
        store: ResultStore,
        orders: CheckOrders,
        watch: Callable[[CheckProgress], None] | None = None,
    ) -> None:
        """
        Args:
            places: Where things are.
            tasks: Those that are asked.
            all_tasks: Those that they are a part of, by which results are kept.
            store: See the attribute.
            orders: How.
            watch: Told how far it is; None: a line on the terminal says so.
        """
        self.store = store
        self._places = places
        self._orders = orders
        self._tasks = tasks
        self._all = all_tasks
        self._watch = watch
        self._has_begun_again: set[str] = set()
        self._memory = SpareMemory(make_pressure_reader(MemoryReader()))

    def check(self, settings: Settings, wanted: str | None) -> Record:
        """Asks what is left to ask.

        Raises:
            Cancelled: It was paused, and that was said.
            UserFacingError: It cannot be done, or something went wrong.
        """
        model = common.check_model(common.find_model(self._places, settings, wanted))
        config, setup = self._setup(settings, model)
        record = self.store.open(setup)
        if self._orders.again and setup.id not in self._has_begun_again:
            self._has_begun_again.add(setup.id)
            record.forget(task.id for task in self._tasks.tasks)
        elif self._orders.resume and not record.results:
            raise UserFacingError(
                "There is no check of this model to go on with.",
                f"{model.name}, {setup.kv_type}.",
                "Leave out --resume.",
            )
        progress = common.ProgressLine()
        with Engine(config, progress, self._places.paths.threads_file) as engine:
            checking = CheckRun(self._tasks, record, self._ask(engine), run_python)
            if not checking.left:
                return record
            self._refuse_battery()
            if self._is_on_battery():
                common.warn("on battery, as you wished")
            common.warn(f"checking {setup.model}, KV type {setup.kv_type}: {len(checking.left):,} tasks; Ctrl+C pauses")
            self._go(checking, progress)
        return record

    def _go(self, checking: CheckRun, progress: common.ProgressLine) -> None:
        with self._said_where_it_stopped(checking, progress):
            for step in checking.steps():
                if self._watch is not None:
                    self._watch(step)
                if step.kind is None:
                    break
                self._refuse_battery()
                self._refuse_shortage()
                left = "" if step.seconds_left is None else f", about {_minutes(step.seconds_left)} left"
                if self._watch is None:
                    progress.show(f"{step.done:,} of {step.total:,} tasks{left}: {KIND_NAMES[step.kind]}")

    @contextlib.contextmanager
    def _said_where_it_stopped(self, checking: CheckRun, progress: common.ProgressLine) -> Iterator[None]:
        try:
            yield
        except (Cancelled, KeyboardInterrupt):
            progress.clear()
            done = len(self._tasks.tasks) - len(checking.left)
            common.warn(f"paused after {done:,} of {len(self._tasks.tasks):,} tasks; the same command goes on")
            raise Cancelled from None
        finally:
            progress.clear()

    def _ask(self, engine: Engine) -> Callable[[tuple[Message, ...], Sampling, str], str]:
        def ask(messages: tuple[Message, ...], sampling: Sampling, shared: str) -> str:
            answer = engine.ask(messages, sampling, conversation_id=f"check {shared}", keep_state=False)
            if answer.interrupted:
                raise Cancelled
            if answer.error is not None:
                raise answer.error
            return answer.text

        return ask

    def _setup(self, settings: Settings, model: common.ChosenModel) -> tuple[EngineConfig, Setup]:
        conditions = replace(common.conditions(self._places, settings, model), unplugged=False)
        name = model.path.name if model.name == str(model.path) else model.name
        return prepare_check(name, model.path, settings, self._places.paths, conditions, self._tasks, self._all)

    def _is_on_battery(self) -> bool:
        found = battery.read_battery()
        return found is not None and found.unplugged

    def _refuse_battery(self) -> None:
        found = battery.read_battery()
        if found is not None and found.unplugged and not self._orders.anyway:
            raise UserFacingError(
                "A check takes long, and this machine lives on its battery.",
                f"{found.percent:.0f} % left.",
                f"Plug it in, or add {_FORGIVEN}. What was answered is kept.",
            )

    def _refuse_shortage(self) -> None:
        if not self._memory.is_there() and not self._orders.anyway:
            raise UserFacingError(
                "This machine is short of memory, so the check has stopped.",
                "",
                f"Close other programs, or add {_FORGIVEN}. What was answered is kept.",
            )


def _minutes(seconds: float) -> str:
    if seconds < _MINUTE:
        return "a minute"
    minutes = round(seconds / _MINUTE)
    return f"{minutes} min" if minutes < _MINUTE else f"{minutes // _MINUTE} h {minutes % _MINUTE} min"
