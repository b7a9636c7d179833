"""A model loaded to be compared: its logits at places of a fixed text, and how fast it reads and writes. One thread."""

from __future__ import annotations

import time
from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from desktop.engine import errors
from desktop.engine.llama.bindings import AbortFlag, Native
from desktop.engine.llama.gpu.products import ProductReader
from desktop.engine.llama.thread_pool import ThreadPool
from desktop.engine.loading.loader import context_params, load_model
from desktop.engine.types import EngineConfig

# Prose, figures, code and Chinese, as people write them.
_TEXT: Final = (
    "The old clock in the hall struck seven when the rain began. She counted 12 apples, 7 pears and 31 plums, which "
    "made 50 in all. def area(width, height): return width * height\n"
    "北京是中国的首都，今天的气温是二十三度。从前有一座山，山上有一座庙。 "
    "Water boils at 100 degrees; ice melts at 0. | name | price |\n| tea | 3.50 |\n"
)
# Tokens read at once, of which every so many is looked at; and tokens read one by one, all of which are. Few and many
# at a time are computed by other code on every device.
READ_AT_ONCE, EVERY, ONE_BY_ONE = 96, 16, 8
# Tokens read at once whose products are compared, besides those one by one; and the context for them.
PRODUCTS_AT_ONCE, _CONTEXT_OF_PRODUCTS = 32, 256
# For measuring: as many are read at once, so many are written.
_READ, _WRITTEN = 64, 8


class Probe:
    """A model with a context, on the processor alone or with a graphics processor.

    Attributes:
        layers: That the model has.
    """

    def __init__(self, native: Native, config: EngineConfig, threads: int, device: int | None) -> None:
        """Loads it.

        Args:
            native: The library.
            config: Names the model and how it is loaded.
            threads: Of the processor.
            device: See :func:`desktop.engine.loading.loader.load_model`.

        Raises:
            UserFacingError: It cannot be loaded, or there is not enough memory.
        """
        self._native, self._api = native, native.api
        self._config, self._threads = config, threads
        self._context = 0
        self._pool: ThreadPool | None = None
        self._model = load_model(native, config, progress=lambda _share: None, abort=AbortFlag(), device=device)
        try:
            api = self._api
            params = context_params(api, config, self._model)
            params.n_outputs_max = READ_AT_ONCE // EVERY
            params.n_threads = params.n_threads_batch = threads
            self._context = api.llama_init_from_model(self._model.pointer, params) or 0
            if not self._context:
                raise errors.context_failure(self._model.path, native.log.take_errors())
            self._pool = ThreadPool(native, self._context)
            self._pool.resize(threads)
        except BaseException:
            self.close()
            raise
        self._memory = api.llama_get_memory(self._context)
        self._vocabulary: int = self._model.tokenizer.size
        self.layers: int = api.llama_model_n_layer(self._model.pointer)
        tokens = self._model.tokenizer.tokenize(_TEXT, special=False)
        self._tokens = (tokens * (READ_AT_ONCE // len(tokens) + 2))[: READ_AT_ONCE + ONE_BY_ONE]

    def logits(self) -> list[list[float]]:
        """Returns the logits at the places of the text that are looked at."""
        self._clear()
        at_once = self._tokens[:READ_AT_ONCE]
        places = range(EVERY - 1, READ_AT_ONCE, EVERY)
        self._evaluate(at_once, 0, places)
        rows = [self._row(place) for place in places]
        for number, token in enumerate(self._tokens[READ_AT_ONCE:]):
            self._evaluate((token,), READ_AT_ONCE + number, (0,))
            rows.append(self._row(0))
        return rows

    def products(self) -> dict[str, array[float]]:
        """Returns values of the matrix products that the text passes through, by name: read at once, and one by one.

        In a context of its own, which is freed again.

        Raises:
            UserFacingError: There is not enough memory.
        """
        api, native, reader = self._api, self._native, ProductReader(self._native)
        params = context_params(api, replace(self._config, n_ctx=_CONTEXT_OF_PRODUCTS), self._model)
        params.n_threads = params.n_threads_batch = self._threads
        params.cb_eval = reader.callback
        context = api.llama_init_from_model(self._model.pointer, params) or 0
        if not context:
            raise errors.context_failure(self._model.path, native.log.take_errors())
        try:
            self._evaluate(self._tokens[:PRODUCTS_AT_ONCE], 0, (PRODUCTS_AT_ONCE - 1,), context)
            found = {f"{name} of {PRODUCTS_AT_ONCE} tokens": values for name, values in reader.take().items()}
            for at in range(PRODUCTS_AT_ONCE, PRODUCTS_AT_ONCE + ONE_BY_ONE):
                self._evaluate(self._tokens[at : at + 1], at, (0,), context)
                for name, values in reader.take().items():
                    found.setdefault(f"{name} of a token", array("f")).extend(values)
            return found
        finally:
            api.llama_free(context)

    def speeds(self) -> tuple[float, float]:
        """Returns the tokens in a second, read and written."""
        self._clear()
        began = time.perf_counter()
        self._evaluate(self._tokens[:_READ], 0, (_READ - 1,))
        self._row(_READ - 1)  # only now it is known to be computed
        read = time.perf_counter()
        for number in range(_WRITTEN):
            self._evaluate((self._tokens[_READ + number],), _READ + number, (0,))
            self._api.llama_get_logits_ith(self._context, 0)
        written = time.perf_counter()
        return _READ / (read - began), _WRITTEN / (written - read)

    def close(self) -> None:
        """Frees it; may be called twice."""
        if self._context:
            self._api.llama_free(self._context)
            self._context = 0
        if self._pool is not None:
            self._pool.close()
            self._pool = None
        self._model.close()

    def _clear(self) -> None:
        self._api.llama_memory_clear(self._memory, True)

    def _row(self, place: int) -> list[float]:
        row: list[float] = self._api.llama_get_logits_ith(self._context, place)[: self._vocabulary]
        return row

    def _evaluate(self, tokens: Sequence[int], at: int, wanted: Sequence[int], context: int = 0) -> None:
        """Evaluates tokens from a position on; the logits of those at the places ``wanted`` are kept."""
        api = self._api
        batch = api.llama_batch_init(len(tokens), 0, 1)
        try:
            batch.n_tokens = len(tokens)
            for number, token in enumerate(tokens):
                batch.token[number], batch.pos[number] = token, at + number
                batch.n_seq_id[number], batch.seq_id[number][0] = 1, 0
                batch.logits[number] = number in wanted
            self._native.log.take_errors()
            result = api.llama_decode(context or self._context, batch)
        finally:
            api.llama_batch_free(batch)
        if result != 0:
            raise errors.no_memory("; ".join(self._native.log.take_errors()) or f"llama_decode: {result}")
