"""The engine thread: one inbox, a process that is started when it is needed and ended when it is not.

The thread takes one thing at a time, a command or a message of the process. While nothing comes it waits in
``get(timeout=...)``, and that timeout is the nap: a new message and the nap cannot race, because it is one wait that
ends in one of two ways. Events are posted by this thread alone, in order; other threads only put commands in. Nothing
here
waits for the process: whatever it must do in time has a deadline, and is ended when that has passed.

A process has one model for its life: what needs another load needs another process.
"""

from __future__ import annotations

import contextlib
import logging
import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from desktop.common.errors import UserFacingError
from desktop.engine import errors
from desktop.engine.commands import Attend, Cancel, Command, Configure, Forget, Job, Queued, Sleep, Stop
from desktop.engine.model_file import fingerprint, look
from desktop.engine.process import messages
from desktop.engine.process.crash import died, ran_out_of_memory
from desktop.engine.process.handle import EngineProcess, StartProcess
from desktop.engine.process.life import Life
from desktop.engine.process.messages import Delivery, Ended
from desktop.engine.process.plain_text import log_of_process, printable, sendable
from desktop.engine.snapshots.erasures import Erasures
from desktop.engine.threads.remembered import RememberedThreads
from desktop.engine.types import (
    Asleep,
    Awake,
    Crashed,
    Dozing,
    EngineConfig,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Generation,
    Reading,
    SleepReason,
    TemplateReplaced,
    Token,
    Trimmed,
    Waking,
    Work,
)
from desktop.machine.cpu import read_processors

_log = logging.getLogger(__name__)

# A process that does not stop after this long does not hear; the answer so far is kept.
_CANCEL_SECONDS = 2.0
# For the end of an answer while another program waits to write to the model's file. With the two above it stays below
# the 45 s after which the system lets that program go on all the same (/proc/sys/fs/lease-break-time).
_LET_GO_SECONDS = 20.0


class EngineWorker:
    """Implements :class:`~desktop.engine.types.LocalEnginePort`. Every public method may be called from any thread.

    Each request ends in exactly one ``Finished`` or ``Failed``. As a context manager it starts, and stops at the end.

    Attributes:
        process_id: Of the process that has the model; None: there is none.
    """

    def __init__(
        self,
        post: Callable[[EngineEvent], None],
        config: EngineConfig,
        threads_file: Path | None = None,
        start: StartProcess = EngineProcess,
    ) -> None:
        """
        Args:
            post: Takes the events, on the engine thread; must return at once.
            config: The configuration to begin with.
            threads_file: Where the best number of threads is remembered for the next run; None: nowhere.
            start: Starts a process.
        """
        self._post = post
        self._config = config
        self._inbox: queue.SimpleQueue[Command | tuple[EngineProcess, Delivery]] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self.process_id: int | None = None
        # Below: the engine thread's own.
        self._start = start
        self._remembered = RememberedThreads(threads_file)
        self._waiting: deque[Queued] = deque()
        self._running: Job | None = None
        self._life: Life | None = None
        self._erasures = Erasures()
        self._has_stopped = False

    def __enter__(self) -> EngineWorker:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the thread; no process yet. To be called once."""
        self._thread.start()

    def generate(self, request: Generation) -> None:
        """Queues a request. After :meth:`stop` it ends at once as stopped."""
        self._put(Job(request, prepares=False))

    def prepare(self, request: Generation) -> None:
        """Queues a preparation, see :class:`~desktop.engine.types.AnswerPort`; another conversation's gives way."""
        self._put(Job(request, prepares=True))

    def cancel(self, request_id: int) -> None:
        """Stops a queued or running request; an unknown or finished one is ignored."""
        self._put(Cancel(request_id))

    def configure(self, config: EngineConfig) -> None:
        """Puts a new configuration in force: threads at the next token, the rest after the running answer."""
        self._put(Configure(config))

    def sleep(self, reason: SleepReason = SleepReason.ASKED) -> None:
        """Ends the process after the running answer; ``Asleep`` follows, also when it was asleep already."""
        self._put(Sleep(reason))

    def forget(self, conversation_id: str) -> None:
        """Drops what is kept of a conversation, after the running answer."""
        self._put(Forget(conversation_id))

    def attend(self) -> None:
        """Starts the process, since a request may follow; the model is not loaded."""
        self._put(Attend())

    def stop(self, timeout: float = 5.0) -> bool:
        """Cancels everything, ends the process and the thread. May be called again.

        Args:
            timeout: Seconds to wait for the thread.

        Returns:
            Whether the thread has ended. If not, the process is still writing; it ends with this one.
        """
        self._put(Stop())
        if self._thread.ident is None:
            self._close()
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def is_alive(self) -> bool:
        """Tells whether the thread runs."""
        return self._thread.is_alive()

    def _put(self, command: Command) -> None:
        self._inbox.put(command)
        if self._closed:
            self._drain()

    # --- the thread

    def _run(self) -> None:
        self._erasures.make_up(self._config)
        while not self._has_stopped:
            item = self._next()
            try:
                match item:
                    case None:
                        self._on_time()
                    case (EngineProcess() as process, delivery):
                        self._hear(process, delivery)
                    case _:
                        self._obey(item)
                self._advance()
            except Exception:  # the thread must go on, whatever it was
                _log.exception("the engine could not do %s", type(item).__name__)
        self._close()

    def _next(self) -> Command | tuple[EngineProcess, Delivery] | None:
        """Waits for the next thing to do; None: it is time for what must be done without being asked."""
        due = self._due()
        timeout = None if math.isinf(due) else min(max(0.0, due - time.monotonic()), threading.TIMEOUT_MAX)
        try:
            return self._inbox.get(timeout=timeout)
        except queue.Empty:
            return None

    def _due(self) -> float:
        """Returns when :meth:`_on_time` has something to do."""
        life = self._life
        if life is None:
            return math.inf
        job = self._running
        stop_by = min(job.cancel_by, job.interrupt_by) if job is not None else math.inf
        return min(life.end_by, stop_by, self._doze_at(life), self._sleep_at(life))

    def _doze_at(self, life: Life) -> float:
        return life.doze_at(self._config.idle_seconds) if self._running is None else math.inf

    def _sleep_at(self, life: Life) -> float:
        return life.sleep_at(self._config.sleep_seconds) if self._running is None else math.inf

    def _on_time(self) -> None:
        life, now = self._life, time.monotonic()
        if life is None:
            return
        if self._running is not None and self._running.cancel_by <= now:
            _log.warning("the engine does not stop: its process is ended")
            self._finish(FinishReason.STOPPED)
            life.end(SleepReason.ASKED)
        elif self._running is not None and self._running.interrupt_by <= now:
            self._interrupt(self._running, life)
        elif life.end_by <= now:
            _log.warning("the engine does not answer: its process is ended")
            life.end_by = math.inf
            life.process.kill()
        elif self._sleep_at(life) <= now:
            self._leave(life, SleepReason.IDLE)
        elif self._doze_at(life) <= now:
            self._doze(life)

    def _obey(self, command: Command) -> None:
        match command:
            case Job():
                self._give_way(command)
                self._waiting.append(command)
            case Sleep() | Forget():
                self._give_way(command)
                self._waiting.append(command)
            case Cancel(request_id):
                self._cancel(request_id)
            case Configure(config):
                self._reconfigure(config)
            case Attend():
                if self._life is None and self._config.model_path is not None:
                    self._begin()
            case Stop():
                self._cancel_all()
                self._waiting.append(Sleep(SleepReason.STOPPED))

    def _give_way(self, newcomer: Queued) -> None:
        """Has preparations stop reading: what comes now is more urgent, unless it prepares the same conversation."""
        unless = newcomer.request.conversation_id if isinstance(newcomer, Job) and newcomer.prepares else None
        for job in self._jobs():
            if job.prepares and not job.gives_way and job.request.conversation_id != unless:
                job.gives_way = True
                if job is self._running and self._life is not None:
                    self._life.process.send(messages.GiveWay(job.request.request_id))

    def _jobs(self) -> list[Job]:
        waiting = [each for each in self._waiting if isinstance(each, Job)]
        return waiting if self._running is None else [self._running, *waiting]

    def _cancel(self, request_id: int) -> None:
        for job in self._jobs():
            if job.request.request_id == request_id:
                self._stop_job(job)

    def _stop_job(self, job: Job) -> None:
        running, life = self._running, self._life
        if job is not running:
            self._waiting.remove(job)
            self._post(Finished(job.request.request_id, FinishReason.STOPPED, job.stats))
            if running is None or not running.gives_way:
                return
            job = running  # it has let somebody wait who had enough of it
        if job.cancel_by == math.inf and life is not None:
            job.cancel_by = time.monotonic() + _CANCEL_SECONDS
            life.process.send(messages.Cancel(job.request.request_id))

    def _interrupt(self, job: Job, life: Life) -> None:
        job.interrupt_by = math.inf
        if job.cancel_by == math.inf and life.config.model_path is not None:
            job.interruption = errors.file_wanted(life.config.model_path)
            self._stop_job(job)

    def _cancel_all(self) -> None:
        for job in self._jobs():
            self._stop_job(job)
        self._waiting.clear()

    def _reconfigure(self, config: EngineConfig) -> None:
        self._config = config
        life = self._life
        if life is None:
            self._erasures.make_up(config)
        elif not config.needs_reload(life.config):
            life.process.send(messages.Configure(config))

    def _advance(self) -> None:
        """Does what waits, as far as the process is free for it."""
        while self._running is None and not self._has_stopped:
            life = self._life
            if life is not None:
                if life.leaving is not None:
                    return
                if life.is_wanted:
                    self._leave(life, SleepReason.RELEASED)
                    return
                if self._config.needs_reload(life.config):
                    self._leave(life, SleepReason.RECONFIGURED)
                    return
            if not self._waiting:
                return
            self._do(self._waiting.popleft())

    def _do(self, item: Queued) -> None:
        life = self._life
        match item:
            case Job():
                self._answer(item)
            case Forget(conversation_id):
                self._erasures.owe(conversation_id)
                if life is not None:
                    life.process.send(messages.Forget(conversation_id))
                else:
                    self._erasures.make_up(self._config)
            case Sleep(reason):
                if life is not None:
                    self._leave(life, reason)
                else:
                    self._fall_asleep(reason)

    def _answer(self, job: Job) -> None:
        if job.gives_way:
            self._post(Finished(job.request.request_id, FinishReason.STOPPED, job.stats))
            return
        try:
            life = self._life or self._begin()
        except Exception as problem:  # whatever it was, the request must end
            if not isinstance(problem, UserFacingError):
                _log.exception("the engine's process could not be started")
                problem = errors.unexpected(__name__)
            _log.warning("request %d failed: %s", job.request.request_id, problem)
            self._post(Failed(job.request.request_id, problem, job.stats))
            self._fall_asleep(SleepReason.ASKED)
            return
        self._running = job
        if life.work is not Work.STARTING:
            life.work = Work.LOADING if life.loaded is None else Work.READING
        if life.loaded is None:
            self._post(Waking(job.request.request_id, 0.0))
        life.process.send(messages.Run(sendable(job.request), job.prepares))

    # --- the process

    def _begin(self) -> Life:
        """Starts a process.

        Raises:
            UserFacingError: It cannot be started, or there is no model that it could be started for.
        """
        if self._config.model_path is None:
            raise errors.no_model()
        process = self._start(lambda process, delivery: self._inbox.put((process, delivery)))
        life = self._life = Life(process, self._config)
        self.process_id = process.pid
        life.begin(self._remembered.load(read_processors()))
        return life

    def _doze(self, life: Life) -> None:
        if life.can_doze:
            life.doze()
        else:
            self._leave(life, SleepReason.IDLE)

    def _leave(self, life: Life, reason: SleepReason) -> None:
        keep = reason is not SleepReason.RECONFIGURED or self._config.shares_snapshots(life.config)
        life.leave(reason, keep_state=keep)

    def _hear(self, process: EngineProcess, delivery: Delivery) -> None:
        life = self._life
        if life is None or process is not life.process:
            return
        match delivery:
            case Ended():
                self._on_end(life, delivery)
            case messages.LogLine(level, name, text):
                log_of_process(level, name, text)
            case Waking() | Reading() | Trimmed() | Token():
                self._on_progress(life, delivery)
            case Finished(request_id, reason, stats):
                if (job := self._of_running(request_id)) is not None:
                    job.stats = stats
                    self._finish(reason)
            case messages.Refused():
                self._on_refusal(life, delivery)
            case messages.Ready():
                life.on_ready(delivery, Work.RESTING if self._running is None else Work.LOADING)
            case messages.Opened(file):
                life.file = file
            case messages.Outdated(request_id):
                self._on_outdated(life, request_id)
            case messages.Wanted():
                self._on_wanted(life)
            case TemplateReplaced(name):
                self._post(TemplateReplaced(printable(name)))
            case messages.Loaded():
                life.loaded = delivery
                self._announce(life)
            case messages.Resting():
                self._on_rest(life, delivery)
            case messages.Forgotten(conversation_id):
                self._erasures.done(conversation_id)
            case Dozing():
                if life.work is Work.DOZING and self._running is None:
                    life.end_by = math.inf
                    _log.info("dozing")
                    self._post(delivery)

    def _of_running(self, request_id: int) -> Job | None:
        job = self._running
        return job if job is not None and job.request.request_id == request_id else None

    def _on_progress(self, life: Life, event: Waking | Reading | Trimmed | Token) -> None:
        job = self._of_running(event.request_id)
        if job is None:
            return
        if isinstance(event, Token):
            life.work = Work.ANSWERING
            job.stats = replace(job.stats, generated_tokens=job.stats.generated_tokens + event.tokens)
        elif isinstance(event, Reading):
            life.work = Work.READING
        elif isinstance(event, Waking):
            life.work = Work.LOADING
        self._post(event)

    def _on_rest(self, life: Life, resting: messages.Resting) -> None:
        self._remembered.save(read_processors(), resting.learned)
        if life.loaded is not None:
            life.loaded = replace(life.loaded, threads=resting.threads)
        if self._running is not None or life.leaving is not None:
            return
        life.work, life.since = Work.RESTING, time.monotonic()
        if resting.is_loaded:
            self._announce(life)
        elif resting.is_dozing and life.can_doze:
            life.work = Work.DOZING
            self._post(Dozing())
        else:
            self._leave(life, SleepReason.ASKED)

    def _announce(self, life: Life) -> None:
        if (loaded := life.loaded) is not None:
            name = printable(loaded.model_name)
            self._post(Awake(name, loaded.n_ctx, loaded.threads, loaded.can_think, life.config, life.backend))

    def _on_refusal(self, life: Life, refused: messages.Refused) -> None:
        if not refused.request_id:  # the process cannot work, and leaves
            life.leaving = SleepReason.ASKED
            if self._running is not None:
                self._fail(refused.as_error())
        elif self._of_running(refused.request_id) is not None:
            assert self._running is not None
            self._running.stats = refused.stats
            self._fail(refused.as_error())

    def _on_outdated(self, life: Life, request_id: int) -> None:
        """The model's file is another one now: the request goes to a process that loads that one."""
        job = self._of_running(request_id)
        if job is not None:
            if job.cancel_by < math.inf:
                self._finish(FinishReason.STOPPED)
            elif job.begun_anew and life.config.model_path is not None:
                self._fail(errors.file_changed(life.config.model_path))
            else:
                job.begun_anew, self._running = True, None
                self._waiting.appendleft(job)
        life.end(SleepReason.RECONFIGURED)

    def _on_wanted(self, life: Life) -> None:
        """Another program waits to write to the model's file: whatever is quickly done is finished first."""
        life.is_wanted = True
        job = self._running
        if job is not None and job.prepares:
            self._stop_job(job)
        elif job is not None:
            job.interrupt_by = time.monotonic() + _LET_GO_SECONDS

    def _on_end(self, life: Life, ended: Ended) -> None:
        self._life = self.process_id = None
        self._erasures.make_up(self._config)
        if life.leaving is not None:
            if ended.code and not ended.was_killed:
                _log.warning("the engine's process died while leaving: %s; %s", ended, "\n".join(ended.last_words))
            self._fall_asleep(life.leaving)
            return
        _log.error("the engine's process died while %s: %s; %s", life.work.value, ended, "\n".join(ended.last_words))
        path = life.config.model_path
        file_changed = bool(life.file) and path is not None and fingerprint(look(path)) != life.file
        error = died(path, life.work, ended, file_changed=file_changed)
        was_asked = self._running is not None and not self._running.prepares
        if self._running is not None:
            if self._running.cancel_by < math.inf:
                self._finish(FinishReason.STOPPED)
            else:
                self._fail(error)
        self._post(
            Crashed(
                path,
                life.work,
                file_changed=file_changed,
                out_of_memory=ran_out_of_memory(ended),
                was_asked=was_asked,
            )
        )
        self._fall_asleep(SleepReason.CRASHED)

    def _fall_asleep(self, reason: SleepReason) -> None:
        _log.info("asleep: %s", reason.value)
        self._has_stopped = reason is SleepReason.STOPPED
        self._post(Asleep(reason))

    def _finish(self, reason: FinishReason) -> None:
        job, self._running = self._running, None
        assert job is not None
        if job.interruption is not None and reason is FinishReason.STOPPED:
            self._post(Failed(job.request.request_id, job.interruption, job.stats))
        else:
            self._post(Finished(job.request.request_id, reason, job.stats))

    def _fail(self, error: UserFacingError) -> None:
        job, self._running = self._running, None
        assert job is not None
        self._post(Failed(job.request.request_id, error, job.stats))

    def _close(self) -> None:
        # In this order: whoever puts a request in after the drain sees the flag and drains it himself.
        self._closed = True
        self._drain()

    def _drain(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                command = self._inbox.get_nowait()
                if isinstance(command, Job):
                    self._post(Finished(command.request.request_id, FinishReason.STOPPED, command.stats))
