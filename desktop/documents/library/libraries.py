"""What a library is, and how it is: values that windows show without knowing how folders are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from desktop.common.errors import UserFacingError


@dataclass(frozen=True)
class DocumentLibrary:
    """A folder whose documents questions are asked about.

    Attributes:
        name: As people know it; no two have the same.
    """

    id: str
    name: str
    folder: Path


@dataclass(frozen=True)
class LibraryProgress:
    """How far a library is.

    Attributes:
        done: Files that were looked at, of those that had changed.
        total: How many have changed.
        file: Which is being read.
    """

    done: int
    total: int
    file: str


@dataclass(frozen=True)
class LibraryState:
    """How a library is.

    Attributes:
        documents: How many can be asked.
        characters: Of their text.
        refused: Files that cannot be read, by their paths, and why.
        progress: What is being read; None: nothing is.
        problem: Why the folder could not be looked at the last time; None: it could.
        is_whole: No document was left out because there are too many.
        is_known: It was looked at since the program began.
    """

    library: DocumentLibrary
    documents: int = 0
    characters: int = 0
    refused: Mapping[str, UserFacingError] = field(default_factory=dict)
    progress: LibraryProgress | None = None
    problem: UserFacingError | None = None
    is_whole: bool = True
    is_known: bool = False


@dataclass(frozen=True)
class VectorState:
    """How far the passages are prepared to be found by what they mean.

    Attributes:
        done: Passages that were read.
        total: That there are.
        is_waiting: It waits for a better moment: the computer is in use, or on its battery.
        problem: Why it does not go on; None: it does, or is done.
    """

    done: int = 0
    total: int = 0
    is_waiting: bool = False
    problem: UserFacingError | None = None
