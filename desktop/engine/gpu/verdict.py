"""What is known of a graphics processor: of the library for it, and of what its trial came to. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from desktop.engine.backends import GpuLibrary


class Presence(Enum):
    """What there is of a library."""

    READY = "ready"
    NONE_FOR_THIS_BUILD = "none for this build"
    NOT_INSTALLED = "not installed"
    ANOTHER_FILE = "another file"  # what lies there is not the one that belongs to this build


@dataclass(frozen=True)
class FoundLibrary:
    """The library, or why there is none.

    Attributes:
        presence: What there is.
        library: It; None: it cannot be used.
        path: Where it lies, or has to; None: none belongs to this build.
    """

    presence: Presence
    library: GpuLibrary | None = None
    path: Path | None = None


class Outcome(Enum):
    """What came of a trial; the value is kept in a file."""

    GOOD = "good"
    SLOW = "slow"  # it computes rightly, and the processor alone is as fast
    WRONG = "wrong"  # what it computes is something else than the processor does
    DIED = "died"  # the process did, at its trial or later
    HUNG = "hung"
    REFUSED = "refused"  # with a sentence: no device, no driver, no room

    @property
    def is_right(self) -> bool:
        """Whether it computes what it should, however fast."""
        return self in (Outcome.GOOD, Outcome.SLOW)


@dataclass(frozen=True)
class GpuVerdict:
    """What is known of a graphics processor with a model.

    Attributes:
        outcome: What came of it.
        device: Its maker's name for it; empty: none was found.
        name: As ggml calls it.
        driver: See :class:`desktop.engine.backends.GpuDevice`.
        layers: Of the model that it takes; -1: all.
        of_layers: That the model has.
        gain: How many times as fast a usual turn is with it.
        reading: How many times as fast it reads.
        generation: How many times as fast it writes.
        divergence: From what the processor computes, in nats.
        memory: Bytes of the device that the model takes, by its driver's word.
        has_own_memory: Which is not the computer's.
        reason: Why it is not used, in the machine's words; empty: the outcome says all.
    """

    outcome: Outcome
    device: str = ""
    name: str = ""
    driver: str = ""
    layers: int = 0
    of_layers: int = 0
    gain: float = 0.0
    reading: float = 0.0
    generation: float = 0.0
    divergence: float = 0.0
    memory: int = 0
    has_own_memory: bool = False
    reason: str = ""
