"""What a GGUF file is good for: a model to chat with, one that continues text, or something else.

Standard library only. Evidence in this order: what the header says outright, its architecture, what it has, and at last
its name. Sources: ``GGUFType``, ``Keys`` and ``MODEL_ARCH_NAMES`` of gguf-py 0.19; ``llama_model_has_encoder``,
``llm_arch_is_diffusion``, ``enum llama_pooling_type`` and the models without causal attention of the llama.cpp that
llama-cpp-python 0.3.36 is built from; ``gguf_filename_is_model`` of its common/download.cpp.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.gguf.header import GgufHeader


class ModelKind(Enum):
    """What a file is."""

    CHAT = "chat"
    BASE = "base"  # continues text, and was not taught to answer
    EMBEDDING = "embedding"
    RERANKER = "reranker"
    ENCODER = "encoder"  # T5: translates or summarises by a road that chats do not take
    DIFFUSION = "diffusion"  # writes a whole text at once
    DRAFT = "draft"  # guesses what a larger model will say
    PROJECTOR = "projector"  # the eyes or ears of another model
    ADAPTER = "adapter"
    CONTROL_VECTOR = "control vector"
    IMPORTANCE_MATRIX = "importance matrix"
    SPEECH = "speech"
    PICTURES = "pictures"
    VOCABULARY = "vocabulary"

    @property
    def can_chat(self) -> bool:
        """Whether a conversation can be had with it at all."""
        return self in (ModelKind.CHAT, ModelKind.BASE)

    @property
    def is_useful(self) -> bool:
        """Whether Catnap has a use for it: for conversations, or to find passages of documents by what they mean."""
        return self.can_chat or self is ModelKind.EMBEDDING


_BY_TYPE: Final = {
    "adapter": ModelKind.ADAPTER,
    "imatrix": ModelKind.IMPORTANCE_MATRIX,
    "mmproj": ModelKind.PROJECTOR,
    "projector": ModelKind.PROJECTOR,
    "clip-vision": ModelKind.PROJECTOR,
    "vocab": ModelKind.VOCABULARY,
}
_BY_ARCHITECTURE: Final = {
    **dict.fromkeys(("clip", "mmproj"), ModelKind.PROJECTOR),
    **dict.fromkeys(("t5", "t5encoder"), ModelKind.ENCODER),
    **dict.fromkeys(("dream", "llada", "llada-moe", "rnd1"), ModelKind.DIFFUSION),
    **dict.fromkeys(("eagle3", "dflash", "gemma4-assistant"), ModelKind.DRAFT),
    **dict.fromkeys(("wavtokenizer-dec", "qwen3tts", "whisper", "kokoro", "csm"), ModelKind.SPEECH),
    "controlvector": ModelKind.CONTROL_VECTOR,
    # What city96/ComfyUI-GGUF and stable-diffusion.cpp call their models.
    **dict.fromkeys(
        (
            *("flux", "sd1", "sdxl", "sd3", "aura", "hidream", "cosmos", "ltxv", "hyvid", "wan", "lumina2"),
            *("qwen_image", "pig", "z_image"),
        ),
        ModelKind.PICTURES,
    ),
    **dict.fromkeys(("gemma-embedding", "llama-embed", "eurobert"), ModelKind.EMBEDDING),
}
_NO_POOLING: Final = (0, -1, 0xFFFFFFFF)  # LLAMA_POOLING_TYPE_NONE, _UNSPECIFIED, and that in 32 bits without a sign
_RANK: Final = 4  # LLAMA_POOLING_TYPE_RANK

# Words of names, of which the separators are these; "it" is what Gemma calls instruction-tuned, "pt" pre-trained.
_WORDS: Final = re.compile(r"[^0-9a-z]+")
_TAUGHT: Final = frozenset(
    {
        *("instruct", "instruction", "chat", "it", "sft", "dpo", "rlhf", "thinking", "reasoning", "assistant"),
        *("zephyr", "hermes", "vicuna", "alpaca", "openchat", "wizardlm", "dolphin", "orca"),
    }
)
_UNTAUGHT: Final = frozenset({"base", "pt", "pretrain", "pretrained", "foundation"})
# Families whose names say it. "e5" alone may be the fifth epoch of somebody's training, and "embedded" is a field.
_COMPARES_TEXTS: Final = (
    r"embed(?!ded)|(?<![a-z0-9])(e5-(small|base|large|mistral|omni)|(bge|gte)-|all-(minilm|mpnet)|labse)"
)
# BERT and its children, and not Albert, Gilbert or Robert.
_ENCODES: Final = r"(?<![a-z])((distil|modern|camem|sci|fin|col|mo|m|s|nomic|jina)?bert|(xlm-|distil)?roberta)(?![a-z])"
_SAYS_THAT_IT_COMPARES: Final = re.compile(_COMPARES_TEXTS)
_BY_NAME: Final = (
    (re.compile(r"mmproj|(?<![a-z])(clip|vision)[-_.]?(encoder|projector|tower)"), ModelKind.PROJECTOR),
    (re.compile(r"imatrix"), ModelKind.IMPORTANCE_MATRIX),
    (re.compile(r"(?<![a-z])(mtp|eagle3|dflash|dspark)-"), ModelKind.DRAFT),
    (re.compile(r"(?<![a-z])q?lora(?![a-z])|(?<![a-z])adapter(?![a-z])"), ModelKind.ADAPTER),
    (re.compile(r"control[-_]?vector"), ModelKind.CONTROL_VECTOR),
    (re.compile(r"rerank"), ModelKind.RERANKER),
    (re.compile(f"{_COMPARES_TEXTS}|(?<![a-z0-9])e5(?![a-z])|{_ENCODES}"), ModelKind.EMBEDDING),
    (re.compile(r"(?<![a-z])(whisper|parler|outetts|tts|kokoro|wavtokenizer)(?![a-z])"), ModelKind.SPEECH),
    (re.compile(r"(?<![a-z])(flux|sdxl|stable-diffusion|sd3|wan2|hunyuanvideo|qwen-image)"), ModelKind.PICTURES),
    (re.compile(r"(?<![a-z])(flan-)?t5(?![a-z])"), ModelKind.ENCODER),
    (re.compile(r"ggml-vocab-"), ModelKind.VOCABULARY),
)


def kind_of(header: GgufHeader, file_name: str = "") -> ModelKind:
    """Returns what a file is.

    Args:
        header: What it says about itself; of a file of which only the beginning was read, what is known so far.
        file_name: Its name, the last evidence.
    """
    stated = _stated(header)
    if stated is not None:
        return stated
    # Taught to compare texts from a model that continues them, by a converter that did not write it down.
    name = f"{header.name} {file_name}".lower()
    if "rerank" in name:
        return ModelKind.RERANKER
    if _SAYS_THAT_IT_COMPARES.search(name):
        return ModelKind.EMBEDDING
    return _continuing(header, file_name)


def kind_by_architecture(architecture: str) -> ModelKind | None:
    """Returns what a model of an architecture is; None: one that continues text, or it is not known."""
    known = _BY_ARCHITECTURE.get(architecture)
    return ModelKind.EMBEDDING if known is None and "bert" in architecture else known


def _stated(header: GgufHeader) -> ModelKind | None:
    """Returns what the header says outright, or by its architecture; None: it continues text."""
    architecture, metadata = header.architecture, header.metadata
    kind = metadata.get("general.type")
    if isinstance(kind, str) and kind.lower() in _BY_TYPE:
        return _BY_TYPE[kind.lower()]
    if "adapter.type" in metadata:
        return ModelKind.ADAPTER
    if architecture in _BY_ARCHITECTURE:
        return _BY_ARCHITECTURE[architecture]
    if "clip.projector_type" in metadata or "clip.has_vision_encoder" in metadata:
        return ModelKind.PROJECTOR
    pooling = metadata.get(f"{architecture}.pooling_type")
    if pooling == _RANK:
        return ModelKind.RERANKER
    if "bert" in architecture:
        return ModelKind.EMBEDDING
    if isinstance(pooling, int) and pooling not in _NO_POOLING:
        return ModelKind.EMBEDDING  # Qwen3-Embedding is a Qwen3 otherwise
    if metadata.get(f"{architecture}.attention.causal") is False:
        return ModelKind.EMBEDDING
    return None


def _continuing(header: GgufHeader, file_name: str) -> ModelKind:
    """Tells models apart that continue text: one has been taught to answer, or has not."""
    finetune = header.metadata.get("general.finetune")
    words = words_of(f"{finetune if isinstance(finetune, str) else ''} {header.name} {file_name}")
    if words & _TAUGHT:
        return ModelKind.CHAT
    if header.chat_template is None:
        return ModelKind.BASE
    # The tokenizers of Qwen's base models bring a template, which was never used in their training.
    return ModelKind.BASE if words & _UNTAUGHT else ModelKind.CHAT


def is_whole_model(header: GgufHeader) -> bool:
    """Tells whether a file has weights: one with a vocabulary only has none."""
    return bool(header.tensors)


def kind_by_name(path: str) -> ModelKind | None:
    """Returns what a file probably is by its path in a repository; None: the name does not say.

    Args:
        path: Of the file; folders and the repository's own name in front of it count too.
    """
    lowered = path.lower()
    for pattern, kind in _BY_NAME:
        if pattern.search(lowered):
            return kind
    words = words_of(lowered)
    if words & _TAUGHT:
        return ModelKind.CHAT
    return ModelKind.BASE if words & _UNTAUGHT else None


def words_of(name: str) -> frozenset[str]:
    """Returns the words of a name in lower case, without what separates them."""
    return frozenset(_WORDS.split(name.lower())) - {""}


def cannot_chat(kind: ModelKind, where: str) -> UserFacingError:
    """Returns what to say of a file that is no model to chat with: what it is, and what it is good for.

    Args:
        kind: One that cannot chat.
        where: The file.
    """
    title, remedy = _SENTENCES[kind]
    return UserFacingError(title, f"{where}.", remedy)


_ANOTHER: Final = QT_TRANSLATE_NOOP("Errors", "Choose a chat model: its name often has “instruct” or “chat” in it.")
_SENTENCES: Final = {
    ModelKind.EMBEDDING: (
        QT_TRANSLATE_NOOP("Errors", "This is an embedding model: it compares texts for searching, and cannot answer."),
        QT_TRANSLATE_NOOP("Errors", "It can find passages of documents by what they mean: choose it under Libraries."),
    ),
    ModelKind.RERANKER: (
        QT_TRANSLATE_NOOP("Errors", "This is a reranking model: it sorts what a search has found, and cannot answer."),
        _ANOTHER,
    ),
    ModelKind.ENCODER: (
        QT_TRANSLATE_NOOP("Errors", "This is a T5 model: it rewrites single texts, and cannot hold a conversation."),
        _ANOTHER,
    ),
    ModelKind.DIFFUSION: (
        QT_TRANSLATE_NOOP("Errors", "This is a diffusion model, which writes in a way that Catnap's engine does not."),
        _ANOTHER,
    ),
    ModelKind.DRAFT: (
        QT_TRANSLATE_NOOP("Errors", "This is a helper that speeds a larger model up; it cannot answer by itself."),
        QT_TRANSLATE_NOOP("Errors", "Choose the file of the model that it belongs to."),
    ),
    ModelKind.PROJECTOR: (
        QT_TRANSLATE_NOOP("Errors", "This is a projector: it lets another model see pictures, and cannot answer."),
        QT_TRANSLATE_NOOP("Errors", "Choose the file of the model that it belongs to."),
    ),
    ModelKind.ADAPTER: (
        QT_TRANSLATE_NOOP("Errors", "This is a LoRA adapter: it changes another model, and cannot answer by itself."),
        QT_TRANSLATE_NOOP("Errors", "Choose the model it was made for, or a file in which both were merged."),
    ),
    ModelKind.CONTROL_VECTOR: (
        QT_TRANSLATE_NOOP("Errors", "This is a control vector: it steers another model, and cannot answer by itself."),
        QT_TRANSLATE_NOOP("Errors", "Choose the file of the model that it belongs to."),
    ),
    ModelKind.IMPORTANCE_MATRIX: (
        QT_TRANSLATE_NOOP(
            "Errors", "This is an importance matrix: it helps to make smaller files of a model, and is none itself."
        ),
        QT_TRANSLATE_NOOP("Errors", "Choose the file of the model that it belongs to."),
    ),
    ModelKind.SPEECH: (
        QT_TRANSLATE_NOOP("Errors", "This is a model for speech, and not for conversations in writing."),
        _ANOTHER,
    ),
    ModelKind.PICTURES: (
        QT_TRANSLATE_NOOP("Errors", "This is a model that draws pictures, and cannot answer."),
        _ANOTHER,
    ),
    ModelKind.VOCABULARY: (
        QT_TRANSLATE_NOOP("Errors", "This file has a vocabulary only, and no model."),
        _ANOTHER,
    ),
}
