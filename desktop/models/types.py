"""Values about models. Standard library only; every one is frozen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


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


@dataclass(frozen=True)
class Catalog:
    """models.json, validated.

    Attributes:
        default_id: The model offered when nothing is known about the machine.
    """

    models: tuple[ModelSpec, ...]
    default_id: str

    def get(self, model_id: str) -> ModelSpec | None:
        return next((spec for spec in self.models if spec.id == model_id), None)


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
    """

    id: str
    name: str
    path: Path
    size: int
    spec: ModelSpec | None = None
    missing: bool = False


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
