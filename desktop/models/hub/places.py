"""Where a model from Hugging Face lies in the model folder: under its own name, or one that also names its repository.

Standard library only.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.gguf.kind import ModelKind, cannot_chat
from desktop.gguf.naming import plain_name
from desktop.gguf.parts import missing_parts, part_name
from desktop.models.additions import added_spec
from desktop.models.file_names import LONGEST_NAME, why_unusable
from desktop.models.hub.listing import HubFile, HubModel, HubRepo
from desktop.models.library import Library
from desktop.models.types import ADDED_PREFIX, AddedSpec, ModelPiece

_UNSEEN: Final = ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp")
_FORBIDDEN: Final = frozenset('<>:"/\\|?*')
_ENDING: Final = ".gguf"
_MARK: Final = 8  # hex digits that tell two names apart which were shortened to the same
_BYTES_PER_PARAMETER: Final = 0.6  # of a file of four or five bits


def spec_for(repo: HubRepo, model: HubModel, taken: Collection[str]) -> AddedSpec:
    """Returns the entry of a model that is to be downloaded.

    Args:
        repo: Where it lies.
        model: One that is complete.
        taken: File names, in lower case, that it cannot have.
    """
    names = _names(repo.repo, model.files, taken)
    return added_spec(
        f"{ADDED_PREFIX}{repo.repo}/{model.path}",
        name=model.name,
        repo=repo.repo,
        revision=repo.revision,
        licence=repo.licence,
        languages=repo.languages,
        kind=model.kind or ModelKind.CHAT,
        context=repo.context,
        kv_bytes_per_token=guessed_kv(model.size),
        mirrors=repo.mirrors,
        pieces=tuple(
            ModelPiece(name, file.path, file.size, file.sha256) for name, file in zip(names, model.files, strict=True)
        ),
    )


def taken_for(library: Library, repo: HubRepo, model: HubModel) -> frozenset[str]:
    """Returns the file names that a model cannot have, its own of an earlier download not among them.

    Raises:
        UserFacingError: The model folder cannot be read.
    """
    before = library.spec(f"{ADDED_PREFIX}{repo.repo}/{model.path}")
    own = frozenset(piece.file.lower() for piece in before.files) if before is not None else frozenset()
    return library.taken_names() - own - frozenset(f"{name}.part" for name in own)


def check_addable(repo: HubRepo, model: HubModel) -> None:
    """Makes sure that a model can be downloaded and is of use here, as far as that is known.

    Raises:
        UserFacingError: It cannot, or is something else; what it is good for is said.
    """
    where = f"{repo.repo}/{model.path}"
    if repo.is_gated:
        raise gated(f"{repo.repo}.")
    if model.kind is not None and not model.kind.is_useful:
        raise cannot_chat(model.kind, plain_name(where))
    if model.missing:
        raise missing_parts(model.missing, repo.repo)
    if not model.is_complete:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The host does not say how to check this file."),
            f"{plain_name(where)}.",
            QT_TRANSLATE_NOOP("Errors", "Choose another mirror in the settings, or download the file in a browser."),
        )


def gated(where: str) -> UserFacingError:
    """Returns the error for a repository whose files are only given to people who have agreed to something."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The owner of this repository gives its files only to people who have signed in."),
        where,
        QT_TRANSLATE_NOOP(
            "Errors",
            "Download the file in a browser after you have agreed there and import it, or look for the same model by "
            "somebody else.",
        ),
    )


def guessed_kv(size: int) -> int:
    """Returns the bytes of f16 KV cache per token that a model of ``size`` bytes probably takes.

    Until its header is read. The square root of its parameters: 22,000 for Qwen2.5 0.5B (12,288), 32,000 for Llama 3.2
    1B (32,768), 90,000 for Llama 3.1 8B (131,072).
    """
    return round(math.sqrt(size / _BYTES_PER_PARAMETER))


def _names(repo: str, files: tuple[HubFile, ...], taken: Collection[str]) -> list[str]:
    """Returns names for the files of one model: as they are called, else with their repository's name in front."""
    import hashlib

    plain = [f"{file.path.rpartition('/')[2][: -len(_ENDING)]}{_ENDING}" for file in files]  # some are called .GGUF
    if not any(name.lower() in taken or why_unusable(name) for name in plain):
        return plain
    named = part_name(files[0].path)
    whole = named.prefix if named is not None else files[0].path[: -len(".gguf")]
    mark = hashlib.sha256(f"{repo}/{whole}".encode("utf-8", "surrogatepass")).hexdigest()[:_MARK]
    stem = _safe(f"{repo.replace('/', '--')}--{whole}", LONGEST_NAME - len(f"--{mark}-00001-of-00001.gguf"))
    for candidate in (stem, f"{stem}--{mark}"):
        names = [_ending(candidate, file.path) for file in files]
        if not any(name.lower() in taken or why_unusable(name) for name in names):
            return names
    return [_ending(f"model--{mark}", file.path) for file in files]


def _ending(stem: str, path: str) -> str:
    named = part_name(path)
    return f"{stem}.gguf" if named is None else f"{stem}-{named.number:05}-of-{named.count:05}.gguf"


def _safe(text: str, most: int) -> str:
    """Returns a text with what no file name has replaced, cut to ``most`` bytes."""
    kept = "".join("_" if each in _FORBIDDEN or unicodedata.category(each) in _UNSEEN else each for each in text)
    return kept.encode("utf-8", "replace")[:most].decode("utf-8", "ignore").strip(" .-~") or "model"
