"""The torture of the state files: a few of its cases, and that it sees what is lost."""

from __future__ import annotations

from pathlib import Path

from tests.torture.results import Run
from tests.torture.state_files import FILES, HARMS
from tests.torture.state_part import _judge, run

SETTINGS = FILES[0]
_FINE = {"sentences": [], "again": [], "failure": "", "refused": ""}


def _harm(name: str) -> int:
    return next(number for number, harm in enumerate(HARMS) if harm.name == name)


def test_a_few_of_its_cases_are_survived(tmp_path: Path) -> None:
    names = ("healthy", "empty", "nested 200,000 deep", "UTF-16", "a newer version", "a folder")
    only = frozenset(at * len(HARMS) + _harm(name) for at in (0, 1, 6) for name in names)
    outcomes = list(run(Run(1, False, only, tmp_path, lambda path, _name: path)))
    assert len(outcomes) == len(only)
    assert [outcome.lost for outcome in outcomes if outcome.lost] == []
    assert {outcome.ending for outcome in outcomes} == {"said", "started"}


def test_what_is_lost_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "data" / "settings.json"
    path.parent.mkdir()
    path.write_bytes(b"")
    node = path.stat().st_ino
    empty = HARMS[_harm("empty")]
    sentence = f"It could not be read. {path}."
    said = {**_FINE, "sentences": [sentence]}
    assert _judge(said, SETTINGS, empty, path, node) == ""
    assert "one sentence" in _judge(_FINE, SETTINGS, empty, path, node)
    assert "one sentence" in _judge({**said, "sentences": [sentence, sentence]}, SETTINGS, empty, path, node)
    assert "not kept" in _judge(said, SETTINGS, empty, path, node + 1)
    assert "twice" in _judge({**said, "again": [sentence]}, SETTINGS, empty, path, node)
    assert "does not start" in _judge({**said, "refused": "no"}, SETTINGS, empty, path, node)
    assert _judge({**said, "failure": "Traceback"}, SETTINGS, empty, path, node) == "Traceback"
    (path.parent / ".settings.json-1-0123abcd.tmp").touch()
    assert "left behind" in _judge(said, SETTINGS, empty, path, node)
    moved = path.rename(path.with_name("settings.broken-20260131-120000.json"))
    moved.with_name(".settings.json-1-0123abcd.tmp").unlink()
    assert "without a word" in _judge(_FINE, SETTINGS, HARMS[0], path, node)
