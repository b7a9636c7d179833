"""Turns texts into vectors with an embedding model: near to each other where the texts are about the same.

Uses llama.cpp's low-level API; how the vectors of a text's tokens become one (pooling) is told by the file. Models of
the BERT family have no memory of what was read, and ``llama_decode`` calls ``llama_encode`` for them.
"""

from __future__ import annotations

import ctypes
import math
import os
import struct
from pathlib import Path
from typing import Any, Final

from desktop.engine import errors
from desktop.engine.llama.bindings import Native
from desktop.machine.process import release_pages

# Tokens of a text that are read; what comes after them is left out. Such models know no more than 512, and a passage
# has 150 to 250: llama.cpp keeps room for the logits of all tokens of the longest text, although there are none.
LONGEST: Final = 256
_POOLING_NONE: Final = 0  # LLAMA_POOLING_TYPE_NONE; there is no vector of the text then
_POOLING_LAST: Final = 3
_POOLING_RANK: Final = 4


class NoVectorsError(Exception):
    """The model makes none: it is no embedding model."""


class EmbeddingModel:
    """A loaded embedding model. One thread.

    Attributes:
        dimensions: Numbers of a vector.
    """

    def __init__(self, native: Native, path: Path, threads: int) -> None:
        """Loads it.

        Args:
            native: The library.
            path: A GGUF file.
            threads: That compute.

        Raises:
            NoVectorsError: It is no embedding model.
            UserFacingError: It cannot be loaded.
        """
        self._native, self._api = native, native.api
        errors.check_file(path)
        native.log.take_errors()
        self._model = _load(native, path)
        self._context = 0
        try:
            self._context = self._open(path, threads)
            self.dimensions: int = self._api.llama_model_n_embd_out(self._model)
        except BaseException:
            self.close()
            raise
        self._vocabulary = self._api.llama_model_get_vocab(self._model)
        self._memory = self._api.llama_get_memory(self._context)
        self._given_back = 0

    def embed(self, text: str) -> bytes:
        """Returns the vector of a text as 32-bit numbers of this machine, of length 1.

        Args:
            text: What is beyond :data:`LONGEST` tokens is left out.

        Raises:
            UserFacingError: There is not enough memory to compute.
        """
        tokens = self._tokens(text)
        if self._memory:
            self._api.llama_memory_clear(self._memory, True)
        array = (self._api.llama_token * len(tokens))(*tokens)
        self._native.log.take_errors()
        result = self._api.llama_decode(self._context, self._api.llama_batch_get_one(array, len(tokens)))
        if result != 0:
            raise errors.no_memory("; ".join(self._native.log.take_errors()) or f"llama_decode: {result}")
        found = self._api.llama_get_embeddings_seq(self._context, 0)
        if not found:
            raise RuntimeError("no vector although the model makes some")
        values = found[: self.dimensions]
        length = math.sqrt(math.fsum(value * value for value in values))
        self._give_back(len(tokens))
        if not (math.isfinite(length) and length > 0):  # weights of nonsense
            return bytes(4 * self.dimensions)
        return struct.pack(f"={self.dimensions}f", *(value / length for value in values))

    def close(self) -> None:
        """Frees it; may be called twice."""
        if self._context:
            self._api.llama_free(self._context)
            self._context = 0
        if self._model:
            self._api.llama_model_free(self._model)
            self._model = 0

    def _open(self, path: Path, threads: int) -> int:
        api = self._api
        params = api.llama_context_default_params()
        trained = api.llama_model_n_ctx_train(self._model)
        params.n_ctx = min(LONGEST, trained) if trained > 0 else LONGEST
        # A text is read as a whole.
        params.n_batch = params.n_ubatch = params.n_outputs_max = params.n_ctx
        params.n_seq_max = 1
        params.embeddings = True
        params.n_threads = params.n_threads_batch = threads
        params.no_perf = True
        context: int = api.llama_init_from_model(self._model, params) or 0
        if context and api.llama_get_memory(context) and api.llama_pooling_type(context) in (_POOLING_NONE, -1):
            # What was made of a model that continues text says by its last token what the text is about; converters of
            # old did not write that down.
            api.llama_free(context)
            params.pooling_type = _POOLING_LAST
            context = api.llama_init_from_model(self._model, params) or 0
        if not context:
            raise errors.context_failure(path, self._native.log.take_errors())
        self._longest = min(LONGEST, trained) if trained > 0 else LONGEST
        if api.llama_pooling_type(context) in (_POOLING_NONE, _POOLING_RANK, -1):
            api.llama_free(context)
            raise NoVectorsError
        return context

    def _tokens(self, text: str) -> list[int]:
        """Returns the tokens of a text with those that begin and end it, of which the last stays."""
        data = text.encode("utf-8", "replace")
        capacity = len(data) + 8
        array = (ctypes.c_int32 * capacity)()
        count = self._api.llama_tokenize(self._vocabulary, data, len(data), array, capacity, True, False)
        tokens = array[: max(0, count)] or [max(0, self._api.llama_vocab_bos(self._vocabulary))]
        return tokens if len(tokens) <= self._longest else [*tokens[: self._longest - 1], tokens[-1]]

    def _give_back(self, tokens: int) -> None:
        """Gives the pages back that are kept for logits: an encoder has none, and nothing is ever written there.

        llama.cpp (llama_context::output_reserve) keeps them for the longest text so far and fills them with zeros:
        256 MB for a vocabulary of 250,000 tokens. Without their pages they are zeros as well.
        """
        if tokens <= self._given_back or self._memory:
            return
        self._given_back = tokens
        start = ctypes.cast(self._api.llama_get_logits(self._context), ctypes.c_void_p).value
        if start:
            release_pages(start, tokens * self._api.llama_vocab_n_tokens(self._vocabulary) * 4)


def _load(native: Native, path: Path) -> int:
    api = native.api
    params: Any = api.llama_model_default_params()
    params.n_gpu_layers = 0
    params.use_extra_bufts = False  # rewritten weights would take memory beside those of the file
    name = str(path).encode() if os.name == "nt" else os.fsencode(path)
    model: int | None = api.llama_model_load_from_file(name, params)
    if not model:
        raise errors.load_failure(path, native.log.take_errors())
    return model
