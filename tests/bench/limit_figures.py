"""The same question through ``catnap ask`` on a machine with little memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from desktop.engine.loading.page_cache import needs_warming
from tests.bench.cgroup import NoControlGroups, memory_limit
from tests.bench.child import ROOT
from tests.bench.effort import Effort
from tests.bench.llama_build import build_cache
from tests.bench.prompts import words
from tests.bench.results import Figure

_MEGABYTE = 1 << 20
_ROOMY, _NARROW = 700, 400
_TOKENS = 48
_NARROW_TOKENS = 16  # at two or three tokens per second
_LONGEST_S = 300


class _NotMeasured(Exception):  # noqa: N818
    """The limit would test nothing; the text says why."""


@dataclass(frozen=True)
class _Answer:
    text: str
    tps: float
    rss_mb: float


def limits(model: Path, threads: int, effort: Effort) -> Iterator[Figure]:
    """Yields the speed with 700 MB against the speed without a limit, and whether 400 MB suffice."""
    roomy = f"catnap ask in {_ROOMY} MB, against no limit"
    narrow = f"the right answer in {_NARROW} MB"
    try:
        pairs = []
        for _ in range(effort.rounds):
            free = _ask(model, threads, None, _TOKENS)
            pairs.append((_ask(model, threads, _ROOMY, _TOKENS), free))
    except (NoControlGroups, _NotMeasured) as reason:
        yield Figure(roomy, None, "", at_least=0.8, note=f"not measured: {reason}")
        yield Figure(narrow, None, "", at_least=1, note=f"not measured: {reason}")
        return
    limited, free = pairs[0]
    ratio = median(one.tps / other.tps for one, other in pairs)
    same = all(one.text == other.text for one, other in pairs)
    note = f"{limited.tps:.1f} tokens/s, {limited.rss_mb:.0f} MB; median of {effort.rounds} pairs"
    yield Figure(roomy, ratio, "", at_least=0.8, note=note)
    yield Figure(f"the right answer in {_ROOMY} MB", float(same), "", at_least=1, note="1: the same as without a limit")
    small, reference = _ask(model, threads, _NARROW, _NARROW_TOKENS), _ask(model, threads, None, _NARROW_TOKENS)
    note = f"{small.tps:.1f} tokens/s, {small.rss_mb:.0f} MB; 1: the same as without a limit"
    yield Figure(narrow, float(small.text == reference.text), "", at_least=1, note=note)


def _ask(model: Path, threads: int, limit: int | None, tokens: int) -> _Answer:
    """Asks in a process of its own, from a copy of the model that is on the disk only."""
    with _fresh_copy(model) as (copy, folder), memory_limit(limit * _MEGABYTE if limit else None) as confined:
        command = [*confined, sys.executable, "-m", "desktop", "ask", words(30, seed=1), "--model", str(copy)]
        command += ["--data-dir", str(folder), "--threads", str(threads), "--max-tokens", str(tokens)]
        command += ["--temperature", "0", "--ctx", "2048", "--json"]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=_LONGEST_S,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"catnap ask ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    record: dict[str, Any] = json.loads(done.stdout)
    return _Answer(record["answer"], record["gen_tps"], record["rss_mb"])


@contextmanager
def _fresh_copy(model: Path) -> Iterator[tuple[Path, Path]]:
    """A copy of a model none of whose pages are in memory, in a folder of its own that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="limit-", dir=build_cache() / "shapes") as name:
        folder = Path(name)
        copy = folder / model.name
        shutil.copyfile(model, copy)
        descriptor = os.open(copy, os.O_RDWR)
        try:
            os.fsync(descriptor)
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
        if not needs_warming(copy):
            raise _NotMeasured("the copy of the model does not leave the page cache, so a limit would test nothing")
        yield copy, folder
