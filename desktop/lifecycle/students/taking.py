"""Takes a student that is made among the models: its file and its report are kept, the rest of its project goes."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError, from_system
from desktop.lifecycle.students.projects import ProjectState, StudentProject

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9.-]+")
_UNDONE: Final = ".student"  # ends the name of a copy that is not whole yet


def take(project: StudentProject, folder: Path, models: Path) -> StudentProject:
    """Moves a student into the folder of models; between two disks it is copied. Not on the thread of the windows.

    Args:
        project: Whose student is made.
        folder: Of the project.
        models: The folder.

    Returns:
        The project as it is to be remembered.

    Raises:
        UserFacingError: The student is gone, or there is no room for it.
    """
    source = Path(project.file)
    try:
        if not source.is_file():
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The file of the smaller model is not there any more."),
                f"{source}.",
                QT_TRANSLATE_NOOP("Errors", "“Remove” it, and make it again."),
            )
        target = source
        if not source.is_relative_to(models):
            models.mkdir(parents=True, exist_ok=True)
            target = _free(models, project)
            _move(source, target)
        report = _keep_report(project, folder)
    except OSError as problem:
        raise from_system(problem) from problem
    return replace(project, state=ProjectState.USED, file=str(target), report=report)


def _free(models: Path, project: StudentProject) -> Path:
    wish = project.wish
    name = _UNSAFE.sub("-", wish.teacher_name).strip("-.") or "model"
    stem = f"{name}-{wish.layers}-of-{wish.of_layers}-layers"
    number, path = 1, models / f"{stem}.gguf"
    while path.exists():
        number += 1
        path = models / f"{stem}-{number}.gguf"
    return path


def _move(source: Path, target: Path) -> None:
    try:
        os.rename(source, target)
    except OSError:
        undone = target.with_name(target.name + _UNDONE)
        try:
            shutil.copyfile(source, undone)
            os.replace(undone, target)
        except OSError:
            with contextlib.suppress(OSError):
                undone.unlink(missing_ok=True)
            raise


def _keep_report(project: StudentProject, folder: Path) -> str:
    """Puts the report beside the project's folder, which goes; returns where it is."""
    report = Path(project.report) if project.report else None
    if report is None or not report.is_file() or not report.is_relative_to(folder):
        return project.report
    kept = folder.with_name(f"{folder.name}{report.suffix}")
    os.replace(report, kept)
    return str(kept)
