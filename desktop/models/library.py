"""What is installed: downloaded models in the model folder, and the user's own files where they lie.

No method keeps anything in memory, so two Libraries on the same folder agree. All but the long ones (``examine``,
``verify``, ``move_folder``) take a few milliseconds, unless a drive does not answer; every method may be called from
any thread.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.file_identity import FileIdentity
from desktop.common.json_file import FileFault
from desktop.common.paths import absolute
from desktop.common.printable import one_line
from desktop.common.regular_file import open_regular
from desktop.gguf.header import GgufHeader, read_header
from desktop.gguf.other_formats import MAGIC
from desktop.models.checksums import hash_file, is_noted, note_path, set_aside, write_note
from desktop.models.folder_move import move_models
from desktop.models.imports import ImportedFile, Imports
from desktop.models.types import Catalog, InstalledModel, ModelSpec
from desktop.models.verdicts import Verdict, VerdictFile

IMPORT_PREFIX = "file:"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Candidate:
    """A file that holds a model, and may be imported.

    Attributes:
        path: Absolute path.
        file: Which file that was when it was read.
        header: What it says about itself.
        known: It lies in the model folder, and this is its entry there; None: it lies elsewhere.
    """

    path: Path
    file: FileIdentity
    header: GgufHeader
    known: InstalledModel | None


class Library:
    """The installed models."""

    def __init__(self, folder: Path, state_dir: Path, catalog: Catalog) -> None:
        """
        Args:
            folder: Where downloaded models lie; need not exist yet.
            state_dir: Where imports.json and verdicts.json lie.
            catalog: The known models.
        """
        self._folder = folder
        self._catalog = catalog
        self._imports = Imports(state_dir / "imports.json")
        self._verdicts = VerdictFile(state_dir / "verdicts.json")

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def load_problem(self) -> UserFacingError | None:
        """Something to say once about the list of imported files, after :meth:`installed` was called."""
        return self._imports.load_problem

    @property
    def verdicts_problem(self) -> FileFault | None:
        """What was wrong with the list of tried models, to be said once, after :meth:`installed` was called."""
        return self._verdicts.problem

    def installed(self) -> tuple[InstalledModel, ...]:
        """Returns the models that can be used: those of the catalogue in its order, then the imported ones.

        A file dropped into the folder by hand counts when its name and size are those of the catalogue and it begins
        like a model; ``is_vouched`` tells whether its sha256 was looked at.

        Raises:
            UserFacingError: The model folder cannot be read.
        """
        names = self._names()
        found = [self._in_catalog(spec) for spec in self._catalog.models if spec.file in names]
        models = (*(model for model in found if model), *(_imported(file) for file in self._imports.files()))
        verdict = self._verdicts.read()
        return tuple(
            model if model.is_vouched or model.missing else replace(model, verdict=verdict(model.path))
            for model in models
        )

    def import_file(self, path: Path) -> InstalledModel:
        """Remembers a GGUF file where it lies, and returns it: :meth:`examine` and :meth:`add`.

        Raises:
            UserFacingError: It is no model that can be used, or the list cannot be saved.
        """
        return self.add(self.examine(path))

    def examine(self, path: Path) -> Candidate:
        """Reads what a file is that is to be imported; changes nothing. Call it in a worker thread.

        Raises:
            UserFacingError: It is no model that can be used.
        """
        # Not resolve(): where a link is used to point to the newest file, the link is what the user meant.
        path = Path(os.path.abspath(absolute(path.expanduser())))  # noqa: PTH100
        header = read_header(path)
        _refuse_parts(header, path)
        known = None
        for spec in self._catalog.models:
            if path == self._path(spec):
                known = self._in_catalog(spec)
        try:
            file = FileIdentity.of(path)
        except OSError as problem:
            raise gone(path) from problem
        return Candidate(path, file, header, known)

    def add(self, candidate: Candidate) -> InstalledModel:
        """Remembers a file that was examined, and returns it. Touches the state folder only, so it may be called from
        a thread that must not wait for drives.

        Raises:
            UserFacingError: The list cannot be saved.
        """
        if candidate.known is not None:
            return candidate.known  # no need to list it twice
        file = ImportedFile(str(candidate.path), candidate.header.name, candidate.header.file_size)
        self._imports.add(file)
        return InstalledModel(f"{IMPORT_PREFIX}{file.path}", file.name, candidate.path, file.size)

    def has_imported(self, path: Path) -> bool:
        """Tells whether a file is remembered as one of the user's own."""
        return any(file.path == str(path) for file in self._imports.files())

    def remember_verdict(self, file: FileIdentity, verdict: Verdict) -> None:
        """Remembers what came of trying a file, until it changes."""
        self._verdicts.remember(file, verdict)

    def remove(self, model_id: str) -> None:
        """Deletes a downloaded model; an imported one is only forgotten, its file stays.

        Raises:
            UserFacingError: The file cannot be deleted, or there is no such model.
        """
        if model_id.startswith(IMPORT_PREFIX):
            self._imports.forget(model_id.removeprefix(IMPORT_PREFIX))
            return
        path = self._path(self._spec(model_id))
        try:
            path.unlink(missing_ok=True)
            note_path(path).unlink(missing_ok=True)
        except OSError as problem:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The model cannot be deleted."),
                f"{path}: {problem.strerror or problem}.",
                QT_TRANSLATE_NOOP("Errors", "Close other programs that use it, and check that you may write there."),
            ) from problem

    def path_of(self, model_id: str) -> Path:
        """Returns the file of an installed model.

        Raises:
            UserFacingError: It is not installed, or its file is gone.
        """
        model = next((model for model in self.installed() if model.id == model_id), None)
        if model is None:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "This model is not installed."),
                f"{model_id}.",
                QT_TRANSLATE_NOOP("Errors", "Download it, or choose another model."),
            )
        if model.missing:
            raise gone(model.path)
        return model.path

    def is_verified(self, model_id: str) -> bool:
        """True when the sha256 of the file was found right and the file has not changed since.

        Imported files have no published sha256; they count as verified as long as they have the size they had.
        """
        if model_id.startswith(IMPORT_PREFIX):
            return any(_imported(file).id == model_id and not _is_changed(file) for file in self._imports.files())
        spec = self._catalog.get(model_id)
        return spec is not None and is_noted(self._path(spec), spec.sha256)

    def verify(
        self,
        model_id: str,
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> bool:
        """Reads the whole file again and compares its sha256; call it in a worker thread.

        A downloaded file that is not what was published is set aside as ``<file>.bad-<n>``. For an imported file the
        first result is remembered and later ones are compared with it.

        Args:
            model_id: Id of an installed model.
            progress: Called with bytes done and bytes in all, in the calling thread.
            cancelled: Asked all the time; True ends it.

        Raises:
            Cancelled: ``cancelled`` said so.
            UserFacingError: It is not installed or cannot be read, or the file set aside cannot be renamed.
        """
        path = self.path_of(model_id)
        try:
            digest = hash_file(path, progress, cancelled)
        except OSError as problem:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The model file cannot be read."),
                f"{path}: {problem.strerror or problem}.",
                QT_TRANSLATE_NOOP("Errors", "Check that it is still there and that you may open it."),
            ) from problem
        if model_id.startswith(IMPORT_PREFIX):
            return self._compare_import(path, digest)
        return self._compare_download(self._spec(model_id), path, digest)

    def move_folder(self, new: Path, progress: Callable[[int, int], None] | None = None) -> None:
        """Moves everything of Catnap in the model folder to ``new``; other files stay. Call it in a worker thread.

        On one file system the files are renamed, else copied, compared and then deleted. Where it is interrupted every
        file is whole in one of the two folders, and calling it again finishes the job.

        Args:
            new: The new folder; made if need be.
            progress: Called with bytes done and bytes in all, in the calling thread.

        Raises:
            UserFacingError: Not enough room, no permission, a download is running, or a different file is in the way;
                the old folder is then complete.
        """
        known = {spec.file for spec in self._catalog.models}
        move_models(self._folder, new, known, self._names(), progress)
        self._folder = new

    def _names(self) -> frozenset[str]:
        try:
            return frozenset(entry.name for entry in self._folder.iterdir())
        except FileNotFoundError:
            return frozenset()
        except OSError as problem:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The model folder cannot be read."),
                f"{self._folder}: {problem.strerror or problem}.",
                QT_TRANSLATE_NOOP("Errors", "Check that it is there and readable, or choose another one."),
            ) from problem

    def _path(self, spec: ModelSpec) -> Path:
        return self._folder / spec.file

    def _spec(self, model_id: str) -> ModelSpec:
        spec = self._catalog.get(model_id)
        if spec is None:
            raise UserFacingError(QT_TRANSLATE_NOOP("Errors", "There is no such model."), f"{model_id}.")
        return spec

    def _in_catalog(self, spec: ModelSpec) -> InstalledModel | None:
        path = self._path(spec)
        try:
            if path.stat().st_size != spec.size:
                return None
            is_vouched = is_noted(path, spec.sha256)
            if not is_vouched:
                with open_regular(path) as stream:
                    if stream.read(len(MAGIC)) != MAGIC:
                        return None
        except OSError as problem:
            _log.warning("model file unreadable: %s", problem)
            return None
        return InstalledModel(spec.id, spec.name, path, spec.size, spec, is_vouched=is_vouched)

    def _compare_download(self, spec: ModelSpec, path: Path, digest: str) -> bool:
        try:
            if digest == spec.sha256:
                write_note(path, digest)
                return True
            note_path(path).unlink(missing_ok=True)
            aside = set_aside(path, path.name)
        except OSError as problem:
            if digest == spec.sha256:
                _log.warning("cannot note that %s is right: %s", path, problem)
                return True
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The model file is damaged and cannot be set aside."),
                f"{path}: {problem.strerror or problem}.",
                QT_TRANSLATE_NOOP("Errors", "Delete it, and download the model again."),
            ) from problem
        _log.warning("sha256 of %s is %s, not %s; it is now %s", path, digest, spec.sha256, aside)
        return False

    def _compare_import(self, path: Path, digest: str) -> bool:
        file = next(file for file in self._imports.files() if file.path == str(path))
        if file.sha256:
            return file.sha256 == digest
        read_header(path)
        if _is_changed(file):
            return False
        self._imports.add(replace(file, sha256=digest))
        return True


def _imported(file: ImportedFile) -> InstalledModel:
    path = Path(file.path)
    return InstalledModel(IMPORT_PREFIX + file.path, one_line(file.name), path, file.size, missing=not path.is_file())


def _is_changed(file: ImportedFile) -> bool:
    try:
        return Path(file.path).stat().st_size != file.size
    except OSError:
        return True


def gone(path: Path) -> UserFacingError:
    """Returns the error for a model file that was there before."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The model file is no longer there."),
        f"{path}.",
        QT_TRANSLATE_NOOP("Errors", "Put it back, or choose another model."),
    )


def _refuse_parts(header: GgufHeader, path: Path) -> None:
    """Raises for GGUF files that hold something else than a whole language model."""
    if header.metadata.get("split.count", 1) not in (0, 1):
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This file is only one part of a model."),
            f"{path}.",
            QT_TRANSLATE_NOOP("Errors", "Join the parts with llama-gguf-split --merge, and import the result."),
        )
    kind = header.metadata.get("general.type", "model")
    if kind != "model" or header.architecture == "clip" or not header.tensors:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "This file holds no language model."),
            f"{path}: {kind if kind != 'model' else header.architecture}.",
            QT_TRANSLATE_NOOP("Errors", "Choose the file of the model itself, not of an addition to it."),
        )
