"""One engine process as the engine thread sees it: what it does, what it was told, and by when it must have done it."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from desktop.engine.process import messages
from desktop.engine.process.handle import EngineProcess
from desktop.engine.process.stall import StallWatch
from desktop.engine.threads.tuner import Counts
from desktop.engine.types import EngineConfig, Reading, SleepReason, Token, Waking, Work

# Until it says that it has begun: the programs of an old laptop come from a slow disk, through an antivirus program.
_START_SECONDS = 60.0
# To write a conversation's state to a slow disk.
_SAVE_SECONDS = 20.0
# To be gone once it was ended. One that the kernel holds, for a disk that does not answer, may stay for minutes, and so
# may its memory; the next message need not wait for that.
_GONE_SECONDS = 10.0


@dataclass(frozen=True, order=True)
class Reached:
    """How far a request is: the later work is further, and of the same work the larger amount."""

    stage: int
    amount: float

    @property
    def work(self) -> Work:
        """What it does."""
        return _STAGES[self.stage]


_STAGES: Final = (Work.LOADING, Work.READING, Work.ANSWERING)
NOWHERE: Final = Reached(0, -1.0)


def reached_by(delivery: messages.Delivery, before: Reached) -> Reached | None:
    """Returns how far a request is by what the process says; None: that does not tell."""
    match delivery:
        case Waking(_, fraction):
            return Reached(0, fraction)
        case messages.Loaded() if before.stage == 0:
            return Reached(0, 2.0)
        case Reading(_, done, _):
            return Reached(1, done)
        case Token():
            return Reached(2, before.amount + 1.0 if before.stage == 2 else 0.0)
    return None


@dataclass
class Life:
    """A process, from its start to its end. Engine thread.

    Attributes:
        config: What its model is, or will be, loaded with.
        clock: Seconds, monotonic; all times here are by it.
        watch: Notices that it does not move.
        work: What it does.
        since: Since when it rests.
        loaded: What is in memory; None: nothing.
        backend: The CPU backend in use.
        gpu: The graphics processor that computes along, by its maker's name; empty: none does.
        file: Fingerprint of the model's file as it was loaded; empty: it was not.
        is_wanted: Another program waits to write to the model's file.
        end_by: By when it must have begun, dozed or left, or be gone; infinite: it need not.
        is_killed: It was ended, and is gone in a moment.
        reached: How far the request is.
        leaving: Why it was told to leave, or ended; None: it was not.
    """

    process: EngineProcess
    config: EngineConfig
    clock: Callable[[], float]
    watch: StallWatch
    work: Work = Work.STARTING
    since: float = math.inf
    loaded: messages.Loaded | None = None
    backend: str = ""
    gpu: str = ""
    file: str = ""
    is_wanted: bool = False
    end_by: float = math.inf
    is_killed: bool = False
    reached: Reached = NOWHERE
    leaving: SleepReason | None = None

    def begin(self, known: Counts) -> None:
        """Says what it is for.

        Args:
            known: Threads that were best on this machine before.
        """
        self.end_by = self.clock() + _START_SECONDS
        level = logging.getLogger("desktop.engine").getEffectiveLevel()
        self.process.send(messages.Begin(messages.PROTOCOL, self.config, known, level))

    def on_ready(self, ready: messages.Ready, work: Work) -> None:
        """It has begun, and does this now."""
        self.end_by, self.backend, self.gpu = math.inf, ready.facts.backend.name, ready.facts.gpu
        self.since = self.clock()
        self.begin_request(work)

    def begin_request(self, work: Work) -> None:
        """A request is under way, or would be.

        Args:
            work: What it takes first.
        """
        self.work, self.reached = work, NOWHERE
        self.watch.begin(work)

    def hear(self, delivery: messages.Delivery) -> bool:
        """Follows a request by what the process says; returns whether it was stalled, and is no more."""
        reached = reached_by(delivery, self.reached)
        if reached is None:
            return self.watch.heard()
        is_further = reached > self.reached
        self.work = reached.work
        if not is_further:  # a batch that is begun again says for the second time how far it is
            return self.watch.heard()
        self.reached = reached
        return self.watch.advanced(self.work)

    @property
    def can_doze(self) -> bool:
        """Whether a doze gives memory back and something to come back to."""
        return self.loaded is not None and self.config.can_doze

    def doze(self) -> None:
        """Tells it to doze."""
        self.work = Work.DOZING
        self.end_by = self.clock() + _SAVE_SECONDS
        self.process.send(messages.Doze())

    def leave(self, reason: SleepReason, *, keep_state: bool) -> None:
        """Tells it to end."""
        self.leaving, self.work = reason, Work.SAVING
        self.end_by = self.clock() + _SAVE_SECONDS
        self.process.send(messages.Leave(keep_state))

    def end(self, reason: SleepReason) -> None:
        """Ends it, whatever it does."""
        self.leaving = reason
        self.kill()

    def kill(self) -> None:
        """Ends it; why it is no longer there says how it ends."""
        self.is_killed, self.end_by = True, self.clock() + _GONE_SECONDS
        self.process.kill()

    def doze_at(self, idle_seconds: float | None) -> float:
        """Returns the time from which it is to doze; infinite: not by itself."""
        rests = self.work is Work.RESTING and self.leaving is None
        return self.since + idle_seconds if rests and idle_seconds is not None else math.inf

    def sleep_at(self, sleep_seconds: float | None) -> float:
        """Returns the time from which it is to end; infinite: not by itself."""
        rests = self.work in (Work.RESTING, Work.DOZING) and self.leaving is None
        return self.since + sleep_seconds if rests and sleep_seconds is not None else math.inf
