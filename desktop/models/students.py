"""Students that were made here: a file in the model folder that is Catnap's own, with a card that says of whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from desktop.common.atomic_file import replaced_atomically
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.json_file import is_count
from desktop.common.regular_file import open_regular
from desktop.gguf.naming import plain_name
from desktop.models.disk import SPARE, room
from desktop.models.file_names import why_unusable
from desktop.models.remembered.checksums import hash_file

_BLOCK: Final = 4 << 20


@dataclass(frozen=True)
class StudentCard:
    """What is said of a student beside its name; texts may be empty, counts 0: nobody knows.

    Attributes:
        teacher: What its teacher is called.
        makers: Who made that.
        licence: Of the teacher, and so of the student.
        address: Where the teacher is kept.
        reads: Facts that it found in texts.
        teacher_reads: Facts that its teacher found in the same.
        asked: Facts that both were asked for.
    """

    teacher: str
    makers: str = ""
    licence: str = ""
    address: str = ""
    reads: int = 0
    teacher_reads: int = 0
    asked: int = 0

    @classmethod
    def parse(cls, entry: Mapping[str, Any]) -> Self:
        """Returns what a list of own models says.

        Raises:
            ValueError: It is no card.
            LookupError: The same.
        """
        texts = [entry.get(key, "") for key in ("teacher", "makers", "licence", "address")]
        counts = [entry.get(key, 0) for key in ("reads", "teacher_reads", "asked")]
        if not all(isinstance(text, str) for text in texts) or not all(map(is_count, counts)):
            raise ValueError("wrong type")
        teacher, makers, licence, address = map(plain_name, texts)
        reads, teacher_reads, asked = counts
        return cls(teacher, makers, licence, address, reads, teacher_reads, asked)


def copy_student(
    source: Path, folder: Path, name: str, progress: Callable[[int, int], None] | None = None
) -> tuple[Path, str, bool]:
    """Copies a student into the model folder, where nothing of another content may lie under its name.

    Args:
        source: The file in its project.
        folder: The model folder, which is made if need be.
        name: Of the copy.
        progress: Called with bytes done and bytes in all.

    Returns:
        The copy, its sha256, and whether it is new: the very file may lie there already.

    Raises:
        UserFacingError: The name will not do or is taken, there is no room, or it cannot be read or written.
    """
    if why := why_unusable(name):
        raise UserFacingError(QT_TRANSLATE_NOOP("Errors", "A file cannot be called so."), f"{name}: it {why}.")
    target = folder / name
    try:
        if target.exists() or target.is_symlink():
            digest = hash_file(source)
            if not target.is_file() or hash_file(target) != digest:
                raise is_taken(target)
            return target, digest, False
        total = source.stat().st_size
        free = room(folder)
        if free is not None and free < total + SPARE:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "There is not enough room on the disk for this model."),
                f"{folder}: {format_bytes(free)} free, {format_bytes(total + SPARE)} needed.",
                QT_TRANSLATE_NOOP("Errors", "Free some space, or choose another folder."),
            )
        folder.mkdir(parents=True, exist_ok=True)
        return target, _copy(source, target, total, progress), True
    except OSError as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The model cannot be copied into the model folder."),
            f"{problem.filename or target}: {problem.strerror or problem}.",
            QT_TRANSLATE_NOOP("Errors", "Check that the disk is not full and the folder is writable."),
        ) from problem


def is_taken(target: Path) -> UserFacingError:
    """Returns what is said where a name in the model folder is another model's."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Another model of that name is in the model folder."),
        f"{target}.",
        QT_TRANSLATE_NOOP("Errors", "Give another name."),
    )


def delete_student(path: Path) -> None:
    """Deletes the file of a student; its project keeps what it was copied from.

    Raises:
        UserFacingError: It cannot be deleted.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The model cannot be deleted."),
            f"{path}: {problem.strerror or problem}.",
            QT_TRANSLATE_NOOP("Errors", "Close other programs that use it, and check that you may write there."),
        ) from problem


def _copy(source: Path, target: Path, total: int, progress: Callable[[int, int], None] | None) -> str:
    import hashlib  # 3 MB of OpenSSL, which only installing a student needs

    digest, done = hashlib.sha256(), 0
    with open_regular(source) as reader, replaced_atomically(target) as writer:
        while block := reader.read(_BLOCK):
            digest.update(block)
            writer.write(block)
            done += len(block)
            if progress is not None:
                progress(done, total)
    return digest.hexdigest()
