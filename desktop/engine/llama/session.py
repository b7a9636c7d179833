"""A loaded model with a context: reads prompts, generates tokens, re-uses what is already in the KV cache.

Everything here runs on the engine thread; only :class:`~desktop.engine.llama.bindings.AbortFlag` is touched by others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.common.errors import Cancelled
from desktop.engine import errors
from desktop.engine.llama.bindings import AbortFlag
from desktop.engine.llama.context_memory import ContextMemory
from desktop.engine.llama.deadline import Deadline
from desktop.engine.llama.eval_progress import EvalProgress
from desktop.engine.llama.kv_cache import KvCache
from desktop.engine.llama.model import LoadedModel
from desktop.engine.llama.sampler import Sampler
from desktop.engine.llama.thread_pool import ThreadPool
from desktop.engine.types import EngineConfig, Sampling

if TYPE_CHECKING:
    from desktop.engine.llama.grammar import Grammar

# llama_decode's result codes (llama.h).
_ABORTED, _NO_MEMORY = 2, -2
_NO_CALLBACK = 0
# Shorter batches are read at another speed: weights are then fetched for the sake of a few.
_LEAST_CUT_OFF = 64
# Tokens whose reading takes memory that is worth a millisecond of giving back.
_LEAST_GIVEN_BACK = 64


class Session:
    """A model and a context of it.

    Attributes:
        model: What is loaded; it outlives the session.
        config: The configuration it was loaded with.
        n_ctx: The context in force, in tokens.
        owner: Conversation whose text is in the KV cache; None: nobody's.
        keeps_snapshot: The owner's state may be written to disk.
    """

    def __init__(
        self, model: LoadedModel, context: int, config: EngineConfig, threads: int, buffers: ContextMemory
    ) -> None:
        """
        Args:
            model: The model.
            context: A context just made, which this takes over; see :func:`desktop.engine.loading.loader.open_session`.
            config: The configuration in force.
            threads: Threads to begin with.
            buffers: Where the context's buffers lie; taken over as well.
        """
        native = model.native
        self.model = model
        self.config = config
        self._native = native
        self._api = native.api
        self._context = context
        self._buffers = buffers
        self._kv = KvCache(native, model.pointer, context, config.kv_type, buffers)
        self._pool = ThreadPool(native, context)
        self._threads = (0, 0)
        self._deadline = Deadline()
        self._eval_progress = EvalProgress(native, self._api.llama_model_n_layer(model.pointer))
        self._abort: AbortFlag | EvalProgress | None = None  # the context has its address, so it must live
        self._one = (self._api.llama_token * 1)()
        self._one_batch = self._api.llama_batch_get_one(self._one, 1)
        self._n_ubatch: int = self._api.llama_n_ubatch(context)
        self.owner: str | None = None
        self.keeps_snapshot = False
        trained = model.info.n_ctx_trained
        n_ctx: int = self._api.llama_n_ctx(context)  # padded by llama.cpp, possibly beyond what it was trained for
        self.n_ctx = min(n_ctx, trained) if trained > 0 else n_ctx
        self.set_threads(threads, threads)

    @property
    def tokens(self) -> tuple[int, ...]:
        """Tokens in the KV cache, in order."""
        return self._kv.tokens

    @property
    def is_recurrent(self) -> bool:
        """It cannot drop the end of what it has read, see :mod:`desktop.engine.llama.recurrent_state`."""
        return self._kv.is_recurrent

    @property
    def is_full(self) -> bool:
        """There is no room for another token."""
        return len(self._kv) >= self.n_ctx

    @property
    def threads(self) -> int:
        """Threads in force for generation."""
        return self._threads[0]

    def set_threads(self, generate: int, read: int) -> None:
        """Changes the number of threads; to be called between two evaluations.

        Args:
            generate: Threads for single tokens.
            read: Threads for prompts.
        """
        if (generate, read) == self._threads:
            return
        size = max(generate, read)
        if size != max(self._threads):
            self._pool.resize(size)
        self._api.llama_set_n_threads(self._context, generate, read)
        self._threads = (generate, read)

    def read(
        self,
        prompt: Sequence[int],
        abort: AbortFlag,
        progress: Callable[[int, int], None],
        between: Callable[[bool], float],
        movable: int = 0,
        *,
        lasting: int | None = None,
        sent: int | None = None,
    ) -> int:
        """Brings the KV cache to hold exactly ``prompt``, evaluating only what is not there yet.

        Args:
            prompt: One token at least, ``n_ctx`` at most.
            abort: Stops the evaluation within some 30 ms.
            progress: Told (done, total) of the tokens to evaluate: at the start, while it goes on, at the end.
            between: Called before each batch; the place to change threads. Told whether the batch before was cut off
                and comes again; returns the tokens per second below which it will be, 0 for never.
            movable: Tokens of the cache may move to places before this one in the prompt; 0: none may.
            lasting: Leading tokens of the prompt that the next one will begin with as well; None: all.
            sent: Leading tokens of the prompt that may be saved, since they hold no word of a draft; None: all.

        Returns:
            Tokens that were found in the cache. The last one is always evaluated, for its logits.

        Raises:
            Cancelled: ``abort`` was set; the batches that were complete stay in the cache.
            UserFacingError: There is not enough memory to compute.
        """
        reused = self._kv.reuse(prompt, movable)
        self._kv.sent = sent
        total = len(prompt) - reused
        done = 0
        progress(done, total)
        if self._kv.must_apply_shift:
            between(False)
            self._apply_shift(prompt[reused])
            done = 1
            progress(done, total)
        # A model that cannot go back remembers the way: where an abort may throw it, and where the next prompt parts.
        last_mark = min(len(prompt) - 1, len(prompt) if lasting is None else lasting)
        cut_off = False
        while done < total:
            slowest = between(cut_off)
            if abort.is_set():
                raise Cancelled
            part = self._next_part(prompt, reused + done, last_mark)
            seconds = len(part) / slowest if slowest and len(part) >= _LEAST_CUT_OFF else math.inf
            report = partial(_report_share, progress, done, len(part), total)
            cut_off = not self._evaluate_watched(part, abort, report, seconds)
            if cut_off:
                progress(done, total)
                continue
            done += len(part)
            progress(done, total)
        self._kv.lasting = lasting if lasting is not None and lasting < len(prompt) else None
        if total >= _LEAST_GIVEN_BACK:
            self._buffers.release_scratch()
        return reused

    def _next_part(self, prompt: Sequence[int], place: int, last_mark: int) -> Sequence[int]:
        """Returns the tokens of the next batch, and marks its beginning; no batch goes over the last mark."""
        if place <= last_mark:
            self._kv.mark()
        end = place + self._n_ubatch
        if self._kv.is_recurrent and place < last_mark:
            end = min(end, last_mark)
        return prompt[place:end]

    def sampler(self, sampling: Sampling, schema: str | None = None) -> Sampler:
        """Returns a chain of samplers for one answer; close it after use.

        Args:
            sampling: How to choose.
            schema: The JSON Schema that the answer keeps to; None: to nothing.

        Raises:
            UserFacingError: The schema cannot be used.
        """
        grammar = self._grammar(schema) if schema is not None else None
        return Sampler(self._native, self.model.tokenizer.size, sampling, grammar)

    def _grammar(self, schema: str) -> Grammar:
        # A twentieth of the start of an engine process, which few answers need.
        from desktop.engine.llama.grammar import Grammar, grammar_of
        from desktop.engine.schema.reading import read_schema

        return Grammar(self._native, self.model.tokenizer, grammar_of(read_schema(schema)))

    def pick(self, sampler: Sampler, *, freely: bool = False) -> int:
        """Returns the next token; :meth:`accept` puts it into the cache. See :meth:`Sampler.pick`."""
        return sampler.pick(self._context, freely=freely)

    def accept(self, token: int, abort: AbortFlag, slowest: float = 0.0) -> bool:
        """Evaluates a token that was picked, so that the next can be.

        Args:
            token: What :meth:`pick` returned.
            abort: Stops the evaluation.
            slowest: Tokens per second below which it is cut off; 0: never.

        Returns:
            Whether it is in the cache; False: it was cut off.

        Raises:
            Cancelled: ``abort`` was set; the token is not in the cache.
            UserFacingError: There is not enough memory to compute.
        """
        if self._kv.is_recurrent:
            # Stopped within a token, such a model would lose the whole answer: it stops before the next one.
            if abort.is_set():
                raise Cancelled
            self._set_unstoppable()
        elif self._abort is not abort:
            self._native.set_abort_flag(self._context, abort)
            self._abort = abort
        self._one[0] = token
        if not slowest or self._kv.is_recurrent:
            self._decode(self._one_batch, (token,))
            return True
        try:
            with self._deadline.after(1 / slowest, abort):
                self._decode(self._one_batch, (token,))
        except Cancelled:
            if abort.is_set():
                raise
            return False
        return True

    def reusable(self, prompt: Sequence[int], movable: int, tokens: Sequence[int] | None = None) -> int:
        """Returns how many tokens of ``prompt`` need not be read, now or from a state on disk that holds ``tokens``."""
        return self._kv.reusable(prompt, movable, tokens)

    def drop_passing(self) -> None:
        """Drops a draft, and what the conversation will not keep where the state is useless with it; before a save."""
        self._kv.drop_passing()

    def save_state(self, path: Path, tokens: Sequence[int]) -> bool:
        """Writes the KV state, which must be that of ``tokens``, to a file; returns whether it is whole."""
        return self._kv.save(path, tokens)

    def load_state(self, path: Path, tokens: Sequence[int]) -> bool:
        """Replaces the KV state by that of ``tokens`` from a file; empties the cache and returns False if it is not.

        Nobody owns the cache afterwards.
        """
        self.owner = None
        return self._kv.load(path, tokens)

    def clear(self) -> None:
        """Empties the KV cache, its bytes included."""
        self._kv.clear()
        self.owner = None

    @property
    def can_rest(self) -> bool:
        """Whether :meth:`rest` gives back what only closing gives back elsewhere."""
        return self._buffers.can_release

    def rest(self) -> None:
        """Empties the KV cache and gives the memory back, buffers included; the next evaluation takes it again."""
        self.clear()
        self._buffers.release()

    def close(self) -> None:
        """Frees the context, its memory and its threads, in this order; may be called twice."""
        self._deadline.close()
        if self._context:
            self._api.llama_free(self._context)
            self._context = 0
        self._buffers.close()
        self._pool.close()

    def _apply_shift(self, token: int) -> None:
        """Evaluates one token, and with it the turning of all keys that moved, which must not stop half way."""
        self._native.log.take_errors()
        self._set_unstoppable()
        self._one[0] = token
        self._decode(self._one_batch, (token,))
        lines = self._native.log.take_errors()
        if lines:  # the shift failed, but the evaluation went on
            self._kv.clear()
            raise errors.no_memory("; ".join(lines))

    def _set_unstoppable(self) -> None:
        if self._abort is not None:
            self._native.set_abort_callback(self._context, _NO_CALLBACK)
            self._abort = None

    def _evaluate_watched(
        self, tokens: Sequence[int], abort: AbortFlag, report: Callable[[float], None], seconds: float
    ) -> bool:
        """Evaluates a batch; False: it would have taken longer than ``seconds``, and is not in the cache."""
        if self._abort is not self._eval_progress:
            self._native.set_abort_callback(self._context, self._eval_progress.address)
            self._abort = self._eval_progress
        # A state that cannot go back would be lost.
        self._eval_progress.begin(abort, report, math.inf if self._kv.is_recurrent else seconds)
        complete = False
        try:
            array = (self._api.llama_token * len(tokens))(*tokens)
            self._decode(self._api.llama_batch_get_one(array, len(tokens)), tokens)
            complete = True
        except Cancelled:
            if not self._eval_progress.was_cut_off or abort.is_set():
                raise
        finally:
            self._eval_progress.end(complete=complete)
        return complete

    def _decode(self, batch: Any, tokens: Sequence[int]) -> None:
        result = self._api.llama_decode(self._context, batch)
        if result == 0:
            self._pool.evaluated()
            self._kv.extend(tokens)
            return
        self._kv.repair(tokens)
        if result == _ABORTED:
            raise Cancelled
        lines = self._native.log.take_errors()
        if result == _NO_MEMORY:
            raise errors.no_memory("; ".join(lines))
        raise RuntimeError(f"llama_decode returned {result} after {len(self._kv)} tokens: {'; '.join(lines)}")


def _report_share(progress: Callable[[int, int], None], done: int, batch: int, total: int, share: float) -> None:
    progress(done + int(share * batch), total)
