"""Writes conversations to a file, whole or not at all, piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from pathlib import Path

from desktop.common.atomic_file import replaced_atomically
from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError, is_disk_full
from desktop.common.regular_file import is_open_database
from desktop.history.exchange.extent import Extent
from desktop.history.exchange.file_names import file_name
from desktop.history.exchange.formats import catnap_json, markdown, plain_text
from desktop.history.exchange.stored import StoredTree
from desktop.history.exchange.words import ExportWords
from desktop.history.store import History


class ExportFormat(Enum):
    """What a file of conversations can be; the value is its ending."""

    MARKDOWN = ".md"
    JSON = ".json"
    TEXT = ".txt"


def format_of(file: Path) -> ExportFormat | None:
    """Returns the format that a file's ending asks for; None: it asks for none."""
    endings = {".md": ExportFormat.MARKDOWN, ".markdown": ExportFormat.MARKDOWN, ".json": ExportFormat.JSON}
    return (endings | {".txt": ExportFormat.TEXT, ".text": ExportFormat.TEXT}).get(file.suffix.lower())


def pieces(
    history: History, ids: Iterable[str], form: ExportFormat, words: ExportWords, now: float, extent: Extent
) -> Iterator[str]:
    """Yields the export of some conversations; one that has gone meanwhile is left out.

    Args:
        history: The conversations.
        ids: Which, in their order.
        form: The format.
        words: In a person's language.
        now: The time of the export, in seconds since the epoch.
        extent: How much is told where that is not everything, as it always is in JSON.
    """
    trees = (tree for tree in map(history.stored_tree, ids) if tree is not None)
    if form is ExportFormat.JSON:
        yield from catnap_json.write_conversations(trees, now)
    elif form is ExportFormat.MARKDOWN:
        yield from markdown.write_conversations(trees, words, now, extent)
    else:
        yield from plain_text.write_conversations(trees, words, now, extent)


def write_file(
    file: Path, content: Iterator[str], *, replace: bool, cancelled: Callable[[], bool] = lambda: False
) -> None:
    """Writes a file; where it cannot be written to its end, nothing is there and an old one is as it was.

    Only the user can read it.

    Args:
        file: Where to.
        content: Of the file, as UTF-8.
        replace: Whether a file of that name may be replaced.
        cancelled: Asked for each piece.

    Raises:
        UserFacingError: It is there and may not be replaced, it is no file, or it cannot be written.
        Cancelled: It was.
    """
    try:
        if (file.exists() and not file.is_file()) or is_open_database(file):
            raise no_file(file)
        if file.exists() and not replace:
            raise _there_already(file)
        with replaced_atomically(file, unnamed=True) as stream:
            for piece in content:
                if cancelled():
                    raise Cancelled
                stream.write(piece.encode("utf-8", "replace"))
            if not replace and file.exists():
                raise _there_already(file)  # it came meanwhile
    except OSError as problem:
        raise _unwritable(file, problem) from problem


def write_folder(
    folder: Path,
    history: History,
    ids: Sequence[str],
    form: ExportFormat,
    words: ExportWords,
    now: float,
    extent: Extent,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Path, ...]:
    """Writes each conversation into a file of its own, named after its title; returns the files.

    A name that is taken gets a number.

    Args:
        folder: Is there.
        history: The conversations.
        ids: Which.
        form: The format.
        words: In a person's language.
        now: The time of the export, in seconds since the epoch.
        extent: How much of each conversation.
        cancelled: Asked for each piece.

    Raises:
        UserFacingError: A file cannot be written; those before it are there.
        Cancelled: It was.
    """
    try:
        taken = {each.name.lower() for each in folder.iterdir()}
    except OSError as problem:
        raise _unwritable(folder, problem) from problem
    files: list[Path] = []
    for conversation_id in ids:
        tree: StoredTree | None = history.stored_tree(conversation_id)
        if tree is None:
            continue
        name = file_name(tree.conversation.title, form.value, taken, words.untitled)
        taken.add(name.lower())
        content = pieces(history, [conversation_id], form, words, now, extent)
        write_file(folder / name, content, replace=False, cancelled=cancelled)
        files.append(folder / name)
    return tuple(files)


def nothing_to_export() -> UserFacingError:
    """Returns the error for an export of nothing, which would only replace an older one."""
    return UserFacingError(QT_TRANSLATE_NOOP("Errors", "There are no conversations to export."))


def no_file(file: Path) -> UserFacingError:
    """Returns the error for a name under which lies what must not be replaced: a folder, or the history itself."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "There is something else where the conversations should be written to."),
        f"{file}.",
        QT_TRANSLATE_NOOP("Errors", "Choose another name."),
    )


def _there_already(file: Path) -> UserFacingError:
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "A file of this name is there already; it was not changed."),
        f"{file}.",
        QT_TRANSLATE_NOOP("Errors", "Choose another name."),
    )


def _unwritable(file: Path, problem: OSError) -> UserFacingError:
    detail = f"{file}: {problem.strerror or problem}."
    if is_disk_full(problem):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The disk is full; nothing was exported."),
            detail,
            QT_TRANSLATE_NOOP("Errors", "Make room on the disk, or choose another folder."),
        )
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The conversations cannot be written there."),
        detail,
        QT_TRANSLATE_NOOP("Errors", "Choose another folder."),
    )
