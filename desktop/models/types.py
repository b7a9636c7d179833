"""Values about models; every one is frozen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from desktop.common.errors import UserFacingError
from desktop.models.verdicts import Outcome, Verdict


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
        id: Id of the catalogue entry, or ``file:<absolute path>`` for an imported file.
        name: Name to show.
        path: The GGUF file.
        size: Bytes.
        spec: The catalogue entry; None for an imported file.
        missing: The imported file is no longer there.
        is_vouched: Its sha256 was found to be the published one, and it has not changed since.
        verdict: What came of trying it; None: it was not tried as it is.
    """

    id: str
    name: str
    path: Path
    size: int
    spec: ModelSpec | None = None
    missing: bool = False
    is_vouched: bool = False
    verdict: Verdict | None = None

    @property
    def needs_trial(self) -> bool:
        """Whether nothing speaks for it yet: neither a hash nor a trial."""
        return not self.is_vouched and (self.verdict is None or self.verdict.outcome is not Outcome.WORKS)

    @property
    def is_bad(self) -> bool:
        """Whether it was tried, and does not work."""
        return not self.is_vouched and self.verdict is not None and self.verdict.is_bad


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
