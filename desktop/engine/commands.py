"""What the engine thread can be told, besides a :class:`~desktop.engine.requests.Job`. Made on any thread."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.engine.requests import Job
from desktop.engine.types import SleepReason


@dataclass(frozen=True)
class Configure:
    """The configuration was replaced."""


@dataclass(frozen=True)
class Sleep:
    """Give the memory back."""

    reason: SleepReason


@dataclass(frozen=True)
class Forget:
    """Drop what is kept of a conversation."""

    conversation_id: str


@dataclass(frozen=True)
class Stop:
    """End the thread."""


Command = Job | Configure | Sleep | Forget | Stop
