"""The chain of native samplers that picks the next token, and keeps to a grammar where there is one."""

from __future__ import annotations

import ctypes
import math
import os
from array import array
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from desktop.engine.llama.bindings import Native
from desktop.engine.llama.candidates import CandidateArray
from desktop.engine.types import Sampling

if TYPE_CHECKING:
    from desktop.engine.llama.grammar import Grammar

# Candidates that are held against the grammar before all are: where one is refused, another of the best usually is not.
_BEST: Final = 256


class NoTokenError(Exception):
    """The grammar allows no token that the model has: the answer is over, or cannot go on."""


class Sampler:
    """Picks tokens for one answer; a context manager that frees the chain. Engine thread only.

    The repeat penalty looks back over the answer, not over the prompt: there it would punish the end of a turn and the
    very words the model is asked to quote.

    With a grammar a token is picked as without one, and looked at: only if the grammar refuses it, which it does with
    one in four, all of the vocabulary is held against it, which takes fifty times as long.
    """

    def __init__(
        self, native: Native, vocabulary_size: int, sampling: Sampling, grammar: Grammar | None = None
    ) -> None:
        """
        Args:
            native: The library.
            vocabulary_size: Tokens that the model has.
            sampling: How to choose.
            grammar: What to keep to, which this takes over; None: nothing.
        """
        self._grammar = grammar
        self._api = native.api
        self._chain = self._api.llama_sampler_chain_init(self._api.llama_sampler_chain_default_params())
        seed = int.from_bytes(os.urandom(4)) >> 1 if sampling.seed is None else sampling.seed & 0x7FFFFFFF
        extra = sampling.frequency_penalty, sampling.presence_penalty
        penalised = sampling.repeat_last_n if sampling.repeat_penalty != 1.0 or any(extra) else 0
        only_lowers = sampling.repeat_penalty >= 1.0 and min(extra) >= 0
        greedy = sampling.temperature <= 0
        kept = 1 if greedy else sampling.top_k
        needed = kept + penalised if kept > 0 and only_lowers else 0
        self._candidates = _Candidates(native, vocabulary_size, needed) if grammar is not None else None
        self._sample = native.function(
            "llama_sampler_sample", ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int32
        )
        api = self._api
        if penalised:
            if kept > 0 and only_lowers:
                # The penalty looks every candidate up in a map: 150,000 of them cost milliseconds per token. It only
                # moves tokens down, and at most repeat_last_n of them, so the best k afterwards are among the best
                # k + repeat_last_n before: the result is the same.
                self._add(api.llama_sampler_init_top_k(kept + penalised))
            self._add(api.llama_sampler_init_penalties(vocabulary_size, penalised, sampling.repeat_penalty, *extra))
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

    def pick(self, context: int, *, freely: bool = False) -> int:
        """Returns the next token after the last evaluation of ``context`` and remembers it for the penalty.

        Args:
            context: A ``llama_context``.
            freely: Without the grammar, as for thoughts before the answer.

        Raises:
            NoTokenError: The grammar allows none.
        """
        if self._grammar is None or self._candidates is None or freely:
            token: int = self._sample(self._chain, context, -1)
            return token
        before = self._api.llama_sampler_clone(self._chain)
        token = self._sample(self._chain, context, -1)
        if self._grammar.allows(token):
            self._api.llama_sampler_free(before)
            return token
        # The chain has taken the token for a part of the answer, which it is not.
        self._api.llama_sampler_free(self._chain)
        self._chain = before
        refused = {token}
        while not self._grammar.allows(token := self._candidates.choose(context, self._chain, self._grammar, refused)):
            if token in refused:
                raise NoTokenError
            refused.add(token)
        self._api.llama_sampler_accept(self._chain, token)
        return token

    def allows(self, token: int) -> bool:
        """Tells whether a token that is not the end may come next."""
        return self._grammar is None or self._grammar.allows(token)

    def go_on(self, token: int) -> None:
        """Tells the grammar that a token stands in the answer: one that it allows, and not the end."""
        if self._grammar is not None:
            self._grammar.accept(token)

    def close(self) -> None:
        """Frees the chain; may be called twice."""
        if self._chain is not None:
            self._api.llama_sampler_free(self._chain)
            self._chain = None
        if self._grammar is not None:
            self._grammar.close()
        if self._candidates is not None:
            self._candidates.close()

    def _add(self, sampler: int) -> None:
        self._api.llama_sampler_chain_add(self._chain, sampler)  # the chain owns it from now on


class _Candidates:
    """All tokens with their logits, of which a chain chooses one that a grammar allows."""

    def __init__(self, native: Native, size: int, needed: int) -> None:
        """
        Args:
            native: The library.
            size: Tokens that the model has.
            needed: How many of the best that are allowed the chain looks at; 0: at all.
        """
        self._api = native.api
        self._array = CandidateArray(native, size)
        self._needed = needed
        self._best = self._api.llama_sampler_init_top_k(_BEST)

    def choose(self, context: int, chain: int, grammar: Grammar, refused: Iterable[int]) -> int:
        """Returns the token that a chain chooses after the last evaluation, of those that a grammar allows.

        One that was refused comes where there is no other.
        """
        logits = self._array.logits(context, -1)
        candidates = self._filled(logits, refused)
        if self._needed:
            # Of the best alone, where enough of these are allowed: the same choice, in a tenth of the time.
            self._api.llama_sampler_apply(self._best, ctypes.byref(candidates))
            grammar.restrict(candidates)
            allowed = sum(each.logit > -math.inf for each in self._array.data[: candidates.size])
            if allowed < self._needed:
                candidates = self._filled(logits, refused)
                grammar.restrict(candidates)
        else:
            grammar.restrict(candidates)
        self._api.llama_sampler_apply(chain, ctypes.byref(candidates))
        chosen: int = candidates.data[candidates.selected].id
        return chosen

    def close(self) -> None:
        """Frees what is not Python's; may be called twice."""
        if self._best:
            self._api.llama_sampler_free(self._best)
            self._best = None

    def _filled(self, logits: array[float], refused: Iterable[int]) -> Any:
        candidates = self._array.filled(logits)
        for token in refused:
            self._array.data[token].logit = -math.inf
        return candidates
