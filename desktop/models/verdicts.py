"""What came of trying models that no published hash vouches for: remembered by file, in verdicts.json.

The file: ``{"version": 1, "by": "1.2.3", "files": [{"device", "inode", "size", "mtime_ns", "outcome", "title",
"detail", "remedy", "values"}]}``. A verdict ends with any change of its file, and all of them with another version of
Catnap, whose engine may know more kinds of models. Losing one costs a trial, so a list that cannot be read is just
begun anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final

from desktop import __version__
from desktop.common.errors import UserFacingError
from desktop.common.file_identity import FileIdentity
from desktop.common.json_file import FileFault, StateFile
from desktop.gguf.parts import model_identity

_VERSION: Final = 1
# Files that are remembered; the oldest go first.
_KEPT: Final = 200
# Bytes of verdicts.json: 200 of them with long paths take a tenth of it.
_MOST: Final = 2_000_000

_log = logging.getLogger(__name__)


class Outcome(Enum):
    """How a trial ended."""

    WORKS = "works"
    REFUSED = "refused"  # the engine does not take it
    DIED = "died"  # it has brought the engine's process down
    SILENT = "silent"  # no answer in any reasonable time
    NO_MEMORY = "no memory"  # there was less than it needs, whatever had been predicted
    UNTRIED = "untried"  # it was not even tried: too big for the memory that was free


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
        """Whether the model was tried, and does not work."""
        return self.outcome not in (Outcome.WORKS, Outcome.UNTRIED)


class VerdictFile:
    """The verdicts that are remembered. Any thread, one change at a time."""

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: Path of verdicts.json; made with the first verdict.
        """
        self._file = StateFile(file, _verdicts, version=_VERSION, most=_MOST)

    @property
    def problem(self) -> FileFault | None:
        """What was wrong with the file when it was read, to be said once; None: nothing so far."""
        return self._file.problem

    def read(self) -> Callable[[Path], Verdict | None]:
        """Reads all of them; returns what tells the verdict about a file as it is now, and None where there is none."""
        known = self._file.read() or {}

        def verdict(path: Path) -> Verdict | None:
            if not known:
                return None
            try:
                return known.get(model_identity(path))
            except OSError:
                return None

        return verdict

    def remember(self, file: FileIdentity, verdict: Verdict) -> None:
        """Remembers a verdict; where that fails, the model will be tried once more."""
        known = self._file.read() or {}
        known.pop(file, None)  # it is the newest now
        known[file] = verdict
        entries = [
            {**asdict(identity), **asdict(each), "outcome": each.outcome.value}
            for identity, each in list(known.items())[-_KEPT:]
        ]
        try:
            self._file.path.parent.mkdir(parents=True, exist_ok=True)
            self._file.write({"by": __version__, "files": entries})
        except OSError as problem:
            _log.warning("verdict not remembered: %s", problem)


def _verdicts(document: dict[str, Any]) -> dict[FileIdentity, Verdict]:
    if document["by"] != __version__ and isinstance(document["by"], str):
        return {}
    return dict(_entry(entry) for entry in document["files"])


def _entry(entry: Any) -> tuple[FileIdentity, Verdict]:
    numbers = [entry[key] for key in ("device", "inode", "size", "mtime_ns")]
    title, detail, remedy, values = entry["title"], entry["detail"], entry["remedy"], tuple(entry["values"])
    if not all(isinstance(number, int) for number in numbers) or not all(
        isinstance(text, str) for text in (title, detail, remedy, *values)
    ):
        raise ValueError("wrong type")
    verdict = Verdict(Outcome(entry["outcome"]), title, detail, remedy, values)
    if values:
        verdict.detail.format(*values)  # a pattern that does not take them would fail when it is shown
    return FileIdentity(*numbers), verdict
