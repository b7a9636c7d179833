"""How often things are measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """How often and how long things are measured.

    Attributes:
        pairs: Runs of Catnap and of llama-bench, taking turns.
        cycles: Loads and naps.
        rounds: Of everything that takes many seconds.
        seconds: Of generating, where the time is what is given.
        quiet_seconds: Of watching a sleeping app.
    """

    pairs: int
    cycles: int
    rounds: int
    seconds: float
    quiet_seconds: float


QUICK = Effort(pairs=3, cycles=12, rounds=1, seconds=4.0, quiet_seconds=10.0)
FULL = Effort(pairs=7, cycles=50, rounds=3, seconds=6.0, quiet_seconds=60.0)
