"""The verbs of ``catnap student`` that the app starts, in processes of their own."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import JsonError, parse_json
from desktop.common.own_process import own_command, own_variables
from desktop.lifecycle.students.projects import Goal, StudentProject
from desktop.student.steps import Step

# How verbs begin what they say on stderr.
_SPEAKER: Final = "catnap: "
_LONGEST_SENTENCE: Final = 600
# Copying a model to a slow disk, and trying it.
_INSTALL_SECONDS: Final = 1800.0


class StudentVerb(Protocol):
    """Returns what starts a step of ``catnap student``."""

    def __call__(self, action: str) -> Sequence[str]: ...


def student_verb(own_data: Path | None, action: str) -> list[str]:
    """Returns what starts a step.

    Args:
        own_data: The folder that was given with ``--data-dir``; None: the usual places.
        action: Of the verb.
    """
    places = () if own_data is None else ("--data-dir", str(own_data))
    return [*own_command("student"), action, *places]


def steps_of(minutes: int) -> tuple[Step, ...]:
    """Returns the steps to a student, in their order, those that are done already too.

    Args:
        minutes: That it learns.
    """
    return (Step.COLLECT, Step.PRUNE, *((Step.TRAIN,) if minutes else ()), Step.EXPORT, Step.CHECK)


def run_arguments(
    project: StudentProject, folder: Path, language: str, options: Sequence[str] = (), python: Path | None = None
) -> list[str]:
    """Returns what ``catnap student run`` is told, to begin a project or to go on with it.

    Args:
        project: What is wanted.
        folder: Where it lies.
        language: Of its report: "en" or "zh".
        options: What else it is told.
        python: The environment that it shall be trained in; None: whatever is found.
    """
    wish = project.wish
    where = "" if python is None else f" --python {shlex.quote(str(python))}"
    learning = ("--train", f"--minutes {wish.minutes}{where}") if wish.minutes else ("--untrained",)
    bits = ("--plain",) if wish.goal is Goal.SMALLER else ()
    # Whether it may run on a battery is the app's to say, which stops it.
    return [
        *(str(folder), "--teacher", str(wish.teacher), "--layers", str(wish.layers)),
        *("--type", wish.kind, *learning, *bits),
        *("--language", language, "--anyway", "--progress", *options),
    ]


def install(verb: StudentVerb, folder: Path, file: Path) -> str:
    """Puts a student among the models, and returns its id there; not on the thread of the windows.

    Args:
        verb: Starts the step.
        folder: Of its project.
        file: The student.

    Raises:
        UserFacingError: It could not be put there.
    """
    command = [*verb("install"), str(folder), str(file), "--json"]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_INSTALL_SECONDS,
            check=False,
            env={**os.environ, **own_variables(os.environ)},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise _not_installed(getattr(problem, "strerror", None) or type(problem).__name__) from problem
    try:
        said = parse_json(done.stdout)
        return str(said["id"])
    except (JsonError, LookupError, TypeError):
        raise _not_installed(last_words(done.stderr)) from None


def last_words(said: bytes) -> str:
    """Returns the last sentence that a verb has said on stderr; empty: it has said nothing."""
    lines = said.decode("utf-8", "replace").splitlines()
    spoken = [line for line in lines if line.startswith(_SPEAKER)] or [line for line in lines if line.strip()]
    return spoken[-1].removeprefix(_SPEAKER).strip()[:_LONGEST_SENTENCE] if spoken else ""


def _not_installed(why: str) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The smaller model could not be put among the models."),
        why,
        QT_TRANSLATE_NOOP("Errors", "It is kept; “Use it” tries again."),
    )
