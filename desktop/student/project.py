"""A project: one folder in which a student is made, with a manifest that says of what and how.

``project.json`` names what goes in with its sha256, the settings and seeds, and a run for each step that was done, with
the list of the sequences that it used: two projects can be compared line by line. Beside it lie ``collected/`` (the
teacher's answers), ``models/`` (students) and files of single steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.file_lock import changing_alone
from desktop.common.json_file import Fault, StateFile
from desktop.gguf.parts import model_identity
from desktop.models.file_names import why_unusable
from desktop.student.manifest import InputFile, Manifest, Run, now, parse_manifest

MANIFEST: Final = "project.json"
_MOST_BYTES: Final = 64_000_000
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
        found = InputFile.of(path) if model_identity(path).size == known.size else None
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
        with changing_alone(self._file.path):
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


def _file(folder: Path) -> StateFile[Manifest]:
    return StateFile(folder / MANIFEST, parse_manifest, most=_MOST_BYTES)
