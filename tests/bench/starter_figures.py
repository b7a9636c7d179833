"""How often a small model answers the questions right that are offered with it, at the usual temperature."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.bench.results import Figure
from tests.support.engine_harness import Harness, config_for
from tests.support.proven_starters import LEAST_RIGHT, SEEDS, SPOKEN, spoken


def starters(model: Path, threads: int) -> Iterator[Figure]:
    """Yields for each starter how many seeds of five gave a right answer; what was said goes to stderr.

    Args:
        model: Its weights must be real.
        threads: To compute with.
    """
    with Harness(replace(config_for(model, threads=threads), snapshots_dir=None)) as engine:
        for question, right in SPOKEN.items():
            met = 0
            for seed in SEEDS:
                answer = spoken(engine, question, seed)
                met += right.is_met(answer)
                print(f"    {'+' if right.is_met(answer) else '-'} {seed}: {answer!r}", file=sys.stderr, flush=True)
            yield Figure(f"starter: {question}", met, f"of {len(SEEDS)} right", at_least=LEAST_RIGHT)
