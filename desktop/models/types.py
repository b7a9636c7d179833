"""Values about models; every one is frozen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Self

from desktop.common.errors import UserFacingError
from desktop.gguf.kind import ModelKind
from desktop.models.remembered.facts import ModelFacts
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.students import StudentCard

# In front of the repository's name, in the ids of models that were added from Hugging Face.
ADDED_PREFIX = "hf:"


class MirrorKind(Enum):
    """How a host lays out its files.

    HUGGING_FACE and HF_MIRROR: ``/{repo}/resolve/{revision}/{file}``;
    MODELSCOPE: ``/models/{repo}/resolve/master/{file}``.
    """

    HUGGING_FACE = "huggingface"
    HF_MIRROR = "hf-mirror"
    MODELSCOPE = "modelscope"


class Thinking(Enum):
    """Whether a model thinks aloud before it answers."""

    NO = "no"
    SWITCHABLE = "switchable"


class Strength(Enum):
    """What a model does well for its size, as its sentences in models.json say."""

    CODE = "code"


@dataclass(frozen=True)
class ModelPiece:
    """One file of a model.

    Attributes:
        file: Its name in the model folder.
        path: Where it lies in its repository.
        size: Bytes.
        sha256: Of the whole file, lower-case hex.
    """

    file: str
    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Starters:
    """Questions to begin with that suit a model, each one line; one that ends with a colon waits for a text.

    Attributes:
        en: In an English interface.
        zh: In a Chinese one.
        proven_with: The file whose weights have passed them: 4 of 5 answers right at the usual temperature of 0.7, as
            ``python -m tests.bench --part starters`` judges. None: nobody has tried them with real weights.
    """

    en: tuple[str, ...]
    zh: tuple[str, ...]
    proven_with: str | None = None


@dataclass(frozen=True)
class ModelSpec:
    """An entry of models.json.

    Attributes:
        id: Short and stable, for the command line and the settings.
        summary_en: One honest sentence.
        summary_zh: The same in Chinese.
        size: Bytes of the file.
        sha256: Of the whole file, lower-case hex.
        kv_bytes_per_token: Bytes of f16 KV cache that one token of context takes.
        context_trained: Longest context in tokens.
        quality: Rank for the recommendation: more is better.
        licence_must_be_shown: The licence asks to be shown before use.
        mirrors: Hosts that are known to have this very file.
        url: Replaces the mirrors: a full address (test catalogues, own hosts).
        variant_of: Id of the entry that is the same model in the file offered everywhere; None: this is one.
        best_for: What a processor must have, by the names of :mod:`desktop.machine.cpu`, for a variant to be computed
            faster than that file; it is offered there alone. Only what was measured. Qwen2.5 0.5B, Q4_0 against Q4_K_M,
            reading and answering: with AVX 1.22 and 1.13 times as fast, with AVX2 1.08 and 1.05, with AVX-512 0.93 and
            0.96; with "faster answers" 1.38 and 1.27 with AVX2, 1.32 and 1.22 with AVX-512. Older processors and ARM:
            not measured.
        starters: What it is offered with; None: the general persona's, which suit any small model.
        strengths: What it does well, as its sentences say as well.
    """

    id: str
    name: str
    summary_en: str
    summary_zh: str
    languages: tuple[str, ...]
    licence: str
    licence_must_be_shown: bool
    repo: str
    revision: str
    file: str
    size: int
    sha256: str
    kv_bytes_per_token: int
    context_trained: int
    thinking: Thinking
    quality: int
    mirrors: tuple[MirrorKind, ...]
    url: str | None = None
    variant_of: str | None = None
    best_for: tuple[str, ...] = ()
    starters: Starters | None = None
    strengths: tuple[Strength, ...] = ()

    @property
    def is_added(self) -> bool:
        """Whether the user has added it; the others are ours, and were tried."""
        return False

    @property
    def files(self) -> tuple[ModelPiece, ...]:
        """All its files, the one it is loaded by in front."""
        return (ModelPiece(self.file, self.file, self.size, self.sha256),)

    @property
    def singles(self) -> tuple[Self, ...]:
        """One entry for each of its files, as if that were the model."""
        return (self,)


@dataclass(frozen=True)
class AddedSpec(ModelSpec):
    """A model that the user has added from Hugging Face; size is that of all files, file and sha256 of the first.

    Attributes:
        pieces: Its files, in the order of the parts.
        kind: What it probably is.
        name_by_file: What it is called without a label.
        label: The name that the user gave it; empty: none.
    """

    pieces: tuple[ModelPiece, ...] = ()
    kind: ModelKind = ModelKind.CHAT
    name_by_file: str = ""
    label: str = ""

    @property
    def is_added(self) -> bool:
        return True

    @property
    def files(self) -> tuple[ModelPiece, ...]:
        return self.pieces

    @property
    def singles(self) -> tuple[Self, ...]:
        return tuple(
            replace(self, file=piece.file, size=piece.size, sha256=piece.sha256, pieces=(piece,))
            for piece in self.pieces
        )


@dataclass(frozen=True)
class Catalog:
    """models.json, validated.

    Attributes:
        default_id: The model offered when nothing is known about the machine.
        problems: What was left out, and must be said once.
    """

    models: tuple[ModelSpec, ...]
    default_id: str
    problems: tuple[UserFacingError, ...] = ()

    def get(self, model_id: str) -> ModelSpec | None:
        return next((spec for spec in self.models if spec.id == model_id), None)

    def offered(self, features: Collection[str], installed: Collection[str] = ()) -> Catalog:
        """Returns the catalogue without the variants that this processor has no use for.

        Args:
            features: What the processor is known to have; empty: nothing is known, so no variants.
            installed: Ids of models that stay whatever they are.
        """
        kept = (
            spec
            for spec in self.models
            if spec.variant_of is None or set(spec.best_for) <= set(features) or spec.id in installed
        )
        return Catalog(tuple(kept), self.default_id, self.problems)


@dataclass(frozen=True)
class InstalledModel:
    """A model that can be used now.

    Attributes:
        id: Id of the catalogue entry, ``hf:...`` for one that was added, or ``file:<absolute path>`` for an own file.
        name: Name to show, on one line.
        path: The GGUF file, of several the first.
        size: Bytes of all its files.
        spec: The catalogue entry, or that of an added model; None for an own file.
        missing: The own file is no longer there.
        is_vouched: Its sha256 was found to be the published one, and it has not changed since.
        verdict: What came of trying it, or of looking what it is; None: it was not tried as it is.
        languages: Codes of the languages it speaks, as far as anybody has said so.
        facts: What its header says; None: it was not read.
        student: It was made here, and this is known of it; None: it was not.
    """

    id: str
    name: str
    path: Path
    size: int
    spec: ModelSpec | None = None
    missing: bool = False
    is_vouched: bool = False
    verdict: Verdict | None = None
    languages: tuple[str, ...] = ()
    facts: ModelFacts | None = field(default=None, compare=False)
    student: StudentCard | None = None

    @property
    def is_trusted(self) -> bool:
        """Whether it is a file that we have published; the hash of a stranger's says only that it came whole."""
        return self.is_vouched and self.spec is not None and not self.spec.is_added

    @property
    def needs_trial(self) -> bool:
        """Whether nothing speaks for it yet: neither our hash nor a trial."""
        return not self.is_trusted and (self.verdict is None or self.verdict.outcome is not Outcome.WORKS)

    @property
    def is_bad(self) -> bool:
        """Whether it was tried, and does not work; or cannot chat whatever is tried."""
        return not self.is_trusted and self.verdict is not None and self.verdict.is_bad

    @property
    def kind(self) -> ModelKind:
        """What it is; a model whose header was not read is taken for one to chat with."""
        if self.facts is not None:
            return self.facts.kind
        return self.spec.kind if isinstance(self.spec, AddedSpec) else ModelKind.CHAT


class DownloadState(Enum):
    WAITING = "waiting"  # connecting, or backing off before the next try
    RUNNING = "running"
    VERIFYING = "verifying"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class DownloadProgress:
    """State of one download.

    Attributes:
        done: Bytes on disk.
        total: Bytes of the whole file.
        speed: Bytes per second over the last seconds; 0 while unknown.
        eta: Seconds left; None while unknown.
        host: Host the bytes come from.
    """

    model_id: str
    state: DownloadState
    done: int
    total: int
    speed: float = 0.0
    eta: float | None = None
    host: str = ""
