"""All steps of a student in their order, those that are not done yet: each is the command that a person would type."""

from __future__ import annotations

import argparse
import contextlib
import shlex
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.check.tasks import builtin_tasks, load_tasks
from desktop.cli import common
from desktop.cli.student import installing, judging, making, training
from desktop.cli.student.alone import done_alone
from desktop.cli.student.functions import chosen_tasks
from desktop.cli.student.prompting import sets_of
from desktop.cli.student.telling import Teller, lines_on_stdout
from desktop.cli.student.wording import in_words
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError, from_system
from desktop.gguf.header import read_header
from desktop.models.disk import room
from desktop.student.collecting import Plan
from desktop.student.costs import Cost, Wanted, costs_of, planned_of
from desktop.student.exporting import export_target, format_of, plain_formats, vocabulary_target
from desktop.student.manifest import InputFile
from desktop.student.project import MANIFEST, Project
from desktop.student.pruning import LayerSearch
from desktop.student.report.evidence import gather
from desktop.student.report.page import NAME as REPORT
from desktop.student.report.sentences import in_short
from desktop.student.steps import Finished, Refused, Step

# The number format of a student that is left as it is.
AS_IT_IS: Final = "COPY"
# Seconds of a processor for a step of training, for each weight: 2 s for 106 million.
_TRAINING: Final = 1.9e-8
_MINUTES: Final = 5.0


@dataclass(frozen=True)
class Doing:
    """The steps that belong to other parts of the verb.

    Attributes:
        begin: Begins a project.
        plan: Says how answers are kept.
        collect: Has the teacher answer.
    """

    begin: Callable[[common.Places, argparse.Namespace], int]
    plan: Callable[[common.Places, Project, argparse.Namespace, Teller], Plan]
    collect: Callable[[common.Places, Project, argparse.Namespace, Teller], int]


def run(places: common.Places, wish: argparse.Namespace, doing: Doing) -> int:
    """Does what is not done yet."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(_ended_like_ctrl_c())
        is_told = wish.progress or wish.json
        lines = lines_on_stdout(only_the_end=not wish.progress)
        teller = stack.enter_context(lines) if is_told else Teller()
        stack.enter_context(_told(teller))
        folder = common.absolute_path(wish.target)
        if not (folder / MANIFEST).exists():
            if wish.teacher is None and not wish.new:
                raise UserFacingError(
                    "There is no project of a student here.", f"{folder}.", "Add --teacher MODEL to begin one."
                )
            who = [] if wish.teacher is None else ["--teacher", wish.teacher]
            code = doing.begin(places, wish.parse_step("new", [wish.target, *who, *_words(wish.new)]))
            if code != common.DONE:
                return code
        project = Project.open(folder)
        if wish.teacher is not None:
            _find_teacher(places, project, wish.teacher)
        return _Run(places, project, wish, doing, teller).go()


def _find_teacher(places: common.Places, project: Project, wanted: str) -> None:
    try:
        path = common.check_model(common.find_model(places, places.settings(), wanted)).path
    except (UserFacingError, OSError):  # what is wrong with the project's own, its first user says
        return
    project.find_teacher(path)


@contextlib.contextmanager
def _told(teller: Teller) -> Iterator[None]:
    """Has what goes wrong told in its parts as well, for a reader that speaks another language."""
    try:
        yield
    except UserFacingError as problem:
        teller.tell(Refused(problem.title, problem.detail, problem.remedy))
        raise
    except (OSError, MemoryError) as failure:
        if not isinstance(failure, BrokenPipeError):  # which says that nobody reads any more
            told = from_system(failure)
            teller.tell(Refused(told.title, told.detail, told.remedy))
        raise


@contextlib.contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """Has SIGTERM do what Ctrl+C does: what is under way is put in order."""
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@dataclass(frozen=True)
class _Work:
    """A step: whether it is done, and what does it."""

    step: Step
    is_done: bool
    do: Callable[[], int]


class _Run:
    """One run over a project."""

    def __init__(
        self, places: common.Places, project: Project, wish: argparse.Namespace, doing: Doing, teller: Teller
    ) -> None:
        self._places, self._project, self._wish, self._doing, self._teller = places, project, wish, doing, teller
        self._prune = self._parsed("prune", *self._layers(), "--name", self._name(), *_words(wish.prune))
        self._student = self._chain()
        self._against = plain_formats(wish.against)

    def go(self) -> int:
        """Does it; returns the exit code."""
        works = self._works()
        undone = [work.step for work in works if not work.is_done]
        if Step.PRUNE in undone:
            making.cut_of(self._project, self._prune)
        if {Step.COLLECT, Step.TRAIN} <= {*undone}:  # what would keep it from learning is said before hours of answers
            training.check(self._project, self._training())
        self._say_costs(undone)
        for work in works:
            if work.is_done:
                continue
            self._teller.show(work.step, 0, 0, None, work.step.value)
            # Trainings keep others from the same student, and models are copied by the library.
            is_guarded = work.step not in (Step.TRAIN, Step.INSTALL)
            code = done_alone(self._project, work.step.value, work.do) if is_guarded else work.do()
            self._teller.clear()
            if code != common.DONE:
                return code
        self._finish()
        return common.DONE

    # --- what becomes of what

    def _layers(self) -> list[str]:
        wish = self._wish
        if wish.drop is not None:
            return ["--drop", ",".join(str(layer) for part in wish.drop for layer in part)]
        return [] if wish.layers is None else ["--layers", str(wish.layers)]

    @property
    def _is_pruned(self) -> bool:
        return bool(self._layers() or self._wish.prune)

    def _name(self) -> str:
        wish = self._wish
        if wish.name:
            return str(wish.name)
        parts = [f"layers-{wish.layers}"] if wish.layers is not None and wish.drop is None else []
        parts += ["without", *map(_range_words, wish.drop)] if wish.drop is not None else []
        parts += [word.lstrip("-") for word in _words(wish.prune)]
        return "-".join(parts) or "teacher"

    def _chain(self) -> dict[Step, Path]:
        """Returns the file that each step of making a student leaves, in their order."""
        wish, project = self._wish, self._project
        chain: dict[Step, Path] = {}
        last = project.student(self._name())
        if self._is_pruned:
            chain[Step.PRUNE] = last
            if not wish.untrained:
                last = chain[Step.TRAIN] = project.student(f"{last.stem}-trained")
            if wish.kind.upper() != AS_IT_IS:
                wanted = format_of(wish.kind, plain=wish.plain)
                last = chain[Step.EXPORT] = export_target(self._project, last, wanted, weighed=True)
        if wish.vocabulary is not None:
            languages = self._project.manifest.settings.languages
            stem = last.stem if chain else "teacher"
            chain[Step.VOCABULARY] = vocabulary_target(self._project, stem, wish.vocabulary, languages)
        if not chain:
            raise UserFacingError(
                "What is to become of the teacher?",
                "",
                "Add --layers N, --drop RANGES, --prune OPTIONS or --vocabulary N.",
            )
        return chain

    @property
    def _final(self) -> Path:
        return [*self._student.values()][-1]

    def _before(self, step: Step) -> str:
        steps = [*self._student]
        place = steps.index(step)
        return self._student[steps[place - 1]].stem if place else "teacher"

    # --- the steps

    def _works(self) -> list[_Work]:
        project, teller = self._project, self._teller
        collect = self._parsed("collect", *([] if self._wish.limit is None else ["--limit", str(self._wish.limit)]))
        works = [_Work(Step.COLLECT, not self._uncollected(), lambda: self._collect(collect))]
        makers: dict[Step, Callable[[], int]] = {
            Step.PRUNE: lambda: making.prune(project, self._prune, teller),
            Step.TRAIN: lambda: training.train(project, self._training(), sets_of(project)[1], teller),
            Step.EXPORT: lambda: making.write(project, self._export()),
            Step.VOCABULARY: lambda: making.shorten(project, self._vocabulary()),
        }
        works += [_Work(step, path.exists(), makers[step]) for step, path in self._student.items()]
        works.append(_Work(Step.CHECK, self._is_checked(), self._check))
        if self._wish.install:
            install = self._parsed(
                "install", self._final.stem, *(["--name", self._wish.title] if self._wish.title else [])
            )
            works.append(_Work(Step.INSTALL, False, lambda: installing.install(self._places, project, install, teller)))
        return works

    def _parsed(self, action: str, *words: str) -> argparse.Namespace:
        found: argparse.Namespace = self._wish.parse_step(action, [self._wish.target, *words])
        found.threads = self._wish.threads
        return found

    def _collect(self, wish: argparse.Namespace) -> int:
        return self._doing.collect(self._places, self._project, wish, self._teller)

    def _training(self) -> argparse.Namespace:
        words = (self._before(Step.TRAIN), "--name", self._student[Step.TRAIN].stem, *_words(self._wish.train))
        return self._parsed("train", *words)

    def _export(self) -> argparse.Namespace:
        plain = ["--plain"] if self._wish.plain else []
        return self._parsed("export", self._before(Step.EXPORT), "--type", self._wish.kind, "--importance", *plain)

    def _vocabulary(self) -> argparse.Namespace:
        return self._parsed("vocabulary", self._before(Step.VOCABULARY), "--tokens", str(self._wish.vocabulary))

    def _check(self) -> int:
        flags = [f"--{name}" for name in ("quick", "without-functions", "anyway") if getattr(self._wish, _field(name))]
        tasks = [] if self._wish.tasks is None else ["--tasks", self._wish.tasks]
        against = ["--against", ",".join(self._wish.against)] if self._wish.against else []
        wish = self._parsed("check", self._final.stem, "--language", self._wish.language, *flags, *tasks, *against)
        return judging.check(self._places, self._project, wish, self._teller)

    def _uncollected(self) -> int:
        training, held_out = sets_of(self._project)
        wanted = len(training) + len(held_out)
        if self._wish.limit is not None:
            wanted = max(len(held_out), min(wanted, self._wish.limit))
        last = self._project.manifest.last("collect")
        done = 0 if last is None else len(last.sequences) + int(last.figures.get("left_out", 0))
        return max(0, wanted - done)

    def _is_checked(self) -> bool:
        last = self._project.manifest.last("check")
        if last is None or not self._final.exists() or not (self._project.folder / REPORT).exists():
            return False
        known = last.settings.get("students", {})
        is_enough = self._wish.quick or not last.settings.get("quick")
        if before := last.settings.get("against"):
            is_enough = is_enough and {each.name for each in self._against} <= {*before}
        return bool(is_enough and known.get(self._final.stem) == InputFile.of(self._final).sha256)

    # --- what it takes, and what came of it

    def _say_costs(self, steps: Sequence[Step]) -> None:
        if not steps:
            self._teller.tell(planned_of(()))
            return
        project, wish = self._project, self._wish
        plan = self._doing.plan(self._places, project, wish, Teller())
        costs = costs_of(self._wanted(steps), read_header(project.base), plan, project.manifest.settings)
        planned = planned_of(costs)
        self._teller.tell(planned)
        for cost in costs:
            common.say(f"  {cost.step.value}: {_cost_in_words(cost)}")
        common.say(
            f"In all about {in_words(planned.seconds)}, {format_bytes(planned.disk)} of disk, up to "
            f"{format_bytes(planned.memory)} of memory. Ctrl+C pauses it; the same command goes on."
        )
        free = room(project.folder)
        if free is not None and free < planned.disk:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "There is not enough room for this student."),
                f"{project.folder}: {format_bytes(free)} free, {format_bytes(planned.disk)} needed.",
                QT_TRANSLATE_NOOP("Errors", "Free some space, or begin the project on another disk."),
            )

    def _wanted(self, steps: Sequence[Step]) -> Wanted:
        wish, project = self._wish, self._project
        tries = 0
        layers = read_header(project.base).n_layers
        if Step.PRUNE in steps and wish.drop is None and wish.layers is not None:
            tries = LayerSearch.tries_of(layers, wish.layers, self._prune.breadth, self._prune.keep_ends)
        everything = builtin_tasks() if wish.tasks is None else load_tasks(common.absolute_path(wish.tasks))
        languages = project.manifest.settings.languages if wish.tasks is None else ()
        tasks = 0 if wish.without_functions else len(chosen_tasks(everything, languages, quick=wish.quick).tasks)
        return Wanted(
            tuple(steps),
            self._uncollected(),
            project.manifest.settings.held_out,
            tries,
            self._prune.tokens,
            self._training_seconds() if Step.TRAIN in steps else 0.0,
            tasks,
            len(self._against),
        )

    def _training_seconds(self) -> float:
        training = self._training()
        steps = getattr(training, "steps", None)
        if steps:
            weights = read_header(self._project.base).parameters
            return float(steps) * _TRAINING * weights * float(getattr(training, "batch", None) or 4) / 4
        return 60.0 * float(getattr(training, "minutes", None) or _MINUTES)

    def _finish(self) -> None:
        evidence = gather(self._project, self._final.name)
        sentence = in_short(evidence, self._wish.language)
        file = self._final
        if self._wish.install:
            settings = self._places.settings()
            file = self._places.models_dir(settings) / installing.installed_name(self._project, file)
        report = self._project.folder / REPORT
        self._teller.tell(Finished(sentence, str(file), str(report)))
        common.say(f"{file}: {format_bytes(self._final.stat().st_size)}")
        common.say(sentence)
        common.say(f"Report: {report}")


def _range_words(part: Sequence[int]) -> str:
    return str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}"


def _cost_in_words(cost: Cost) -> str:
    return f"about {in_words(cost.seconds)}, {format_bytes(cost.disk)} of disk, {format_bytes(cost.memory)} of memory"


def _words(text: str | None) -> list[str]:
    try:
        return shlex.split(text or "")
    except ValueError as problem:
        raise UserFacingError("These options cannot be read.", f"{text}: {problem}.") from None


def _field(flag: str) -> str:
    return flag.replace("-", "_")
