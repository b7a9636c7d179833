"""Makes what makes smaller models of models: which process, when it may run, and what it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QDir, QLocale, QObject
from PySide6.QtWidgets import QWidget

from desktop.app.services import Services
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.engine.footprint import Fit
from desktop.machine.memory_pressure import make_pressure_reader
from desktop.models.disk import SPARE, room
from desktop.ui.language import language_for
from desktop.ui.widgets.file_dialog import choose_folder

if TYPE_CHECKING:
    from desktop.gguf.header import GgufHeader
    from desktop.lifecycle.expected_speed import SpeedRange
    from desktop.lifecycle.students.commands import StudentVerb
    from desktop.lifecycle.students.making import StudentMaking, Surroundings
    from desktop.lifecycle.students.offers import Cost, Offer, Offered
    from desktop.lifecycle.students.projects import StudentProject, StudentProjects
    from desktop.models.types import InstalledModel
    from desktop.ui.students.presenter import StudentsPresenter, StudentTools


# Of the machine's memory, that the making of a student may take: the rest is for the system and what people do.
_MEMORY_SHARE: Final = 0.8
# As `catnap student` has it: layers that are tried in each round, logits that are kept of a token at temperature 1.
_BREADTH, _KEPT = 8, 64


def make_students(
    services: Services, window: Callable[[], QWidget | None], works_behind: Callable[[], bool], parent: QObject
) -> StudentsPresenter:
    """Makes it.

    Args:
        services: Have the models, the engine, the machine.
        window: Returns the window that the dialog belongs to.
        works_behind: Whether other work in the background has its turn.
        parent: Owner.
    """
    from desktop.lifecycle.students.commands import student_verb
    from desktop.lifecycle.students.projects import StudentProjects
    from desktop.ui.students.dialog import StudentDialog
    from desktop.ui.students.presenter import StudentsPresenter

    around = _surroundings(services, works_behind)
    projects = StudentProjects(services.paths.students_dir)
    verb = partial(student_verb, services.own_data)
    making = _making(services, projects, verb, around)
    return StudentsPresenter(lambda: StudentDialog(window()), making, _tools(services, projects, verb), parent)


def _surroundings(services: Services, works_behind: Callable[[], bool]) -> Surroundings:
    from desktop.lifecycle.low_memory import SpareMemory
    from desktop.lifecycle.students.making import Surroundings

    supervisor, memory = services.supervisor, services.machine.memory
    state = supervisor.state

    def can_answer() -> bool:
        model = services.choice.in_use()
        if model is None or state.is_in_memory:
            return True
        return supervisor.fit.judge_load(services.store.current, model).fit is Fit.COMFORTABLE

    def available_asleep() -> int:
        reading = memory.read()
        return reading.machine_available + reading.engine

    return Surroundings(
        lambda: state.is_answering or supervisor.preloader.is_running or works_behind(),
        services.machine.power,
        SpareMemory(make_pressure_reader(memory)),
        lambda: memory.read().machine_available,
        available_asleep,
        can_answer,
        supervisor.sleep,
    )


def _making(services: Services, projects: StudentProjects, verb: StudentVerb, around: Surroundings) -> StudentMaking:
    from desktop.lifecycle.students.commands import run_arguments
    from desktop.lifecycle.students.making import StudentMaking

    return StudentMaking(
        projects,
        lambda project: [
            *verb("run"),
            *run_arguments(
                _with_teacher(services, project),
                projects.folder_of(project),
                _language(services),
                projects.options,
                projects.python,
            ),
        ],
        around,
    )


def _tools(services: Services, projects: StudentProjects, verb: StudentVerb) -> StudentTools:
    from desktop.lifecycle.students.commands import install
    from desktop.student.environment import commands_for, find_environment, is_about_python, own_folder
    from desktop.ui.students.presenter import StudentTools

    memory = services.machine.memory

    def look(model: InstalledModel) -> Callable[[], tuple[Offered, ...]]:
        return partial(offered, model.path, _speed(services, model))

    def room_here() -> int | None:
        free = room(services.paths.students_dir)
        return None if free is None else max(0, free - SPARE)

    def lacks_memory(cost: Cost) -> UserFacingError | None:
        total = memory.read().machine_total
        return None if cost.memory <= total * _MEMORY_SHARE else _too_little_memory(cost.memory, total)

    def use(model_id: str) -> None:
        services.choice.outdate()  # another process has put it there
        services.models.use(model_id)

    def commands(problem: UserFacingError | None) -> tuple[str, ...]:
        return commands_for(own_folder()) if problem is not None and is_about_python(problem) else ()

    return StudentTools(
        look=look,
        find_training=lambda model: partial(_find_training, model, projects.python),
        ask_place=lambda parent, title: choose_folder(parent, title, QDir.homePath()),
        check_place=find_environment,
        commands=commands,
        lacks_memory=lacks_memory,
        room=room_here,
        install=lambda project: install(verb, projects.folder_of(project), projects.place_of(project, project.file)),
        report=lambda project: projects.place_of(project, project.report),
        use=use,
    )


def _find_training(model: InstalledModel, python: Path | None) -> None:
    """Looks whether students of a model can be trained here, some seconds.

    Raises:
        UserFacingError: They cannot.
    """
    from desktop.gguf.header import read_header
    from desktop.student.environment import find_environment
    from desktop.student.training.preparation import check_families

    check_families(read_header(model.path))
    find_environment(python)


def _with_teacher(services: Services, project: StudentProject) -> StudentProject:
    """Returns a project with the place where its teacher lies now: the folder of models may have been moved."""
    wish = project.wish
    known = next((model.path for model in services.choice.installed() if model.id == wish.teacher_id), wish.teacher)
    return replace(project, wish=replace(wish, teacher=known))


def offered(path: Path, speed: SpeedRange) -> tuple[Offered, ...]:
    """Returns which sizes can be made of a model, and what each takes. Reads files: not on the thread of the windows.

    Args:
        path: The model's file.
        speed: Tokens a second that it makes here with one thread; equal: it was measured.

    Raises:
        UserFacingError: It cannot be read.
    """
    from desktop.gguf.header import read_header
    from desktop.lifecycle.students.offers import LEARNING_MINUTES, Offered, offers_of

    header = read_header(path)
    return tuple(
        Offered(offer, {minutes: _cost(header, offer, speed, minutes) for minutes in (0, *LEARNING_MINUTES)})
        for offer in offers_of(header)
    )


def _cost(header: GgufHeader, offer: Offer, speed: SpeedRange, minutes: int) -> Cost:
    from desktop.check.tasks import builtin_tasks
    from desktop.lifecycle.students.commands import steps_of
    from desktop.lifecycle.students.offers import Cost
    from desktop.models.remembered.facts import languages_of
    from desktop.student.collecting import Plan
    from desktop.student.costs import Wanted, costs_of, planned_of
    from desktop.student.manifest import ProjectSettings
    from desktop.student.prompts import builtin_prompts, of_languages
    from desktop.student.pruning import LayerSearch

    languages = languages_of(header.metadata.get("general.languages"))
    tasks = [task for task in builtin_tasks().tasks if not languages or task.language.value in languages]
    settings = ProjectSettings()
    wanted = Wanted(
        steps_of(minutes),
        len(of_languages(builtin_prompts(), languages)),
        settings.held_out,
        LayerSearch.tries_of(offer.of_layers, offer.layers, _BREADTH),
        training_seconds=60.0 * minutes,
        tasks=len(tasks),
    )
    least, most = (
        planned_of(costs_of(wanted, header, Plan(_KEPT, 1.0, 1.0, 1.0, 1.0, rate), settings))
        for rate in (speed.most, speed.least)
    )
    return Cost(least.seconds, most.seconds, most.disk, most.memory)


def _language(services: Services) -> str:
    return "zh" if language_for(services.store.current.language, QLocale.system()).startswith("zh") else "en"


def _speed(services: Services, model: InstalledModel) -> SpeedRange:
    """Returns how many tokens a second a model makes here with one thread: as its last answer was, else as expected."""
    from desktop.lifecycle.expected_speed import SpeedRange, expected_speed
    from desktop.machine.cpu import read_features

    try:
        stats = services.history.last_stats(model.name)
    except UserFacingError:  # which is said where conversations are shown
        stats = None
    if stats is not None and stats.gen_tps > 0:
        measured = stats.gen_tps / max(1, stats.threads)
        return SpeedRange(measured, measured)
    return expected_speed(max(1, model.size), 1, read_features())


def _too_little_memory(needed: int, total: int) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This computer has too little memory to train a smaller model of this one."),
        QT_TRANSLATE_NOOP("Errors", "It takes {0}, and there are {1} in all."),
        QT_TRANSLATE_NOOP("Errors", "Take a smaller model to begin with."),
        values=(format_bytes(needed), format_bytes(total)),
    )
