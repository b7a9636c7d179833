"""How many threads there should be while another program keeps a processor busy, and after that has ended."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from desktop.engine.pace import most_threads
from desktop.engine.processors import read_processors
from tests.bench.child import Child, engine
from tests.bench.disturbance import busy_program
from tests.bench.effort import Effort
from tests.bench.results import Figure

_AUTOMATIC = 0
_PAUSE_S = 1.2  # nobody asks the next question at once; meanwhile the engine sees what is free
_SECONDS = 4.0
_PROMPT = 300
_LEAST_BESIDE, _LEAST_AFTER = 0.85, 0.95


@dataclass
class _Speeds:
    """Speeds in one situation: of ``auto``, and of every fixed number of threads in the same minute."""

    automatic: list[float] = field(default_factory=list)
    fixed: list[dict[int, float]] = field(default_factory=list)

    def figures(self, title: str, at_least: float, note: str) -> Iterator[Figure]:
        """Yields the ratio of auto to the number that is best in the median, round by round, and the speeds."""
        counts = sorted(self.fixed[0])
        medians = {count: median(speeds[count] for speeds in self.fixed) for count in counts}
        best = max(counts, key=lambda count: medians[count])
        ratios = sorted(auto / speeds[best] for auto, speeds in zip(self.automatic, self.fixed, strict=True))
        spread = f"from {ratios[0]:.2f} to {ratios[-1]:.2f}" if len(ratios) > 1 else ""
        told = ", ".join(filter(None, (f"best: {best} threads", spread, note)))
        yield Figure(f"{title}, auto against the best", median(ratios), "", at_least=at_least, note=told)
        for count in counts:
            yield Figure(f"{title}, {count} threads", medians[count], "tokens/s")
        yield Figure(f"{title}, auto", median(self.automatic), "tokens/s")


def busy(model: Path, effort: Effort) -> Iterator[Figure]:
    """Yields ``auto`` against the best fixed number of threads: with one busy program, and when that stops."""
    counts = range(1, most_threads(read_processors()) + 1)
    if not hasattr(os, "sched_setaffinity") or len(counts) < 2:
        why = "needs two cores, and a system that can keep a program on one"
        yield Figure("generation beside a busy program", None, "", at_least=_LEAST_BESIDE, note=why)
        yield Figure("generation when that stops", None, "", at_least=_LEAST_AFTER, note=why)
        return
    with engine(model, _AUTOMATIC) as child:
        child.ask("generate", tokens=32)
        yield from _generation(child, counts, effort)
        yield from _reading(child, counts, effort)


def _generation(child: Child, counts: Sequence[int], effort: Effort) -> Iterator[Figure]:
    beside, after = _Speeds(), _Speeds()
    pauses, recoveries = [], []
    for number in range(effort.rounds):
        one = _disturb(child)
        # The longer the context, the slower each token: the fixed numbers begin where auto was.
        with busy_program():
            beside.fixed.append(_each(child, counts, _generate(child, one["beside_position"])))
        after.fixed.append(_each(child, counts, _generate(child, one["after_position"])))
        if number % 2:  # a machine that slows down with time must not look like a difference
            one = _disturb(child)
        beside.automatic.append(one["beside_tps"])
        after.automatic.append(one["after_tps"])
        pauses.append(one["pause_s"])
        recoveries.append(one["recovery_s"])
    note = f"in one answer, {_SECONDS:.0f} s from 2 s after"
    yield from beside.figures("generation beside a busy program", _LEAST_BESIDE, f"{note} its begin")
    yield Figure("longest wait for a token when it begins", max(pauses), "s")
    yield from after.figures("generation when that stops", _LEAST_AFTER, f"{note} its end")
    told = f"until all threads are back; median of {effort.rounds}, at most {max(recoveries):.1f} s"
    yield Figure("time to recover", median(recoveries), "s", at_most=2.0, note=told)


def _disturb(child: Child) -> dict[str, float]:
    _set_threads(child, _AUTOMATIC)
    return child.ask("disturb", seconds=_SECONDS)


def _reading(child: Child, counts: Sequence[int], effort: Effort) -> Iterator[Figure]:
    beside, after = _Speeds(), _Speeds()

    def read() -> float:
        return child.ask("read", tokens=_PROMPT)["tps"]

    turns = (_AUTOMATIC, *counts)
    for number in range(effort.rounds):
        for speeds, situation in ((beside, busy_program), (after, nullcontext)):
            with situation():
                measured = _each(child, turns[::-1] if number % 2 else turns, read)
            speeds.automatic.append(measured[_AUTOMATIC])
            speeds.fixed.append({count: measured[count] for count in counts})
    note = f"prompts of {_PROMPT} tokens"
    yield from beside.figures("reading beside a busy program", _LEAST_BESIDE, note)
    yield from after.figures("reading when that stops", _LEAST_AFTER, note)


def _generate(child: Child, position: float) -> Callable[[], float]:
    # Half of the tokens that a thread makes in the time, so that the middle of it is where the middle of auto's was.
    start = max(0, int(position - _SECONDS * 20))
    return lambda: child.ask("generate_for", seconds=_SECONDS, position=start)["tps"]


def _each(child: Child, counts: Sequence[int], measure: Callable[[], float]) -> dict[int, float]:
    speeds: dict[int, float] = {}
    for count in counts:
        _set_threads(child, count)
        speeds[count] = measure()
    return speeds


def _set_threads(child: Child, count: int) -> None:
    child.ask("threads", count=count)
    time.sleep(_PAUSE_S)
