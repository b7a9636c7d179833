"""Generation while another program keeps a processor busy, and after that has ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Timer

from desktop.engine.pace import most_threads
from desktop.engine.processors import read_processors
from tests.bench.child import Child, engine
from tests.bench.effort import Effort
from tests.bench.results import Figure

_AUTOMATIC = 0
_PAUSE_S = 1.0  # nobody asks the next question at once; meanwhile the engine sees what is free
_LOOP = "import os; os.sched_setaffinity(0, {{{processor}}})\nwhile True: pass"


def busy(model: Path, effort: Effort) -> Iterator[Figure]:
    """Yields ``auto`` against the best fixed number of threads: with one busy program, and when that stops."""
    beside, after = "auto beside a busy program, against the best", "auto when that stops, against the best"
    counts = range(1, most_threads(read_processors()) + 1)
    if not hasattr(os, "sched_setaffinity") or len(counts) < 2:
        why = "needs two cores, and a system that can keep a program on one"
        yield Figure(beside, None, "", at_least=0.85, note=why)
        yield Figure(after, None, "", at_least=0.95, note=why)
        return
    with engine(model, _AUTOMATIC) as child:
        child.ask("generate", tokens=32)
        with _busy_program():
            crowded = _take_turns(child, (*counts, _AUTOMATIC), effort)
        recovered = [_recovery(child, effort.seconds) for _ in range(effort.rounds)]
        quiet = _take_turns(child, tuple(counts), effort)
    best = max(counts, key=lambda count: crowded[count])
    note = f"best: {best} at {crowded[best]:.1f} tokens/s; median of {effort.rounds} times {effort.seconds:.0f} s each"
    yield Figure(beside, crowded[_AUTOMATIC] / crowded[best], "", at_least=0.85, note=note)
    for count in counts:
        yield Figure(f"beside it, {count} threads", crowded[count], "tokens/s")
    yield Figure("beside it, auto", crowded[_AUTOMATIC], "tokens/s")
    best = max(counts, key=lambda count: quiet[count])
    note = f"best: {best} at {quiet[best]:.1f} tokens/s; in one answer, from {effort.seconds:.0f} s after its end on"
    yield Figure(after, median(recovered) / quiet[best], "", at_least=0.95, note=note)


def _take_turns(child: Child, counts: tuple[int, ...], effort: Effort) -> dict[int, float]:
    speeds: dict[int, list[float]] = {count: [] for count in counts}
    for _ in range(effort.rounds):
        for count in counts:
            child.ask("threads", count=count)
            time.sleep(_PAUSE_S)
            speeds[count].append(child.ask("generate_for", seconds=effort.seconds)["tps"])
    return {count: median(values) for count, values in speeds.items()}


def _recovery(child: Child, seconds: float) -> float:
    """Returns the speed of the last part of an answer during whose first quarter another program was busy."""
    child.ask("threads", count=_AUTOMATIC)
    with _busy_program() as program:
        timer = Timer(seconds, program.kill)
        timer.start()
        try:
            return child.ask("generate_for", seconds=4 * seconds)["late_tps"]
        finally:
            timer.cancel()


@contextmanager
def _busy_program() -> Iterator[subprocess.Popen[bytes]]:
    processor = min(os.sched_getaffinity(0))
    program = subprocess.Popen([sys.executable, "-c", _LOOP.format(processor=processor)])
    try:
        yield program
    finally:
        program.kill()
        program.wait()
