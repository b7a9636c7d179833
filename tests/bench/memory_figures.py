"""What is kept in memory: by the model, by rewriting its weights, by what many naps leave behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop.engine.footprint import Footprint, predict
from desktop.engine.types import KvType
from desktop.gguf.header import read_header
from tests.bench.child import engine
from tests.bench.effort import Effort
from tests.bench.results import Figure
from tests.bench.shapes import SHAPES, ensure_model, shape_named
from tests.support.slopes import least_squares

_MEGABYTE = 1_000_000
_BATCH = 512
_CONTEXTS = (1024, 2048, 4096)
_FIRST_NAPS = 5  # leave libraries loaded and pools grown, once
_GENERATED = 48


def naps(model: Path, threads: int, effort: Effort) -> Iterator[Figure]:
    """Yields what many naps leave behind: the engine's thread alone, its process is gone each time."""
    with engine(model, threads) as child:
        never = child.ask("memory")["anonymous"] / _MEGABYTE
        after = []
        for _ in range(effort.cycles):
            child.ask("generate", tokens=4)
            after.append(child.ask("sleep")["anonymous"] / _MEGABYTE)
    note = f"least squares over naps {_FIRST_NAPS + 1} to {effort.cycles}, without the app; "
    note += f"{after[_FIRST_NAPS]:.1f} MB then, {after[-1]:.1f} MB after the last"
    yield Figure("growth per nap", least_squares(after[_FIRST_NAPS:]), "MB", at_most=0.1, note=note)
    note = f"the most of {effort.cycles} naps, unreclaimable; {never:.1f} MB before the first"
    yield Figure("asleep, beyond never loaded, engine", max(after) - never, "MB", at_most=2, note=note)


@dataclass(frozen=True)
class _Repacking:
    before: float
    anonymous: float
    load_s: float
    generate: float
    read: float


def repacking(threads: int) -> Iterator[Figure]:
    """Yields what "memory saver" keeps in memory, and the price and the gain of "faster answers" beside it."""
    shape = shape_named("q15")
    model = ensure_model(shape)
    saver, faster = _repacking(model, threads), _repacking(model, threads, "--repack")
    note = f"context of 2,048 tokens; the whole process, {saver.before:.0f} MB of it before loading"
    yield Figure(f"{shape.name} unreclaimable, memory saver", saver.anonymous, "MB", at_most=190, note=note)
    yield Figure(f"{shape.name} unreclaimable, faster answers", faster.anonymous, "MB")
    note = f"{saver.load_s:.2f} s and {faster.load_s:.2f} s"
    yield Figure("faster answers: loading", faster.load_s / saver.load_s, "times as long", note=note)
    note = f"{saver.generate:.1f} and {faster.generate:.1f} tokens/s"
    yield Figure("faster answers: generation", faster.generate / saver.generate, "times as fast", note=note)
    note = f"{saver.read:.0f} and {faster.read:.0f} tokens/s"
    yield Figure("faster answers: reading", faster.read / saver.read, "times as fast", note=note)


def _repacking(model: Path, threads: int, *arguments: str) -> _Repacking:
    with engine(model, threads, *arguments) as child:
        before = child.ask("library")["anonymous"] / _MEGABYTE
        first = child.ask("talk", conversation="a", words=4, tokens=2)
        read = child.ask("read", tokens=_BATCH)["tps"]
        generate = child.ask("generate", tokens=_GENERATED)["tps"]
        return _Repacking(before, child.ask("memory")["anonymous"] / _MEGABYTE, first["load_s"], generate, read)


def footprints(threads: int) -> Iterator[Figure]:
    """Yields by how much the prediction misses what a model adds to the process, for each shape and context."""
    for shape in SHAPES:
        model = ensure_model(shape)
        header = read_header(model)
        for context in _CONTEXTS:
            predicted = predict(header, n_ctx=context, n_batch=_BATCH, kv_type=KvType.F16, repack=False)
            rss, anonymous = _added(model, threads, context)
            yield _miss(f"{shape.name}, {context:,} tokens", predicted, rss, anonymous)


def _miss(title: str, predicted: Footprint, rss: float, anonymous: float) -> Figure:
    misses = (abs(predicted.rss / rss - 1), abs(predicted.anonymous / anonymous - 1))
    note = (
        f"RSS {predicted.rss / _MEGABYTE:.0f} predicted, {rss / _MEGABYTE:.0f} measured; "
        f"unreclaimable {predicted.anonymous / _MEGABYTE:.0f}, {anonymous / _MEGABYTE:.0f}"
    )
    return Figure(f"footprint missed by, {title}", 100 * max(misses), "%", at_most=10, note=note)


def _added(model: Path, threads: int, context: int) -> tuple[float, float]:
    """Returns what the model adds to RSS and to anonymous memory once a full batch was read."""
    with engine(model, threads, "--ctx", str(context)) as child:
        before = child.ask("library")
        child.ask("read", tokens=_BATCH)
        child.ask("generate", tokens=8)
        awake = child.ask("memory")
    return awake["rss"] - before["rss"], awake["anonymous"] - before["anonymous"]
