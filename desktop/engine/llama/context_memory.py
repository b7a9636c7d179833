"""The large buffers of a context, in memory of ours: it can be given back while the context stays. Engine thread only.

llama.cpp allocates a context's KV cache and the buffers that it computes in, and writes zeros to the whole cache. While
the model dozes the memory must go, but making the context again costs a third of the first word's wait: 20 ms with
Qwen2.5-0.5B and 4,096 tokens, nearly all for pages that are filled with zeros one by one. Here the context stays, and
only the pages go (madvise(2), MADV_DONTNEED): whoever reads them finds the zeros again that a new context would have.
For the same reason an empty cache takes no memory, only its tokens do.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import sys
from collections.abc import Iterator
from typing import Any, Final

from desktop.engine.llama.bindings import Native

# enum ggml_backend_buffer_usage (ggml-backend.h)
_USAGE_COMPUTE: Final = 2

_Allocate = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


class _BufferType(ctypes.Structure):
    """The beginning of ``struct ggml_backend_buffer_type`` (ggml-backend-impl.h)."""

    _fields_ = (("get_name", ctypes.c_void_p), ("alloc_buffer", ctypes.c_void_p))


class ContextMemory:
    """The buffers of one context. Where the system cannot take pages out of a mapping, the context keeps its own."""

    def __init__(self, native: Native) -> None:
        """
        Args:
            native: The library.
        """
        self._can_release = sys.platform == "linux"
        self._mappings: list[tuple[mmap.mmap, int]] = []  # with the ggml_backend_buffer_t
        self._is_whole = True
        self._usage = native.function("ggml_backend_buffer_get_usage", ctypes.c_int, ctypes.c_void_p)
        self._adopt = native.function(
            "ggml_backend_cpu_buffer_from_ptr", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t
        )
        address = native.function("ggml_backend_cpu_buffer_type", ctypes.c_void_p)()
        self._type = _BufferType.from_address(address)

    @property
    def can_release(self) -> bool:
        """Whether all buffers of the context lie here, so that :meth:`release` gives back what it takes."""
        return self._is_whole and bool(self._mappings)

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """Has what is allocated within lie in memory of ours: a context, which must be freed before :meth:`close`.

        WORKAROUND(https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-backend-impl.h): a context cannot be
        told where to put its cache, so the buffer type of the processor allocates by another function meanwhile.
        """
        if not self._can_release:
            yield
            return
        original = self._type.alloc_buffer
        allocate: Any = _Allocate(original)
        replacement = _Allocate(lambda kind, size: self._allocate(size) or allocate(kind, size))
        self._type.alloc_buffer = ctypes.cast(replacement, ctypes.c_void_p)
        try:
            yield
        finally:
            self._type.alloc_buffer = original
        self.release()  # the zeros that llama.cpp has written, which were there before
        for mapping, _buffer in self._mappings:
            _advise_pages(mapping, mmap.MADV_NOHUGEPAGE)  # from here on only what is written to shall take memory

    def release(self) -> None:
        """Gives all pages back; the buffers hold zeros then, as the cache of a new context does."""
        for mapping, _buffer in self._mappings:
            mapping.madvise(mmap.MADV_DONTNEED)

    def release_cache(self) -> None:
        """Gives the pages of the cache back, but not those of the buffers that the next evaluation computes in."""
        self._release_some(of_computing=False)

    def release_scratch(self) -> None:
        """Gives the pages back in which the last evaluation computed; the cache and the last logits stay.

        Reading many tokens takes 20 MB that generating one does not. To be called between two evaluations: whatever an
        evaluation needs of these buffers is written by itself (llama-context.cpp, process_ubatch).
        """
        self._release_some(of_computing=True)

    def close(self) -> None:
        """Gives everything back; the context must be freed. May be called twice."""
        while self._mappings:
            self._mappings.pop()[0].close()

    def _release_some(self, *, of_computing: bool) -> None:
        for mapping, buffer in self._mappings:
            if (self._usage(buffer) == _USAGE_COMPUTE) is of_computing:
                mapping.madvise(mmap.MADV_DONTNEED)

    def _allocate(self, size: int) -> int:
        """Returns a buffer; 0: there is no memory, and llama.cpp may try by itself."""
        try:
            mapping = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except (OSError, ValueError):
            self._is_whole = False
            return 0
        _advise_pages(mapping, mmap.MADV_HUGEPAGE)  # zeros are written to all of it at once
        buffer = self._adopt(ctypes.addressof(ctypes.c_char.from_buffer(mapping)), size)
        self._mappings.append((mapping, buffer))
        return int(buffer)


def _advise_pages(mapping: mmap.mmap, size: int) -> None:
    """Says how large the pages of a mapping shall be; a kernel without large ones refuses to hear of them."""
    with contextlib.suppress(OSError):
        mapping.madvise(size)
