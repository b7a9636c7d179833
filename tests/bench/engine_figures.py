"""Speed of the engine as a ratio to llama-bench."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

from tests.bench.child import engine
from tests.bench.effort import Effort
from tests.bench.llama_build import llama_bench
from tests.bench.results import Figure

_BATCH = 512  # default of the setting n_batch, and the length of the prompt that is read
_GENERATED = 64


def speed(model: Path, threads: int, effort: Effort) -> Iterator[Figure]:
    """Yields generation and reading speed, alone and as ratios.

    Both programs take turns, and the one that begins changes each time, so that a machine that slows down or has
    other work slows down both.
    """
    bench = llama_bench(model, threads, _BATCH)
    with engine(model, threads) as child:
        child.ask("generate", tokens=8)  # loads the model, touches every page
        child.ask("read", tokens=_BATCH)
        yield from _ratio("generation", effort.pairs, _GENERATED, partial(child.ask, "generate"), bench.generate)
        yield from _ratio("reading", effort.pairs, _BATCH, partial(child.ask, "read"), bench.read)


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
    yield Figure(f"{title}, against llama-bench", median(spread), "", at_least=0.97, note=note)
    yield Figure(f"{title}, Catnap", mine, "tokens/s", note=f"{tokens} tokens")
    yield Figure(f"{title}, llama-bench", theirs, "tokens/s")
