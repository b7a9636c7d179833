"""What is installed: downloaded models in the model folder, and the user's own files where they lie.

Own files are those that were imported, and GGUF files that somebody has put into the model folder. What is known of
their headers is remembered, so that each is read once. No method keeps anything in memory, so two Libraries on the same
folder agree. All but the long ones (``examine``, ``verify``, ``move_folder``) take a few milliseconds, unless a file is
new or a drive does not answer; every method may be called from any thread.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.file_identity import FileIdentity
from desktop.common.json_file import FileFault
from desktop.common.paths import absolute
from desktop.gguf.header import GgufHeader, read_header, read_header_if_possible
from desktop.gguf.kind import cannot_chat
from desktop.gguf.naming import plain_name, stem
from desktop.gguf.parts import first_part, model_identity, present_parts
from desktop.models.additions import Additions
from desktop.models.folder.checks import hash_all
from desktop.models.folder.contents import ModelFolder
from desktop.models.folder.move import move_models
from desktop.models.imports import ImportedFile, Imports
from desktop.models.refusals import gone
from desktop.models.remembered.facts import FactsFile, FactsOnDemand, ModelFacts, languages_of
from desktop.models.remembered.verdicts import Outcome, Verdict, VerdictFile
from desktop.models.students import StudentCard, copy_student, delete_student, is_taken
from desktop.models.types import AddedSpec, Catalog, InstalledModel, ModelSpec

IMPORT_PREFIX = "file:"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Candidate:
    """A file that holds a model, and may be imported.

    Attributes:
        path: Absolute path, of several parts the first.
        file: Which file that was when it was read.
        header: What it says about itself.
        facts: The same as it can be shown.
        known: It lies in the model folder, and this is its entry there; None: it lies elsewhere.
    """

    path: Path
    file: FileIdentity
    header: GgufHeader
    facts: ModelFacts
    known: InstalledModel | None


class Library:
    """The installed models."""

    def __init__(self, folder: Path, state_dir: Path, catalog: Catalog) -> None:
        """
        Args:
            folder: Where downloaded models lie; need not exist yet.
            state_dir: Where imports.json, additions.json, facts.json and verdicts.json lie.
            catalog: The known models.
        """
        self._files = ModelFolder(folder)
        self._catalog = catalog
        self._imports = Imports(state_dir / "imports.json")
        self._additions = Additions(state_dir / "additions.json")
        self._facts = FactsFile(state_dir / "facts.json")
        self._verdicts = VerdictFile(state_dir / "verdicts.json")

    @property
    def folder(self) -> Path:
        return self._files.path

    @property
    def load_problems(self) -> tuple[UserFacingError, ...]:
        """What there is to say once about the lists of own models, after :meth:`installed` was called."""
        return tuple(filter(None, (self._imports.load_problem, self._additions.load_problem)))

    def added(self) -> tuple[AddedSpec, ...]:
        """Returns the models that were added from Hugging Face, downloaded or not."""
        return self._additions.specs()

    def spec(self, model_id: str) -> ModelSpec | None:
        """Returns the entry of a model, of the catalogue or added; None: there is none of that id."""
        found = self._catalog.get(model_id)
        return found or next((spec for spec in self.added() if spec.id == model_id), None)

    def add_spec(self, spec: AddedSpec) -> None:
        """Remembers a model that is to be downloaded.

        Raises:
            UserFacingError: The list cannot be saved.
        """
        self._additions.add(spec)

    def forget_spec(self, model_id: str) -> None:
        """Forgets an added model of which nothing was downloaded; does nothing where it is none.

        Raises:
            UserFacingError: The list cannot be saved.
        """
        self._additions.forget(model_id)

    def taken_names(self) -> frozenset[str]:
        """Returns the file names that a new model cannot have, in lower case: two systems of three do not tell it.

        Raises:
            UserFacingError: The model folder cannot be read.
        """
        return frozenset(name.lower() for name in (*self._known_names(), *self._files.names()))

    @property
    def file_faults(self) -> tuple[FileFault | None, ...]:
        """What was wrong with what is remembered of models, to be said once, after :meth:`installed` was called."""
        return self._verdicts.problem, self._facts.problem

    def installed(self) -> tuple[InstalledModel, ...]:
        """Returns the models that are here: of the catalogue in its order, added ones, then the user's own.

        A file dropped into the folder by hand counts as one of the catalogue when its name and size are those and it
        begins like a model; ``is_vouched`` tells whether its sha256 was looked at. Any other is an own one. Reads the
        headers of files that were not seen before, some 50 ms for each.

        Raises:
            UserFacingError: The model folder cannot be read.
        """
        names = self._files.names()
        found = [self._files.find(spec) for spec in self._specs() if spec.file in names]
        imported = self._imports.files()
        own = [file for file in imported if not file.hidden]
        listed = {file.path for file in imported}
        own += [
            ImportedFile(path, "", 0)
            for path in self._files.strangers(names, self._known_names())
            if path not in listed
        ]
        facts = FactsOnDemand(self._facts)
        models = (
            *(_with_facts(model, facts) for model in found if model),
            *(_own(file, facts) for file in own),
        )
        facts.remember()
        verdict = self._verdicts.lookup()
        return tuple(
            model
            if model.is_trusted or model.missing or model.verdict is not None
            else replace(model, verdict=verdict(model.path))
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

        Of a model in several files any one may be given.

        Raises:
            UserFacingError: It is no model that can be used; what it is instead, or what is missing, is said.
        """
        candidate = self.identify(path)
        if not candidate.facts.kind.can_chat:
            raise cannot_chat(candidate.facts.kind, str(candidate.path))
        return candidate

    def identify(self, path: Path) -> Candidate:
        """Reads what any GGUF file is; changes nothing. Call it in a worker thread.

        Raises:
            UserFacingError: It cannot be read, or is no whole GGUF file.
        """
        # Not resolve(): where a link is used to point to the newest file, the link is what the user meant.
        path = first_part(Path(os.path.abspath(absolute(path.expanduser()))))  # noqa: PTH100
        header = read_header(path)
        known = None
        for spec in self._specs():
            if path == self.folder / spec.file:
                known = self._files.find(spec)
        try:
            file = model_identity(path)
        except OSError as problem:
            raise gone(path) from problem
        return Candidate(path, file, header, ModelFacts.of(header, path.name), known)

    def add(self, candidate: Candidate) -> InstalledModel:
        """Remembers a file that was examined, and returns it. Touches the state folder only, so it may be called from
        a thread that must not wait for drives.

        Raises:
            UserFacingError: The list cannot be saved.
        """
        facts = candidate.facts
        self._facts.remember({candidate.file: facts})
        if candidate.known is not None:
            return candidate.known  # no need to list it twice
        path = str(candidate.path)
        before = self._imports.find(path)
        file = ImportedFile(path, facts.name, facts.size)
        if before is not None:
            # Not its sha256: imported anew, it is what the user wants it to be.
            file = replace(file, label=before.label, languages=before.languages, student=before.student)
        self._imports.add(file)
        return InstalledModel(
            f"{IMPORT_PREFIX}{path}",
            file.label or facts.name,
            candidate.path,
            facts.size,
            languages=file.languages or facts.languages,
            facts=facts,
        )

    def add_student(
        self,
        source: Path,
        file_name: str,
        label: str,
        card: StudentCard,
        progress: Callable[[int, int], None] | None = None,
    ) -> InstalledModel:
        """Copies a student that was made here into the model folder, and returns it. Call it in a worker thread.

        Args:
            source: Its file; it stays.
            file_name: The name of the copy.
            label: What it is shown as; empty: what its file says.
            card: What is known of it.
            progress: Called with bytes done and bytes in all, in the calling thread.

        Raises:
            UserFacingError: It is no model that can be used, its name is taken, it cannot be copied, or the list cannot
                be saved.
        """
        self.examine(source)
        folder = Path(os.path.abspath(absolute(self.folder)))  # noqa: PTH100 (see identify)
        if file_name in self._known_names():
            raise is_taken(folder / file_name)
        target, digest, is_new = copy_student(source, folder, file_name, progress)
        try:
            candidate = self.examine(target)
            facts = candidate.facts
            file = ImportedFile(str(target), facts.name, facts.size, digest, plain_name(label), student=card)
            self._facts.remember({candidate.file: facts})
            self._imports.add(file)
        except UserFacingError:
            if is_new:
                target.unlink(missing_ok=True)
            raise
        return _own(file, FactsOnDemand(self._facts))

    def rename(self, model: InstalledModel, name: str, languages: Sequence[str] = ()) -> None:
        """Gives one of the user's own models another name to be shown under, and says which languages it speaks.

        The file keeps its name. An empty name, and no languages, are what the file says itself.

        Raises:
            UserFacingError: It is one of the catalogue, a language is no code of one, or the list cannot be saved.
        """
        label, codes = plain_name(name), languages_of(tuple(languages))
        if wrong := [code for code in languages if code.strip() and code.strip().lower() not in codes]:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "This is not the code of a language."),
                f"{plain_name(wrong[0])}.",
                QT_TRANSLATE_NOOP("Errors", "Write codes of two or three letters, such as en, zh."),
            )
        if model.facts is not None and codes == model.facts.languages:
            codes = ()
        if isinstance(model.spec, AddedSpec):
            self._additions.relabel(model.id, "" if label == model.spec.name_by_file else label, codes)
        elif model.spec is not None:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "A model of the catalogue keeps its name."), f"{model.name}."
            )
        else:
            name = model.facts.name if model.facts is not None else stem(model.path.name)
            self._imports.relabel(ImportedFile(str(model.path), name, model.size), label, codes)

    def has_imported(self, path: Path) -> bool:
        """Tells whether a file is remembered as one of the user's own."""
        return self._imports.find(str(path)) is not None

    def remember_verdict(self, file: FileIdentity, verdict: Verdict) -> None:
        """Remembers what came of trying a file, until it changes."""
        self._verdicts.remember({file: verdict})

    def remove(self, model_id: str) -> None:
        """Deletes a downloaded model, or a student that was made here; of an imported one the file stays.

        Raises:
            UserFacingError: The file cannot be deleted, or there is no such model.
        """
        if model_id.startswith(IMPORT_PREFIX):
            path = model_id.removeprefix(IMPORT_PREFIX)
            file = self._imports.find(path)
            if file is None or file.student is None:
                self._imports.leave_out(path, self.folder)
            else:
                delete_student(Path(path))
                self._imports.forget(path)
            return
        spec = self._spec(model_id)
        self._files.delete(spec)
        self._additions.forget(model_id)

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
            return self._imports.is_unchanged(model_id.removeprefix(IMPORT_PREFIX))
        spec = self.spec(model_id)
        return spec is not None and self._files.is_verified(spec)

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
        if model_id.startswith(IMPORT_PREFIX):
            return self._imports.compare(path, hash_all(present_parts(path), progress, cancelled))
        spec = self._spec(model_id)
        return self._files.verify(spec, progress, cancelled)

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
        known = self._known_names()
        names = self._files.names()
        strangers = self._files.strangers(names, self._known_names())
        move_models(self.folder, new, known, names, progress)
        # Files of unknown names may be another program's: they stay, and stay usable where they are.
        listed = {file.path for file in self._imports.files()}
        for path in map(Path, strangers):
            if str(path) not in listed and path.exists() and (header := read_header_if_possible(path)) is not None:
                facts = ModelFacts.of(header, path.name)
                self._imports.add(ImportedFile(str(path), facts.name, facts.size))
        self._files = ModelFolder(new)

    def _known_names(self) -> set[str]:
        return {piece.file for spec in self._specs() for piece in spec.files}

    def _specs(self) -> tuple[ModelSpec, ...]:
        return (*self._catalog.models, *self.added())

    def _spec(self, model_id: str) -> ModelSpec:
        spec = self.spec(model_id)
        if spec is None:
            raise UserFacingError(QT_TRANSLATE_NOOP("Errors", "There is no such model."), f"{model_id}.")
        return spec


def _own(file: ImportedFile, known: FactsOnDemand) -> InstalledModel:
    path = Path(file.path)
    model = InstalledModel(
        IMPORT_PREFIX + file.path,
        file.label or plain_name(file.name) or stem(path.name),
        path,
        file.size,
        missing=not path.is_file(),
        languages=file.languages,
        student=file.student,
    )
    if model.missing:
        return model
    model = _with_facts(model, known)
    facts = model.facts
    if facts is None:
        return model
    if not facts.kind.is_useful:
        model = replace(model, verdict=Verdict.of(Outcome.REFUSED, cannot_chat(facts.kind, file.path)))
    return replace(model, name=file.label or facts.name, size=facts.size, languages=file.languages or facts.languages)


def _with_facts(model: InstalledModel, known: FactsOnDemand) -> InstalledModel:
    """Adds what the header says."""
    try:
        facts = known.of(model.path)
    except OSError as problem:
        _log.warning("model file unreadable: %s", problem)
        return model
    except UserFacingError as problem:
        if model.spec is not None:
            return model  # the trial, or the engine, says what is wrong
        _log.info("not a model that can be used: %s", problem)
        return replace(model, size=model.size or _size(model.path), verdict=Verdict.of(Outcome.REFUSED, problem))
    return replace(model, facts=facts, languages=model.languages or facts.languages)


def _size(path: Path) -> int:
    try:
        return model_identity(path).size
    except OSError:
        return 0
