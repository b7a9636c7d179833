"""What the engine thread can be told; made by any thread, and the thread's own from then on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from desktop.common.errors import UserFacingError
from desktop.engine.types import EngineConfig, Generation, SleepReason, Stats


@dataclass
class Job:
    """A request on its way.

    Attributes:
        gives_way: Something more urgent waits for it.
        cancel_by: By when it must have stopped, by the engine thread's clock; infinite: nobody wants it to.
        interrupt_by: By when it must have ended by itself; infinite: it may take its time.
        interruption: Why it was stopped, if it was not by the user.
        begun_anew: It was taken from a process that could not answer it, and goes to another.
        stats: What is known of it; the process says more at its end.
    """

    request: Generation
    prepares: bool
    gives_way: bool = False
    cancel_by: float = math.inf
    interrupt_by: float = math.inf
    interruption: UserFacingError | None = None
    begun_anew: bool = False
    stats: Stats = field(default_factory=Stats)

    @property
    def may_begin_anew(self) -> bool:
        """Whether nobody would notice: no word of it was read, and it is still wanted."""
        return not (self.begun_anew or self.stats.generated_tokens) and self.cancel_by == math.inf


@dataclass(frozen=True)
class Cancel:
    """Stop a request."""

    request_id: int


@dataclass(frozen=True)
class Configure:
    """Put a configuration in force."""

    config: EngineConfig


@dataclass(frozen=True)
class Sleep:
    """End the process when what was asked before is done."""

    reason: SleepReason


@dataclass(frozen=True)
class Forget:
    """Drop what is kept of a conversation."""

    conversation_id: str


@dataclass(frozen=True)
class Attend:
    """Start a process: a request may follow."""


@dataclass(frozen=True)
class Stop:
    """Cancel everything, and end the thread."""


Command = Job | Cancel | Configure | Sleep | Forget | Attend | Stop
# In the order in which they came; the rest is obeyed at once.
Queued = Job | Sleep | Forget
