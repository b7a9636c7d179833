"""The torture of the writers that are killed: a few of its cases, and that it sees what is lost."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.torture.results import Run
from tests.torture.writes_part import _MOST, KILLED, judge, run

WHOLE = {"old": "old", "new": "new", "state": "new", "allowed": False}


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("cc") is None, reason="needs a library that kills")
def test_a_few_of_its_cases_are_survived(tmp_path: Path) -> None:
    names = ("settings of a newer Catnap", "table: a row", "servers")
    only = frozenset(place * _MOST + at for place, one in enumerate(KILLED) if one.name in names for at in (1, 2, 3))
    outcomes = list(run(Run(1, False, only, tmp_path, lambda path, _name: path)))
    assert {outcome.row for outcome in outcomes} == set(names)
    assert [outcome.lost for outcome in outcomes if outcome.lost] == []
    assert {outcome.ending for outcome in outcomes} <= {"the old", "the new"}


def test_what_is_lost_is_seen() -> None:
    assert judge({**WHOLE, "state": "old"}, WHOLE) == judge(WHOLE, WHOLE) == ""
    assert "neither" in judge({**WHOLE, "state": "half"}, WHOLE)
    assert judge({**WHOLE, "state": "half", "allowed": True}, WHOLE) == ""


def test_every_writer_has_a_row_of_its_own() -> None:
    assert len({one.name for one in KILLED}) == len(KILLED)
