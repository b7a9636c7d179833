"""How many threads there should be while another program keeps a processor busy, and after that has ended."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from desktop.engine.threads.tuner import most_threads
from desktop.machine.cpu import read_processors
from tests.bench.child import Child, engine
from tests.bench.disturbance import busy_program
from tests.bench.effort import Effort
from tests.bench.results import Figure

_AUTOMATIC = 0
_PAUSE_S = 1.2  # nobody asks the next question at once; meanwhile the engine sees what is free
_SECONDS = 4.0
_PROMPT = 300
_POSITION = 200
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
    def generate() -> float:
        return child.ask("generate_for", seconds=_SECONDS, position=_POSITION)["tps"]

    with busy_program():
        beside = _each(child, counts, generate)
    after = _each(child, counts, generate)
    best_beside = max(counts, key=lambda count: beside[count])
    best_after = max(counts, key=lambda count: after[count])
    runs = []
    for _ in range(effort.rounds):
        _set_threads(child, _AUTOMATIC)
        values = child.ask("disturb", seconds=_SECONDS, beside_count=best_beside, after_count=best_after)
        runs.append(values)
    note = "in one answer, from 2 s after its"
    yield _compared("generation beside a busy program", runs, "beside", best_beside, _LEAST_BESIDE, f"{note} begin")
    for count in counts:
        yield Figure(f"generation beside it, {count} threads", beside[count], "tokens/s")
    yield _median("generation beside it, auto", runs, "beside_tps", "tokens/s")
    pauses = _measured(runs, "pause_s")
    yield Figure("longest wait for a token when it begins", max(pauses, default=None), "s", note=_why_not(pauses))
    yield _compared("generation when that stops", runs, "after", best_after, _LEAST_AFTER, f"{note} end")
    for count in counts:
        yield Figure(f"generation without it, {count} threads", after[count], "tokens/s")
    yield _median("generation when that stops, auto", runs, "after_tps", "tokens/s")
    recoveries = _measured(runs, "recovery_s")
    told = _why_not(recoveries)
    if recoveries:
        told = f"until all threads are back; median of {len(recoveries)}, at most {max(recoveries):.1f} s"
    yield Figure("time to recover", median(recoveries) if recoveries else None, "s", at_most=2.0, note=told)


def _measured(runs: Sequence[Mapping[str, float | None]], name: str) -> list[float]:
    return [value for run in runs if (value := run[name]) is not None]


def _why_not(values: Sequence[float]) -> str:
    return "" if values else "no token came in that time, in none of the answers: other programs hold the processors"


def _median(title: str, runs: Sequence[Mapping[str, float | None]], name: str, unit: str) -> Figure:
    values = _measured(runs, name)
    return Figure(title, median(values) if values else None, unit, note=_why_not(values))


def _compared(
    title: str, runs: Sequence[Mapping[str, float | None]], when: str, best: int, at_least: float, note: str
) -> Figure:
    pairs = [(run[f"{when}_tps"], run[f"{when}_fixed_tps"]) for run in runs]
    ratios = sorted(auto / fixed for auto, fixed in pairs if auto is not None and fixed)
    if not ratios:
        return Figure(f"{title}, auto against the best", None, "", at_least=at_least, note=_why_not(ratios))
    note = f"best: {best} threads, from {ratios[0]:.2f} to {ratios[-1]:.2f}, {note}; in turns, second by second"
    return Figure(f"{title}, auto against the best", median(ratios), "", at_least=at_least, note=note)


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


def _each(child: Child, counts: Sequence[int], measure: Callable[[], float]) -> dict[int, float]:
    speeds: dict[int, float] = {}
    for count in counts:
        _set_threads(child, count)
        speeds[count] = measure()
    return speeds


def _set_threads(child: Child, count: int) -> None:
    child.ask("threads", count=count)
    time.sleep(_PAUSE_S)
