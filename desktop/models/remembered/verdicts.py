"""What came of trying models that no published hash vouches for: remembered by file, in verdicts.json.

In the form of :mod:`desktop.models.remembered.file_memory`, each entry with ``"outcome", "title", "detail",
"remedy", "values"``.
Another version's engine may know more kinds of models. Losing one costs a trial.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

from desktop.common.errors import UserFacingError
from desktop.models.remembered.file_memory import FileMemory

# Files that are remembered; the oldest go first.
_KEPT: Final = 200
# Bytes of verdicts.json: 200 of them with long paths take a tenth of it.
_MOST: Final = 2_000_000


class Outcome(Enum):
    """How a trial ended."""

    WORKS = "works"
    REFUSED = "refused"  # the engine does not take it
    DIED = "died"  # it has brought the engine's process down
    SILENT = "silent"  # no answer, however long it computed
    NO_MEMORY = "no memory"  # there was less than it needs, whatever had been predicted
    UNTRIED = "untried"  # it was not even tried: too big for the memory that was free
    UNDECIDED = "undecided"  # the trial did not come to an end, for reasons of the machine


@dataclass(frozen=True)
class Verdict:
    """What came of a trial.

    Attributes:
        outcome: How it ended.
        title: Of what is said about it, see :class:`UserFacingError`; empty where it works.
        detail: The same; a pattern where there are ``values``.
        remedy: The same.
        values: The same.
    """

    outcome: Outcome
    title: str = ""
    detail: str = ""
    remedy: str = ""
    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, outcome: Outcome, problem: UserFacingError) -> Verdict:
        """Returns the verdict with what is to be said about it."""
        detail, values = (problem.pattern, problem.values) if problem.pattern else (problem.detail, ())
        return cls(outcome, problem.title, detail, problem.remedy, values)

    @property
    def problem(self) -> UserFacingError | None:
        """What to say about it; None where it works."""
        return UserFacingError(self.title, self.detail, self.remedy, values=self.values) if self.title else None

    @property
    def is_bad(self) -> bool:
        """Whether the model was tried, and does not work: that rests on the file and not on the machine's state."""
        return self.outcome in (Outcome.REFUSED, Outcome.DIED, Outcome.SILENT)

    @property
    def is_open(self) -> bool:
        """Whether nothing was found out about the model, for want of memory, of time, or of its drive."""
        return self.outcome in (Outcome.UNTRIED, Outcome.UNDECIDED)


class VerdictFile(FileMemory[Verdict]):
    """The verdicts that are remembered."""

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: Path of verdicts.json.
        """
        super().__init__(file, _entry, _verdict, kept=_KEPT, most=_MOST)


def _entry(verdict: Verdict) -> dict[str, Any]:
    return {**asdict(verdict), "outcome": verdict.outcome.value}


def _verdict(entry: Any) -> Verdict:
    title, detail, remedy, values = entry["title"], entry["detail"], entry["remedy"], tuple(entry["values"])
    if not all(isinstance(text, str) for text in (title, detail, remedy, *values)):
        raise ValueError("wrong type")
    verdict = Verdict(Outcome(entry["outcome"]), title, detail, remedy, values)
    if values:
        verdict.detail.format(*values)  # a pattern that does not take them would fail when it is shown
    return verdict
