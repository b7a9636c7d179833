"""The chain of native samplers that picks the next token."""

from __future__ import annotations

import ctypes
import os
from types import TracebackType

from desktop.engine.llama.bindings import Native
from desktop.engine.types import Sampling


class Sampler:
    """Picks tokens for one answer; a context manager that frees the chain. Engine thread only.

    The repeat penalty looks back over the answer, not over the prompt: there it would punish the end of a turn and the
    very words the model is asked to quote.
    """

    def __init__(self, native: Native, vocabulary_size: int, sampling: Sampling) -> None:
        self._api = native.api
        self._chain = self._api.llama_sampler_chain_init(self._api.llama_sampler_chain_default_params())
        seed = int.from_bytes(os.urandom(4)) >> 1 if sampling.seed is None else sampling.seed & 0x7FFFFFFF
        penalised = sampling.repeat_last_n if sampling.repeat_penalty != 1.0 else 0
        greedy = sampling.temperature <= 0
        kept = 1 if greedy else sampling.top_k
        self._sample = native.function(
            "llama_sampler_sample", ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int32
        )
        api = self._api
        if penalised:
            if kept > 0 and sampling.repeat_penalty > 1.0:
                # The penalty looks every candidate up in a map: 150,000 of them cost milliseconds per token. It only
                # moves tokens down, and at most repeat_last_n of them, so the best k afterwards are among the best
                # k + repeat_last_n before: the result is the same.
                self._add(api.llama_sampler_init_top_k(kept + penalised))
            self._add(api.llama_sampler_init_penalties(vocabulary_size, penalised, sampling.repeat_penalty, 0.0, 0.0))
        if greedy:
            self._add(api.llama_sampler_init_greedy())
            return
        if kept > 0:
            self._add(api.llama_sampler_init_top_k(kept))
        if sampling.top_p < 1.0:
            self._add(api.llama_sampler_init_top_p(sampling.top_p, 1))
        if sampling.min_p > 0.0:
            self._add(api.llama_sampler_init_min_p(sampling.min_p, 1))
        self._add(api.llama_sampler_init_temp(sampling.temperature))
        self._add(api.llama_sampler_init_dist(seed))

    def __enter__(self) -> Sampler:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def pick(self, context: int) -> int:
        """Returns the next token after the last evaluation of ``context`` and remembers it for the penalty."""
        token: int = self._sample(self._chain, context, -1)
        return token

    def close(self) -> None:
        """Frees the chain; may be called twice."""
        if self._chain is not None:
            self._api.llama_sampler_free(self._chain)
            self._chain = None

    def _add(self, sampler: int) -> None:
        self._api.llama_sampler_chain_add(self._chain, sampler)  # the chain owns it from now on
