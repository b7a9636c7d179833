"""The engine thread: one inbox, a model that is loaded when it is needed and unloaded when it is not.

The thread takes one command at a time. While nothing comes it waits in ``get(timeout=...)``, and that timeout is the
nap: a new message and the nap cannot race, because it is one wait that ends in one of two ways. All events are posted
by this thread, in order; the other threads only put commands in, set flags and replace the configuration.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from desktop.common.errors import Cancelled, UserFacingError
from desktop.engine import errors
from desktop.engine.generation import AnswerTask
from desktop.engine.llama import bindings
from desktop.engine.llama.bindings import Native
from desktop.engine.llama.session import Session
from desktop.engine.loader import ModelLoader
from desktop.engine.prefill import Prefill, PrepareTask
from desktop.engine.requests import Command, Configure, Forget, PendingRequest, Sleep, Stop
from desktop.engine.threads.remembered import RememberedThreads
from desktop.engine.threads.tuner import Phase, Step, ThreadTuner, choose_threads, most_threads
from desktop.engine.types import (
    Asleep,
    Awake,
    EngineConfig,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Generation,
    SleepReason,
    Waking,
)
from desktop.machine.cpu import read_processors
from desktop.machine.process import lower_thread_priority, return_large_blocks

_log = logging.getLogger(__name__)

# Between two reports of the loading: a small model makes a hundred, which kept the GUI thread busy for 140 ms.
_PROGRESS_SECONDS = 0.05


class EngineWorker:
    """Implements :class:`~desktop.engine.types.EnginePort`. Every public method may be called from any thread.

    Each request ends in exactly one ``Finished`` or ``Failed``. As a context manager it starts, and stops at the end.
    """

    def __init__(
        self,
        post: Callable[[EngineEvent], None],
        config: EngineConfig,
        load_native: Callable[[], Native] = bindings.load,
        threads_file: Path | None = None,
    ) -> None:
        """
        Args:
            post: Takes the events, on the engine thread; must return at once.
            config: The configuration to begin with.
            load_native: Loads the native library; called on the engine thread before the first load of a model.
            threads_file: Where the best number of threads is remembered for the next run; None: nowhere.
        """
        self._post = post
        self._config = config
        self._inbox: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._unfinished: dict[int, PendingRequest] = {}
        self._closing: PendingRequest | None = None  # what the engine reads when it has answered
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        # Below: the engine thread's own.
        self._loader = ModelLoader(config, load_native)
        self._processors = read_processors()
        self._remembered = RememberedThreads(threads_file)
        self._tuner = ThreadTuner(known=self._remembered.load(self._processors))
        self._last_active = 0.0

    def __enter__(self) -> EngineWorker:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the thread; the model stays asleep. To be called once."""
        self._thread.start()

    def generate(self, request: Generation) -> None:
        """Queues a request. After :meth:`stop` it ends at once as stopped."""
        self._give_way()
        self._take(PendingRequest(request))

    def prepare(self, request: Generation) -> None:
        """Queues a preparation, see :class:`~desktop.engine.types.EnginePort`; another conversation's gives way."""
        self._give_way(unless=request.conversation_id)
        self._take(PendingRequest(request, prepares=True))

    def cancel(self, request_id: int) -> None:
        """Stops a queued or running request; an unknown or finished one is ignored."""
        job = self._unfinished.get(request_id)
        if job is not None:
            job.cancel()

    def configure(self, config: EngineConfig) -> None:
        """Puts a new configuration in force: threads at the next token, the rest after the running answer."""
        self._config = config
        self._inbox.put(Configure())

    def sleep(self, reason: SleepReason = SleepReason.ASKED) -> None:
        """Unloads the model after the running answer; ``Asleep`` follows, also when it was asleep already."""
        self._give_way()
        self._inbox.put(Sleep(reason))

    def forget(self, conversation_id: str) -> None:
        """Drops what is kept of a conversation, after the running answer."""
        self._give_way()
        self._stop_closing()
        self._inbox.put(Forget(conversation_id))

    def stop(self, timeout: float = 5.0) -> bool:
        """Cancels everything, unloads the model and ends the thread. May be called again.

        Args:
            timeout: Seconds to wait for the thread.

        Returns:
            Whether the thread has ended. If not, a native call is stuck; the thread does not keep the process alive.
        """
        for job in list(self._unfinished.values()):
            job.cancel()
        self._stop_closing()
        self._inbox.put(Stop())
        if self._thread.ident is None:
            self._close()
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def is_alive(self) -> bool:
        """Tells whether the thread runs."""
        return self._thread.is_alive()

    def _take(self, job: PendingRequest) -> None:
        self._unfinished[job.request.request_id] = job
        # After that: the engine says what it reads at the end of an answer before it looks who waits (_read_closing),
        # so one of the two sees the other.
        self._stop_closing(unless=job.request.conversation_id)
        self._inbox.put(job)
        if self._closed:
            self._drain()

    def _give_way(self, unless: str | None = None) -> None:
        """Stops preparations: what comes now is more urgent."""
        for job in list(self._unfinished.values()):
            if job.prepares and job.request.conversation_id != unless:
                job.give_way.set()

    def _stop_closing(self, unless: str | None = None) -> None:
        if (closing := self._closing) is not None and closing.request.conversation_id != unless:
            closing.give_way.set()

    def _run(self) -> None:
        lower_thread_priority()
        return_large_blocks()
        self._tuner.rest()
        while True:
            command = self._next()
            if isinstance(command, Stop):
                break
            try:
                self._obey(command)
            except Exception:  # the thread must go on, whatever it was
                _log.exception("the engine could not do %s", type(command).__name__)
        try:
            self._unload(SleepReason.STOPPED)
        finally:
            self._close()

    def _next(self) -> Command:
        """Waits for a command; the nap is what comes when nothing else does in time."""
        idle, timeout = self._config.idle_seconds, None
        if self._loader.session is not None and idle is not None:
            timeout = min(max(0.0, self._last_active + idle - time.monotonic()), threading.TIMEOUT_MAX)
        try:
            return self._inbox.get(timeout=timeout)
        except queue.Empty:
            return Sleep(SleepReason.IDLE)

    def _obey(self, command: Command) -> None:
        match command:
            case PendingRequest():
                self._answer(command)
            case Configure():
                self._reconfigure()
            case Sleep(reason):
                self._unload(reason)
            case Forget(conversation_id):
                self._loader.forget(conversation_id)

    def _answer(self, job: PendingRequest) -> None:
        if job.request.request_id not in self._unfinished:
            return  # cancelled while it was queued, and said so
        job.began = time.monotonic()
        closing: Generation | None = None
        if job.stops_reading.is_set():
            self._finish(job, Finished(job.request.request_id, FinishReason.STOPPED, job.stats))
            return
        try:
            session = self._wake(job)
            self._tuner.begin(most_threads(self._processors, self._config.threads_limit))
            prefill = Prefill(session, self._loader.snapshots, job, self._post, self._between)
            task = PrepareTask(session, prefill, job) if job.prepares else AnswerTask(session, prefill, job, self._post)
            reason = task.run()
        except Cancelled:
            self._finish(job, Finished(job.request.request_id, FinishReason.STOPPED, job.stats))
        except UserFacingError as error:
            _log.warning("request %d failed: %s", job.request.request_id, error)
            self._fail(job, error)
        except MemoryError:
            _log.exception("request %d failed", job.request.request_id)
            self._fail(job, errors.no_memory("Python"))
        except Exception:
            _log.exception("request %d failed", job.request.request_id)
            self._fail(job, errors.unexpected(__name__))
            self._unload(SleepReason.ASKED, keep_state=False)  # nobody knows what state it is in
            return
        else:
            self._finish(job, Finished(job.request.request_id, reason, job.stats))
            closing = task.continued() if isinstance(task, AnswerTask) else None
        if closing is not None:
            self._read_closing(session, closing)
        self._last_active = time.monotonic()
        self._tuner.rest()
        self._announce()

    def _read_closing(self, session: Session, request: Generation) -> None:
        """Reads what stands between an answer and the next message; another conversation stops it."""
        job = PendingRequest(request, prepares=True, began=time.monotonic())
        self._closing = job
        waiting = {other.request.conversation_id for other in list(self._unfinished.values())}
        try:
            if waiting <= {request.conversation_id}:  # it is the beginning of what they wait for
                prefill = Prefill(session, self._loader.snapshots, job, lambda _event: None, self._between)
                PrepareTask(session, prefill, job, follows_answer=True).run()
        except (Cancelled, UserFacingError) as reason:
            _log.debug("the end of the answer was not read: %s", reason)
        except Exception:
            _log.exception("the end of the answer was not read")
            session.clear()  # nobody knows what is in it
        finally:
            self._closing = None

    def _wake(self, job: PendingRequest) -> Session:
        """Returns a session for the configuration in force, loading the model if need be."""
        config = self._config
        if self._loader.is_outdated(config):
            self._unload(SleepReason.RECONFIGURED)
        if self._loader.session is not None:
            return self._loader.session
        request_id = job.request.request_id
        reported = time.monotonic()

        def progress(fraction: float) -> None:
            nonlocal reported
            now = time.monotonic()
            if now >= reported + _PROGRESS_SECONDS or fraction >= 1.0:
                reported = now
                self._post(Waking(request_id, fraction))

        self._post(Waking(request_id, 0.0))
        self._processors = read_processors()
        session = self._loader.load(config, self._fixed_threads(), progress, job.abort)
        self._tuner.forget_speeds()
        job.stats = replace(job.stats, load_s=time.monotonic() - job.began)
        _log.info("loaded %s in %.2f s", session.info.name, job.stats.load_s)
        self._announce()
        return session

    def _between(self, phase: Phase, done: int, cut_off: bool) -> Step:
        """Runs between two evaluations of an answer; returns how to do the next."""
        for job in list(self._unfinished.values()):
            if job.abort.is_set() and not job.began:
                self._finish(job, Finished(job.request.request_id, FinishReason.STOPPED, job.stats))
        if self._config.threads:
            return Step(self._fixed_threads())
        limit = most_threads(self._processors, self._config.threads_limit)
        return self._tuner.step(phase, done, limit, cut_off=cut_off)

    def _fixed_threads(self) -> int:
        """Returns the threads that were set, or with which to begin where that is found out while running."""
        return choose_threads(self._config.threads, self._processors, self._config.threads_limit)

    def _reconfigure(self) -> None:
        self._loader.snapshots.configure(self._config.snapshots_dir, self._config.snapshots_budget)
        session = self._loader.session
        if session is None:
            return
        if self._loader.is_outdated(self._config):
            self._unload(SleepReason.RECONFIGURED)
            return
        threads = self._fixed_threads()
        if self._config.threads and threads != session.threads:
            session.set_threads(threads, threads)
            self._announce()

    def _announce(self) -> None:
        """Says whether the model is in memory, after something that may have changed it."""
        session = self._loader.session
        if session is None:
            self._post(Asleep(SleepReason.ASKED))
        else:
            info = session.info
            self._post(Awake(info.name, info.n_ctx, session.threads, session.template.can_think, session.config))

    def _unload(self, reason: SleepReason, *, keep_state: bool = True) -> None:
        session = self._loader.session
        if session is not None:
            useful = reason is not SleepReason.RECONFIGURED or self._config.shares_snapshots(session.config)
            self._loader.unload(keep_state=keep_state and useful)
            self._remembered.save(self._processors, self._tuner.good)
            _log.info("unloaded: %s", reason.value)
        self._post(Asleep(reason))

    def _fail(self, job: PendingRequest, error: UserFacingError) -> None:
        self._finish(job, Failed(job.request.request_id, error, job.stats))

    def _finish(self, job: PendingRequest, event: Finished | Failed) -> None:
        if self._unfinished.pop(job.request.request_id, None) is not None:
            self._post(event)

    def _close(self) -> None:
        # In this order: whoever puts a request in after the drain sees the flag and drains it himself.
        self._closed = True
        self._drain()

    def _drain(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                command = self._inbox.get_nowait()
                if isinstance(command, PendingRequest):
                    self._finish(command, Finished(command.request.request_id, FinishReason.STOPPED, command.stats))
