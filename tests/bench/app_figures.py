"""What the app as a whole costs: start, memory, and how long its own thread is ever kept waiting."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from desktop.models.catalog import bundled_catalog_path
from tests.bench.effort import Effort
from tests.bench.results import Figure
from tests.e2e.desktop_session import DesktopSession, missing_programs
from tests.e2e.driver import CatnapDriver

_ROOT = Path(__file__).parents[2]
_MEGABYTE = 1_000_000
_ANSWER_TOKENS = 48
_STARTS = 5
_SHOWN = re.compile(r"tray icon shown after (\d+) ms")
_LONGEST_S = 600


@dataclass(frozen=True)
class Stage:
    """Where the app runs.

    Attributes:
        environment: Its environment.
        words: What it is, for the notes.
        session: A desktop with a tray; None where it cannot be had.
    """

    environment: Mapping[str, str]
    words: str
    session: DesktopSession | None


@contextmanager
def stage() -> Iterator[Stage]:
    """A virtual display with a window manager and a tray; without their programs Qt's offscreen platform."""
    missing = missing_programs()
    with tempfile.TemporaryDirectory(prefix="catnap-bench-") as folder:
        if missing:
            environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": folder}
            yield Stage(environment, f"offscreen, without {', '.join(missing)}", None)
            return
        with DesktopSession(Path(folder) / "desktop") as session:
            yield Stage({**session.environment, "PYTHONPATH": str(_ROOT)}, "under Xvfb with a tray", session)


def app_figures(model: Path, threads: int, effort: Effort) -> Iterator[Figure]:
    """Yields all figures of the app."""
    with stage() as where:
        yield from _start(where)
        yield from _memory(where, model, threads, effort.cycles)
        yield from _blocks(where, model, threads)
        yield from _reading(where, model, threads)
        yield from _wake_ups(where, model, threads, effort.quiet_seconds)


def _start(where: Stage) -> Iterator[Figure]:
    name = "start to tray icon"
    if where.session is None:
        yield Figure(name, None, "s", at_most=0.8, note=where.words)
        return
    times = []
    for _ in range(_STARTS + 1):
        driver = CatnapDriver(where.session, bundled_catalog_path())
        seen = len(driver.log())
        driver.start("--hidden")
        driver.wait_log("tray icon shown after", after=seen)
        times.append(float(_SHOWN.findall(driver.log()[seen:])[0]) / 1000)
        driver.terminate()
        driver.wait_end()
    note = f"median of {_STARTS} warm starts from source, {where.words}; the budget is for the bundle"
    yield Figure(name, median(times[1:]), "s", at_most=0.8, note=note)


def _memory(where: Stage, model: Path, threads: int, naps: int) -> Iterator[Figure]:
    result = probe(where, "memory", model, threads, "--naps", str(naps))
    note = f"whole app, no window open, {where.words}"
    yield Figure("RSS never loaded", result["never_rss"] / _MEGABYTE, "MB", at_most=95, note=note)
    never = result["never_anonymous"] / _MEGABYTE
    yield Figure("unreclaimable never loaded", never, "MB")
    awake = result["awake_anonymous"] / _MEGABYTE
    yield Figure("unreclaimable awake", awake, "MB", at_most=165, note="both processes, context of 2,048 tokens")
    yield Figure("RSS awake", result["awake_rss"] / _MEGABYTE, "MB", note="the mapped model included")
    dozing = result["dozing_anonymous"] / _MEGABYTE - never
    note = f"both processes, unreclaimable; aim 65; RSS {result['dozing_rss'] / _MEGABYTE:.0f} MB in all"
    yield Figure("dozing, beyond never loaded", dozing, "MB", at_most=85, note=note)
    asleep = result["most_anonymous"] / _MEGABYTE - never
    note = f"unreclaimable, the most of {naps} naps; {result['after_anonymous'] / _MEGABYTE - never:.1f} MB after the "
    note += f"first, {result['after_naps_anonymous'] / _MEGABYTE - never:.1f} MB after the last"
    yield Figure("asleep, beyond never loaded", asleep, "MB", at_most=2, note=note)
    yield Figure("RSS after the first nap", result["after_rss"] / _MEGABYTE, "MB")
    yield Figure(f"RSS after {naps} naps", result["after_naps_rss"] / _MEGABYTE, "MB")


def _blocks(where: Stage, model: Path, threads: int) -> Iterator[Figure]:
    result = probe(where, "blocks", model, threads)
    for phase in ("sending", "load", "reading", "generation", "doze", "sleep"):
        blocked, own = result[phase] * 1000, result[f"{phase}_own"] * 1000
        note = (
            f"longest wait, chat window open; {own:.0f} ms without the time in which it wanted a processor and had none"
        )
        yield Figure(f"GUI thread blocked, {phase}", blocked, "ms", at_most=16, note=note)


def _reading(where: Stage, model: Path, threads: int) -> Iterator[Figure]:
    result = probe(where, "reading", model, threads)
    for key, name in (
        ("open", "1,000 messages opened"),
        ("start", "Ctrl+Home in 2,000 messages"),
        ("end", "Ctrl+End in 2,000 messages"),
        ("drag", "scroll bar dragged in 2,000 messages"),
        ("find", "words found in 2,000 messages"),
    ):
        note = f"until what is in view is written and painted; {result[f'{key}_own'] * 1000:.0f} ms of the processor"
        yield Figure(name, result[key] * 1000, "ms", at_most=200, note=note)
    for key, name in (
        ("list", "2,000 conversations listed"),
        ("list_again", "one of 2,000 in the list pinned"),
    ):
        note = f"read, put under their headings and painted; {result[f'{key}_own'] * 1000:.0f} ms of the processor"
        yield Figure(name, result[key] * 1000, "ms", at_most=100, note=note)
    note = f"a Chinese word of two characters, in one of them; {result['search_own'] * 1000:.0f} ms of the processor"
    yield Figure("search over 10,000 messages", result["search"] * 1000, "ms", at_most=50, note=note)
    note = "time of the GUI thread for a growing answer at 20 tokens a second, beyond that of the window at rest"
    yield Figure("showing an answer that grows", result["token_share"] * 100, "% of a core", at_most=5, note=note)


def _wake_ups(where: Stage, model: Path, threads: int, seconds: float) -> Iterator[Figure]:
    if sys.platform != "linux":
        yield Figure("wake-ups, asleep", None, "per second", at_most=0.2, note="only Linux counts them by thread")
        return
    result = probe(where, "quiet", model, threads, "--seconds", str(seconds))
    for state, at_most in (("asleep", 0.2), ("dozing", None)):
        note = f"voluntary switches of {result[f'{state}_threads']:.0f} threads in {seconds:.0f} s, no window, "
        note += where.words
        yield Figure(f"wake-ups, {state}", result[state] / seconds, "per second", at_most=at_most, note=note)


def probe(where: Stage, what: str, model: Path, threads: int, *arguments: str) -> dict[str, float]:
    """Runs :mod:`tests.bench.app_probe` in a data folder of its own, and returns what it has measured."""
    with tempfile.TemporaryDirectory(prefix="catnap-bench-data-") as folder:
        data = Path(folder)
        _prepare(data, model, threads)
        command = [sys.executable, "-m", "tests.bench.app_probe", what, str(data), *arguments]
        done = subprocess.run(
            command, cwd=_ROOT, env=dict(where.environment), stdout=subprocess.PIPE, timeout=_LONGEST_S, check=True
        )
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _prepare(data: Path, model: Path, threads: int) -> None:
    """Imports the model and writes settings: it never naps by itself, and answers have a fixed length."""
    values = {"model": f"file:{model}", "threads": threads, "idle_minutes": 0.0, "max_tokens": _ANSWER_TOKENS}
    (data / "settings.json").write_text(json.dumps({"version": 1, "values": values}), encoding="utf-8")
    command = [sys.executable, "-m", "desktop", "models", "import", str(model), "--data-dir", str(data)]
    subprocess.run(command, cwd=_ROOT, stdout=subprocess.DEVNULL, check=True)
