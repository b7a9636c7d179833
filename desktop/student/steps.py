"""What ``catnap student run --progress`` tells another program: one JSON object a line, on stdout.

In this order: ``{"step": "plan", "steps": ["collect", ...], "seconds": 5400, "disk": 400000000, "memory": 900000000}``,
once, before anything is computed; ``{"step": "collect", "done": 3, "total": 420, "seconds_left": 812.5}`` again and
again, for each step in its order, ``seconds_left`` being null until something can be said of it; and at the end
``{"step": "done", "sentence": "...", "file": "/.../models/student.gguf", "report": "/.../report.html"}``. What fails
ends without that line, with its sentence on stderr and a code other than 0, and with ``{"step": "failed", "title":
"...", "detail": "...", "remedy": "..."}`` if somebody has put it into words: the parts of a
:class:`~desktop.common.errors.UserFacingError`, in English, which the reader may know in another language; 130: it was
paused, and the same command goes on. A reader passes over lines that it does not know.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, Final

from desktop.common.json_file import JsonError, parse_json, to_json

_PLAN: Final = "plan"
_DONE: Final = "done"
_FAILED: Final = "failed"


class Step(Enum):
    """A step of the way from a teacher to a student in the app, in their order; the value stands in lines."""

    COLLECT = "collect"
    PRUNE = "prune"
    TRAIN = "train"
    EXPORT = "export"
    VOCABULARY = "vocabulary"
    CHECK = "check"
    INSTALL = "install"


@dataclass(frozen=True)
class Planned:
    """What will be done, and what it takes; see :mod:`desktop.student.costs`.

    Attributes:
        steps: Those that are not done yet.
        seconds: Of all of them.
        disk: Bytes that they write.
        memory: Bytes that the hungriest of them takes.
    """

    steps: tuple[Step, ...]
    seconds: float
    disk: int
    memory: int


@dataclass(frozen=True)
class StepProgress:
    """How far a step is.

    Attributes:
        done: Of ``total``; what is counted is the step's affair.
        total: 0: it cannot be said.
        seconds_left: Of this step; None: nobody can tell yet.
    """

    step: Step
    done: int
    total: int
    seconds_left: float | None = None

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(frozen=True)
class Finished:
    """All steps are done.

    Attributes:
        sentence: What came of it, for a person.
        file: The student: in the project, or where it was installed.
        report: The report; empty: none was written.
    """

    sentence: str
    file: str
    report: str = ""


@dataclass(frozen=True)
class Refused:
    """It could not be done; see :class:`~desktop.common.errors.UserFacingError`.

    Attributes:
        title: What happened, in English; the same for each failure of its kind.
        detail: The variable part; may be empty.
        remedy: What to do about it, in English, without variable parts; may be empty.
    """

    title: str
    detail: str = ""
    remedy: str = ""


Told = Planned | StepProgress | Finished | Refused


def encode(told: Told) -> str:
    """Returns the line, without a line feed."""
    if isinstance(told, Planned):
        return to_json({"step": _PLAN, **asdict(told), "steps": [step.value for step in told.steps]})
    if isinstance(told, Finished):
        return to_json({"step": _DONE, **asdict(told)})
    if isinstance(told, Refused):
        return to_json({"step": _FAILED, **asdict(told)})
    return to_json({**asdict(told), "step": told.step.value})


def decode(line: str) -> Told | None:
    """Returns what a line says; None: it is none of these, or of a later version."""
    try:
        said = parse_json(line)
        return _meaning(said) if isinstance(said, dict) else None
    except (JsonError, ValueError, LookupError, TypeError):
        return None


def _meaning(said: dict[str, Any]) -> Told:
    if said["step"] == _PLAN:
        steps = tuple(Step(each) for each in said["steps"])
        return Planned(steps, _number(said["seconds"]), int(_number(said["disk"])), int(_number(said["memory"])))
    if said["step"] == _DONE:
        return Finished(*_texts(said["sentence"], said["file"], said.get("report", "")))
    if said["step"] == _FAILED:
        title, detail, remedy = _texts(said["title"], said["detail"], said["remedy"])
        if not title:
            raise ValueError("no sentence")
        return Refused(title, detail, remedy)
    left = said.get("seconds_left")
    done, total = int(_number(said["done"])), int(_number(said["total"]))
    return StepProgress(Step(said["step"]), done, total, None if left is None else _number(left))


def _texts(*values: object) -> list[str]:
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) < len(values):
        raise ValueError("no text")
    return texts


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError("no number")
    return float(value)
