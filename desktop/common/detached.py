"""Work that may never end, such as looking at a network drive that is gone: on a thread that nobody has to wait for.

A thread in ``open()`` or ``stat()`` cannot be stopped. So each piece of such work gets a daemon thread of its own: that
costs some 50 microseconds, and it ends with the work, or with the program. Whoever wants the result has a deadline.

The tray icon needs a thread before anybody needs asyncio, which is imported where it is asked for.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Generic, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def start(work: Callable[[], T], name: str) -> Future[T]:
    """Begins ``work`` on a thread of its own.

    Args:
        work: What it raises goes into the future.
        name: Of the thread.
    """
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # from here on nobody can take it back, so the thread may set its result

    def run() -> None:
        try:
            result = work()
        except BaseException as problem:
            future.set_exception(problem)
        else:
            future.set_result(result)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future


async def run(work: Callable[[], T], name: str, seconds: float | None = None) -> T:
    """Does ``work`` on a thread of its own and returns what it returns.

    Args:
        work: What it raises is raised here.
        name: Of the thread.
        seconds: Longest wait; None: as long as it takes.

    Raises:
        TimeoutError: It has not ended in time; the thread is left alone with it.
    """
    import asyncio

    return await asyncio.wait_for(asyncio.wrap_future(start(work, name)), seconds)


class Begin(Protocol):
    """Begins work; who gives it decides whether that is done elsewhere, or is done when this returns."""

    def __call__(self, work: Callable[[], T]) -> Future[T]: ...


def at_once(work: Callable[[], T]) -> Future[T]:
    """A :class:`Begin` for programs without a window: the work is done when this returns."""
    future: Future[T] = Future()
    try:
        future.set_result(work())
    except Exception as problem:
        future.set_exception(problem)
    return future


def hear(future: Future[T], take: Callable[[Future[T]], None]) -> None:
    """Calls ``take`` on this thread when the work is done: at once, or later on the asyncio loop that runs here.

    Args:
        future: The work.
        take: Never called where the loop has ended by then.

    Raises:
        RuntimeError: The work is not done, and no loop runs.
    """
    if future.done():
        take(future)
    else:
        _hear_later(future, take)


def _hear_later(future: Future[T], take: Callable[[Future[T]], None]) -> None:
    import asyncio

    loop = asyncio.get_running_loop()

    def tell(done: Future[T]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody wants to know any more
            loop.call_soon_threadsafe(take, done)

    future.add_done_callback(tell)


class DetachedExecutor(ThreadPoolExecutor):
    """For what an event loop does in threads (``asyncio.to_thread``): the end of the program waits for none of them.

    A pool as asyncio demands one, but without threads of its own: those of a pool are waited for at the interpreter's
    end, and two that hang would keep all other work waiting.
    """

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begins the call at once, on a thread of its own."""
        return start(partial(fn, *args, **kwargs), "worker")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Does nothing: what runs is left alone."""


class Question(Generic[T]):
    """One question that is asked of a disk again and again, and answered at once or later. For one thread.

    While an answer is still to come the question is not asked once more: a drive that is gone costs one thread.
    """

    def __init__(self, name: str, seconds: float, on_late: Callable[[Future[T]], None]) -> None:
        """
        Args:
            name: Of the threads.
            seconds: How long whoever asks waits.
            on_late: Takes an answer that came later, on the asyncio loop that ran when it was asked for; where none
                did, the next :meth:`ask` returns it.
        """
        self._name = name
        self._seconds = seconds
        self._on_late = on_late
        self._pending: Future[T] | None = None

    @property
    def is_open(self) -> bool:
        """Whether an answer is still to come."""
        return self._pending is not None and not self._pending.done()

    def ask(self, work: Callable[[], T], *, waits: bool = True) -> Future[T] | None:
        """Asks, and waits a moment; returns the answer, or None: it will come later.

        Args:
            work: Finds the answer out, on a thread of its own.
            waits: Whether a moment is waited at all.
        """
        pending = self._pending
        if pending is None:
            pending = self._pending = start(work, self._name)
            with contextlib.suppress(TimeoutError):
                pending.exception(self._seconds if waits else 0)
            if not pending.done():
                self._hear_later(pending)
        if not pending.done():
            return None
        self._pending = None
        return pending

    def drop(self) -> None:
        """Has an answer that is still to come heard by nobody: another question takes its place."""
        self._pending = None

    def _hear_later(self, pending: Future[T]) -> None:
        def take(answer: Future[T]) -> None:
            if answer is self._pending:
                self._pending = None
                self._on_late(answer)

        with contextlib.suppress(RuntimeError):  # no loop runs: the next ask() returns it
            _hear_later(pending, take)
