"""A student is made while nobody is in its way, and nothing of it is lost when somebody is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from desktop.common.errors import UserFacingError
from desktop.lifecycle.low_memory import SpareMemory
from desktop.lifecycle.students.making import Standing, StudentMaking, Surroundings
from desktop.lifecycle.students.projects import ProjectState, StudentProject, StudentProjects, Wish
from desktop.machine.battery import Battery, PowerMonitor
from desktop.machine.memory_pressure import Pressure
from desktop.student.steps import Finished, Planned, Step, StepProgress, encode
from tests.support.led_process import LedProcess, LedProcesses
from tests.support.patience import PATIENCE_S, wait_for

QUIET, LONG = 30.0, 120.0
DONE = Finished("It is smaller.", "/models/student.gguf", "/report.html")


class World:
    """Everything that decides, in the hands of a test."""

    def __init__(self, projects: StudentProjects, processes: LedProcesses) -> None:
        self.now = 1000.0
        self.is_in_use, self.can_answer = False, True
        self.battery: Battery | None = None
        self.pressure = Pressure.NONE
        self.available, self.asleep, self.rooms = 1000, 1000, 0
        self.processes = processes
        self.projects = projects
        self.making = self.make(projects)

    def make(self, projects: StudentProjects) -> StudentMaking:
        around = Surroundings(
            lambda: self.is_in_use,
            PowerMonitor(lambda: self.battery),
            SpareMemory(self, lambda: self.now),
            lambda: self.available,
            lambda: self.asleep,
            lambda: self.can_answer,
            self._make_room,
        )
        return StudentMaking(
            projects,
            lambda _project: self.processes.command,
            around,
            clock=lambda: self.now,
            quiet_seconds=QUIET,
            suspended_seconds=LONG,
        )

    def read(self) -> Pressure:
        return self.pressure

    def _make_room(self) -> None:
        self.rooms += 1

    def later(self, seconds: float) -> None:
        self.now += seconds
        self.making.look()

    @property
    def project(self) -> StudentProject:
        return self.projects.all()[-1]

    @property
    def standing(self) -> Standing:
        return self.making.standing(self.project)

    def stands(self, standing: Standing) -> bool:
        return self.standing is standing

    def wait_for(self, standing: Standing) -> None:
        def probe() -> bool:
            self.making.look()
            return self.standing is standing

        wait_for(f"{standing}", probe)

    def wait_for_process_to_end(self) -> None:
        def probe() -> bool:
            self.making.look()
            return self.making._child is None

        wait_for("the end of the process", probe)


@pytest.fixture
def world(projects: StudentProjects, processes: LedProcesses) -> Iterator[World]:
    made = World(projects, processes)
    yield made
    made.making.close(PATIENCE_S)


def is_stopped(process: LedProcess) -> bool:
    return psutil.Process(process.pid).status() == psutil.STATUS_STOPPED


def test_it_is_made_to_its_end(world: World, wish: Wish) -> None:
    # GIVEN a student that was asked for, with nobody in its way
    world.making.begin(wish)
    process = world.processes.next()
    assert world.stands(Standing.RUNNING)
    # WHEN its process says what it needs, how far it is and that it is done THEN that is known, and kept
    planned, step = Planned((Step.COLLECT,), 60.0, 5, 900), StepProgress(Step.COLLECT, 1, 2, 3.0)
    process.tell(f"say {encode(planned)}", f"say {encode(step)}", f"say {encode(DONE)}", "end 0")
    world.wait_for(Standing.DONE)
    assert world.making.progress(world.project.id) == step
    kept = StudentProjects(world.projects._folder).all()[0]
    assert (kept.state, kept.sentence, kept.file, kept.memory) == (ProjectState.DONE, DONE.sentence, DONE.file, 900)
    assert not world.making.is_under_way


def test_it_stops_at_once_when_somebody_asks_and_goes_on_a_while_after(world: World, wish: Wish) -> None:
    world.making.begin(wish)
    process = world.processes.next()
    # WHEN somebody begins to write THEN it stands still
    world.making.give_way()
    wait_for("the stop", lambda: is_stopped(process))
    assert world.stands(Standing.WAITING_FOR_ANSWER)
    # AND while the answer is being made, however long after the last key
    world.is_in_use = True
    world.later(QUIET * 2)
    assert is_stopped(process)
    # AND for a while after it, in which people read
    world.is_in_use = False
    world.later(QUIET / 2)
    assert is_stopped(process)
    # THEN the same process goes on
    world.later(QUIET)
    assert world.stands(Standing.RUNNING)
    assert not is_stopped(process)


def test_one_that_stood_still_for_long_gives_its_memory_back(world: World, wish: Wish) -> None:
    world.making.begin(wish)
    process = world.processes.next()
    world.is_in_use = True
    world.making.look()
    wait_for("the stop", lambda: is_stopped(process))
    world.later(LONG + 1)
    world.wait_for_process_to_end()
    assert world.stands(Standing.WAITING_FOR_ANSWER)
    # AND another one goes on in its place
    world.is_in_use = False
    world.later(QUIET + 1)
    assert world.processes.next().pid != process.pid
    assert world.stands(Standing.RUNNING)


def test_it_ends_at_once_where_the_model_that_answers_would_not_fit_in(world: World, wish: Wish) -> None:
    world.making.begin(wish)
    world.processes.next()
    world.can_answer = False
    world.making.give_way()
    world.wait_for_process_to_end()
    assert world.stands(Standing.WAITING_FOR_ANSWER)
    assert world.project.state is ProjectState.WANTED


def test_it_lets_go_of_the_models_while_their_folder_moves(world: World, wish: Wish) -> None:
    world.making.begin(wish)
    world.processes.next()
    world.making.pause()
    world.wait_for_process_to_end()
    world.later(QUIET + 1)
    world.processes.next()
    assert world.stands(Standing.RUNNING)


def test_it_waits_for_the_plug(world: World, wish: Wish) -> None:
    # GIVEN a laptop on its battery
    world.battery = Battery(80.0, unplugged=True)
    world.making.begin(wish)
    assert world.stands(Standing.WAITING_FOR_POWER)
    # WHEN it is plugged in THEN it begins
    world.battery = Battery(80.0, unplugged=False)
    world.later(6)
    process = world.processes.next()
    # WHEN it is pulled out THEN it stands still
    world.battery = Battery(80.0, unplugged=True)
    world.later(6)
    wait_for("the stop", lambda: is_stopped(process))
    assert world.stands(Standing.WAITING_FOR_POWER)


def test_a_shortage_of_memory_ends_the_process_and_loses_nothing(world: World, wish: Wish) -> None:
    world.making.begin(wish)
    world.processes.next()
    world.pressure = Pressure.SHORT
    for _look in range(3):
        world.later(4)
    world.wait_for_process_to_end()
    assert world.stands(Standing.WAITING_FOR_MEMORY)
    world.pressure = Pressure.NONE
    for _look in range(12):
        world.later(4)
    world.processes.next()


def test_it_does_not_begin_where_its_memory_is_not_there(world: World, wish: Wish) -> None:
    # GIVEN one that is known to need more than there is
    project = world.projects.begin(wish)
    world.projects.put(replace(project, memory=2000))
    world.making.look()
    # THEN it waits, and the model that answers keeps its memory, which would not do either
    assert world.stands(Standing.WAITING_FOR_MEMORY)
    assert world.making._child is None
    assert world.rooms == 0
    # WHEN that would do THEN it is asked for
    world.asleep = 2500
    for _look in range(9):
        world.later(4)
    assert world.rooms == 1
    # WHEN there is enough THEN it begins
    world.available = 3000
    for _look in range(12):
        world.later(4)
    world.processes.next()


def test_it_is_stopped_and_gone_on_with(world: World, wish: Wish) -> None:
    world.making.begin(wish)
    world.processes.next()
    world.making.stop(world.project)
    assert world.stands(Standing.STOPPING)
    world.wait_for(Standing.STOPPED)
    assert not world.making.is_under_way
    world.making.go_on(world.project)
    world.processes.next()
    assert world.stands(Standing.RUNNING)


def test_what_does_not_end_by_itself_is_ended(world: World, wish: Wish) -> None:
    world.making.begin(wish)
    process = world.processes.next()
    running = psutil.Process(process.pid)
    process.hang()
    world.making.stop(world.project)
    world.later(60)  # a step of training, and a checkpoint
    assert running.is_running()
    world.later(240)
    world.wait_for(Standing.STOPPED)
    assert not running.is_running()


def test_who_asks_does_not_wait_for_the_memory_until_everything_is_kept(world: World, wish: Wish) -> None:
    world.making.begin(wish)
    process = world.processes.next()
    process.hang()
    world.making.pause()  # which would give it minutes
    world.can_answer = False
    world.making.give_way()
    world.later(5)
    world.wait_for_process_to_end()
    assert world.stands(Standing.WAITING_FOR_ANSWER)


def test_it_goes_on_after_a_restart(world: World, wish: Wish) -> None:
    world.making.begin(wish)
    process = world.processes.next()
    # WHEN the program ends THEN the process does
    world.making.close(PATIENCE_S)
    wait_for("its end", lambda: not psutil.pid_exists(process.pid))
    # AND the next program goes on
    world.projects = StudentProjects(world.projects._folder)
    world.making = world.make(world.projects)
    world.making.look()
    world.processes.next()
    assert world.stands(Standing.RUNNING)


def test_a_failure_is_kept_and_can_be_tried_again(world: World, wish: Wish) -> None:
    world.making.begin(wish)
    world.processes.next().tell("warn catnap: The disk is full.", "end 1")
    world.wait_for(Standing.FAILED)
    problem = StudentProjects(world.projects._folder).all()[0].problem
    assert problem is not None and problem.detail == "The disk is full."
    assert not world.making.is_under_way
    world.making.go_on(world.project)
    world.processes.next()
    assert world.project.problem is None


def test_one_at_a_time(world: World, wish: Wish) -> None:
    first = world.making.begin(wish)
    process = world.processes.next()
    second = world.making.begin(replace(wish, teacher_id="other"))
    assert world.making.standing(second) is Standing.WAITING_FOR_TURN
    process.tell(f"say {encode(DONE)}", "end 0")

    def is_at_the_second() -> bool:
        world.making.look()
        current = world.making.current
        return world.making._child is not None and current is not None and current.id == second.id

    wait_for("its turn", is_at_the_second)
    world.processes.next()
    done = world.projects.get(first.id)
    assert done is not None and world.making.standing(done) is Standing.DONE


def test_one_that_is_dropped_is_gone_with_its_folder(world: World, wish: Wish) -> None:
    project = world.making.begin(wish)
    process = world.processes.next()
    folder = world.projects.folder_of(project)
    folder.mkdir()
    world.making.drop(project)()
    assert not folder.exists()
    assert not psutil.pid_exists(process.pid)
    assert world.projects.all() == ()
    world.wait_for_process_to_end()
    assert not world.making.is_under_way


def test_a_result_that_cannot_be_written_down_is_said(world: World, wish: Wish, tmp_path: Path) -> None:
    world.making.begin(wish)
    process = world.processes.next()
    # GIVEN a disk that takes nothing any more
    (tmp_path / "students" / "students.json").unlink()
    (tmp_path / "students" / "students.json" / "in the way").mkdir(parents=True)
    process.tell(f"say {encode(DONE)}", "end 0")
    # THEN what is wrong is said, and the making stands still instead of trying for ever
    world.wait_for(Standing.FAILED)
    assert isinstance(world.project.problem, UserFacingError)
    assert world.project.file == DONE.file
