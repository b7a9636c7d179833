"""The threads that compute, kept over the evaluations of a context.

Without a pool attached llama.cpp starts and ends its threads for every token: 38-41 tokens per second instead of 47-49
with Qwen2.5-0.5B on two cores (docs/ARCHITECTURE.md).
"""

from __future__ import annotations

import ctypes

from desktop.engine.llama.bindings import Native

# GGML_MAX_N_THREADS (ggml.h), the length of the CPU mask in ggml_threadpool_params.
_MAX_THREADS = 512
# GGML_SCHED_PRIO_LOW (ggml.h): "below normal" on every platform.
_PRIORITY_LOW = -1
# Of 100: how long idle workers spin before they sleep. Between two tokens there are 1-2 ms to bridge; 10 spins for some
# 50 ms, and 10 to 50 measured the same speed.
_POLL = 10


class _Params(ctypes.Structure):
    """``struct ggml_threadpool_params`` of ggml.h."""

    _fields_ = (
        ("cpumask", ctypes.c_bool * _MAX_THREADS),
        ("n_threads", ctypes.c_int),
        ("prio", ctypes.c_int),
        ("poll", ctypes.c_uint32),
        ("strict_cpu", ctypes.c_bool),
        ("paused", ctypes.c_bool),
    )


class ThreadPool:
    """The threads of one context. Engine thread only."""

    def __init__(self, native: Native, context: int) -> None:
        """Makes no threads yet; llama.cpp uses its own until :meth:`resize`."""
        self._context = context
        self._pool: int | None = None
        self._replaced: list[int] = []
        self._init = native.function("ggml_threadpool_params_init", None, ctypes.c_void_p, ctypes.c_int)
        self._attach = native.function(
            "llama_attach_threadpool", None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p
        )
        self._detach = native.function("llama_detach_threadpool", None, ctypes.c_void_p)
        self._new = native.cpu_function("ggml_threadpool_new", ctypes.c_void_p, ctypes.c_void_p)
        self._free = native.cpu_function("ggml_threadpool_free", None, ctypes.c_void_p)

    def resize(self, threads: int) -> None:
        """Replaces the threads by ``threads`` others, the caller's included; between two evaluations."""
        if self._new is None or self._free is None:
            return  # a build without them: llama.cpp makes threads for each evaluation
        params = _Params()
        self._init(ctypes.byref(params), threads)
        params.prio = _PRIORITY_LOW
        params.poll = _POLL
        self._detach(self._context)
        if self._pool is not None:
            self._replaced.append(self._pool)
        self._pool = self._new(ctypes.byref(params))
        self._attach(self._context, self._pool, None)  # the same for reading and for generating

    def evaluated(self) -> None:
        """To be called after an evaluation: only now are threads that were replaced let go.

        The CPU backend holds on to the pool of its last evaluation until the next one, and pauses it then
        (ggml-cpu.cpp, ggml_backend_cpu_set_threadpool); one that had been freed would make it wait for ever.
        """
        if self._replaced and self._free is not None:
            for pool in self._replaced:
                self._free(pool)
            self._replaced.clear()

    def close(self) -> None:
        """Ends the threads; the context must be freed. May be called twice."""
        self.evaluated()
        if self._pool is not None and self._free is not None:
            self._free(self._pool)
        self._pool = None
