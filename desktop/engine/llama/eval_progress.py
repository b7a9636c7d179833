"""Follows one evaluation from within: how far it is, and whether it should stop."""

from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Callable

from desktop.engine.llama.bindings import AbortFlag, Native

# Reports in between are skipped. Each takes some 0.5 ms of a processor that computes: at ten a second reading was 0.5 %
# slower, and nobody sees more than four.
_REPORT_SECONDS = 0.25
# Qwen2.5-0.5B has 485 nodes in 24 layers. Only the first batch of a session depends on this.
_NODES_PER_LAYER = 20
# An evaluation is cut off after half a second at the earliest, and if it lags behind its time by more than the share
# that a layer takes: until the first layers are done nobody can tell.
_CUT_OFF_SECONDS = 0.5
_CUT_OFF_LAG = 0.05


class EvalProgress:
    """llama.cpp's abort callback put to a second use. Engine thread only.

    A prompt is read fastest in batches of 512 tokens: 64 at a time are 17 % slower (Qwen2.5-0.5B on one thread). On an
    old laptop such a batch takes half a minute, too long to say nothing. But the callback comes after every node of the
    graph, and all batches have the same graph, so the nodes that are done tell the share that is done. A batch has some
    500 nodes, so that asking Python each time costs nothing here; for a single token it would, see
    :class:`~desktop.engine.llama.bindings.AbortFlag`.

    Attributes:
        was_cut_off: The last evaluation was stopped because it would have taken too long.
    """

    def __init__(self, native: Native, layers: int) -> None:
        """
        Args:
            native: The library.
            layers: Layers of the model, for a first guess at the length of the graph.
        """
        self._nodes = _NODES_PER_LAYER * max(layers, 1)
        self._counted = False  # the length of the graph is known
        self._count = 0
        self._began = 0.0
        self._seconds = math.inf
        self.was_cut_off = False
        self._abort: AbortFlag | None = None
        self._report: Callable[[float], None] = _ignore
        self._next_report = 0.0
        self._error: BaseException | None = None
        self._callback = native.api.ggml_abort_callback(self._after_node)
        self.address: int = ctypes.cast(self._callback, ctypes.c_void_p).value or 0

    def begin(self, abort: AbortFlag, report: Callable[[float], None], seconds: float = math.inf) -> None:
        """Prepares for an evaluation.

        Args:
            abort: Stops it.
            report: Told the share that is done, between 0 and 1, during the evaluation.
            seconds: It is stopped as soon as it can be seen that it will take longer.
        """
        self._count = 0
        self._abort = abort
        self._report = report
        self._seconds = seconds
        self.was_cut_off = False
        self._began = time.monotonic()
        self._next_report = self._began + _REPORT_SECONDS

    def end(self, *, complete: bool) -> None:
        """Closes an evaluation.

        Raises:
            BaseException: What ``report`` raised.
        """
        self._report = _ignore
        if complete:
            self._nodes = self._count
            self._counted = True
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _after_node(self, _data: int | None) -> bool:
        self._count += 1
        if self._abort is None or self._abort.is_set():
            return True
        now = time.monotonic()
        if now >= self._next_report:
            self._next_report = now + _REPORT_SECONDS
            share = min(self._count / self._nodes, 1.0)
            if self._counted and now >= self._began + _CUT_OFF_SECONDS:
                self.was_cut_off = now - self._began > self._seconds * (share + _CUT_OFF_LAG)
                if self.was_cut_off:
                    return True
            try:
                self._report(share)
            except BaseException as error:  # must not get lost in native code
                self._error = error
                return True
        return False


def _ignore(_fraction: float) -> None:
    pass
