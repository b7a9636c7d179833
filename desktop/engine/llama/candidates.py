"""All tokens with their logits, as llama.cpp's samplers take them."""

from __future__ import annotations

import ctypes
from array import array
from typing import Any, Final

from desktop.engine.llama.bindings import Native

# Of a candidate, which llama.cpp keeps as three words of four bytes: its id, its logit, its chance.
WORDS: Final = 3


class CandidateArray:
    """The array, which is used again for each token. One thread.

    Attributes:
        words: The array as floats; ids are no floats, so that only every third and what follows it make sense.
        data: The same memory as ``llama_token_data``.
    """

    def __init__(self, native: Native, size: int) -> None:
        """
        Args:
            native: The library.
            size: Tokens that the model has.
        """
        self._api = native.api
        self._size = size
        self.words = array("f", bytes(4 * WORDS * size))
        self.data = (native.api.llama_token_data * size).from_buffer(self.words)
        self._bytes = memoryview(self.data).cast("B")
        # Samplers sort the array, so that the ids have to be written anew as well.
        ids = array("i", bytes(4 * WORDS * size))
        ids[::WORDS] = array("i", range(size))
        self._unsorted = memoryview(ids).cast("B")

    def logits(self, context: int, output: int) -> array[float]:
        """Returns a copy of the logits of an output of the last evaluation.

        Args:
            context: A ``llama_context``.
            output: Which token of the batch, one that logits were asked for; -1: the last one.
        """
        values = array("f")
        values.frombytes(ctypes.string_at(self._api.llama_get_logits_ith(context, output), 4 * self._size))
        return values

    def filled(self, logits: array[float]) -> Any:
        """Returns a ``llama_token_data_array`` of all tokens in the order of their ids.

        Args:
            logits: One for each token.
        """
        self._bytes[:] = self._unsorted
        self.words[1::WORDS] = logits
        return self._api.llama_token_data_array(self.data, self._size, -1, False)
