"""The KV cache of a context: which tokens it holds, what of them a prompt can use, and its copy on disk.

Everything here runs on the engine thread.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

from desktop.engine.llama.bindings import Native, read_number, read_text
from desktop.engine.llama.context_memory import ContextMemory
from desktop.engine.llama.prefix_reuse import common_prefix, place_after, steps
from desktop.engine.llama.recurrent_state import RecurrentState
from desktop.engine.types import KvType

_SEQUENCE = 0
# Quantised keys are stored turned by a Hadamard matrix, which llama.cpp has only for heads of a multiple of this
# (llama-kv-cache.cpp, attn_rot_k), and turns back as a whole (build_rope_shift).
_HADAMARD = 64


class KvCache:
    """Keeps the list of tokens in step with the native cache.

    Attributes:
        is_recurrent: A recurrent or hybrid model: its memory is a state that cannot drop the end of what it has read.
        lasting: Tokens at the beginning that the conversation will keep as they are; behind them stand words that open
            an answer and are not part of the history, or the answer that follows such words.
        sent: Tokens at the beginning that hold nothing but what was sent; behind them stands a draft. None: all do.
        must_apply_shift: Tokens were moved; the next evaluation turns their keys, and must be one that nobody stops.
    """

    def __init__(self, native: Native, model: int, context: int, kv_type: KvType, buffers: ContextMemory) -> None:
        """
        Args:
            native: The library.
            model: The loaded model.
            context: Its context, which must live as long as this.
            kv_type: Precision of the cache.
            buffers: Where the context's buffers lie.
        """
        self._api = native.api
        self._buffers = buffers
        self._context = context
        self._memory = self._api.llama_get_memory(context)
        self._recurrent_state = RecurrentState(native, context)
        self._tokens: list[int] = []
        self.lasting: int | None = None
        self.sent: int | None = None
        self.must_apply_shift = False
        self.is_recurrent = bool(self._api.llama_model_is_recurrent(model) or self._api.llama_model_is_hybrid(model))
        self._window: int = self._api.llama_model_n_swa(model)  # 0: every layer looks back at everything
        self._can_shift = (
            not self.is_recurrent
            and bool(self._api.llama_memory_can_shift(self._memory))
            and (kv_type is KvType.F16 or _turns_quantised(native, model))
        )

    @property
    def tokens(self) -> tuple[int, ...]:
        """Tokens in the cache, in order."""
        return tuple(self._tokens)

    def __len__(self) -> int:
        return len(self._tokens)

    def reusable(self, prompt: Sequence[int], movable: int, tokens: Sequence[int] | None = None) -> int:
        """Returns how many tokens of a prompt need not be read; changes nothing.

        Args:
            prompt: What the cache is to hold.
            movable: Tokens may move to places before this one in the prompt; 0: none may.
            tokens: What a cache restored from disk would hold; None: what this one does.
        """
        held = self._tokens if tokens is None else tokens
        taken = steps(held, prompt, movable if self._can_shift else 0)
        last = taken[-1]
        if self.is_recurrent and last.drop_to > last.keep:
            back = self._recurrent_state.length if tokens is None else None
            return back if back is not None and back <= last.keep else 0
        if self._window and not self.is_recurrent:
            # A state on disk has of the layers with a window only what that still shows (llama_kv_cache::state_write).
            first = self._first_place() if tokens is None else max(0, len(held) - self._window)
            return last.keep if self._reaches_back(place_after(taken, first), last.keep) else 0
        return last.keep

    def reuse(self, prompt: Sequence[int], movable: int) -> int:
        """Drops and moves tokens until the cache holds the beginning of ``prompt``; returns how many it holds then."""
        self.lasting = self.sent = None
        if self.is_recurrent:
            return self._reuse_state(prompt)
        for step in steps(self._tokens, prompt, movable if self._can_shift else 0):
            if step.drop_to > step.drop_from and not self._drop(step.drop_from, step.drop_to):
                self.clear()
                break
            if step.moved:
                offset = step.drop_from - step.drop_to
                self._api.llama_memory_seq_add(self._memory, _SEQUENCE, step.drop_to, -1, offset)
                self.must_apply_shift = True
        if not self._can_go_on():
            self.clear()
        return len(self._tokens)

    def extend(self, tokens: Sequence[int]) -> None:
        """Notes tokens that were evaluated."""
        self._tokens.extend(tokens)
        self.must_apply_shift = False

    def repair(self, tokens: Sequence[int]) -> None:
        """Finds out what of a batch that failed is in the cache; llama.cpp has dropped the part that was under way."""
        if self.is_recurrent:
            if not self._go_back():
                self.clear()
            return
        if self.must_apply_shift:
            self.clear()
            return
        held = self._api.llama_memory_seq_pos_max(self._memory, _SEQUENCE) + 1
        self._tokens.extend(tokens)
        del self._tokens[held:]
        if not self._can_go_on():
            self.clear()

    def clear(self) -> None:
        """Empties the cache, its bytes included."""
        self._api.llama_memory_clear(self._memory, not self._buffers.can_release)
        self._buffers.release_cache()
        self._tokens.clear()
        self._recurrent_state.drop()
        self.lasting = self.sent = None
        self.must_apply_shift = False

    def mark(self) -> None:
        """Remembers this place, where the cache cannot go back to any place by itself; takes milliseconds."""
        if self.is_recurrent and self._tokens:
            self._recurrent_state.take(len(self._tokens))

    def drop_passing(self) -> None:
        """Goes back to the place up to which the conversation will last, if the state is of no use otherwise.

        What a draft has left goes in any case.
        """
        if self.sent is not None and self.sent < len(self._tokens):
            if self.is_recurrent or not self._drop(self.sent, len(self._tokens)) or not self._can_go_on():
                self.clear()
            self.sent = None
        if not self.is_recurrent or self.lasting is None or self.lasting >= len(self._tokens):
            return
        back = self._recurrent_state.length
        if back is not None and back <= self.lasting and not self._go_back():
            self.clear()

    def save(self, path: Path, tokens: Sequence[int]) -> bool:
        """Writes the state to a file; returns whether it is whole.

        Args:
            path: The file, overwritten.
            tokens: What the cache holds; stored along.
        """
        if self.must_apply_shift or list(tokens) != self._tokens:
            return False
        array = (self._api.llama_token * len(tokens))(*tokens)
        written = self._api.llama_state_seq_save_file(self._context, _encoded(path), _SEQUENCE, array, len(tokens))
        return bool(written) and path.stat().st_size == written

    def load(self, path: Path, tokens: Sequence[int]) -> bool:
        """Replaces what is in the cache by a state from a file; a cache that did not take it is empty afterwards.

        Args:
            path: A file that :meth:`save` has written and whose checksum is right.
            tokens: What it should hold.
        """
        self.clear()
        array = (self._api.llama_token * len(tokens))()
        count = ctypes.c_size_t()
        read = self._api.llama_state_seq_load_file(
            self._context, _encoded(path), _SEQUENCE, array, len(tokens), ctypes.byref(count)
        )
        self._tokens = list(tokens)
        if not read or list(array[: count.value]) != self._tokens or not self._can_go_on():
            self.clear()
            return False
        return True

    def _reuse_state(self, prompt: Sequence[int]) -> int:
        same = common_prefix(self._tokens, prompt[:-1])
        if same < len(self._tokens):
            back = self._recurrent_state.length
            if back is None or back > same or not self._go_back():
                self.clear()
        return len(self._tokens)

    def _go_back(self) -> bool:
        if not self._recurrent_state.go_back():
            return False
        del self._tokens[self._recurrent_state.length :]
        return True

    def _drop(self, start: int, end: int) -> bool:
        """Removes tokens; False when the cache cannot do without them."""
        if not self._api.llama_memory_seq_rm(self._memory, _SEQUENCE, start, end if end < len(self._tokens) else -1):
            return False
        del self._tokens[start:end]
        return True

    def _can_go_on(self) -> bool:
        """Tells whether the cache holds all that the next token looks back at.

        In layers with a sliding window llama.cpp puts new tokens in the place of those that have left the window (in
        find_slot, once a shift has sent it back to the first cell), and leaves them out of a saved state. Going back
        far enough uncovers the gap: what is computed there then would be wrong, without any error.
        """
        if not self._tokens:
            return True
        if self._api.llama_memory_seq_pos_max(self._memory, _SEQUENCE) != len(self._tokens) - 1:
            return False
        return self.is_recurrent or self._reaches_back(self._first_place(), len(self._tokens))

    def _first_place(self) -> int:
        """Returns the first place that every layer holds; -1: the cache is empty."""
        return int(self._api.llama_memory_seq_pos_min(self._memory, _SEQUENCE))

    def _reaches_back(self, first: int, length: int) -> bool:
        """Tells whether what is held from ``first`` on is all that a token after ``length`` others looks back at."""
        return first <= (max(0, length - self._window + 1) if self._window else 0)


def _turns_quantised(native: Native, model: int) -> bool:
    """Tells whether llama.cpp can shift quantised keys of this model; for others it would stop the whole program."""
    architecture = read_text(native, model, "general.architecture")
    heads = native.api.llama_model_n_head(model)
    usual = native.api.llama_model_n_embd(model) // heads if heads > 0 else 0
    size = read_number(native, model, f"{architecture}.attention.key_length") or usual
    turned = read_number(native, model, f"{architecture}.rope.dimension_count") or size
    return size > 0 and size % _HADAMARD == 0 and turned == size


def _encoded(path: Path) -> bytes:
    return str(path).encode() if os.name == "nt" else os.fsencode(path)
