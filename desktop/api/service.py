"""The API of Catnap for other programs: on a thread of its own, switched on and off, and what is to be said of it.

The thread waits in the system's own way for whoever connects: without a client it costs nothing. It never touches the
engine: what it needs is done where the engine is asked, on the thread of whoever made this.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from desktop.api.access import Access
from desktop.api.answering import Answering, Backstage, Stage
from desktop.api.http.listener import Listener
from desktop.api.http.types import USUAL_LIMITS, Limits
from desktop.api.state import ApiKind, ApiState
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError

_log = logging.getLogger(__name__)
# For the thread to begin and to end.
_END_S: Final = 5.0
# For which one thread of Python's may keep the others waiting: with 64 clients at once, the windows waited half as long
# as with Python's own 5 ms.
_SWITCH_S: Final = 0.0005


class ApiService:
    """See the module. All methods are called on the thread of the engine's supervisor."""

    def __init__(
        self,
        backstage: Backstage,
        opens: Callable[[str], bool],
        call: Callable[[Callable[[], None]], None],
        limits: Limits = USUAL_LIMITS,
    ) -> None:
        """
        Args:
            backstage: Models, settings, the engine.
            opens: Whether a token is the right one; any thread.
            call: Has something called on this thread, from any other; raises RuntimeError when that is over.
            limits: What clients may take.
        """
        self._backstage, self._opens, self._call, self._limits = backstage, opens, call, limits
        self._listeners: list[Callable[[ApiState], None]] = []
        self._running: _Running | None = None
        self._usual_switch = sys.getswitchinterval()
        self.state = ApiState()

    def subscribe(self, listener: Callable[[ApiState], None]) -> None:
        """Calls ``listener(state)`` at every change."""
        self._listeners.append(listener)

    def start(self, port: int, origins: tuple[str, ...] = ()) -> None:
        """Switches it on; how that ends shows in :attr:`state`.

        Args:
            port: 0: any that is free.
            origins: Pages of browsers that may ask.
        """
        self.stop()
        access = Access(self._opens, origins)
        answering = Answering(access, self._backstage, Stage(self._call))
        running = self._running = _Running(Listener(answering, self._limits))
        sys.setswitchinterval(min(_SWITCH_S, self._usual_switch))
        self._show(ApiState(ApiKind.STARTING))

        def on_start(started: Future[int]) -> None:
            with contextlib.suppress(RuntimeError):
                self._call(lambda: self._on_start(running, started))

        running.start(port, lambda found: setattr(access, "port", found)).add_done_callback(on_start)

    def stop(self) -> None:
        """Switches it off; answers under way end."""
        running, self._running = self._running, None
        if running is not None:
            running.stop()
            sys.setswitchinterval(self._usual_switch)
            self._show(ApiState())

    def _on_start(self, running: _Running, started: Future[int]) -> None:
        if running is not self._running:
            return
        problem = started.exception()
        if problem is None:
            self._show(ApiState(ApiKind.ON, started.result()))
            return
        self._running = None
        running.stop()
        if not isinstance(problem, UserFacingError):
            _log.error("the API could not be started", exc_info=problem)
            problem = UserFacingError(QT_TRANSLATE_NOOP("Errors", "Catnap cannot listen on this port."), f"{problem}.")
        self._show(ApiState(ApiKind.FAILED, error=problem))

    def _show(self, state: ApiState) -> None:
        if state != self.state:
            self.state = state
            for listener in self._listeners:
                listener(state)


class _Running:
    """A thread with a loop and a listener."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._thread: threading.Thread | None = None

    def start(self, port: int, tell_port: Callable[[int], None]) -> Future[int]:
        """Begins; returns the port, later."""
        started: Future[int] = Future()

        async def serve() -> None:
            try:
                found = await self._listener.start(port)
            except BaseException as problem:
                started.set_exception(problem)
                return
            tell_port(found)
            started.set_result(found)
            await self._end.wait()
            await self._listener.close()

        def run() -> None:
            with contextlib.closing(self._loop):
                self._loop.run_until_complete(serve())

        self._thread = threading.Thread(target=run, name="api", daemon=True)
        self._thread.start()
        return started

    def stop(self) -> None:
        """Ends it, and waits for that."""
        with contextlib.suppress(RuntimeError):  # it has ended by itself
            self._loop.call_soon_threadsafe(self._end.set)
        if self._thread is not None:
            self._thread.join(_END_S)
