"""A project: one folder in which a student is made, with a manifest that says of what and how.

``project.json`` names what goes in with its sha256, the settings and seeds, and a run for each step that was done, with
the list of the sequences that it used: two projects can be compared line by line. Beside it lie ``collected/`` (the
teacher's answers), ``models/`` (students) and files of single steps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.file_identity import FileIdentity
from desktop.common.json_file import Fault, StateFile
from desktop.common.regular_file import open_regular
from desktop.engine.routing import ServerModel, server_model
from desktop.models.file_names import why_unusable

MANIFEST: Final = "project.json"
_MOST_BYTES: Final = 64_000_000
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_CHUNK: Final = 1 << 20
# What is written down of a run and says nothing of what it made.
_OF_THE_MACHINE: Final = frozenset({"tokens_per_second"})
_UNUSABLE: Final[Mapping[Fault, str]] = MappingProxyType(
    {
        Fault.NEWER: QT_TRANSLATE_NOOP("Errors", "A newer Catnap has written this project of a student."),
        Fault.BROKEN: QT_TRANSLATE_NOOP("Errors", "The manifest of this project of a student is damaged."),
    }
)
_WHERE_UNUSABLE: Final = QT_TRANSLATE_NOOP(
    "Errors", "Update Catnap, or put back a copy of that file. The answers and students beside it are as they were."
)
# Letters of a name that will not do.
_SHOWN: Final = 60
# What further steps write behind the name of a student, at the most.
_BEHIND_A_NAME: Final = "-trained-Q4_0-protected-embedding-Q8_0-weighed-words-100000.gguf"


@dataclass(frozen=True)
class InputFile:
    """A file that goes in.

    Attributes:
        path: Where it lay; the sha256 says whether it is the same.
        size: In bytes.
        written_ns: When its content last changed, in nanoseconds since 1970: as long as that is so, nobody need read it
            again; 0: unknown.
    """

    path: str
    size: int
    sha256: str
    written_ns: int = 0

    @classmethod
    def of(cls, path: Path) -> InputFile:
        """Reads a file, which takes seconds for gigabytes.

        Raises:
            OSError: It cannot be read.
        """
        digest, size = hashlib.sha256(), 0
        with open_regular(path) as stream:
            written = FileIdentity.of_handle(stream.fileno()).mtime_ns
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
        return cls(str(path), size, digest.hexdigest(), written)

    def is_there(self) -> bool:
        """Tells whether it lies where it lay and is the same; seconds for gigabytes where it was written since.

        Raises:
            OSError: It cannot be read.
        """
        path = Path(self.path)
        if not path.is_file():
            return False
        now = FileIdentity.of(path)
        if now.size != self.size:
            return False
        return now.mtime_ns == self.written_ns or InputFile.of(path).sha256 == self.sha256


@dataclass(frozen=True)
class ProjectSettings:
    """What is wanted of a project; fixed when it is begun.

    Attributes:
        languages: Of the prompts that are asked; empty: all.
        held_out: Prompts that are never learnt from.
        max_tokens: Of an answer.
        sampling_temperature: With which the teacher chooses its words; 0: always the best.
        temperature: The highest that the student will be trained at.
        kept: Logits that are kept of a token; 0: as many as that temperature needs.
        mass: Share of the probability that those must hold at that temperature.
        n_ctx: Tokens that a question with its answer may have.
        seed: Of every choice.
    """

    languages: tuple[str, ...] = ()
    held_out: int = 30
    max_tokens: int = 96
    sampling_temperature: float = 0.7
    temperature: float = 1.0
    kept: int = 0
    mass: float = 0.9
    n_ctx: int = 1024
    seed: int = 1


@dataclass(frozen=True)
class Run:
    """A step that was done.

    Attributes:
        step: "collect", "prune", "export", "check".
        at: When it ended, UTC.
        settings: What was asked for beyond the project's settings, and what was chosen.
        sequences: Ids of the answers that it made or used, in their order.
        figures: What came of it.
    """

    step: str
    at: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    sequences: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Stands for the list of sequences."""
        return hashlib.sha256("\n".join(self.sequences).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Manifest:
    """What a project says about itself.

    Attributes:
        teacher: The model that is learnt from; of one on a server the choice of it, without a size.
        teacher_name: What it is called.
        prompts: The file of the prompts; None: those of the program.
        prompts_digest: Stands for the prompts.
        settings: What is wanted.
        build: Of Catnap, when the project was begun.
        at: When it was begun, UTC.
        runs: In their order.
        student: The model that students are made of, where it is not the teacher: of other tokens, or since the
            teacher is on a server. The answers are kept in its tokens.
    """

    teacher: InputFile
    teacher_name: str
    prompts: InputFile | None
    prompts_digest: str
    settings: ProjectSettings
    build: str
    at: str
    runs: tuple[Run, ...] = ()
    student: InputFile | None = None

    @property
    def base(self) -> InputFile:
        """The model that students are made of."""
        return self.teacher if self.student is None else self.student

    @property
    def served(self) -> ServerModel | None:
        """Who is asked on which server; None: the teacher is a file."""
        return server_model(self.teacher.path)

    def last(self, step: str) -> Run | None:
        """Returns the newest run of a step; None: it was not done yet."""
        return next((run for run in reversed(self.runs) if run.step == step), None)


class Project:
    """A folder with a manifest. One thread.

    Attributes:
        folder: Where it lies.
        manifest: What it says; replaced as a whole.
    """

    def __init__(self, folder: Path, file: StateFile[Manifest], manifest: Manifest) -> None:
        """
        Args:
            folder: See the attribute.
            file: Of the manifest.
            manifest: See the attribute.
        """
        self.folder = folder
        self.manifest = manifest
        self._file = file
        self._seen: set[InputFile] = set()

    @classmethod
    def create(cls, folder: Path, manifest: Manifest) -> Project:
        """Makes a folder a project.

        Raises:
            UserFacingError: It is one already, or holds something else.
            OSError: It cannot be written.
        """
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "This folder is not empty."),
                f"{folder}.",
                QT_TRANSLATE_NOOP("Errors", "Name one that is not there yet."),
            )
        folder.mkdir(parents=True, exist_ok=True)
        project = cls(folder, _file(folder), manifest)
        project._write()
        return project

    @classmethod
    def open(cls, folder: Path) -> Project:
        """Opens a project.

        Raises:
            UserFacingError: There is none that can be read.
        """
        file = _file(folder)
        manifest, fault = file.look_again()
        if manifest is None:
            if fault is not None and (title := _UNUSABLE.get(fault.fault)) is not None:
                raise UserFacingError(title, f"{folder / MANIFEST}.", _WHERE_UNUSABLE)
            why = f": {fault.fault.value}" if fault is not None else ""
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "There is no project of a student here."),
                f"{folder / MANIFEST}{why}.",
                QT_TRANSLATE_NOOP("Errors", "Begin one with: catnap student new DIR --teacher MODEL"),
            )
        return cls(folder, file, manifest)

    @property
    def collected(self) -> Path:
        """The answers that are learnt from."""
        return self.folder / "collected" / "training.kd"

    @property
    def more_answers(self) -> Path:
        """Further answers to the same prompts, which are learnt from as well; may not be there."""
        return self.folder / "collected" / "more.kd"

    @property
    def own_questions(self) -> Path:
        """Its answers to questions that the teacher has made itself, which are learnt from too; may not be there."""
        return self.folder / "collected" / "own-questions.kd"

    @property
    def held_out(self) -> Path:
        """The answers that are not."""
        return self.folder / "collected" / "held-out.kd"

    @property
    def models(self) -> Path:
        """The folder of the students."""
        return self.folder / "models"

    def student(self, name: str) -> Path:
        """Returns where the file of a student lies, or will.

        Args:
            name: Such as "layers-22"; it names files and folders of further steps as well.

        Raises:
            UserFacingError: No file can be called so, on any system.
        """
        if why := why_unusable(name) or why_unusable(name + _BEHIND_A_NAME):
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "A student cannot be called so."),
                f"{name[:_SHOWN]}: it {why}.",
                QT_TRANSLATE_NOOP("Errors", "Take a short name without folders, such as small-1."),
            )
        return self.models / f"{name}.gguf"

    @property
    def teacher(self) -> Path:
        """The teacher's file.

        Raises:
            UserFacingError: It is gone, is another one, or there is none here.
        """
        if self.manifest.served is not None:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The teacher of this project is on a server."),
                f"{self.manifest.teacher.path}.",
                QT_TRANSLATE_NOOP("Errors", "Students are made of the file that was named with --student."),
            )
        return self._present(
            self.manifest.teacher,
            QT_TRANSLATE_NOOP("Errors", "The teacher's file is not there any more, or is another one."),
        )

    @property
    def base(self) -> Path:
        """The file that students are made of: the teacher's, unless another was named.

        Raises:
            UserFacingError: It is gone, or is another one.
        """
        if self.manifest.student is None:
            return self.teacher
        return self._present(
            self.manifest.student,
            QT_TRANSLATE_NOOP("Errors", "The student's file is not there any more, or is another one."),
        )

    def find_teacher(self, path: Path) -> None:
        """Writes down where the teacher's file lies now, if it is gone from where it was.

        Args:
            path: What was named as the teacher.

        Raises:
            UserFacingError: It is another model.
            OSError: The file cannot be read, or that cannot be written.
        """
        known = self.manifest.teacher
        if str(path) == known.path:
            return
        is_gone = self.manifest.served is None and not Path(known.path).is_file()
        found = InputFile.of(path) if path.stat().st_size == known.size else None
        if found is None or found.sha256 != known.sha256:
            if is_gone:  # as whoever needs it says
                return
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "This project has another teacher."),
                f"{known.path}.",
                QT_TRANSLATE_NOOP("Errors", "Leave out --teacher, or begin another project."),
            )
        if is_gone:
            self.manifest = replace(self.manifest, teacher=found)
            self._write()

    def add_run(
        self,
        step: str,
        *,
        settings: Mapping[str, Any],
        sequences: Iterable[str] = (),
        figures: Mapping[str, Any] | None = None,
        replaces: bool = False,
    ) -> None:
        """Writes down that a step was done.

        Args:
            step: Its name.
            settings: See :class:`Run`.
            sequences: See :class:`Run`.
            figures: See :class:`Run`.
            replaces: The run before was the beginning of this one.

        Raises:
            OSError: It cannot be written.
        """
        run = Run(step, now(), dict(settings), tuple(sequences), dict(figures or {}))
        # Another command may have done a step meanwhile: that stays.
        there, _ = self._file.look_again()
        before = (self.manifest if there is None else there).runs
        if replaces:
            before = tuple(each for each in before if each.step != step)
        self.manifest = replace(self.manifest, runs=(*before, run))
        self._write()

    def unfinished(self, step: str) -> Path:
        """Returns where a step writes a student before it has its name; what a killed one has left there goes.

        Args:
            step: Its name.

        Raises:
            OSError: It cannot go.
        """
        file = self.folder / f"unfinished-{step}.gguf"
        file.unlink(missing_ok=True)
        return file

    def add_student(
        self,
        made: Path,
        target: Path,
        step: str,
        *,
        settings: Mapping[str, Any],
        sequences: Iterable[str] = (),
        figures: Mapping[str, Any] | None = None,
    ) -> int:
        """Writes down that a student was made, and then gives it its name; returns its bytes.

        So each student that can be seen is in the manifest, and the same command goes on where either went wrong.

        Args:
            made: Its file, see :meth:`unfinished`.
            target: The name.
            step: What has made it.
            settings: See :class:`Run`.
            sequences: See :class:`Run`.
            figures: See :class:`Run`; the bytes are added.

        Raises:
            OSError: It cannot be written.
        """
        size = made.stat().st_size
        target.parent.mkdir(exist_ok=True)
        self.add_run(step, settings=settings, sequences=sequences, figures={**(figures or {}), "bytes": size})
        made.replace(target)
        return size

    def _present(self, known: InputFile, title: str) -> Path:
        if known not in self._seen:
            if not known.is_there():
                remedy = QT_TRANSLATE_NOOP("Errors", "Put it back, or begin another project.")
                raise UserFacingError(title, f"{known.path}.", remedy)
            self._seen.add(known)
        return Path(known.path)

    def _write(self) -> None:
        self._file.write(asdict(self.manifest))


def now() -> str:
    """Returns the time as manifests have it."""
    return datetime.now(UTC).strftime(_TIME)


def check_free(target: Path, remedy: str) -> None:
    """Looks whether a student can be written there.

    Args:
        target: The file.
        remedy: What to do where there is one.

    Raises:
        UserFacingError: There is one.
    """
    if target.exists():
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "There is such a student already."),
            f"{target}.",
            remedy,
        )


def differences(one: Manifest, other: Manifest) -> Iterator[str]:
    """Yields in what two projects differ, a line for each; times and places of files do not count."""
    yield from _parted("teacher", one.teacher.sha256 or one.teacher.path, other.teacher.sha256 or other.teacher.path)
    yield from _parted("student", one.base.sha256, other.base.sha256)
    yield from _parted("prompts", one.prompts_digest, other.prompts_digest)
    yield from _parted("build", one.build, other.build)
    for each in fields(ProjectSettings):
        yield from _parted(each.name, getattr(one.settings, each.name), getattr(other.settings, each.name))
    for step in dict.fromkeys(run.step for run in (*one.runs, *other.runs)):
        mine, theirs = one.last(step), other.last(step)
        if mine is None or theirs is None:
            yield f"{step}: done in {'the second' if mine is None else 'the first'} only"
            continue
        yield from _parted(f"{step}, sequences", _counted(mine), _counted(theirs))
        for name in dict.fromkeys((*mine.settings, *theirs.settings)):
            if name in _OF_THE_MACHINE:
                continue
            yield from _parted(f"{step}, {name}", mine.settings.get(name), theirs.settings.get(name))
        for name in dict.fromkeys((*mine.figures, *theirs.figures)):
            yield from _parted(f"{step}, {name}", mine.figures.get(name), theirs.figures.get(name))


def _counted(run: Run) -> str:
    return f"{len(run.sequences)} ({run.digest})"


def _parted(name: str, one: object, other: object) -> Iterator[str]:
    if one != other:
        yield f"{name}: {one} against {other}"


def _file(folder: Path) -> StateFile[Manifest]:
    return StateFile(folder / MANIFEST, _parse, most=_MOST_BYTES)


def _parse(document: dict[str, Any]) -> Manifest:
    prompts, student = document["prompts"], document.get("student")
    return Manifest(
        teacher=_input(document["teacher"]),
        teacher_name=str(document["teacher_name"]),
        prompts=None if prompts is None else _input(prompts),
        prompts_digest=str(document["prompts_digest"]),
        settings=_settings(document["settings"]),
        build=str(document["build"]),
        at=str(document["at"]),
        runs=tuple(_run(each) for each in document["runs"]),
        student=None if student is None else _input(student),
    )


def _settings(document: Mapping[str, Any]) -> ProjectSettings:
    """Returns settings that were written down; names that are not known do not count."""
    found: dict[str, Any] = {}
    for name, usual in asdict(ProjectSettings()).items():
        value = document.get(name, usual)
        if name == "languages":
            value = tuple(map(str, value))
        elif type(value) not in (type(usual), int):
            raise ValueError(name)
        found[name] = value
    return ProjectSettings(**found)


def _input(entry: Mapping[str, Any]) -> InputFile:
    return InputFile(str(entry["path"]), int(entry["size"]), str(entry["sha256"]), int(entry.get("written_ns", 0)))


def _run(entry: Mapping[str, Any]) -> Run:
    return Run(
        str(entry["step"]),
        str(entry["at"]),
        dict(entry["settings"]),
        tuple(map(str, entry["sequences"])),
        dict(entry["figures"]),
    )
