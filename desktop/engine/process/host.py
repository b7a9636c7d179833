"""The engine process at work: one request after the other, on its main thread; the model is loaded with the first.

Messages arrive on a second thread, so that a cancellation is heard while native code computes. Nothing here decides
about naps: what an answer needs stays in memory until the app says :class:`~desktop.engine.process.messages.Doze` or
``Leave``.
"""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable
from dataclasses import replace

from desktop.common.errors import Cancelled, UserFacingError
from desktop.engine import errors
from desktop.engine.generation import AnswerTask
from desktop.engine.llama.bindings import Native
from desktop.engine.llama.gpu.devices import Gpu
from desktop.engine.llama.session import Session
from desktop.engine.loading.loader import ModelLoader
from desktop.engine.loading.model_file import fingerprint
from desktop.engine.prefill import Prefill, PrepareTask
from desktop.engine.process.messages import (
    Begin,
    Cancel,
    Configure,
    Doze,
    Forget,
    Forgotten,
    FromProcess,
    GiveWay,
    Leave,
    Loaded,
    Opened,
    Outdated,
    Refused,
    Resting,
    Run,
    ToProcess,
    Wanted,
)
from desktop.engine.requests import PendingRequest
from desktop.engine.threads.tuner import Phase, Step, ThreadTuner, choose_threads, most_threads
from desktop.engine.types import (
    Dozing,
    EngineEvent,
    Finished,
    FinishReason,
    Generation,
    TemplateReplaced,
    Waking,
)
from desktop.machine.cpu import read_processors

_log = logging.getLogger(__name__)

# Between two reports of the loading: a small model makes a hundred, which kept the GUI thread busy for 140 ms.
_PROGRESS_SECONDS = 0.05
# Characters of a model's name; the file may hold any number.
_NAME = 1000

Work = PendingRequest | Configure | Forget | Doze | Leave


class Host:
    """Does what the app asks for, see the module."""

    def __init__(
        self,
        begin: Begin,
        native: Native,
        send: Callable[[FromProcess], None],
        *,
        takes_leases: bool = True,
        device: Gpu | None = None,
    ) -> None:
        """
        Args:
            begin: What the process was started with.
            native: The library.
            send: Takes messages to the app; any thread.
            takes_leases: The signal of leases is held back in this process, so that one may be taken on the model.
            device: The graphics processor that the configuration names, loaded; None: it names none.
        """
        self._config = begin.config
        self._send = send
        self._inbox: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._job: PendingRequest | None = None  # taken, and not finished yet
        self._closing: PendingRequest | None = None  # what is read when an answer has ended
        # Below: the main thread's own.
        self._loader = ModelLoader(
            begin.config,
            native,
            on_opened=lambda identity: send(Opened(fingerprint(identity))),
            on_wanted=(lambda: send(Wanted())) if takes_leases else None,
            device=device,
        )
        self._processors = read_processors()
        self._tuner = ThreadTuner(known=begin.known)
        self._has_told_of_template = False

    def take(self, message: ToProcess) -> None:
        """Takes a message; on the thread that receives them, one request at a time.

        Raises:
            ValueError: It makes no sense now.
        """
        match message:
            case Run(request, prepares):
                job = self._job = PendingRequest(request, prepares)
                # After that: the main thread says what it reads at the end of an answer before it looks who waits
                # (_read_closing), so one of the two sees the other.
                self._stop_closing(unless=request.conversation_id)
                self._inbox.put(job)
            case Cancel(request_id):
                if (job_now := self._job) is not None and job_now.request.request_id == request_id:
                    job_now.cancel()
            case GiveWay(request_id):
                if (job_now := self._job) is not None and job_now.request.request_id == request_id:
                    job_now.give_way.set()
            case Configure(config):
                self._config = config  # threads at the next token, the rest when there is time
                self._inbox.put(message)
            case Forget() | Leave():
                self._stop_closing()
                self._inbox.put(message)
            case Doze():
                self._inbox.put(message)
            case Begin():
                raise ValueError("it has begun already")

    def run(self) -> None:
        """Works until it is told to leave."""
        self._tuner.rest()
        while True:
            match self._inbox.get():
                case PendingRequest() as job:
                    self._answer(job)
                case Configure():
                    self._reconfigure()
                case Forget(conversation_id):
                    self._loader.forget(conversation_id)
                    self._send(Forgotten(conversation_id))
                case Doze():
                    self._loader.doze()
                    self._send(Dozing())
                case Leave(keep_state):
                    self._loader.unload(keep_state=keep_state)
                    return

    def _stop_closing(self, unless: str | None = None) -> None:
        if (closing := self._closing) is not None and closing.request.conversation_id != unless:
            closing.give_way.set()

    def _answer(self, job: PendingRequest) -> None:
        job.began = time.monotonic()
        closing: Generation | None = None
        session: Session | None = None
        try:
            if job.stops_reading.is_set():
                raise Cancelled
            if self._loader.is_outdated:
                self._job = None
                self._send(Outdated(job.request.request_id))
                return
            session = self._wake(job)
            self._tuner.begin(most_threads(self._processors, self._config.threads_limit))
            prefill = Prefill(session, self._loader.snapshots, job, self._post, self._between)
            make = PrepareTask if job.prepares else AnswerTask
            task = make(session, prefill, job, self._post)
            reason = task.run()
            self._loader.check_file()  # the last step has nothing between it and the next
            self._tell_of_template(session)
        except Cancelled:
            self._finish(job, FinishReason.STOPPED)
        except UserFacingError as error:
            _log.warning("request %d failed: %s", job.request.request_id, error)
            self._refuse(job, error)
        except MemoryError:
            _log.exception("request %d failed", job.request.request_id)
            self._refuse(job, errors.no_memory("Python"))
        except Exception:
            _log.exception("request %d failed", job.request.request_id)
            self._refuse(job, errors.unexpected(__name__))
            self._loader.unload(keep_state=False)  # nobody knows what state it is in
        else:
            self._finish(job, reason)
            closing = task.continued() if isinstance(task, AnswerTask) else None
        if closing is not None and session is not None:
            self._read_closing(session, closing)
        self._tuner.rest()
        session = self._loader.session
        is_loaded = session is not None
        threads = session.threads if session is not None else 0
        self._send(Resting(is_loaded, self._loader.has_model and not is_loaded, threads, self._tuner.good))

    def _read_closing(self, session: Session, request: Generation) -> None:
        """Reads what stands between an answer and the next message; another conversation stops it."""
        job = PendingRequest(request, prepares=True, began=time.monotonic())
        self._closing = job
        try:
            next_one = self._job
            # The beginning of what waits, or of nothing.
            if next_one is None or next_one.request.conversation_id == request.conversation_id:
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
        """Returns a session, loading the model or making a context for it if need be."""
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
        session = self._loader.load(self._config, self._fixed_threads(), progress, job.abort)
        self._tuner.forget_speeds()
        job.stats = replace(job.stats, load_s=time.monotonic() - job.began)
        _log.info("loaded %s in %.2f s", session.model.info.name, job.stats.load_s)
        self._announce(session)
        self._tell_of_template(session)
        return session

    def _between(self, phase: Phase, done: int, cut_off: bool) -> Step:
        """Runs between two evaluations of an answer; returns how to do the next.

        Raises:
            UserFacingError: The model's file has changed, so the answer would be nonsense from here on.
        """
        self._loader.check_file()
        if self._config.threads:
            return Step(self._fixed_threads())
        limit = most_threads(self._processors, self._config.threads_limit)
        return self._tuner.step(phase, done, limit, cut_off=cut_off)

    def _fixed_threads(self) -> int:
        """Returns the threads that were set, or with which to begin where that is found out while running."""
        return choose_threads(self._config.threads, self._processors, self._config.threads_limit)

    def _reconfigure(self) -> None:
        config = self._config
        self._loader.snapshots.configure(config.snapshots_dir, config.snapshots_budget)
        session = self._loader.session
        if session is None:
            return
        threads = self._fixed_threads()
        if config.threads and threads != session.threads:
            session.set_threads(threads, threads)
            self._announce(session)

    def _announce(self, session: Session) -> None:
        model = session.model
        self._send(Loaded(model.info.name[:_NAME], session.n_ctx, session.threads, model.template.can_think))

    def _tell_of_template(self, session: Session) -> None:
        """Says once that the file's template is not in use: it may go too far at its trial, or only in an answer."""
        if session.model.template.went_too_far and not self._has_told_of_template:
            self._has_told_of_template = True
            self._send(TemplateReplaced(session.model.info.name[:_NAME]))

    def _refuse(self, job: PendingRequest, error: UserFacingError) -> None:
        self._job = None
        error = errors.naming(error, self._config.model_path)
        self._send(Refused.of(job.request.request_id, error, job.stats))

    def _finish(self, job: PendingRequest, reason: FinishReason) -> None:
        self._job = None
        self._send(Finished(job.request.request_id, reason, job.stats))

    def _post(self, event: EngineEvent) -> None:
        self._send(event)  # type: ignore[arg-type]  # what tasks post: waking, reading, counted, trimmed, token
