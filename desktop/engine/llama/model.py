"""A loaded model without a context: weights, vocabulary and chat template. Engine process, main thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop.engine.chat_template.template import ChatTemplate
from desktop.engine.llama.bindings import Native, read_text
from desktop.engine.llama.tokenizer import Tokenizer


@dataclass(frozen=True)
class ModelInfo:
    """What a loaded model says about itself.

    Attributes:
        name: ``general.name``, or the file's name.
        architecture: ``general.architecture``.
        n_ctx_trained: Longest context it was trained for, in tokens; 0: it does not say.
        n_ctx_matters: The same tokens are understood otherwise in another context: models whose positions were
            stretched have factors for short contexts and for long ones (llama_model::get_rope_factors).
    """

    name: str
    architecture: str
    n_ctx_trained: int
    n_ctx_matters: bool


class LoadedModel:
    """What stays while the model dozes.

    Attributes:
        native: The library.
        pointer: ``llama_model *``.
        path: The file.
        info: What it says about itself.
        tokenizer: Text to tokens and back.
        template: Its chat template.
        template_source: The template as it is in the file; empty: it has none.
    """

    def __init__(self, native: Native, pointer: int, path: Path, is_stopped: Callable[[], bool]) -> None:
        """
        Args:
            native: The library.
            pointer: A model just loaded, which this takes over.
            path: Where it was loaded from.
            is_stopped: Whether nobody wants it any more; asked while the template is tried.

        Raises:
            Cancelled: ``is_stopped`` said so.
        """
        api = native.api
        self.native = native
        self.pointer = pointer
        self.path = path
        architecture = read_text(native, pointer, "general.architecture")
        stretched = f"{architecture}.rope.scaling.original_context_length"
        self.info = ModelInfo(
            name=read_text(native, pointer, "general.name") or path.stem,
            architecture=architecture,
            n_ctx_matters=bool(read_text(native, pointer, stretched)),
            n_ctx_trained=max(0, api.llama_model_n_ctx_train(pointer)),
        )
        self.tokenizer = Tokenizer(native, pointer)
        source = api.llama_model_chat_template(pointer, None)
        self.template_source: str = source.decode("utf-8", "replace") if source else ""
        self.template = ChatTemplate(
            self.template_source or None,
            self.tokenizer.bos_text,
            self.tokenizer.eos_text,
            self.info.architecture,
            is_stopped=is_stopped,
            knows=lambda text: len(self.tokenizer.tokenize(text, special=True)) == 1,
        )

    def close(self) -> None:
        """Frees the model, of which no context may be left; may be called twice."""
        if self.pointer:
            self.native.api.llama_model_free(self.pointer)
            self.pointer = 0
