"""What goes through the layers of a model while it reads: how much each changes, which inputs are large."""

from __future__ import annotations

import ctypes
import math
import re
from array import array
from collections.abc import Sequence
from operator import add, mul
from typing import Any, Final

from desktop.engine.llama.bindings import Native

# Names that llama.cpp gives to what it computes (llm_graph_context::cb), with the number of the layer behind.
_LAYER: Final = re.compile(rb"(l_out|attn_norm|kqv_out|ffn_norm|ffn_swiglu|ffn_geglu|ffn_gate_par)-([0-9]{1,4})")
_BEGIN: Final = b"embd"
_END: Final = b"result_norm"
# What reads it, by the name that this has where it is a matrix of its own.
_END_READER: Final = "output.weight"
# Which weights read what was computed.
_READERS: Final = {
    b"attn_norm": ("attn_q", "attn_k", "attn_v"),
    b"kqv_out": ("attn_output",),
    b"ffn_norm": ("ffn_gate", "ffn_up"),
    b"ffn_swiglu": ("ffn_down",),
    b"ffn_geglu": ("ffn_down",),
    b"ffn_gate_par": ("ffn_down",),
}


class Activations:
    """Looks at every evaluation of the context that :attr:`callback` was given to. One thread.

    Attributes:
        callback: A ``ggml_backend_sched_eval_callback``; lives as long as this.
    """

    def __init__(self, native: Native, *, influence: bool, importance: bool) -> None:
        """
        Args:
            native: The library.
            influence: See :meth:`influences`.
            importance: See :meth:`importances`.
        """
        pointer = ctypes.c_void_p
        self._name = native.function("ggml_get_name", ctypes.c_char_p, pointer)
        self._bytes = native.function("ggml_nbytes", ctypes.c_size_t, pointer)
        self._rows = native.function("ggml_nrows", ctypes.c_int64, pointer)
        self._get = native.function("ggml_backend_tensor_get", None, pointer, pointer, ctypes.c_size_t, ctypes.c_size_t)
        self._influence, self._importance = influence, importance
        self._before: list[array[float]] = []
        self._changes: dict[int, list[float]] = {}
        self._squares: dict[str, list[float]] = {}
        self._counts: dict[str, int] = {}
        self.callback: Any = native.api.ggml_backend_sched_eval_callback(self._look)

    def influences(self) -> tuple[float, ...]:
        """Returns for each layer how far it turns what goes through it: 1 - cosine of its input and output, on average.

        Known as block influence (Men et al. 2024, ShortGPT). Empty: the architecture has no such names.
        """
        layers = range(len(self._changes))
        if set(layers) != set(self._changes):
            return ()
        return tuple(math.fsum(self._changes[layer]) / len(self._changes[layer]) for layer in layers)

    def importances(self) -> dict[str, array[float]]:
        """Returns for each matrix of weights the mean square of what it reads, by its columns: an importance matrix.

        That of the output is among them also where it is the embedding.
        """
        return {
            name: array("f", (value / self._counts[name] for value in squares))
            for name, squares in self._squares.items()
        }

    def _look(self, tensor: int, asks: bool, _data: Any) -> bool:
        name: bytes = self._name(tensor)
        found = _LAYER.fullmatch(name)
        if asks:
            if found is None:
                return (name == _BEGIN and self._influence) or (name == _END and self._importance)
            return self._influence if found[1] == b"l_out" else self._importance
        rows = self._values(tensor)
        if name == _END:
            self._square(_END_READER, rows)
        elif found is None:
            self._before = rows
        elif found[1] == b"l_out":
            self._change(int(found[2]), rows)
        else:
            for reader in _READERS[found[1]]:
                self._square(f"blk.{int(found[2])}.{reader}.weight", rows)
        return True

    def _values(self, tensor: int) -> list[array[float]]:
        size = self._bytes(tensor)
        data = (ctypes.c_char * size)()
        self._get(tensor, data, 0, size)
        values = array("f", bytes(data))
        width = len(values) // max(1, self._rows(tensor))
        return [values[place : place + width] for place in range(0, len(values), width)]

    def _change(self, layer: int, rows: list[array[float]]) -> None:
        changes = self._changes.setdefault(layer, [])
        changes += [1 - _cosine(one, other) for one, other in zip(self._before, rows, strict=True)]
        self._before = rows

    def _square(self, name: str, rows: list[array[float]]) -> None:
        total: Sequence[float] = self._squares.get(name) or [0.0] * len(rows[0])
        for row in rows:
            total = list(map(add, total, map(mul, row, row)))
        self._squares[name] = list(total)
        self._counts[name] = self._counts.get(name, 0) + len(rows)


def _cosine(one: array[float], other: array[float]) -> float:
    size = math.sqrt(sum(map(mul, one, one)) * sum(map(mul, other, other)))
    return sum(map(mul, one, other)) / size if size else 1.0
