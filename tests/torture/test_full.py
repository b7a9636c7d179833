"""The torture of the full disk: a few of its cases, and that it sees what is lost."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.torture import full_part, full_verbs
from tests.torture.__main__ import torture
from tests.torture.full_part import SHORTAGES, judge, run
from tests.torture.full_verbs import VERBS
from tests.torture.full_victim import ALL_WRITERS, Told
from tests.torture.results import Part, Run
from tests.torture.small_disk import acting_library, why_no_small_disk

SAID = ("It was not saved.", "/x: No space left on device.", "Make room.")
SAVED = Told("old", "new", "new", "new", "new", claimed=True)
REFUSED = Told("old", "new", "old", "new", "new", sentences=[SAID])


@pytest.mark.skipif(sys.platform == "win32", reason="no disks to mount")
def test_a_few_of_its_cases_are_survived(tmp_path: Path) -> None:
    names = ("settings", "answer under way", "history: a message", "history: an older file")
    shortages = [number for number, one in enumerate(SHORTAGES) if "half" in one.name or one.name == "share used up"]
    writers = [number for number, one in enumerate(ALL_WRITERS) if one.name in names]
    only = frozenset(writer * len(SHORTAGES) + shortage for writer in writers for shortage in shortages)
    outcomes = list(run(Run(1, False, only, tmp_path, lambda path, _name: path)))
    assert len(outcomes) == len(only) == 2 * len(names)
    assert [outcome.lost for outcome in outcomes if outcome.lost] == []
    if not why_no_small_disk() and acting_library() is not None:
        assert {"said", "put off"} <= {outcome.ending for outcome in outcomes}


def test_what_cannot_be_tried_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(full_part, "why_no_small_disk", lambda: "nobody may mount anything")
    assert torture([Part("full", "", run)], Run(1, False, frozenset([0]), tmp_path, lambda path, _name: path)) == 0
    printed = capsys.readouterr().out
    assert "NOT RUN full: 1 skipped, since nobody may mount anything" in printed
    assert "0 tried, 0 lost, 1 skipped" in printed


def test_what_is_lost_is_seen() -> None:
    assert judge(SAVED, "full", speaks=True) == ""
    assert judge(REFUSED, "full", speaks=True) == ""
    assert judge(replace(REFUSED, sentences=[]), "full", speaks=False) == ""
    assert "nobody was told" in judge(replace(REFUSED, sentences=[]), "full", speaks=True)
    assert "neither" in judge(replace(REFUSED, short="half"), "full", speaks=True)
    assert judge(replace(REFUSED, short="half", allowed=True), "full", speaks=True) == ""
    claimed = replace(REFUSED, claimed=True, sentences=[])
    assert "said to be saved" in judge(claimed, "full", speaks=True)
    assert "said to be saved" in judge(replace(claimed, allowed=True), "full", speaks=True)
    assert judge(replace(claimed, allowed=True), "full", speaks=True, later=True) == ""
    assert "helps nobody" in judge(replace(REFUSED, sentences=[("Full.", "", "")]), "full", speaks=True)
    other = replace(REFUSED, sentences=[("Not saved.", "disk I/O error", "Close other programs.")])
    assert "does not speak of the room" in judge(other, "share used up", speaks=True)
    assert judge(other, "read-only", speaks=True) == ""
    assert "not saved" in judge(replace(REFUSED, after="old"), "full", speaks=True)
    assert "gone at the end" in judge(replace(SAVED, restart="old"), "full", speaks=True)
    assert "left behind: x.tmp" in judge(replace(REFUSED, left=["x.tmp"]), "full", speaks=True)
    assert judge(replace(SAVED, failure="Traceback"), "full", speaks=True) == "Traceback"


def test_what_a_verb_loses_is_seen() -> None:
    full = "catnap: The disk is full."
    assert full_verbs.judge(0, "", "a", "a", speaks_of_room=True) == ""
    assert full_verbs.judge(1, full, "a", "a", speaks_of_room=True) == ""
    assert "have changed" in full_verbs.judge(1, full, "a", "", speaks_of_room=True)
    assert "without a word" in full_verbs.judge(1, "", "a", "a", speaks_of_room=True)
    assert "speak of the room" in full_verbs.judge(1, "catnap: No.", "a", "a", speaks_of_room=True)
    assert full_verbs.judge(1, "catnap: No.", "a", "a", speaks_of_room=False) == ""
    assert "Traceback" in full_verbs.judge(1, "catnap: x\nTraceback", "a", "a", speaks_of_room=True)
    assert "exit code 3" in full_verbs.judge(3, full, "a", "a", speaks_of_room=True)
    assert full_verbs.judge(-1, "no end", "a", "a", speaks_of_room=True) == "no end"


def test_every_writer_and_verb_has_a_row_of_its_own() -> None:
    assert len({one.name for one in ALL_WRITERS}) == len(ALL_WRITERS)
    assert len({one.name for one in VERBS}) == len(VERBS)
