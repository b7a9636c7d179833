"""Moves the files of the model folder; nothing is lost when it is interrupted, at any point."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.file_lock import LOCK_ERRORS, lock
from desktop.models.disk import SPARE
from desktop.models.download.part_file import info_path, part_path
from desktop.models.remembered.checksums import note_path

_BLOCK = 4 << 20
_NOTES = (".verified", ".part.json")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Item:
    """A file to move and its size in bytes."""

    source: Path
    target: Path
    size: int


def move_models(
    old: Path,
    new: Path,
    known: Collection[str],
    names: Collection[str],
    progress: Callable[[int, int], None] | None,
) -> None:
    """See :meth:`desktop.models.library.Library.move_folder`.

    Args:
        old: The folder in force.
        new: The new one.
        known: File names of the catalogue.
        names: Everything that lies in ``old``.
        progress: Called with bytes done and bytes in all.
    """
    try:
        new.mkdir(parents=True, exist_ok=True)
        if not old.exists() or old.samefile(new):
            return
        items = [_Item(old / name, new / name, (old / name).stat().st_size) for name in _ours(old, known, names)]
        _refuse_running_downloads(items)
        _refuse_collisions(items)
        report = _Report(progress, sum(item.size for item in items))
        if _on_one_file_system(old, new):
            _rename(items, report)
        else:
            _copy(items, new, report)
    except OSError as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The models could not be moved."),
            f"{new}: {problem.strerror or problem}.",
            QT_TRANSLATE_NOOP("Errors", "Check that the disk is not full and the folder is writable."),
        ) from problem


def _on_one_file_system(old: Path, new: Path) -> bool:
    return old.stat().st_dev == new.stat().st_dev


class _Report:
    def __init__(self, progress: Callable[[int, int], None] | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def add(self, count: int) -> None:
        self._done += count
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)


def _ours(old: Path, known: Collection[str], names: Collection[str]) -> list[str]:
    """Returns the names to move: the folder may be one that the user shares with other things."""
    # A file with a note was downloaded by us, even where today's catalogue no longer has it. The file itself may have
    # moved already, when an earlier try was interrupted.
    noted = {
        name[1:].removesuffix(".verified") for name in names if name.startswith(".") and name.endswith(".verified")
    }
    models = noted | set(known)
    ours: list[str] = []
    for name in sorted(models):
        path = old / name
        # The note last: until it has arrived, the file counts as not yet verified.
        companions = (path, part_path(path), info_path(path), note_path(path))
        ours += [companion.name for companion in companions if companion.name in names and companion.is_file()]
    return ours


def _refuse_running_downloads(items: list[_Item]) -> None:
    for item in items:
        if item.source.suffix == ".part":
            with item.source.open("r+b") as stream:
                try:
                    lock(stream)
                except LOCK_ERRORS as problem:
                    raise UserFacingError(
                        QT_TRANSLATE_NOOP("Errors", "The model folder cannot be moved while a download is running."),
                        f"{item.source.name}.",
                        QT_TRANSLATE_NOOP("Errors", "Pause the download, then move the folder."),
                    ) from problem


def _refuse_collisions(items: list[_Item]) -> None:
    import filecmp

    for item in items:
        if item.source.name.endswith(_NOTES):
            continue  # says when its file was written; the one beside the file in the new folder is as good
        if item.target.exists() and not (
            item.target.is_file() and filecmp.cmp(item.source, item.target, shallow=False)
        ):
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "A different file of the same name is in the way."),
                f"{item.target}.",
                QT_TRANSLATE_NOOP("Errors", "Move or delete it, or choose another folder."),
            )


def _rename(items: list[_Item], report: _Report) -> None:
    moved: list[_Item] = []
    try:
        for item in items:
            item.source.replace(item.target)
            moved.append(item)
            report.add(item.size)
    except OSError:
        for item in reversed(moved):
            item.target.replace(item.source)
        raise


def _copy(items: list[_Item], new: Path, report: _Report) -> None:
    missing = [item for item in items if not item.target.exists()]
    needed = sum(item.size for item in missing)
    free = shutil.disk_usage(new).free
    if free < needed + SPARE:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "There is not enough room in the new folder."),
            f"{new}: {format_bytes(free)} free, {format_bytes(needed + SPARE)} needed.",
            QT_TRANSLATE_NOOP("Errors", "Free some space, or choose another folder."),
        )
    report.add(sum(item.size for item in items) - needed)
    for item in missing:
        _copy_file(item, report)
    # Only now, with everything in the new folder and on its disk, the old files go.
    for item in items:
        try:
            item.source.unlink()
        except OSError as problem:
            _log.warning("a copied model stays behind: %s", problem)


def _copy_file(item: _Item, report: _Report) -> None:
    scratch = item.target.with_name(f"{item.target.name}.moving")
    try:
        with item.source.open("rb") as reader, scratch.open("wb") as writer:
            while block := reader.read(_BLOCK):
                writer.write(block)
                report.add(len(block))
            writer.flush()
            os.fsync(writer.fileno())
        shutil.copystat(item.source, scratch)
        if scratch.stat().st_size != item.size:
            raise OSError(f"{item.source.name} changed while it was copied")
        scratch.replace(item.target)
    except BaseException:
        with contextlib.suppress(OSError):  # of a disk that has turned read-only: what was wrong first is said
            scratch.unlink(missing_ok=True)
        raise
