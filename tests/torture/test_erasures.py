"""The torture of erasing: each of its writers is killed at a few changes, and what is left is seen."""

from __future__ import annotations

import shutil
import sys
from contextlib import closing
from pathlib import Path

import pytest

from desktop.history.store import History
from tests.torture.erasing_writers import ERASING, GONE, Erased, key_of, start
from tests.torture.erasures_part import kill_at, run
from tests.torture.kills import dying
from tests.torture.results import Run

_KILLS = pytest.mark.skipif(sys.platform != "linux" or shutil.which("cc") is None, reason="needs a library that kills")


@_KILLS
@pytest.mark.parametrize("writer", ERASING, ids=lambda one: one.name)
def test_no_word_is_left_whenever_it_is_killed(tmp_path: Path, writer: type[Erased]) -> None:
    found = list(kill_at(tmp_path / "kills", writer.name, dying.compile_library(tmp_path), 2, 97))
    assert found[1:] or writer.name in ("erased: after half a state", "erased: after half a draft")
    assert [one for one in found if one["lost"]] == []


@_KILLS
def test_one_kill_can_be_had_again(tmp_path: Path) -> None:
    outcomes = list(run(Run(1, False, frozenset((3, 1007)), tmp_path, lambda path, _name: path)))
    assert [outcome.row for outcome in outcomes] == [writer.name for writer in ERASING[:2]]
    assert [outcome.again for outcome in outcomes] == [f"--seed 1 --part erasures --only {at}" for at in (3, 1007)]
    assert {(outcome.ending, outcome.lost) for outcome in outcomes} == {("no word left", "")}


def test_what_is_left_is_seen(tmp_path: Path) -> None:
    writer = Erased(tmp_path)
    writer.prepare()
    with closing(History(writer.paths.history_file)) as history:
        history.delete(key_of(history, GONE))
    start(writer.paths, days=0).close()
    assert writer.left() == []
    (writer.paths.data / "history.v4.sqlite3-journal").write_bytes(GONE.encode())
    writer.paths.drafts_file.write_text(f'"{GONE}"')
    left = {f"readable: data/{name}" for name in ("history.v4.sqlite3-journal", "drafts.json")}
    assert set(writer.left()) == left
    # AND so is what should have stayed
    for place in writer.paths.data.glob("history.v4.sqlite3*"):
        place.unlink()
    (writer.paths.data / "history.v4.sqlite3").touch()
    with pytest.raises(Exception, match="no such table"):
        writer.state()


def test_every_writer_has_a_row_of_its_own() -> None:
    assert len({one.name for one in ERASING}) == len(ERASING)
