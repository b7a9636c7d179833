"""Makes students while nobody is in the way of it: plugged in, with memory to spare, and nobody asks or writes.

No Qt; GUI thread. Whoever shows it calls :meth:`StudentMaking.look` now and then, and :meth:`StudentMaking.give_way`
the moment that somebody wants the model.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

from desktop.common.errors import UserFacingError
from desktop.lifecycle.low_memory import SpareMemory
from desktop.lifecycle.students.child import StudentChild
from desktop.lifecycle.students.projects import ProjectState, StudentProject, StudentProjects, Wish
from desktop.machine.battery import PowerMonitor
from desktop.student.steps import Planned, StepProgress

# Of the battery; psutil reads a file or two for it.
_POWER_SECONDS: Final = 5.0
# After an answer people read it, and ask on.
_QUIET_SECONDS: Final = 30.0
# A process that is stopped keeps its memory, and its clocks run on: after this long it had better end, and begin again
# where it was.
_SUSPENDED_SECONDS: Final = 120.0
# It keeps what there is before it ends: a step of training at the lowest priority, and a checkpoint of a gigabyte; what
# takes longer is stuck. Where somebody waits for the memory, what was learnt since the last checkpoint is given up.
_ENDING_SECONDS: Final = 300.0
_HURRIED_SECONDS: Final = 5.0


class Standing(Enum):
    """How the making of a student is off."""

    RUNNING = "running"
    WAITING_FOR_ANSWER = "waiting for an answer"
    WAITING_FOR_POWER = "waiting for power"
    WAITING_FOR_MEMORY = "waiting for memory"
    WAITING_FOR_TURN = "waiting for its turn"  # another student is being made
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True)
class Surroundings:
    """What decides whether it may go on.

    Attributes:
        is_in_use: Whether the person waits for an answer, or writes a question.
        power: Knows whether the machine lives on its battery.
        memory: Knows whether there is some to spare.
        available: Returns the bytes of memory that can be had now.
        available_asleep: The same, were the model that answers asleep.
        can_answer: Whether the model that answers is in memory, or fits in beside whatever runs now.
        make_room: Gives back the memory of the model that answers, which comes again with the next question.
    """

    is_in_use: Callable[[], bool]
    power: PowerMonitor
    memory: SpareMemory
    available: Callable[[], int]
    available_asleep: Callable[[], int]
    can_answer: Callable[[], bool]
    make_room: Callable[[], None]


class StudentMaking:
    """One student at a time.

    Attributes:
        projects: All of them.
    """

    def __init__(
        self,
        projects: StudentProjects,
        command: Callable[[StudentProject], Sequence[str]],
        around: Surroundings,
        *,
        start: Callable[[Sequence[str], Path], StudentChild] = StudentChild,
        clock: Callable[[], float] = time.monotonic,
        quiet_seconds: float = _QUIET_SECONDS,
        suspended_seconds: float = _SUSPENDED_SECONDS,
    ) -> None:
        """
        Args:
            projects: See the attribute.
            command: Returns what makes a student, or goes on with it.
            around: See there.
            start: Makes the process.
            clock: Seconds, monotonic.
            quiet_seconds: After an answer, before it goes on.
            suspended_seconds: That its process is kept while it may not go on.
        """
        self.projects = projects
        self._command, self._around, self._start, self._clock = command, around, start, clock
        self._quiet_seconds, self._suspended_seconds = quiet_seconds, suspended_seconds
        self._child: StudentChild | None = None
        self._of = ""  # the project that the process is of
        self._planned: dict[str, Planned] = {}
        self._progress: dict[str, StepProgress] = {}
        self._quiet_until = self._power_at = self._suspended_at = self._ending_at = 0.0
        self._why = Standing.RUNNING  # what it waits for

    @property
    def is_under_way(self) -> bool:
        """Whether there is something to do or to wait for."""
        return self._child is not None or self._wanted() is not None

    @property
    def current(self) -> StudentProject | None:
        """The project that is worked at, or waited with; None: there is none."""
        return self.projects.get(self._of) if self._child is not None else self._wanted()

    def progress(self, project_id: str) -> StepProgress | None:
        """Returns how far a project is; None: it was not heard of in this run of the app."""
        return self._progress.get(project_id)

    def standing(self, project: StudentProject) -> Standing:
        """Returns how a project is off."""
        state = project.state
        if state is ProjectState.FAILED:
            return Standing.FAILED
        if state is ProjectState.DONE:
            return Standing.DONE
        if state is ProjectState.STOPPED:
            return Standing.STOPPING if self._child is not None and self._of == project.id else Standing.STOPPED
        current = self.current
        if current is not None and current.id != project.id:
            return Standing.WAITING_FOR_TURN
        return self._why

    def begin(self, wish: Wish) -> StudentProject:
        """Begins a student, which is made as soon as nothing is in the way.

        Raises:
            UserFacingError: That cannot be kept.
        """
        project = self.projects.begin(wish)
        self._quiet_until = self._clock()  # whoever asks for it now wants it now
        self.look()
        return project

    def go_on(self, project: StudentProject) -> None:
        """Goes on with one that was stopped, or has failed.

        Raises:
            UserFacingError: That cannot be kept.
        """
        self.projects.put(project.going())
        self._quiet_until = self._clock()
        self.look()

    def stop(self, project: StudentProject) -> None:
        """Stops one until it is gone on with; what is done is kept.

        Raises:
            UserFacingError: That cannot be kept.
        """
        if project.state is ProjectState.WANTED:
            self.projects.put(replace(project, state=ProjectState.STOPPED))
        self.look()

    def drop(self, project: StudentProject) -> Callable[[], None]:
        """Forgets a project, and returns what removes its folder: for a thread of its own.

        Raises:
            UserFacingError: That cannot be kept.
        """
        child = self._child if self._of == project.id else None
        self.projects.forget(project)
        if child is not None:
            child.end()
        remove = self.projects.remover(project)

        def remove_after_end() -> None:
            if child is not None:
                child.wait(_ENDING_SECONDS)
            remove()

        self.look()
        return remove_after_end

    def give_way(self) -> None:
        """Somebody wants the model: stops at once, and gives memory back where the model would not fit in."""
        self._quiet_until = self._clock() + self._quiet_seconds
        if self._child is not None:
            self.look()

    def pause(self) -> None:
        """Has the process end for now, so that nothing holds the files of models; it begins again a while later."""
        self._quiet_until = self._clock() + self._quiet_seconds
        if self._child is not None and not self._ending_at:
            self._ending_at = self._clock() + _ENDING_SECONDS
            self._child.interrupt()

    def close(self, seconds: float) -> None:
        """Has it keep what there is and end, since the program ends; it goes on with the next start.

        Args:
            seconds: To wait for it; if it takes longer, it ends by itself.
        """
        child, self._child = self._child, None
        if child is None:
            return
        child.interrupt()
        child.wait(seconds)

    def look(self) -> None:
        """Starts, stops, goes on or takes the end, whatever is due now. Raises nothing."""
        self._take_end()
        wanted = self._wanted()
        if wanted is not None or self._child is not None:
            self._look_at_power()
        hindrance = self._hindrance()
        if self._child is not None:
            self._listen(self._child)
            self._steer(self._child, wanted, hindrance)
        elif wanted is not None:
            hindrance = hindrance or self._lack(wanted)
            if hindrance is None:
                self._launch(wanted)
        self._why = hindrance or Standing.RUNNING

    def _wanted(self) -> StudentProject | None:
        return next((each for each in self.projects.all() if each.state is ProjectState.WANTED), None)

    def _look_at_power(self) -> None:
        now = self._clock()
        if now >= self._power_at:
            self._power_at = now + _POWER_SECONDS
            self._around.power.poll()

    def _hindrance(self) -> Standing | None:
        if self._around.power.unplugged:
            return Standing.WAITING_FOR_POWER
        if not self._around.memory.is_there():
            return Standing.WAITING_FOR_MEMORY
        if self._around.is_in_use():
            self._quiet_until = max(self._quiet_until, self._clock() + self._quiet_seconds)
            return Standing.WAITING_FOR_ANSWER
        return Standing.WAITING_FOR_ANSWER if self._clock() < self._quiet_until else None

    def _lack(self, project: StudentProject) -> Standing | None:
        """Returns whether it lacks memory to begin; where that is what helps, the model that answers makes room."""
        if project.memory <= self._around.available():
            return None
        if project.memory <= self._around.available_asleep():
            self._around.make_room()
        self._around.memory.refuse()
        return Standing.WAITING_FOR_MEMORY

    def _launch(self, project: StudentProject) -> None:
        child = self._child = self._start(self._command(project), self.projects.log_of(project))
        self._of, self._suspended_at, self._ending_at = project.id, 0.0, 0.0
        child.begin()

    def _steer(self, child: StudentChild, wanted: StudentProject | None, hindrance: Standing | None) -> None:
        now = self._clock()
        is_short = hindrance is Standing.WAITING_FOR_MEMORY or (
            hindrance is Standing.WAITING_FOR_ANSWER and not self._around.can_answer()
        )
        if self._ending_at:
            if is_short:
                self._ending_at = min(self._ending_at, now + _HURRIED_SECONDS)
            if now >= self._ending_at:
                child.end()
            return
        is_long = bool(self._suspended_at) and now >= self._suspended_at + self._suspended_seconds
        if wanted is None or wanted.id != self._of or is_short or is_long:
            self._ending_at = now + (_HURRIED_SECONDS if is_short else _ENDING_SECONDS)
            child.interrupt()
        elif hindrance is not None:
            self._suspended_at = self._suspended_at or now
            child.suspend()
        else:
            self._suspended_at = 0.0
            child.resume()

    def _listen(self, child: StudentChild) -> None:
        if child.progress is not None:
            self._progress[self._of] = child.progress
        planned = child.planned
        if planned is None or self._planned.get(self._of) == planned:
            return
        self._planned[self._of] = planned
        project = self.projects.get(self._of)
        if project is not None and planned.memory > project.memory:
            self._put(replace(project, memory=planned.memory))

    def _take_end(self) -> None:
        child = self._child
        if child is None or not child.has_ended:
            return
        self._listen(child)
        self._child = None
        project = self.projects.get(self._of)
        if project is None:
            return
        if child.finished is not None:
            done = child.finished
            self._put(
                replace(project, state=ProjectState.DONE, sentence=done.sentence, file=done.file, report=done.report)
            )
        elif child.error is not None:
            self._put(project.failed(child.error))

    def _put(self, project: StudentProject) -> None:
        try:
            self.projects.put(project)
        except UserFacingError as problem:
            # It could not be written down, on a full disk above all: said, and tried again with the next change.
            self.projects.hold(project.failed(problem))
