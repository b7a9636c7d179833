"""Compares students with their teacher and with the teacher in smaller formats, from where it was left.

What one model was found to be is kept under the fingerprint of its file, as soon as it is known.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.check.run import CheckProgress
from desktop.check.store import ResultStore, fingerprint_of
from desktop.check.tasks import builtin_tasks, digest_of, load_tasks
from desktop.cli import common
from desktop.cli.checker import Checker, CheckOrders
from desktop.cli.student.functions import Bench, chosen_tasks
from desktop.cli.student.prompting import sets_of
from desktop.cli.student.telling import Teller
from desktop.gguf.header import read_header
from desktop.student.checking import held_out, look, plain_versions
from desktop.student.exporting import Format, format_made, plain_formats
from desktop.student.manifest import InputFile
from desktop.student.project import Project
from desktop.student.report.evidence import sides_of, verdict_of
from desktop.student.results import BASE, CHECKS, CheckFile, Contestant, Role, Round
from desktop.student.steps import Step

_ROUNDS, _QUICK_ROUNDS = 5, 3
_TEACHER: Final = "teacher"
_VOCABULARY: Final = "tokenizer.ggml.tokens"


@dataclass(frozen=True)
class _Model:
    """A model that is compared, and where its file lies."""

    contestant: Contestant
    path: Path

    @property
    def name(self) -> str:
        return self.contestant.name

    @property
    def fingerprint(self) -> str:
        return self.contestant.fingerprint


class Comparison:
    """One comparison. From the main thread."""

    def __init__(
        self,
        places: common.Places,
        project: Project,
        wish: argparse.Namespace,
        teller: Teller,
        students: Sequence[Path],
    ) -> None:
        """
        Args:
            places: Where things are.
            project: With its answers collected.
            wish: The arguments of the verb.
            teller: Told how far it is.
            students: Their files, as people would use them.

        Raises:
            UserFacingError: There are no held-out answers, or no such number format.
        """
        self._places, self._project, self._wish, self._teller = places, project, wish, teller
        self._students = students
        self._against = plain_formats(wish.against)
        self._sequences = held_out(project)
        self._file = CheckFile(project.folder)
        self._bench = Bench(places, places.settings(), wish.threads, project.manifest.settings.n_ctx)

    def run(self) -> None:
        """Compares.

        Raises:
            Cancelled: Ctrl+C was pressed; what was found is kept.
            KeyboardInterrupt: The same, while no engine of the app was asked.
            UserFacingError: Something cannot be done.
        """
        models = self._models()
        self._file.begin(self._sequences, [model.contestant for model in models], self._prompts())
        self._judge(models)
        compared = self._file.compared
        students = compared.of(Role.STUDENT)
        rivals = {verdict_of(compared, student).rival.name for student in students}
        apart = [model for model in models if model.contestant.role is not Role.PLAIN or model.name in rivals]
        self._answer([model for model in models if model.contestant.role is not Role.PLAIN])
        self._measure([model for model in models if model in apart or model.contestant.like])
        if not self._wish.without_functions:
            # The rivals last: what is stopped before its end has the students beside their teacher.
            self._ask_tasks(sorted(apart, key=lambda model: model.contestant.role is Role.PLAIN))

    def _models(self) -> list[_Model]:
        made = {path.stem: format_made(self._project, path) for path in self._students}
        plain = plain_versions(
            self._project,
            self._wish.threads,
            lambda each: self._teller.show(Step.CHECK, 0, 0, None, f"writing the teacher as {each.name}"),
            [*(each for each in made.values() if each is not None), *self._against],
        )
        teacher = self._project.base
        known = self._project.manifest.base.sha256
        first = _TEACHER if self._project.manifest.student is None else BASE
        models = [_Model(_contestant(first, Role.TEACHER, teacher, sha256=known), teacher)]
        for each, path in plain:
            name = f"{first}, {each.name}"
            models.append(_Model(_contestant(name, Role.PLAIN, path, like=_like(each, made)), path))
        for path in self._students:
            models.append(_Model(_contestant(path.stem, Role.STUDENT, path, sha256=InputFile.of(path).sha256), path))
        return models

    def _prompts(self) -> dict[str, str]:
        return {prompt.id: prompt.text for part in sets_of(self._project) for prompt in part}

    def _judge(self, models: Sequence[_Model]) -> None:
        left = [model for model in models if model.fingerprint not in self._file.compared.figures]
        count, n_ctx = len(self._sequences), 2 * self._project.manifest.settings.n_ctx
        watch = self._counted(count * len(left), "held-out answers are read")
        for model in left:
            line = look(
                model.path,
                model.name,
                self._sequences,
                self._project.base,
                n_ctx,
                self._wish.threads,
                lambda _done: watch(),
            )
            self._file.keep_figures(model.fingerprint, line.figures)

    def _answer(self, models: Sequence[_Model]) -> None:
        compared = self._file.compared
        students = compared.of(Role.STUDENT)
        ids = dict.fromkeys(each for student in students for each in sides_of(compared, student.fingerprint).all)
        left: list[tuple[_Model, Mapping[str, str]]] = []
        for model in models:
            known = compared.answers.get(model.fingerprint, {})
            wanted = {each: compared.prompts[each] for each in ids if each in compared.prompts and each not in known}
            left.append((model, wanted))
        most = self._project.manifest.settings.max_tokens
        watch = self._counted(sum(len(prompts) for _, prompts in left), "answers are given, to be set side by side")
        for model, prompts in left:
            for prompt, answer in self._bench.answers(model.path, prompts, most):
                self._file.keep_answer(model.fingerprint, prompt, answer)
                watch()

    def _measure(self, models: Sequence[_Model]) -> None:
        wanted = _QUICK_ROUNDS if self._wish.quick else _ROUNDS
        known = self._file.compared.rounds
        if all(len(known.get(model.fingerprint, ())) >= wanted for model in models):
            return
        rounds: dict[str, list[Round]] = {}
        watch = self._counted(wanted * len(models), "measurements of speed")
        for number in range(wanted):
            for model in models:
                rounds.setdefault(model.fingerprint, []).append(self._bench.round(model.path, number))
                watch()
        self._file.keep_rounds(rounds)

    def _ask_tasks(self, models: Sequence[_Model]) -> None:
        own = self._wish.tasks
        everything = builtin_tasks() if own is None else load_tasks(common.absolute_path(own))
        languages = self._project.manifest.settings.languages if own is None else ()
        tasks = chosen_tasks(everything, languages, quick=self._wish.quick)
        self._file.ask({task.id: digest_of(task) for task in tasks.tasks})
        store = ResultStore(self._project.folder / CHECKS)
        orders = CheckOrders(anyway=self._wish.anyway)
        count = len(tasks.tasks)
        for place, model in enumerate(models):
            watch = self._shown(place * count, len(models) * count)
            checker = Checker(self._places, tasks, everything, store, orders, watch)
            checker.check(self._places.settings(), str(model.path))

    def _shown(self, before: int, total: int) -> Callable[[CheckProgress], None]:
        began = time.monotonic()
        first: list[int] = []

        def watch(step: CheckProgress) -> None:
            first.append(step.done)
            # The models that come after have as many tasks as this one had left, and as long for each.
            asked = step.done - first[0]
            each = (time.monotonic() - began) / asked if asked else None
            left = None if each is None else each * (total - before - step.done)
            self._teller.show(Step.CHECK, before + step.done, total, left, "tasks")

        return watch

    def _counted(self, total: int, what: str) -> Callable[[], None]:
        began = time.monotonic()
        done = 0

        def watch() -> None:
            nonlocal done
            done += 1
            left = (time.monotonic() - began) / done * (total - done)
            self._teller.show(Step.CHECK, done, total, left, what)

        return watch


def _like(wanted: Format, made: Mapping[str, Format | None]) -> str:
    return next((student for student, own in made.items() if own is not None and own.name == wanted.name), "")


def _contestant(name: str, role: Role, path: Path, *, sha256: str = "", like: str = "") -> Contestant:
    header = read_header(path)
    return Contestant(
        name,
        role,
        path.name,
        path.stat().st_size,
        header.quantisation,
        fingerprint_of([path]),
        sha256,
        header.n_layers,
        header.lengths.get(_VOCABULARY, 0),
        like,
    )
