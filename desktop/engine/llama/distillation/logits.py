"""What a model thinks of every token of a text: the best logits and the sum of all, of answers it makes or is given.

Uses llama.cpp's low-level API in a context of its own: unlike a conversation's, it keeps the logits of a whole batch.
"""

from __future__ import annotations

import ctypes
import math
import struct
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from desktop.engine import errors
from desktop.engine.llama.candidates import WORDS, CandidateArray
from desktop.engine.llama.distillation.layout import prompt_of
from desktop.engine.llama.model import LoadedModel
from desktop.engine.llama.sampler import Sampler
from desktop.engine.types import Sampling

# Tokens evaluated in one graph: for each there is room for the logits of the whole vocabulary, 600 kB of Qwen's.
BATCH: Final = 64
# The largest number of 16 bits that a difference of logits may be; what is beyond it has no chance anyhow.
_FURTHEST: Final = 60_000.0


class NonsenseError(Exception):
    """The model computes what is no number."""


class TooLongError(Exception):
    """The text does not fit into the context with an answer."""


@dataclass(frozen=True)
class ToldAnswer:
    """An answer that a model made.

    Attributes:
        prompt: The tokens before it.
        answer: Its tokens, the one that ends it included.
        is_whole: It came to its end, and was not cut off.
        logits: For each token of the answer what the model thought before it, see :func:`record_size`.
    """

    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    is_whole: bool
    logits: bytes


def record_size(kept: int, temperatures: int) -> int:
    """Returns the bytes of one token's record.

    It is, little-endian: the best logit (f32); the logarithm of the sum of exp(logit / T) over all tokens for each
    temperature T (f32); the ids of the best tokens, the best first (u32); how far the logit of each lies below the
    best (f16).

    Args:
        kept: Logits that are kept of a token.
        temperatures: Temperatures that there are sums for.
    """
    return 4 + 4 * temperatures + 6 * kept


class LogitModel:
    """A loaded model and a context that keeps logits. One thread."""

    def __init__(self, model: LoadedModel, n_ctx: int, threads: int, watch: Any = None) -> None:
        """
        Args:
            model: What is loaded; it outlives this.
            n_ctx: Tokens that a text with its answer may have.
            threads: That compute.
            watch: A ``ggml_backend_sched_eval_callback``; None: nobody looks at what is computed between.

        Raises:
            UserFacingError: There is not enough memory.
        """
        self._model, self._native, self._api = model, model.native, model.native.api
        api = self._api
        params = api.llama_context_default_params()
        trained = model.info.n_ctx_trained
        params.n_ctx = min(n_ctx, trained) if trained else n_ctx
        params.n_batch = params.n_ubatch = params.n_outputs_max = min(BATCH, params.n_ctx)
        params.n_seq_max = 1
        params.swa_full = True
        params.n_threads = params.n_threads_batch = threads
        params.no_perf = True
        if watch is not None:
            params.cb_eval = watch
        self._native.log.take_errors()
        self._context: int = api.llama_init_from_model(model.pointer, params) or 0
        if not self._context:
            raise errors.context_failure(model.path, self._native.log.take_errors())
        self._size, self._n_ctx = params.n_batch, params.n_ctx
        self._batch = api.llama_batch_init(self._size, 0, 1)
        self._memory = api.llama_get_memory(self._context)
        self._array = CandidateArray(self._native, model.tokenizer.size)
        self._dist = api.llama_sampler_init_dist(0)

    def answer(self, text: str, sampling: Sampling, kept: int, temperatures: Sequence[float]) -> ToldAnswer:
        """Answers a question, and tells what was thought before each token.

        Args:
            text: The question.
            sampling: How tokens are chosen; ``max_tokens`` must be set.
            kept: Logits that are kept of a token.
            temperatures: That the sums are wanted for, see :func:`record_size`; the logits kept are those at 1.

        Raises:
            NonsenseError: The model computes no numbers.
            TooLongError: The question and its answer do not fit in.
            UserFacingError: There is not enough memory, or the template takes no such question.
        """
        model = self._model
        prompt = prompt_of(model, text)
        longest = sampling.max_tokens or 0
        if len(prompt) + longest > self._n_ctx:
            raise TooLongError
        self._read(prompt, len(prompt) - 1, lambda _output: None)
        answer: list[int] = []
        records: list[bytes] = []
        is_whole = False
        with Sampler(self._native, model.tokenizer.size, sampling) as sampler:
            while len(answer) < longest and not is_whole:
                records.append(self._record(-1, kept, temperatures))
                token = sampler.pick(self._context)
                answer.append(token)
                is_whole = model.tokenizer.is_end(token)
                if not is_whole and len(answer) < longest:
                    self._evaluate((token,), len(prompt) + len(answer) - 1, 0)
        return ToldAnswer(tuple(prompt), tuple(answer), is_whole, b"".join(records))

    def judge(self, tokens: Sequence[int], first: int, asked: array[int], kept: int) -> bytes:
        """Returns what the model thinks of an answer that it is given.

        For each token of the answer, little-endian: the logarithm of the sum of exp(logit) over all tokens (f32), the
        best token (u32), the logit of the token that stands there (f32), the logits of the tokens asked for (f32).

        Args:
            tokens: The text, with a beginning.
            first: Where the answer begins, from 1 on.
            asked: For each token of the answer as many ids as ``kept``.
            kept: See ``asked``.

        Raises:
            NonsenseError: The model computes no numbers.
            TooLongError: The text does not fit in.
            UserFacingError: There is not enough memory.
        """
        if len(tokens) > self._n_ctx:
            raise TooLongError
        found: list[bytes] = []

        def look(output: int) -> None:
            logits = self._array.logits(self._context, output)
            best, total = self._best(logits)
            place = len(found)
            said = tokens[first + place]
            wanted = [logits[token] for token in asked[place * kept : (place + 1) * kept]]
            found.append(struct.pack(f"<fIf{kept}f", total, best, logits[said], *wanted))

        self._read(tokens[:-1], first - 1, look)
        return b"".join(found)

    def read(self, tokens: Sequence[int]) -> None:
        """Evaluates a text with all its outputs, for whoever watches. Raises as :meth:`judge`."""
        if len(tokens) > self._n_ctx:
            raise TooLongError
        self._read(tokens, 0, lambda _output: None)

    def close(self) -> None:
        """Frees the context; may be called twice."""
        if self._context:
            self._api.llama_batch_free(self._batch)
            self._api.llama_sampler_free(self._dist)
            self._api.llama_free(self._context)
            self._context = 0

    def _read(self, tokens: Sequence[int], first: int, look: Callable[[int], None]) -> None:
        """Evaluates a text from its beginning; ``look`` is called for each output from ``first`` on."""
        self._api.llama_memory_clear(self._memory, True)
        for place in range(0, len(tokens), self._size):
            part = tokens[place : place + self._size]
            begin = max(0, first - place)
            self._evaluate(part, place, begin)
            for output in range(begin, len(part)):
                look(output)

    def _evaluate(self, tokens: Sequence[int], place: int, first: int) -> None:
        batch = self._batch
        batch.n_tokens = len(tokens)
        for index, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = place + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = 0
            batch.logits[index] = index >= first
        self._native.log.take_errors()
        result = self._api.llama_decode(self._context, batch)
        if result != 0:
            raise errors.no_memory("; ".join(self._native.log.take_errors()) or f"llama_decode: {result}")

    def _best(self, logits: array[float]) -> tuple[int, float]:
        """Returns the best token and the logarithm of the sum over all."""
        largest = max(logits)
        best = logits.index(largest) if math.isfinite(largest) else 0
        return best, self._total(logits, best, 1.0)

    def _total(self, logits: array[float], best: int, temperature: float) -> float:
        # The library's own softmax is ten times as quick as a sum in Python. The chance of the best tells the sum.
        candidates = self._array.filled(logits)
        if temperature != 1.0:
            warmer = self._api.llama_sampler_init_temp(temperature)
            self._api.llama_sampler_apply(warmer, ctypes.byref(candidates))
            self._api.llama_sampler_free(warmer)
        self._api.llama_sampler_apply(self._dist, ctypes.byref(candidates))
        chance = self._array.words[WORDS * best + 2]
        if not (math.isfinite(chance) and chance > 0 and math.isfinite(logits[best])):
            raise NonsenseError
        return logits[best] / temperature - math.log(chance)

    def _record(self, output: int, kept: int, temperatures: Sequence[float]) -> bytes:
        logits = self._array.logits(self._context, output)
        largest = max(logits)
        best = logits.index(largest) if math.isfinite(largest) else 0
        totals = [self._total(logits, best, temperature) for temperature in temperatures]
        candidates = self._array.filled(logits)
        top = self._api.llama_sampler_init_top_k(kept)
        self._api.llama_sampler_apply(top, ctypes.byref(candidates))
        self._api.llama_sampler_free(top)
        words = memoryview(self._array.data).cast("B")[: 4 * WORDS * kept]
        ids = words.cast("i")[::WORDS].tolist()
        below = [min(largest - logit, _FURTHEST) for logit in words.cast("f")[1::WORDS].tolist()]
        return struct.pack(f"<f{len(totals)}f{kept}I{kept}e", largest, *totals, *ids, *below)
