"""What comes out of the matrix products within a model while it evaluates a text, by llama.cpp's eval callback.

What a product comes to is told before anything that follows can hide it: a matrix that is a tenth too large makes its
product a tenth too large, and the probabilities of the next word hardly differ. One thread.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Mapping
from typing import Any, Final

from desktop.engine.llama.bindings import Native

# GGML_OP_MUL_MAT and GGML_OP_MUL_MAT_ID by ggml's own words for them (ggml.c, GGML_OP_NAME).
_PRODUCTS: Final = (b"MUL_MAT", b"MUL_MAT_ID")
_F32_BYTES: Final = 4
# Of one product, as many values as are compared: every so many of all that there are. What is larger than the largest
# is passed over: none is in a batch of 32 tokens but that of the vocabulary, which is looked at otherwise.
_VALUES: Final = 512
_MOST_BYTES: Final = 64_000_000
_MOST_PRODUCTS: Final = 20_000


class ProductReader:
    """Reads them; lives as long as the context that has its callback."""

    def __init__(self, native: Native) -> None:
        """
        Args:
            native: The library.
        """
        pointer, text = ctypes.c_void_p, ctypes.c_char_p
        self._name = native.function("ggml_get_name", text, pointer)
        self._operation = native.function("ggml_op_desc", text, pointer)
        self._bytes = native.function("ggml_nbytes", ctypes.c_size_t, pointer)
        self._count = native.function("ggml_nelements", ctypes.c_int64, pointer)
        self._is_contiguous = native.function("ggml_is_contiguous", ctypes.c_bool, pointer)
        self._get = native.function("ggml_backend_tensor_get", None, pointer, pointer, ctypes.c_size_t, ctypes.c_size_t)
        self._values: dict[str, array[float]] = {}
        self._error: BaseException | None = None
        self.callback: Any = native.api.ggml_backend_sched_eval_callback(self._on_node)

    def take(self) -> Mapping[str, array[float]]:
        """Returns the values of what was evaluated since, by the names that llama.cpp gives its products.

        Raises:
            BaseException: What went wrong while they were read.
        """
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        values, self._values = self._values, {}
        return values

    def _on_node(self, node: int, is_asked: bool, _data: int | None) -> bool:
        try:
            if is_asked:
                return self._operation(node) in _PRODUCTS
            self._read(node)
        except BaseException as error:  # must not get lost in native code
            self._error = error
            return False
        return True

    def _read(self, node: int) -> None:
        count, size = self._count(node), self._bytes(node)
        if size != count * _F32_BYTES or size > _MOST_BYTES or not self._is_contiguous(node):
            return
        content = ctypes.create_string_buffer(size)
        self._get(node, content, 0, size)
        every = max(1, count // _VALUES) | 1  # odd: rows have an even length, and not only some columns are looked at
        name = key = (self._name(node) or b"").decode("utf-8", "replace")
        number = 1
        while key in self._values:
            number += 1
            key = f"{name} {number}"
        if len(self._values) < _MOST_PRODUCTS:
            self._values[key] = array("f", content.raw)[::every]
