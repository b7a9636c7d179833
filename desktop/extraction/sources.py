"""Which documents a table is made of: files, and folders that stand for the files in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError, from_system
from desktop.documents.library.folders import scan

# Documents of one table.
MOST_DOCUMENTS: Final = 20_000


@dataclass(frozen=True)
class Source:
    """A document to fill a form in from.

    Attributes:
        name: How it is called in the table.
    """

    path: Path
    name: str


def find_sources(
    places: Iterable[Path],
    *,
    recursive: bool,
    most: int = MOST_DOCUMENTS,
    leave_out: Path | None = None,
) -> list[Source]:
    """Returns the documents that are meant, in the order of their names; a folder stands for the files in it.

    Args:
        places: Files and folders, from the root on.
        recursive: Folders within folders, too.
        most: Documents of one table.
        leave_out: A file that is none, such as the table itself.

    Raises:
        UserFacingError: There are none, or too many; or a folder cannot be read.
    """
    found: dict[Path, Source] = {}
    places = tuple(places)
    for place in places:
        for each in _files(place, recursive=recursive) if place.is_dir() else (place,):
            if each != leave_out:
                found.setdefault(each, Source(each, _shown(each, place)))
            if len(found) > most:
                raise _too_many(most)
    if not found:
        raise _none(places)
    return list(_told_apart(found.values()))


def library_sources(folder: Path, most: int) -> list[Source]:
    """Returns the documents of a library, those that questions about it are answered from, and those it cannot read.

    Args:
        folder: Of the library.
        most: Documents of one table.

    Raises:
        UserFacingError: There are none, or too many.
        OSError: The folder cannot be read.
    """
    files = scan(folder).files
    if len(files) > most:
        raise _too_many(most)
    if not files:
        raise _none((folder,))
    return [Source(folder / each.path, _text(Path(each.path))) for each in files]


def _too_many(most: int) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "There are too many documents for one table."),
        QT_TRANSLATE_NOOP("Errors", "More than {0}."),
        QT_TRANSLATE_NOOP("Errors", "Name fewer."),
        values=(f"{most:,}",),
    )


def _none(places: Iterable[Path]) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "There is no document."),
        ", ".join(map(str, places)),
        QT_TRANSLATE_NOOP("Errors", "Name files, or a folder with some."),
    )


def _told_apart(sources: Iterable[Source]) -> Iterator[Source]:
    """Yields sources of which no two have the same name: a second one, from another folder, has its whole path."""
    names: set[str] = set()
    for source in sources:
        yield replace(source, name=_text(source.path)) if source.name in names else source
        names.add(source.name)


def _files(folder: Path, *, recursive: bool) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as problem:
        raise from_system(problem) from problem
    for entry in entries:
        if entry.name.startswith((".", "~$")):  # hidden, or the lock of an office program
            continue
        if entry.is_file():
            yield entry
        elif recursive and entry.is_dir() and not entry.is_symlink():
            yield from _files(entry, recursive=True)


def _shown(path: Path, place: Path) -> str:
    return _text(path.relative_to(place)) if path != place else _text(Path(path.name))


def _text(path: Path) -> str:
    return str(path).encode("utf-8", "replace").decode()
