"""A model that lies in several files: their names, and which files belong together. Standard library only.

llama.cpp writes and looks for ``<prefix>-00001-of-00003.gguf`` (``llama_split_path``, ``llama_split_prefix`` in
llama.cpp); the first part has all that the model says about itself, the others have tensors only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.file_identity import FileIdentity

_NAME: Final = re.compile(r"(?P<prefix>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.DOTALL)
# Parts of one model. The largest on offer have some fifty; a name is not to make a list of 99,999.
MOST_PARTS: Final = 512
_NAMED = 5  # missing parts that are named


@dataclass(frozen=True)
class PartName:
    """What a file's name says about the part that it is.

    Attributes:
        prefix: What stands in front, the same for all parts.
        number: From 1 on.
        count: Parts of the model.
    """

    prefix: str
    number: int
    count: int

    def sibling(self, number: int) -> str:
        """Returns the name of another part."""
        return f"{self.prefix}-{number:05}-of-{self.count:05}.gguf"

    def all(self) -> tuple[str, ...]:
        """Returns the names of all parts, in their order."""
        return tuple(self.sibling(number) for number in range(1, self.count + 1))


def part_name(name: str) -> PartName | None:
    """Returns what a file's name, or its path in a repository, says of a part; None: it is the name of a whole file."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    number, count = int(found["number"]), int(found["count"])
    return PartName(found["prefix"], number, count) if 1 <= number <= count and 2 <= count <= MOST_PARTS else None


def first_part(path: Path) -> Path:
    """Returns the file that a model is loaded by: the first part, or ``path`` itself where it is no part by its name.

    Where the first part is not there and ``path`` is, that is returned: the name may only look like it.
    """
    named = part_name(path.name)
    if named is None or named.number == 1:
        return path
    first = path.with_name(named.sibling(1))
    return first if first.exists() else path


def part_paths(path: Path) -> tuple[Path, ...]:
    """Returns all files of the model that is loaded by ``path``; whether they are there is not looked at."""
    named = part_name(path.name)
    if named is None or named.number != 1:
        return (path,)
    return tuple(path.with_name(name) for name in named.all())


def present_parts(path: Path) -> tuple[Path, ...]:
    """Returns the files of the model that is loaded by ``path`` that are there, ``path`` itself always among them.

    A single file may have a name like that of a part: so may one that was joined from parts.
    """
    return tuple(part for part in part_paths(path) if part == path or part.exists())


def model_identity(path: Path) -> FileIdentity:
    """Identifies the model that is loaded by ``path``, with all its parts.

    Raises:
        OSError: One of them may not be looked at, or the first is not there.
    """
    return FileIdentity.of_all(present_parts(path))


def missing_parts(names: Iterable[str], where: str) -> UserFacingError:
    """Returns the error for a model of which not all parts are there.

    Args:
        names: Of the files that are missing.
        where: The folder, or the repository.
    """
    missing = tuple(names)
    shown = ", ".join(missing[:_NAMED])
    if len(missing) > _NAMED:
        shown += f" (+{len(missing) - _NAMED})"
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Parts of this model are missing."),
        f"{where}: {shown}.",
        QT_TRANSLATE_NOOP("Errors", "Put all its parts into one folder, with the names they were published under."),
    )


def foreign_parts(path: Path) -> UserFacingError:
    """Returns the error for parts that do not belong to the model beside which they lie."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The parts of this model do not belong together."),
        f"{path}.",
        QT_TRANSLATE_NOOP("Errors", "Download all its parts from one place, and keep their names."),
    )
