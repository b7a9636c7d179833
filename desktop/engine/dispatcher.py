"""Gives the engine's process its work, and decides when there is one: what a command, a message or the time leads to.

A process has one model for its life: what needs another load needs another process.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from desktop.common.errors import UserFacingError
from desktop.engine import errors
from desktop.engine.backends import GpuUse
from desktop.engine.commands import Attend, Cancel, Command, Configure, Forget, Job, Queued, Sleep, Stop
from desktop.engine.footprint import TIGHT_SHARE
from desktop.engine.gpu import errors as gpu_errors
from desktop.engine.model_file import fingerprint, look
from desktop.engine.process import messages
from desktop.engine.process.crash import cause_of, died, is_from_outside, ran_out_of_memory
from desktop.engine.process.handle import EngineProcess
from desktop.engine.process.life import Life
from desktop.engine.process.messages import Delivery, Ended
from desktop.engine.process.plain_text import log_of_process, printable, sendable
from desktop.engine.process.stall import FRUITLESS_SECONDS, Paces, StallWatch
from desktop.engine.request_queue import RequestQueue
from desktop.engine.snapshots.erasures import Erasures
from desktop.engine.threads.remembered import RememberedThreads
from desktop.engine.types import (
    Asleep,
    Awake,
    Counted,
    Crashed,
    Dozing,
    EngineConfig,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    GpuGivenUp,
    Reading,
    Recovered,
    SleepReason,
    Stalled,
    TemplateReplaced,
    Token,
    Trimmed,
    Waking,
    Work,
)
from desktop.machine.cpu import read_processors
from desktop.machine.memory import MemoryReader

_log = logging.getLogger(__name__)

# So late nobody looks at the clock, unless the computer slept: some systems' monotonic clocks go on meanwhile.
_SLEPT_SECONDS = 5.0
# After that, for what a process must do in time; its pages may have to come back from the disk.
_AFTER_SLEEP_SECONDS = 20.0


class Dispatcher:
    """See the module. Engine thread, but for :attr:`process_id`.

    Attributes:
        process_id: Of the process that has the model; None: there is none. Read by any thread.
        has_stopped: It was told to stop, and everything has ended.
    """

    def __init__(
        self,
        post: Callable[[EngineEvent], None],
        config: EngineConfig,
        threads_file: Path | None,
        start: Callable[[], EngineProcess],
        clock: Callable[[], float],
        stall_patience: float,
        fruitless_patience: float = FRUITLESS_SECONDS,
        memory_total: Callable[[], int] = lambda: MemoryReader().read().machine_total,
    ) -> None:
        """
        Args:
            post: Takes the events; must return at once.
            config: The configuration to begin with.
            threads_file: Where the best number of threads is remembered for the next run; None: nowhere.
            start: Starts a process, whose messages come back to :meth:`hear`; raises UserFacingError.
            clock: Seconds, monotonic.
            stall_patience: Seconds without a sign of life after which it is said that the process does not move.
            fruitless_patience: Seconds of mere computing that a step may take on any machine.
            memory_total: Returns the bytes of memory that this computer has.
        """
        self._post = post
        self._config = config
        self._start = start
        self._clock = clock
        self._stall_patience = stall_patience
        self._memory_total = memory_total
        self._paces = Paces(fruitless_patience)
        self._remembered = RememberedThreads(threads_file)
        self._queue = RequestQueue(post, self._send, clock)
        self._life: Life | None = None
        self._erasures = Erasures()
        self._given_up: GpuUse | None = None  # until a configuration without it has come
        self._gpu_news: GpuGivenUp | None = None  # to be said once the model is loaded without: else it was no reason
        self.process_id: int | None = None
        self.has_stopped = False

    def begin(self) -> None:
        """Does what an earlier run of the program has left undone."""
        self._erasures.make_up(self._config)

    # --- the time

    @property
    def due(self) -> float:
        """When :meth:`on_time` has something to do, by the clock; infinite: never."""
        life = self._life
        if life is None:
            return math.inf
        return min(life.end_by, self._queue.stop_by, self._look_at(life), self._doze_at(life), self._sleep_at(life))

    def on_time(self) -> None:
        """Does what the time has come for."""
        life, queue, now = self._life, self._queue, self._clock()
        if life is None:
            return
        if now - self.due > _SLEPT_SECONDS:  # so has the process, and had no time to do anything in
            life.end_by = max(life.end_by, now + _AFTER_SLEEP_SECONDS)
        if queue.running is not None and queue.running.cancel_by <= now:
            _log.warning("the engine does not stop: its process is ended")
            queue.finish(FinishReason.STOPPED)
            life.end(SleepReason.ASKED)
        elif queue.stop_by <= now and life.config.model_path is not None:
            queue.interrupt(errors.file_wanted(life.config.model_path))
        elif life.end_by <= now and life.is_killed:
            _log.error("the engine's process cannot be ended, and is left alone")
            self._on_end(life, Ended(0, (), was_killed=True))
        elif life.end_by <= now:
            _log.warning("the engine does not answer: its process is ended")
            life.kill()
        elif self._look_at(life) <= now:
            self._look(life)
        elif self._sleep_at(life) <= now:
            self._leave(life, SleepReason.IDLE)
        elif self._doze_at(life) <= now:
            self._doze(life)

    def _doze_at(self, life: Life) -> float:
        return life.doze_at(self._config.idle_seconds) if self._queue.running is None else math.inf

    def _sleep_at(self, life: Life) -> float:
        return life.sleep_at(self._config.sleep_seconds) if self._queue.running is None else math.inf

    def _look_at(self, life: Life) -> float:
        is_at_work = self._queue.running is not None and life.leaving is None
        return life.watch.look_at if is_at_work else math.inf

    def _look(self, life: Life) -> None:
        """Says whether the process has stalled, as long as it lasts, to whoever waits for it."""
        watch = life.watch
        was_stalled = watch.is_stalled
        watch.look()
        if watch.is_stalled:
            seconds, computes = round(watch.seconds), not watch.is_still
            if not was_stalled:
                how = "computed without getting any further" if computes else "not moved"
                _log.warning("the engine has %s for %d s while %s", how, seconds, life.work.value)
            for request_id in self._concerned():
                self._post(Stalled(request_id, seconds, computes))
        elif was_stalled:
            self._recover()

    def _recover(self) -> None:
        _log.info("the engine moves again")
        for request_id in self._concerned():
            self._post(Recovered(request_id))

    def _concerned(self) -> list[int]:
        """Returns the ids of the answers that are waited for, or of the preparation that runs if there are none."""
        jobs = self._queue.jobs
        return [job.request.request_id for job in [job for job in jobs if not job.prepares] or jobs[:1]]

    # --- commands

    def obey(self, command: Command) -> None:
        """Takes a command; what is not obeyed at once waits for :meth:`advance`."""
        match command:
            case Job() | Sleep() | Forget():
                self._queue.add(command)
            case Cancel(request_id):
                self._queue.cancel(request_id)
            case Configure(config):
                self._reconfigure(config)
            case Attend():
                if self._life is None and self._config.model_path is not None:
                    self._begin()
            case Stop():
                self._queue.cancel_all()
                self._queue.add(Sleep(SleepReason.STOPPED))

    def advance(self) -> None:
        """Does what waits, as far as the process is free for it."""
        while self._queue.running is None and not self.has_stopped:
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
            item = self._queue.take()
            if item is None:
                return
            self._do(item)

    def _reconfigure(self, config: EngineConfig) -> None:
        if config.gpu is None or config.gpu != self._given_up:
            self._given_up = None
        else:
            config = replace(config, gpu=None)
        self._config = config
        life = self._life
        if life is None:
            self._erasures.make_up(config)
        elif not config.needs_reload(life.config):
            life.process.send(messages.Configure(config))

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
        self._queue.running = job
        if life.work is not Work.STARTING:
            life.begin_request(Work.LOADING if life.loaded is None else Work.READING)
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
        if self._given_up is not None and self._config.gpu is None:
            self._check_room_without_gpu(self._config.model_path)
        process = self._start()
        watch = StallWatch(process.pid, self._clock, self._stall_patience, self._paces)
        life = self._life = Life(process, self._config, self._clock, watch)
        self.process_id = process.pid
        life.begin(self._remembered.load(read_processors()))
        return life

    def _send(self, message: messages.ToProcess) -> None:
        if self._life is not None:
            self._life.process.send(message)

    def _doze(self, life: Life) -> None:
        if life.can_doze:
            life.doze()
        else:
            self._leave(life, SleepReason.IDLE)

    def _leave(self, life: Life, reason: SleepReason) -> None:
        keep = reason is not SleepReason.RECONFIGURED or self._config.shares_snapshots(life.config)
        life.leave(reason, keep_state=keep)

    # --- its messages

    def hear(self, process: EngineProcess, delivery: Delivery) -> None:
        """Takes a message of a process; one that is not in charge any more is not heard."""
        life = self._life
        if life is None or process is not life.process:
            return
        if self._queue.running is not None and life.work is not Work.STARTING and life.hear(delivery):
            self._recover()
        match delivery:
            case Ended():
                self._on_end(life, delivery)
            case messages.LogLine(level, name, text):
                log_of_process(level, name, text)
            case Waking() | Reading() | Counted() | Trimmed() | Token():
                self._on_progress(delivery)
            case Finished(request_id, reason, stats):
                if (job := self._queue.running_of(request_id)) is not None:
                    job.stats = stats
                    self._queue.finish(reason)
            case messages.Refused():
                self._on_refusal(life, delivery)
            case messages.Ready():
                life.on_ready(delivery, Work.RESTING if self._queue.running is None else Work.LOADING)
            case messages.Opened(file):
                life.file = file
            case messages.Outdated(request_id):
                self._on_outdated(life, request_id)
            case messages.Wanted():
                life.is_wanted = True
                self._queue.make_haste()
            case TemplateReplaced(name):
                self._post(TemplateReplaced(printable(name)))
            case messages.Loaded():
                life.loaded = delivery
                self._announce(life)
                news, self._gpu_news = self._gpu_news, None
                if news is not None:
                    self._post(news)
            case messages.Resting():
                self._on_rest(life, delivery)
            case messages.Forgotten(conversation_id):
                self._erasures.done(conversation_id)
            case Dozing():
                if life.work is Work.DOZING and self._queue.running is None:
                    life.end_by = math.inf
                    _log.info("dozing")
                    self._post(delivery)

    def _on_progress(self, event: Waking | Reading | Counted | Trimmed | Token) -> None:
        job = self._queue.running_of(event.request_id)
        if job is None:
            return
        if isinstance(event, Token):
            job.stats = replace(job.stats, generated_tokens=job.stats.generated_tokens + event.tokens)
        self._post(event)

    def _on_rest(self, life: Life, resting: messages.Resting) -> None:
        self._remembered.save(read_processors(), resting.learned)
        if life.loaded is not None:
            life.loaded = replace(life.loaded, threads=resting.threads)
        if self._queue.running is not None or life.leaving is not None:
            return
        life.work, life.since = Work.RESTING, self._clock()
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
            place = life.backend, life.gpu
            self._post(Awake(name, loaded.n_ctx, loaded.threads, loaded.can_think, life.config, *place))

    def _on_refusal(self, life: Life, refused: messages.Refused) -> None:
        if life.config.gpu is not None and life.loaded is None:
            self._go_on_without_gpu(life, life.config.gpu, refused)
            return
        self._gpu_news = None  # it was not the device's fault
        if not refused.request_id:  # the process cannot work, and leaves
            life.leaving = SleepReason.ASKED
            if self._queue.running is not None:
                self._queue.fail(refused.as_error())
        elif (job := self._queue.running_of(refused.request_id)) is not None:
            job.stats = refused.stats
            self._queue.fail(refused.as_error())

    def _go_on_without_gpu(self, life: Life, use: GpuUse, refused: messages.Refused) -> None:
        """The process cannot use the graphics processor, or not load the model with it: the request goes to another."""
        problem = refused.as_error()
        _log.warning("the graphics processor is not used: %s", problem)
        lasts = not refused.request_id  # else its memory may only be full now
        self._give_gpu_up(use)
        self._gpu_news = GpuGivenUp(
            use, life.config.model_path, problem if lasts else gpu_errors.refused(problem), lasts
        )
        job = self._queue.running
        if job is not None and job.cancel_by < math.inf:
            self._queue.finish(FinishReason.STOPPED)
        elif job is not None:
            self._queue.begin_anew()
        life.end(SleepReason.RECONFIGURED)

    def _check_room_without_gpu(self, path: Path) -> None:
        """Makes sure that a model which was to lie on a graphics processor has room without it, before it is loaded.

        Raises:
            UserFacingError: It would push everything else out of the memory, itself included.
        """
        needed, total = self._config.memory_limit, self._memory_total()
        if needed is None or needed == total or needed <= total * TIGHT_SHARE:  # where nobody knows, it is the whole
            return
        news, self._gpu_news = self._gpu_news, None
        if news is not None:
            self._post(replace(news, was_told=True))
            if not news.is_lasting:  # the next question tries it again: its memory may be free by then
                self._config, self._given_up = replace(self._config, gpu=self._given_up), None
        raise gpu_errors.no_room_without(path, needed, total)

    def _give_gpu_up(self, use: GpuUse) -> None:
        self._given_up = use
        self._config = replace(self._config, gpu=None)

    def _on_outdated(self, life: Life, request_id: int) -> None:
        """The model's file is another one now: the request goes to a process that loads that one."""
        job = self._queue.running_of(request_id)
        if job is not None:
            if job.cancel_by < math.inf:
                self._queue.finish(FinishReason.STOPPED)
            elif job.begun_anew and life.config.model_path is not None:
                self._queue.fail(errors.file_changed(life.config.model_path))
            else:
                self._queue.begin_anew()
        life.end(SleepReason.RECONFIGURED)

    def _on_end(self, life: Life, ended: Ended) -> None:
        self._life = self.process_id = None
        self._erasures.make_up(self._config)
        if life.leaving is not None:
            if ended.code and not ended.was_killed:
                _log.warning("the engine's process died while leaving: %s; %s", ended, "\n".join(ended.last_words))
            self._fall_asleep(life.leaving)
            return
        _log.error("the engine's process died while %s: %s; %s", life.work.value, ended, "\n".join(ended.last_words))
        path, running = life.config.model_path, self._queue.running
        file_changed = bool(life.file) and path is not None and fingerprint(look(path)) != life.file
        use = life.config.gpu
        crashed = Crashed(
            path,
            life.work,
            gpu=use,
            file_changed=file_changed,
            out_of_memory=ran_out_of_memory(ended),
            from_outside=is_from_outside(ended),
            was_asked=(running is not None and not running.prepares) or use is not None,
        )
        goes_on = use is not None and running is not None and running.may_begin_anew
        if use is not None:
            self._give_gpu_up(use)
            lasts = not (file_changed or crashed.out_of_memory or crashed.from_outside)
            told = running is not None and not goes_on and running.cancel_by == math.inf
            self._post(GpuGivenUp(use, path, gpu_errors.died(cause_of(ended)), lasts, has_died=True, was_told=told))
        if running is not None:
            if running.cancel_by < math.inf:
                self._queue.finish(FinishReason.STOPPED)
            elif goes_on:
                self._queue.begin_anew()  # on the processor
            else:
                self._queue.fail(died(path, life.work, ended, file_changed=file_changed, on_gpu=use is not None))
        self._post(crashed)
        self._fall_asleep(SleepReason.CRASHED)

    def _fall_asleep(self, reason: SleepReason) -> None:
        _log.info("asleep: %s", reason.value)
        self.has_stopped = reason is SleepReason.STOPPED
        self._post(Asleep(reason))
