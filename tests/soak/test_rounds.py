"""A few rounds of the soak: nothing is left behind, and what is left would be seen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.soak.__main__ import play
from tests.soak.player import BUDGET_MB
from tests.soak.report import rows

_BUDGET = BUDGET_MB * 1_000_000
# What caches and heaps may still come to after the first round; a leaked window of each round would be beyond it.
_MOST_BYTES = 16_000_000
_ROUNDS = 4

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere what is counted comes and goes")


def test_a_few_rounds_leave_nothing(tmp_path: Path) -> None:
    # GIVEN the whole program WHEN everything has been done once, and then some of it again
    played = play(tmp_path, _ROUNDS, 2, seed=1)

    # THEN nothing went wrong, and nothing that is counted has become more
    assert played.failure == ""
    assert len(played.samples) == _ROUNDS
    assert [row.name for row in rows(played.samples, played.stay, _BUDGET) if row.is_over] == []

    # THEN memory is the same, but for what is kept for the next time
    first, last = played.samples[0], played.samples[-1]
    assert last["app_anonymous"] - first["app_anonymous"] < _MOST_BYTES
    assert last["engine_anonymous"] - first["engine_anonymous"] < _MOST_BYTES


def test_what_is_left_is_seen(tmp_path: Path) -> None:
    played = play(tmp_path, 4, 0, seed=1, more=["--only", "new", "--leak"])
    assert played.failure == ""
    over = {row.name for row in rows(played.samples, played.stay, _BUDGET) if row.is_over}
    assert over == {"descriptors", "threads", "widgets", "temporary files"}
    assert played.samples[-1]["app_anonymous"] - played.samples[0]["app_anonymous"] > _MOST_BYTES
