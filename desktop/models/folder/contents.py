"""The model folder: which files of models lie in it, whether they are what was published, and how they are deleted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.gguf.parts import part_name
from desktop.models.folder.checks import compare_download, hash_or_say, stands
from desktop.models.remembered.checksums import is_noted, note_path
from desktop.models.types import InstalledModel, ModelSpec

# Files of unknown names in the model folder that are looked at: it may be one that others use too.
_FOUND: Final = 200

_log = logging.getLogger(__name__)


class ModelFolder:
    """A folder with downloaded models, and maybe others. Keeps nothing in memory; any thread.

    Attributes:
        path: The folder; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        """
        Args:
            path: The folder.
        """
        self.path = path

    def names(self) -> frozenset[str]:
        """Returns the names of everything in it.

        Raises:
            UserFacingError: It cannot be read.
        """
        try:
            return frozenset(entry.name for entry in self.path.iterdir())
        except FileNotFoundError:
            return frozenset()
        except OSError as problem:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The model folder cannot be read."),
                f"{self.path}: {problem.strerror or problem}.",
                QT_TRANSLATE_NOOP("Errors", "Check that it is there and readable, or choose another one."),
            ) from problem

    def find(self, spec: ModelSpec) -> InstalledModel | None:
        """Returns a model of which all files are there, with the size of those published; None: they are not."""
        path = self.path / spec.file
        try:
            are_noted = [stands(self.path / piece.file, piece) for piece in spec.files]
        except OSError as problem:
            _log.warning("model file unreadable: %s", problem)
            return None
        if None in are_noted:
            return None
        return InstalledModel(
            spec.id, spec.name, path, spec.size, spec, is_vouched=all(are_noted), languages=spec.languages
        )

    def strangers(self, names: Collection[str], known: Collection[str]) -> list[str]:
        """Returns the paths of GGUF files that nobody knows, of several parts the first.

        Args:
            names: See :meth:`names`.
            known: Names of the files of models that are known.
        """
        found: list[str] = []
        for name in sorted(names):
            if not name.lower().endswith(".gguf") or name.startswith(".") or name in known:
                continue
            named = part_name(name)
            if named is not None and any(other in names for other in named.all()[: named.number - 1]):
                continue
            if (self.path / name).is_file():
                found.append(str(self.path / name))
        return found[:_FOUND]

    def is_verified(self, spec: ModelSpec) -> bool:
        """Tells whether the sha256 of all files was found right, and none has changed since."""
        return all(is_noted(self.path / piece.file, piece.sha256) for piece in spec.files)

    def verify(
        self,
        spec: ModelSpec,
        progress: Callable[[int, int], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> bool:
        """Reads all files of a model and compares their sha256; what is damaged is set aside. See :class:`Library`."""
        done, intact = 0, True
        for piece in spec.files:
            place, before = self.path / piece.file, done
            told = (lambda part, _whole, before=before: progress(before + part, spec.size)) if progress else None
            intact &= compare_download(piece, place, hash_or_say(place, told, cancelled))
            done += piece.size
        return intact

    def delete(self, spec: ModelSpec) -> None:
        """Deletes all files of a model that are there.

        Raises:
            UserFacingError: One cannot be deleted.
        """
        path = self.path / spec.file
        try:
            for piece in spec.files:
                path = self.path / piece.file
                path.unlink(missing_ok=True)
                note_path(path).unlink(missing_ok=True)
        except OSError as problem:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The model cannot be deleted."),
                f"{path}: {problem.strerror or problem}.",
                QT_TRANSLATE_NOOP("Errors", "Close other programs that use it, and check that you may write there."),
            ) from problem
