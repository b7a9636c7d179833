"""Which students are being made, and which were: remembered in one file beside their projects' folders.

The folder of a project is the command line's business (``catnap student``); here stands what the app wants of it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, Final

from desktop.common.errors import UserFacingError, from_system
from desktop.common.json_file import FileFault, StateFile, is_count

_VERSION: Final = 1
_NAME: Final = "students.json"
_UNSAFE: Final = re.compile(r"[^a-z0-9]+")
_LONGEST_ID: Final = 40
_MOST: Final = 200


class Goal(Enum):
    """What a student is for; the value stands in the file."""

    FASTER = "faster"
    SMALLER = "smaller"


class ProjectState(Enum):
    """What the app wants of a project, or has of it; the value stands in the file."""

    WANTED = "wanted"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True)
class Wish:
    """What is to be made.

    Attributes:
        teacher_id: Of the model that it is made of, in the library.
        teacher_name: What that is called.
        teacher: Its file.
        layers: That stay.
        of_layers: That the teacher has.
        kind: Number format that it is written in.
        minutes: That it learns; 0: its layers are left out and nothing more.
    """

    teacher_id: str
    teacher_name: str
    teacher: Path
    layers: int
    of_layers: int
    kind: str = "Q4_0"
    goal: Goal = Goal.FASTER
    minutes: int = 60


@dataclass(frozen=True)
class StudentProject:
    """A project as the app sees it.

    Attributes:
        id: Name of its folder.
        memory: Bytes that its hungriest step takes, as it said itself; 0: it has not said so yet.
        sentence: What came of it; empty: nothing yet.
        file: The student; empty: there is none yet.
        report: What came of it at length; empty: there is none.
        title: What went wrong; empty: nothing.
        detail: The variable part of that.
        remedy: What to do about it.
    """

    id: str
    wish: Wish
    state: ProjectState = ProjectState.WANTED
    memory: int = 0
    sentence: str = ""
    file: str = ""
    report: str = ""
    title: str = ""
    detail: str = ""
    remedy: str = ""

    @property
    def problem(self) -> UserFacingError | None:
        """What went wrong; None: nothing."""
        return UserFacingError(self.title, self.detail, self.remedy) if self.title else None

    def failed(self, problem: UserFacingError) -> StudentProject:
        """Returns the project with what went wrong."""
        return replace(
            self, state=ProjectState.FAILED, title=problem.title, detail=problem.detail, remedy=problem.remedy
        )

    def going(self) -> StudentProject:
        """Returns the project as it is wanted again."""
        return replace(self, state=ProjectState.WANTED, title="", detail="", remedy="")


class StudentProjects:
    """The list; read once, and written at each change. One thread.

    Attributes:
        options: What else ``catnap student run`` is told, as somebody has written into the file under "options".
        python: The environment that students are trained in, as somebody has chosen it; None: whatever is found.
    """

    def __init__(self, folder: Path) -> None:
        """
        Args:
            folder: Of all projects; made with the first.
        """
        self._folder = folder
        self._file = StateFile(folder / _NAME, _parse, version=_VERSION)
        self.options, self.python, known = self._file.read() or ((), None, ())
        self._projects = {project.id: project for project in known}

    @property
    def problem(self) -> FileFault | None:
        """What was wrong with the file, to be said once; None: nothing."""
        return self._file.problem

    def all(self) -> tuple[StudentProject, ...]:
        """Returns all, the oldest first."""
        return tuple(self._projects.values())

    def get(self, project_id: str) -> StudentProject | None:
        """Returns a project; None: there is none of that id."""
        return self._projects.get(project_id)

    def of_teacher(self, teacher_id: str) -> StudentProject | None:
        """Returns what is being made of a model, or was made; None: nothing."""
        return next((each for each in self.all() if each.wish.teacher_id == teacher_id), None)

    def folder_of(self, project: StudentProject) -> Path:
        """Returns where a project lies."""
        return self._folder / project.id

    def log_of(self, project: StudentProject) -> Path:
        """Returns where its process writes what goes wrong."""
        return self._folder / f"{project.id}.log"

    def place_of(self, project: StudentProject, said: str) -> Path:
        """Returns where a file of a project lies now, which was said where the folder of all may have been moved since.

        Args:
            project: That it belongs to.
            said: Its path as it was.
        """
        parts = Path(said).parts
        if project.id not in parts:
            return Path(said)
        below = len(parts) - parts[::-1].index(project.id)
        return self.folder_of(project).joinpath(*parts[below:])

    def choose_python(self, folder: Path) -> None:
        """Remembers the environment that students are trained in.

        Raises:
            UserFacingError: The list cannot be saved.
        """
        before, self.python = self.python, folder
        try:
            self._write(self._projects)
        except UserFacingError:
            self.python = before
            raise

    def begin(self, wish: Wish) -> StudentProject:
        """Remembers a new project; its folder is not made here.

        One that lies there already, of a list that was lost, is gone on with.

        Raises:
            UserFacingError: The list cannot be saved.
        """
        stem = _UNSAFE.sub("-", wish.teacher_name.lower()).strip("-")[:_LONGEST_ID] or "model"
        number = 1
        while (name := f"{stem}-{wish.layers}-{number}") in self._projects:
            number += 1
        project = StudentProject(name, wish)
        self.put(project)
        return project

    def put(self, project: StudentProject) -> None:
        """Remembers a project as it is now.

        Raises:
            UserFacingError: The list cannot be saved.
        """
        self._write({**self._projects, project.id: project})

    def hold(self, project: StudentProject) -> None:
        """Has a project as it is now in memory alone: it could not be written down."""
        self._projects = {**self._projects, project.id: project}

    def forget(self, project: StudentProject) -> None:
        """Forgets a project; its folder stays.

        Raises:
            UserFacingError: The list cannot be saved.
        """
        self._write({key: one for key, one in self._projects.items() if key != project.id})

    def remover(self, project: StudentProject) -> Callable[[], None]:
        """Returns what removes a project's folder, which may take a while: for a thread of its own.

        That raises UserFacingError where something of it cannot be removed.
        """
        folder, log = self.folder_of(project), self.log_of(project)

        def remove() -> None:
            try:
                if folder.is_symlink():
                    folder.unlink()
                elif folder.exists():
                    shutil.rmtree(folder)
                log.unlink(missing_ok=True)
            except OSError as problem:
                raise from_system(problem) from problem

        return remove

    def _write(self, projects: dict[str, StudentProject]) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            document: dict[str, Any] = {
                "options": [*self.options],
                "students": [_entry(each) for each in projects.values()],
            }
            if self.python is not None:
                document["python"] = str(self.python)
            self._file.write(document)
        except OSError as problem:
            raise from_system(problem) from problem
        self._projects = projects


def _entry(project: StudentProject) -> dict[str, Any]:
    wish = {**asdict(project.wish), "teacher": str(project.wish.teacher), "goal": project.wish.goal.value}
    return {**asdict(project), "state": project.state.value, "wish": wish}


def _parse(document: dict[str, Any]) -> tuple[tuple[str, ...], Path | None, tuple[StudentProject, ...]]:
    options = tuple(map(str, document.get("options", ())))
    python = document.get("python")
    chosen = Path(str(python)) if python else None
    return options, chosen, tuple(_project(entry) for entry in document["students"][:_MOST])


def _project(entry: dict[str, Any]) -> StudentProject:
    wish = entry["wish"]
    name = str(entry["id"])
    if not name or _UNSAFE.sub("-", name).strip("-") != name:  # it becomes a path
        raise ValueError("no name of a folder")
    counts = (wish["layers"], wish["of_layers"], entry["memory"], wish["minutes"])
    if not all(map(is_count, counts)):
        raise ValueError("no number")
    texts = {key: str(entry[key]) for key in ("sentence", "file", "report", "title", "detail", "remedy")}
    return StudentProject(
        name,
        Wish(
            str(wish["teacher_id"]),
            str(wish["teacher_name"]),
            Path(str(wish["teacher"])),
            counts[0],
            counts[1],
            str(wish["kind"]),
            Goal(wish["goal"]),
            counts[3],
        ),
        ProjectState(entry["state"]),
        counts[2],
        **texts,
    )
