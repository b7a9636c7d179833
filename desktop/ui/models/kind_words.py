"""What kinds of model files are called, and what a model's header says, in the language of the interface."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop.gguf.kind import ModelKind


def kind_words(kind: ModelKind) -> str:
    """Returns what a kind is called, to stand on a line of facts."""
    match kind:
        case ModelKind.CHAT:
            return QCoreApplication.translate("Models", "chat model")
        case ModelKind.BASE:
            return QCoreApplication.translate("Models", "base model: continues text")
        case ModelKind.EMBEDDING:
            return QCoreApplication.translate("Models", "embedding model: for finding by meaning, not for chats")
        case ModelKind.RERANKER:
            return QCoreApplication.translate("Models", "reranking model: not for chats")
        case ModelKind.ENCODER:
            return QCoreApplication.translate("Models", "T5 model: not for chats")
        case ModelKind.DIFFUSION:
            return QCoreApplication.translate("Models", "diffusion model: not for this engine")
        case ModelKind.DRAFT:
            return QCoreApplication.translate("Models", "helper of a larger model")
        case ModelKind.PROJECTOR:
            return QCoreApplication.translate("Models", "projector of another model")
        case ModelKind.ADAPTER:
            return QCoreApplication.translate("Models", "LoRA adapter for another model")
        case ModelKind.CONTROL_VECTOR:
            return QCoreApplication.translate("Models", "control vector for another model")
        case ModelKind.IMPORTANCE_MATRIX:
            return QCoreApplication.translate("Models", "importance matrix: no model")
        case ModelKind.SPEECH:
            return QCoreApplication.translate("Models", "speech model: not for chats")
        case ModelKind.PICTURES:
            return QCoreApplication.translate("Models", "picture model: not for chats")
        case ModelKind.VOCABULARY:
            return QCoreApplication.translate("Models", "vocabulary without a model")


def base_words() -> str:
    """Returns what to know about a base model before it is used."""
    return QCoreApplication.translate(
        "Models", "A base model continues what you write. It was not taught to answer, and often says odd things."
    )


def parameters_words(count: int) -> str:
    """Returns a number of parameters: "494 M", "1.54 B"."""
    if count >= 1_000_000_000:
        return QCoreApplication.translate("Models", "{number} billion").format(number=f"{count / 1e9:.3g}")
    return QCoreApplication.translate("Models", "{number} million").format(number=f"{count / 1e6:.3g}")


def context_words(tokens: int) -> str:
    """Returns a length of context in tokens."""
    return QCoreApplication.translate("Models", "{count} tokens").format(count=f"{tokens:,}")
