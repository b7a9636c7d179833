"""Makes what makes smaller models of models: which process, when it may run, and what it takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop.app.services import Services
from desktop.common.own_process import own_command
from desktop.engine.footprint import Fit
from desktop.machine.memory_pressure import make_pressure_reader
from desktop.models.disk import SPARE, room

if TYPE_CHECKING:
    from desktop.lifecycle.students.projects import StudentProject
    from desktop.ui.students.presenter import StudentsPresenter


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
    from desktop.gguf.header import read_header
    from desktop.lifecycle.low_memory import SpareMemory
    from desktop.lifecycle.students.making import StudentMaking, Surroundings
    from desktop.lifecycle.students.projects import StudentProjects
    from desktop.student.environment import find_environment
    from desktop.ui.students.dialog import StudentDialog
    from desktop.ui.students.presenter import StudentsPresenter, StudentTools

    supervisor, memory = services.supervisor, services.machine.memory
    state = supervisor.state

    def can_answer() -> bool:
        model = services.choice.in_use()
        if model is None or state.is_in_memory:
            return True
        return supervisor.fit.judge_load(services.store.current, model).fit is Fit.COMFORTABLE

    def room_here() -> int | None:
        free = room(services.paths.students_dir)
        return None if free is None else max(0, free - SPARE)

    around = Surroundings(
        lambda: state.is_answering or supervisor.preloader.is_running or works_behind(),
        services.machine.power,
        SpareMemory(make_pressure_reader(memory)),
        lambda: memory.read().machine_available,
        can_answer,
        supervisor.sleep,
    )
    making = StudentMaking(
        StudentProjects(services.paths.students_dir), lambda project: student_command(services, project), around
    )
    tools = StudentTools(
        read_header, find_environment, cost, lacks_memory, room_here,
        lambda: services.choice.folder, services.models.import_file,
    )  # fmt: skip
    return StudentsPresenter(lambda: StudentDialog(window()), making, tools, parent)
