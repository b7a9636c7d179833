"""The models that were added from Hugging Face: remembered in additions.json, as models.json has those on offer.

The file: ``{"version": 1, "models": [{"id", "name", "label", "repo", "revision", "licence", "languages", "kind",
"context", "kv_bytes_per_token", "mirrors", "files": [{"file", "path", "size", "sha256"}]}]}``. It is read for every
question, since another Catnap may have changed it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.file_lock import changing_alone
from desktop.common.json_file import StateFile, is_count, not_saved
from desktop.gguf.kind import ModelKind
from desktop.gguf.naming import plain_name
from desktop.models.catalog import REPO, REVISION, SHA256
from desktop.models.file_names import why_unusable
from desktop.models.remembered.facts import languages_of
from desktop.models.types import AddedSpec, MirrorKind, ModelPiece, Thinking

_VERSION: Final = 1
_MOST: Final = 16_000_000  # bytes of additions.json: thousands of models
_SIZE_LIMIT: Final = 1 << 42


class Additions:
    """The list of added models. Any thread."""

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: Path of additions.json; made when the first model is added.
        """
        self._file = StateFile(file, _specs, version=_VERSION, most=_MOST)

    @property
    def load_problem(self) -> UserFacingError | None:
        """Something to say once: the list was malformed or of a newer version; None: nothing so far."""
        if self._file.problem is None:
            return None
        return self._file.problem.as_error(
            QT_TRANSLATE_NOOP("Errors", "The list of added models was malformed."),
            QT_TRANSLATE_NOOP("Errors", "The list of added models was written by a newer Catnap."),
            QT_TRANSLATE_NOOP("Errors", "It was kept. Files in the model folder stay usable as your own."),
        )

    def specs(self) -> tuple[AddedSpec, ...]:
        """Returns what is remembered, oldest first; empty where the list cannot be read."""
        return self._file.read() or ()

    def add(self, spec: AddedSpec) -> None:
        """Remembers a model, or replaces what was remembered of it.

        Raises:
            UserFacingError: It has something that may not be in the list, or this cannot be saved; nothing has changed
                then.
        """
        try:
            _spec(_record(spec))
        except (ValueError, LookupError, TypeError) as problem:  # a list with this in it could not be read any more
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "This model cannot be added."),
                f"{plain_name(spec.id)}: {problem}.",
                QT_TRANSLATE_NOOP("Errors", "Download its file in a browser and import it."),
            ) from problem
        self._change(lambda specs: [each for each in specs if each.id != spec.id] + [spec])

    def forget(self, model_id: str) -> None:
        """Forgets a model; does nothing where it is not known.

        Raises:
            UserFacingError: The list cannot be saved.
        """
        self._change(lambda specs: [each for each in specs if each.id != model_id])

    def relabel(self, model_id: str, label: str, languages: Sequence[str]) -> None:
        """Gives a model another name to be shown under, and languages.

        Raises:
            UserFacingError: The list cannot be saved.
        """
        self._change(
            lambda specs: [
                replace(each, label=label, languages=tuple(languages)) if each.id == model_id else each
                for each in specs
            ]
        )

    def _change(self, change: Callable[[list[AddedSpec]], list[AddedSpec]]) -> None:
        try:
            self._file.path.parent.mkdir(parents=True, exist_ok=True)
            with changing_alone(self._file.path):
                old = list(self.specs())
                new = change(old)
                if new != old:
                    self._file.write({"models": [_record(spec) for spec in new]})
        except OSError as problem:
            title = QT_TRANSLATE_NOOP("Errors", "The list of added models could not be saved.")
            raise not_saved(title, self._file.path, problem) from problem


def _specs(document: dict[str, Any]) -> tuple[AddedSpec, ...]:
    return tuple(_spec(entry) for entry in document["models"])


def _record(spec: AddedSpec) -> dict[str, object]:
    return {
        "id": spec.id,
        "name": spec.name_by_file,
        "label": spec.label,
        "repo": spec.repo,
        "revision": spec.revision,
        "licence": spec.licence,
        "languages": list(spec.languages),
        "kind": spec.kind.value,
        "context": spec.context_trained,
        "kv_bytes_per_token": spec.kv_bytes_per_token,
        "mirrors": [mirror.value for mirror in spec.mirrors],
        "files": [
            {"file": piece.file, "path": piece.path, "size": piece.size, "sha256": piece.sha256}
            for piece in spec.pieces
        ],
    }


def _spec(entry: Any) -> AddedSpec:
    texts = [entry[key] for key in ("id", "name", "label", "repo", "revision", "licence")]
    numbers = [entry[key] for key in ("context", "kv_bytes_per_token")]
    if not all(isinstance(text, str) for text in texts) or not all(map(is_count, numbers)):
        raise ValueError("wrong type")
    model_id, name, label, repo, revision, licence = texts
    if not REPO.fullmatch(repo) or not REVISION.fullmatch(revision) or not name:
        raise ValueError("wrong value")
    pieces = tuple(_piece(each) for each in entry["files"])
    if not pieces:
        raise ValueError("no file")
    return added_spec(
        model_id,
        name=plain_name(name),
        repo=repo,
        revision=revision,
        licence=plain_name(licence),
        languages=languages_of(entry["languages"]),
        kind=ModelKind(entry["kind"]),
        context=numbers[0],
        kv_bytes_per_token=numbers[1],
        mirrors=tuple(MirrorKind(each) for each in entry["mirrors"]),
        pieces=pieces,
        label=plain_name(label),
    )


def _piece(entry: Any) -> ModelPiece:
    file, path, size, sha256 = entry["file"], entry["path"], entry["size"], entry["sha256"]
    if not all(isinstance(text, str) for text in (file, path, sha256)) or not isinstance(size, int):
        raise ValueError("wrong type")
    if why_unusable(file) or not file.endswith(".gguf") or not SHA256.fullmatch(sha256) or not 0 < size <= _SIZE_LIMIT:
        raise ValueError("wrong value")
    return ModelPiece(file, path, size, sha256)


def added_spec(
    model_id: str,
    *,
    name: str,
    repo: str,
    revision: str,
    licence: str,
    languages: tuple[str, ...],
    kind: ModelKind,
    context: int,
    kv_bytes_per_token: int,
    mirrors: tuple[MirrorKind, ...],
    pieces: tuple[ModelPiece, ...],
    label: str = "",
) -> AddedSpec:
    """Returns the entry of a model from Hugging Face, with what only models of the catalogue have left empty."""
    return AddedSpec(
        id=model_id,
        name=label or name,
        summary_en="",
        summary_zh="",
        languages=languages,
        licence=licence,
        licence_must_be_shown=False,  # what asks for that is not given to strangers
        repo=repo,
        revision=revision,
        file=pieces[0].file,
        size=sum(piece.size for piece in pieces),
        sha256=pieces[0].sha256,
        kv_bytes_per_token=kv_bytes_per_token,
        context_trained=context,
        thinking=Thinking.NO,
        quality=0,
        mirrors=mirrors,
        pieces=pieces,
        kind=kind,
        name_by_file=name,
        label=label,
    )
