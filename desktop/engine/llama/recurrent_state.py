"""A way back for models whose memory is a state: a copy of that state at an earlier place. Engine thread only.

Recurrent and hybrid models cannot drop the end of what they have read. But a copy of the recurrent part, taken on the
way, brings it back to that place, and the attention part of a hybrid model can be cut there. It takes what one state
takes: some hundred kilobytes for LFM2, some 20 MB for Qwen3.5-0.8B.
"""

from __future__ import annotations

import ctypes
from typing import Any

from desktop.engine.llama.bindings import Native

_SEQUENCE = 0
# LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY (llama.h): without the attention part, which can be cut.
_PARTIAL_ONLY = 1


class RecurrentState:
    """The state of a context as it was after some of its tokens; one at a time."""

    def __init__(self, native: Native, context: int) -> None:
        """
        Args:
            native: The library.
            context: The context, which must live as long as this.
        """
        self._api = native.api
        self._context = context
        self._buffer: Any = None
        self._length = 0

    @property
    def length(self) -> int | None:
        """Tokens that the context held when the copy was taken; None: there is none."""
        return self._length if self._buffer is not None else None

    def take(self, length: int) -> None:
        """Copies the state as it is now, after ``length`` tokens, in the place of the copy before."""
        size = self._api.llama_state_seq_get_size_ext(self._context, _SEQUENCE, _PARTIAL_ONLY)
        if self._buffer is None or len(self._buffer) != size:
            self._buffer = (ctypes.c_uint8 * size)()
        written = self._api.llama_state_seq_get_data_ext(self._context, self._buffer, size, _SEQUENCE, _PARTIAL_ONLY)
        self._length = length
        if not size or written != size:
            self.drop()

    def go_back(self) -> bool:
        """Puts the copy in force; False: that failed, and the context must be cleared. The copy stays."""
        if self._buffer is None:
            return False
        size = len(self._buffer)
        read = self._api.llama_state_seq_set_data_ext(self._context, self._buffer, size, _SEQUENCE, _PARTIAL_ONLY)
        memory = self._api.llama_get_memory(self._context)
        return (
            read == size
            and bool(self._api.llama_memory_seq_rm(memory, _SEQUENCE, self._length, -1))
            and bool(self._api.llama_memory_seq_pos_max(memory, _SEQUENCE) == self._length - 1)
        )

    def drop(self) -> None:
        """Forgets the copy and gives its memory back."""
        self._buffer = None
