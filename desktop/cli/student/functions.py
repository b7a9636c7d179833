"""What a student and its rivals say and how fast, by the very engine that the app has."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from desktop.check.tasks import TaskSet
from desktop.check.types import Kind, Task
from desktop.cli import common
from desktop.cli.engine import Answer, Engine
from desktop.common.errors import Cancelled
from desktop.engine.types import EngineConfig, Message, Role, Sampling
from desktop.machine.vital_signs import read_signs
from desktop.settings.for_engine import engine_config
from desktop.settings.options import Settings
from desktop.student.results import Round

# Tokens that speed is measured by, of an answer that is long enough with any model.
_MEASURED: Final = 48
# Fewer say nothing of the time that one takes.
_FEW: Final = 7
# What is asked for that, another question in each round: a poor student ends some answers at once.
_QUESTIONS: Final = (
    "Describe a quiet morning in a small town by the sea, in as much detail as you can.",
    "Explain in several sentences how bread is made at home, step by step.",
    "Tell me a story about a boy who finds an old map in a library.",
    "List ten things that people take along on a long journey, and say why.",
    "What is the difference between a river and a lake? Explain it to a child.",
    "Write a letter to a friend about the garden behind your house.",
)
# Tasks of each kind and language that a quick check asks.
_QUICK: Final = 8


def chosen_tasks(tasks: TaskSet, languages: Iterable[str], *, quick: bool) -> TaskSet:
    """Returns the tasks that a student is asked: in its teacher's languages; of a quick check a few of each kind.

    Long texts take as long as all others together, so a quick check has none.

    Args:
        tasks: All.
        languages: Codes; empty: all.
        quick: Only a few.
    """
    wanted = {*languages}
    spoken = [task for task in tasks.tasks if not wanted or task.language.value in wanted]
    if quick:
        spoken = [task for task in spoken if task.kind is not Kind.LONG_TEXT]
        groups: dict[tuple[str, str], list[Task]] = {}
        for task in spoken:
            groups.setdefault((task.kind.value, task.language.value), []).append(task)
        spoken = [each for group in groups.values() for each in group[:: max(1, len(group) // _QUICK)][:_QUICK]]
    return TaskSet(tasks.name, tuple(spoken))


class Bench:
    """Loads models and asks them, one after the other. From the main thread."""

    def __init__(self, places: common.Places, settings: Settings, threads: int, n_ctx: int) -> None:
        """
        Args:
            places: Where things are.
            settings: Those in force.
            threads: That compute.
            n_ctx: Tokens that a question with its answer may have.
        """
        self._places = places
        self._settings = replace(settings, threads=threads)
        self._n_ctx = n_ctx

    def answers(self, path: Path, prompts: Mapping[str, str], max_tokens: int) -> Iterator[tuple[str, str]]:
        """Yields the id of each prompt and what a model says to it, each token the one it thinks best.

        Args:
            path: The model.
            prompts: By id: what is asked.
            max_tokens: Of an answer.

        Raises:
            Cancelled: Ctrl+C was pressed.
            UserFacingError: The model cannot be asked.
        """
        if not prompts:
            return
        with self._engine(path) as engine:
            for name, prompt in prompts.items():
                yield name, _ask(engine, prompt, max_tokens).text

    def round(self, path: Path, number: int) -> Round:
        """Measures how fast a model is, from loading it on.

        Args:
            path: The model.
            number: Of the round: in the same one all models are asked the same.

        Raises:
            Cancelled: Ctrl+C was pressed.
            UserFacingError: The model cannot be asked.
        """
        with self._engine(path) as engine:
            cold, warm = (_QUESTIONS[place % len(_QUESTIONS)] for place in (number, number + 1))
            first = _ask(engine, cold, _MEASURED).stats
            before = _computed(engine)
            stats = _ask(engine, warm, _MEASURED).stats
            spent = _computed(engine) - before
        # What was read before the first token is computed by the same processor, and as many tokens at once.
        share = stats.generate_s / max(1e-9, stats.generate_s + stats.read_s)
        tokens = stats.generated_tokens - 1
        return Round(first.ttft_s, stats.ttft_s, stats.gen_tps, 1000 * spent * share / tokens if tokens > _FEW else 0.0)

    @contextlib.contextmanager
    def _engine(self, path: Path) -> Iterator[Engine]:
        progress = common.ProgressLine()
        with Engine(self._config(path), progress, None) as engine:
            yield engine

    def _config(self, path: Path) -> EngineConfig:
        model = common.ChosenModel(str(path), path)
        conditions = replace(common.conditions(self._places, self._settings, model), unplugged=False)
        config = engine_config(self._settings, path, self._places.paths, conditions)
        return replace(config, n_ctx=self._n_ctx, idle_seconds=None, sleep_seconds=None, snapshots_dir=None)


def _ask(engine: Engine, text: str, max_tokens: int) -> Answer:
    sampling = Sampling(temperature=0.0, repeat_penalty=1.0, max_tokens=max_tokens)
    answer = engine.ask((Message(Role.USER, text),), sampling, conversation_id=f"student {text[:40]}", keep_state=False)
    if answer.interrupted:
        raise Cancelled
    if answer.error is not None:
        raise answer.error
    return answer


def _computed(engine: Engine) -> float:
    pid = engine.process_id
    signs = read_signs(pid) if pid is not None else None
    return signs.computed if signs is not None else 0.0
