"""Whether the files of a model are those that were published. Reads files: for worker threads."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.regular_file import open_regular
from desktop.common.set_aside import rename_bad
from desktop.gguf.other_formats import MAGIC
from desktop.models.remembered.checksums import hash_file, is_noted, note_path, write_note
from desktop.models.types import ModelPiece

_log = logging.getLogger(__name__)


def stands(path: Path, piece: ModelPiece) -> bool | None:
    """Tells whether a file was found to be the published one; None: it is not even of its size, or no model.

    Raises:
        OSError: It cannot be looked at.
    """
    if path.stat().st_size != piece.size:
        return None
    if is_noted(path, piece.sha256):
        return True
    with open_regular(path) as stream:
        return False if stream.read(len(MAGIC)) == MAGIC else None


def hash_or_say(path: Path, progress: Callable[[int, int], None] | None, cancelled: Callable[[], bool] | None) -> str:
    """Returns the sha256 of a file; see :func:`desktop.models.remembered.checksums.hash_file`.

    Raises:
        UserFacingError: It cannot be read.
    """
    try:
        return hash_file(path, progress, cancelled)
    except OSError as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The model file cannot be read."),
            f"{path}: {problem.strerror or problem}.",
            QT_TRANSLATE_NOOP("Errors", "Check that it is still there and that you may open it."),
        ) from problem


def hash_all(
    paths: Sequence[Path], progress: Callable[[int, int], None] | None, cancelled: Callable[[], bool] | None
) -> str:
    """Returns the sha256 of a file; of several, their hashes one after the other."""
    return "".join(hash_or_say(path, progress, cancelled) for path in paths)


def compare_download(piece: ModelPiece, path: Path, digest: str) -> bool:
    """Notes that a file is right, or sets it aside where it is not; returns whether it is.

    Args:
        piece: What was published.
        path: The file.
        digest: Its sha256.

    Raises:
        UserFacingError: It is damaged, and cannot be set aside.
    """
    try:
        if digest == piece.sha256:
            write_note(path, digest)
            return True
        note_path(path).unlink(missing_ok=True)
        aside = rename_bad(path)
    except OSError as problem:
        if digest == piece.sha256:
            _log.warning("cannot note that %s is right: %s", path, problem)
            return True
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The model file is damaged and cannot be set aside."),
            f"{path}: {problem.strerror or problem}.",
            QT_TRANSLATE_NOOP("Errors", "Delete it, and download the model again."),
        ) from problem
    _log.warning("sha256 of %s is %s, not %s; it is now %s", path, digest, piece.sha256, aside)
    return False
