"""What the engine was asked for and has not ended: one request runs, the others wait, and each ends exactly once."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence

from desktop.common.errors import UserFacingError
from desktop.engine.commands import Job, Queued
from desktop.engine.process import messages
from desktop.engine.types import EngineEvent, Failed, Finished, FinishReason

# A process that does not stop after this long does not hear; the answer so far is kept.
_CANCEL_SECONDS = 2.0
# For the end of an answer while another program waits to write to the model's file. With the two above it stays below
# the 45 s after which the system lets that program go on all the same (/proc/sys/fs/lease-break-time).
_LET_GO_SECONDS = 20.0


class RequestQueue:
    """Requests, and what is to be done between them, in the order in which they came. Engine thread.

    Attributes:
        running: What the process works at; None: nothing.
    """

    def __init__(
        self,
        post: Callable[[EngineEvent], None],
        send: Callable[[messages.ToProcess], None],
        clock: Callable[[], float],
    ) -> None:
        """
        Args:
            post: Takes the ends of the requests.
            send: Sends a message to the process that works at the running one.
            clock: Seconds, monotonic.
        """
        self._post = post
        self._send = send
        self._clock = clock
        self._waiting: deque[Queued] = deque()
        self.running: Job | None = None

    @property
    def stop_by(self) -> float:
        """When the running request must have stopped, or is to be stopped, by the clock; infinite: never."""
        job = self.running
        return min(job.cancel_by, job.interrupt_by) if job is not None else math.inf

    @property
    def jobs(self) -> Sequence[Job]:
        """The requests, the running one first."""
        waiting = [each for each in self._waiting if isinstance(each, Job)]
        return waiting if self.running is None else [self.running, *waiting]

    def add(self, newcomer: Queued) -> None:
        """Queues something; preparations stop reading for it, unless it prepares the same conversation."""
        unless = newcomer.request.conversation_id if isinstance(newcomer, Job) and newcomer.prepares else None
        for job in self.jobs:
            if job.prepares and not job.gives_way and job.request.conversation_id != unless:
                job.gives_way = True
                if job is self.running:
                    self._send(messages.GiveWay(job.request.request_id))
        self._waiting.append(newcomer)

    def take(self) -> Queued | None:
        """Returns what comes next, and takes it out; None: nothing waits."""
        return self._waiting.popleft() if self._waiting else None

    def begin_anew(self) -> None:
        """Has the running request wait again, before all others."""
        job, self.running = self.running, None
        assert job is not None
        job.begun_anew = True
        self._waiting.appendleft(job)

    def running_of(self, request_id: int) -> Job | None:
        """Returns the running request, if it is that one."""
        job = self.running
        return job if job is not None and job.request.request_id == request_id else None

    def cancel(self, request_id: int) -> None:
        """Stops a request, running or waiting."""
        for job in self.jobs:
            if job.request.request_id == request_id:
                self._stop(job)

    def cancel_all(self) -> None:
        """Stops all of them, and drops what else waits."""
        for job in self.jobs:
            self._stop(job)
        self._waiting.clear()

    def make_haste(self) -> None:
        """The model's file is wanted by another program: whatever is quickly done is finished first."""
        job = self.running
        if job is not None and job.prepares:
            self._stop(job)
        elif job is not None:
            job.interrupt_by = self._clock() + _LET_GO_SECONDS

    def interrupt(self, reason: UserFacingError) -> None:
        """Stops the running request, which then fails with this reason, unless it is being stopped already."""
        job = self.running
        assert job is not None
        job.interrupt_by = math.inf
        if job.cancel_by == math.inf:
            job.interruption = reason
            self._stop(job)

    def finish(self, reason: FinishReason) -> None:
        """Ends the running request, well or stopped."""
        job, self.running = self.running, None
        assert job is not None
        if job.interruption is not None and reason is FinishReason.STOPPED:
            self._post(Failed(job.request.request_id, job.interruption, job.stats))
        else:
            self._post(Finished(job.request.request_id, reason, job.stats))

    def fail(self, error: UserFacingError) -> None:
        """Ends the running request with an error."""
        job, self.running = self.running, None
        assert job is not None
        self._post(Failed(job.request.request_id, error, job.stats))

    def _stop(self, job: Job) -> None:
        running = self.running
        if job is not running:
            self._waiting.remove(job)
            self._post(Finished(job.request.request_id, FinishReason.STOPPED, job.stats))
            if running is None or not running.gives_way:
                return
            job = running  # it has let somebody wait who had enough of it
        if job.cancel_by == math.inf:
            job.cancel_by = self._clock() + _CANCEL_SECONDS
            self._send(messages.Cancel(job.request.request_id))
