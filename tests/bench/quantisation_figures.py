"""What each quantisation reads and answers in a second, with its weights mapped and with "faster answers"."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.bench.child import Child, engine
from tests.bench.effort import Effort
from tests.bench.results import Figure
from tests.bench.shapes import Shape, ensure_quantised

_MEGABYTE = 1_000_000
# What catalogues offer, and what the rewriting is made for.
QUANTISATIONS = ("Q4_K_M", "Q4_0", "IQ4_NL", "Q4_1", "Q5_0", "Q8_0")
_READ, _GENERATED = 160, 24
_MOST_PAIRS = 3  # six files take two minutes with that

_Speeds = tuple[float, float]


def quantisation(shape: Shape, threads: int, effort: Effort) -> Iterator[Figure]:
    """Yields for each quantisation of a shape what rewriting its weights brings: medians of pairs that take turns.

    The first use makes the files, which takes minutes.
    """
    for name, model in ensure_quantised(shape, QUANTISATIONS).items():
        yield from _gains(f"{shape.name} {name}", model, threads, min(effort.pairs, _MOST_PAIRS))


def _gains(title: str, model: Path, threads: int, pairs: int) -> Iterator[Figure]:
    with ExitStack() as both:
        mapped = both.enter_context(engine(model, threads, "--ctx", "512"))
        repacked = both.enter_context(engine(model, threads, "--ctx", "512", "--repack"))
        for child in (mapped, repacked):
            _speeds(child)  # loads, touches every page
        measured: list[tuple[_Speeds, _Speeds]] = []
        for number in range(pairs):
            order = (mapped, repacked) if number % 2 else (repacked, mapped)
            found = {child: _speeds(child) for child in order}
            measured.append((found[mapped], found[repacked]))
        more = (repacked.ask("memory")["anonymous"] - mapped.ask("memory")["anonymous"]) / _MEGABYTE
    size = model.stat().st_size / _MEGABYTE
    for at, (what, told) in enumerate((("reading", f"{size:.0f} MB"), ("generation", f"{more:.0f} MB more"))):
        ratios = sorted(after[at] / before[at] for before, after in measured)
        before, after = (median(pair[side][at] for pair in measured) for side in (0, 1))
        note = f"{before:.0f} -> {after:.0f} tokens/s, {told}; from {ratios[0]:.2f} to {ratios[-1]:.2f}"
        yield Figure(f"{title}, {what}, rewritten", median(ratios), "times as fast", note=note)


def _speeds(child: Child) -> _Speeds:
    return child.ask("read", tokens=_READ)["tps"], child.ask("generate", tokens=_GENERATED)["tps"]
