"""Speed of the engine as a ratio to llama-bench, and what it leaves behind in memory after many naps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from tests.bench.child import Child
from tests.bench.llama_build import llama_bench
from tests.bench.results import Figure

_BATCH = 512  # default of the setting n_batch, and the length of the prompt that is read
_GENERATED = 64
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Effort:
    """How often things are measured.

    Attributes:
        pairs: Runs of Catnap and of llama-bench, taking turns.
        cycles: Loads and naps.
    """

    pairs: int
    cycles: int


def speed(model: Path, threads: int, effort: Effort) -> Iterator[Figure]:
    """Yields generation and reading speed, alone and as ratios.

    Both programs take turns, and the one that begins changes each time, so that a machine that slows down or has
    other work slows down both.
    """
    bench = llama_bench(model, threads, _BATCH)
    with Child("tests.bench.engine_probe", ["--model", str(model), "--threads", str(threads)]) as engine:
        engine.ask("generate", tokens=8)  # loads the model, touches every page
        engine.ask("read", tokens=_BATCH)
        yield from _ratio("generation", effort.pairs, _GENERATED, partial(engine.ask, "generate"), bench.generate)
        yield from _ratio("reading", effort.pairs, _BATCH, partial(engine.ask, "read"), bench.read)


def _ratio(
    title: str,
    pairs: int,
    tokens: int,
    ours: Callable[..., dict[str, float]],
    reference: Callable[[int], float],
) -> Iterator[Figure]:
    measured: list[tuple[float, float]] = []
    for number in range(pairs):
        if number % 2:
            theirs = reference(tokens)
            mine = ours(tokens=tokens)["tps"]
        else:
            mine = ours(tokens=tokens)["tps"]
            theirs = reference(tokens)
        measured.append((mine, theirs))
    mine, theirs = (median(side) for side in zip(*measured, strict=True))
    spread = sorted(mine / theirs for mine, theirs in measured)
    note = f"median of {pairs} pairs, from {spread[0]:.2f} to {spread[-1]:.2f}"
    yield Figure(f"{title}, against llama-bench", median(spread), "", at_least=0.95, note=note)
    yield Figure(f"{title}, Catnap", mine, "tokens/s", note=f"{tokens} tokens")
    yield Figure(f"{title}, llama-bench", theirs, "tokens/s")


def naps(model: Path, threads: int, effort: Effort) -> Iterator[Figure]:
    """Yields by how much the memory after a nap grows from the second nap to the last.

    The first nap leaves the libraries loaded, once; what grows after it would grow for ever.
    """
    with Child("tests.bench.engine_probe", ["--model", str(model), "--threads", str(threads)]) as engine:
        after: list[float] = []
        for _ in range(effort.cycles):
            engine.ask("generate", tokens=4)
            after.append(engine.ask("sleep")["rss"])
    growth = (after[-1] - after[1]) / _MEGABYTE
    note = f"{effort.cycles} loads and naps of the engine alone; {after[-1] / _MEGABYTE:.0f} MB after the last"
    yield Figure("growth over naps", growth, "MB", at_most=5.0, note=note)
