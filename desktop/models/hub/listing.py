"""What a repository has: the answers of Hugging Face and ModelScope, read with suspicion. No network in here.

Hugging Face: ``GET /api/models/{repo}/revision/{revision}?blobs=true`` tells commit, licence, languages, what the hub
has read of the GGUF headers, and of every file its size and sha256 (``siblings[].lfs.sha256``); as ``model_info()`` of
huggingface_hub reads it. A mirror that leaves sizes out is asked for ``/api/models/{repo}/tree/{revision}``, whose
``lfs.oid`` is that sha256. ModelScope: ``GET /api/v1/models/{repo}/repo/files`` (``get_model_files()`` of modelscope).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.gguf.kind import ModelKind, kind_by_architecture, kind_by_name
from desktop.gguf.naming import name_for, plain_name, quantisation_of
from desktop.gguf.parts import PartName, part_name
from desktop.models.catalog import REPO, REVISION, SHA256
from desktop.models.hub.links import HubReference
from desktop.models.remembered.facts import languages_of
from desktop.models.types import MirrorKind

_SIZE_LIMIT: Final = 1 << 42
_FILES: Final = 100_000  # of one repository that are looked at
_PATH: Final = 1000  # characters of a path
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_BY_TASK: Final = {
    "feature-extraction": ModelKind.EMBEDDING,
    "sentence-similarity": ModelKind.EMBEDDING,
    "fill-mask": ModelKind.EMBEDDING,
    "text-ranking": ModelKind.RERANKER,
    "text-to-image": ModelKind.PICTURES,
    "image-to-image": ModelKind.PICTURES,
    "image-to-3d": ModelKind.PICTURES,
    "text-to-video": ModelKind.PICTURES,
    "image-to-video": ModelKind.PICTURES,
    "text-to-audio": ModelKind.SPEECH,
    "text-to-speech": ModelKind.SPEECH,
    "automatic-speech-recognition": ModelKind.SPEECH,
}
# Quantisations in the order in which they are proposed: small enough for an old laptop, and hardly worse.
_PROPOSED: Final = ("Q4_K_M", "Q4_0", "Q4_K_S", "IQ4_XS", "Q5_K_M", "Q8_0")
# Embedding models are small, and what rounding takes of a vector is found less well.
_PROPOSED_TO_COMPARE: Final = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "F16", "BF16", "F32")


@dataclass(frozen=True)
class HubFile:
    """A file of a repository.

    Attributes:
        size: Bytes; 0: not told.
        sha256: Empty: not told.
    """

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class HubModel:
    """A model of a repository, in one file or several.

    Attributes:
        files: In the order of the parts.
        missing: Names of parts that the repository does not have.
        kind: What it probably is; None: nothing says so.
        name: What to call it.
        quantisation: Such as "Q4_K_M"; empty: its name does not say.
    """

    files: tuple[HubFile, ...]
    missing: tuple[str, ...]
    kind: ModelKind | None
    name: str
    quantisation: str

    @property
    def path(self) -> str:
        """Path of its first file, which no other model of the repository has."""
        return self.files[0].path

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)

    @property
    def is_complete(self) -> bool:
        """Whether all is known that it takes to download it and check that it came whole."""
        return not self.missing and all(file.size and file.sha256 for file in self.files)


@dataclass(frozen=True)
class HubRepo:
    """A repository.

    Attributes:
        repo: ``owner/name`` as it is called now.
        revision: The commit, so that nothing changes between looking and downloading; or a branch.
        models: What can be chat with in front, then what finds by meaning, by size.
        licence: Empty: not told.
        languages: Codes.
        architecture: Of its models, as the host has read it; empty: not told.
        context: Longest context in tokens; 0: not told.
        has_template: Whether they bring a chat template; None: not told.
        task: What it is for, if that is something else than text; None: it may be text.
        is_gated: Its files are only given to people who have agreed to something.
        mirrors: Hosts that have it.
    """

    repo: str
    revision: str
    models: tuple[HubModel, ...]
    licence: str = ""
    languages: tuple[str, ...] = ()
    architecture: str = ""
    context: int = 0
    has_template: bool | None = None
    task: ModelKind | None = None
    is_gated: bool = False
    mirrors: tuple[MirrorKind, ...] = (MirrorKind.HUGGING_FACE, MirrorKind.HF_MIRROR)

    def proposed(self, reference: HubReference) -> HubModel | None:
        """Returns the model that was asked for, else the one that suits old laptops; None: there is none.

        Raises:
            UserFacingError: A file or quantisation was named that the repository does not have.
        """
        chats = [model for model in self.models if _may_chat(model)]
        chats = chats or [model for model in self.models if model.kind is ModelKind.EMBEDDING] or list(self.models)
        if reference.path.lower().endswith(".gguf"):
            wanted = [m for m in self.models if reference.path in [file.path for file in m.files]]
        elif reference.path:
            wanted = [model for model in chats if model.path.startswith(f"{reference.path.rstrip('/')}/")]
        elif reference.quantisation:
            wanted = [m for m in chats if _is_of(m, reference.quantisation)]
        else:
            wanted = chats
        if not wanted and (reference.path or reference.quantisation) and self.models:
            available = ", ".join(dict.fromkeys(model.quantisation or model.path for model in self.models))
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The repository does not have this file."),
                f"{self.repo}: {plain_name(reference.path or reference.quantisation)}; {available[:300]}.",
                QT_TRANSLATE_NOOP("Errors", "Choose one of those that it has."),
            )
        compares = all(model.kind is ModelKind.EMBEDDING for model in wanted)
        order = {quant: place for place, quant in enumerate(_PROPOSED_TO_COMPARE if compares else _PROPOSED)}
        return min(wanted, key=lambda m: (order.get(m.quantisation, len(order)), m.size), default=None)


def _is_of(model: HubModel, quantisation: str) -> bool:
    wanted = quantisation.upper()
    return model.quantisation == wanted or bool(re.search(rf"(?<![A-Z0-9]){re.escape(wanted)}[.-]", model.path.upper()))


class UnexpectedAnswer(Exception):  # noqa: N818 (whoever asked turns it into a sentence)
    """An answer that is not what the host's interface is documented to give."""


def read_hugging_face(document: Any, asked: HubReference) -> tuple[HubRepo, tuple[HubFile, ...], bool]:
    """Reads what Hugging Face tells of a repository.

    Args:
        document: Parsed JSON, of any shape.
        asked: What was asked for.

    Returns:
        The repository without its models, its files, and whether their sizes were told.

    Raises:
        UnexpectedAnswer: It is something else.
    """
    if not isinstance(document, dict) or not isinstance(document.get("siblings"), list):
        raise UnexpectedAnswer("no list of files")
    files = tuple(_sibling(entry) for entry in document["siblings"][:_FILES] if isinstance(entry, dict))
    gguf = document.get("gguf")
    card = document.get("cardData")
    told, card = (gguf if isinstance(gguf, dict) else {}), (card if isinstance(card, dict) else {})
    repo, commit = document.get("id"), document.get("sha")
    found = HubRepo(
        repo if isinstance(repo, str) and REPO.fullmatch(repo) else asked.repo,
        commit if isinstance(commit, str) and _COMMIT.fullmatch(commit) else _branch(asked, "main"),
        (),
        licence=_licence(card, document.get("tags")),
        languages=languages_of(card.get("language")),
        architecture=_text(told.get("architecture")),
        context=_number(told.get("context_length")),
        has_template=bool(told.get("chat_template")) if told else None,
        task=_BY_TASK.get(_text(document.get("pipeline_tag"))),
        is_gated=document.get("gated") not in (False, None),
    )
    ggufs = tuple(file for file in files if _is_gguf(file.path))
    return replace(found, models=group(found, ggufs)), ggufs, all(file.size for file in ggufs)


def read_tree(document: Any) -> tuple[HubFile, ...]:
    """Reads a page of ``/api/models/{repo}/tree/{revision}?recursive=true``.

    Raises:
        UnexpectedAnswer: It is something else.
    """
    if not isinstance(document, list):
        raise UnexpectedAnswer("no list of files")
    return tuple(
        _file(entry.get("path"), entry.get("size"), entry.get("lfs"), "oid")
        for entry in document[:_FILES]
        if isinstance(entry, dict) and entry.get("type") == "file"
    )


def read_modelscope(document: Any, asked: HubReference) -> HubRepo:
    """Reads what ModelScope tells of a repository's files.

    Raises:
        UnexpectedAnswer: It is something else.
    """
    data = document.get("Data") if isinstance(document, dict) else None
    entries = data.get("Files") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise UnexpectedAnswer("no list of files")
    files = tuple(
        _file(entry.get("Path"), entry.get("Size"), {"sha256": entry.get("Sha256")}, "sha256")
        for entry in entries[:_FILES]
        if isinstance(entry, dict) and entry.get("Type") != "tree"
    )
    repo = HubRepo(asked.repo, "master", (), mirrors=(MirrorKind.MODELSCOPE,))
    return replace(repo, models=group(repo, tuple(file for file in files if _is_gguf(file.path))))


def group(repo: HubRepo, files: Iterable[HubFile]) -> tuple[HubModel, ...]:
    """Returns the models that files are or are parts of.

    Args:
        repo: What is known of their repository.
        files: GGUF files.
    """
    whole: list[HubModel] = []
    parts: dict[tuple[str, int], dict[int, HubFile]] = {}
    named: dict[tuple[str, int], PartName] = {}
    for file in files:
        part = part_name(file.path)
        if part is None:
            whole.append(_model(repo, (file,), ()))
        else:
            key = (part.prefix, part.count)
            parts.setdefault(key, {})[part.number] = file
            named[key] = part
    for key, found in parts.items():
        present = tuple(found[number] for number in sorted(found))
        missing = tuple(named[key].sibling(number) for number in range(1, key[1] + 1) if number not in found)
        whole.append(_model(repo, present, missing))
    return tuple(sorted(whole, key=lambda model: (not _may_chat(model), not _is_useful(model), model.size, model.path)))


def _may_chat(model: HubModel) -> bool:
    return model.kind is None or model.kind.can_chat


def _is_useful(model: HubModel) -> bool:
    return model.kind is None or model.kind.is_useful


def _model(repo: HubRepo, files: tuple[HubFile, ...], missing: tuple[str, ...]) -> HubModel:
    path = files[0].path
    return HubModel(files, missing, _kind(repo, path), name_for("", path), quantisation_of(path))


def _kind(repo: HubRepo, path: str) -> ModelKind | None:
    by_file = kind_by_name(path)
    if by_file is not None and not by_file.can_chat:
        return by_file
    if repo.task is not None:
        return repo.task
    by_architecture = kind_by_architecture(repo.architecture)
    # The host has read one of the files: what it was told of a projector does not hold for the model beside it.
    if by_architecture not in (None, ModelKind.PROJECTOR):
        return by_architecture
    by_name = kind_by_name(f"{repo.repo}/{path}")
    if by_name is not None:
        return by_name
    if repo.has_template is None:
        return None
    return ModelKind.CHAT if repo.has_template else ModelKind.BASE


def _sibling(entry: Mapping[str, Any]) -> HubFile:
    return _file(entry.get("rfilename"), entry.get("size"), entry.get("lfs"), "sha256")


def _file(path: object, size: object, lfs: object, key: str) -> HubFile:
    told = lfs if isinstance(lfs, dict) else {}
    stated = told.get(key)
    sha256 = stated.lower().removeprefix("sha256:") if isinstance(stated, str) else ""
    count = size if _number(size) else told.get("size")
    return HubFile(
        path if isinstance(path, str) and len(path) <= _PATH else "",
        _number(count),
        sha256 if SHA256.fullmatch(sha256) else "",
    )


def _is_gguf(path: str) -> bool:
    return path.lower().endswith(".gguf") and not any(part in ("", ".", "..") for part in path.split("/"))


def _licence(card: Mapping[str, Any], tags: object) -> str:
    for key in ("license_name", "license"):
        if name := _text(card.get(key)):
            return name
    for tag in tags if isinstance(tags, Sequence) and not isinstance(tags, str) else ():
        if isinstance(tag, str) and tag.startswith("license:"):
            return _text(tag.removeprefix("license:"))
    return ""


def _text(value: object) -> str:
    return plain_name(value) if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _SIZE_LIMIT else 0


def _branch(asked: HubReference, usual: str) -> str:
    return asked.revision if REVISION.fullmatch(asked.revision) else usual
