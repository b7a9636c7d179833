from __future__ import annotations

from pathlib import Path

import pytest

from desktop.settings.told import ToldFile


def test_what_was_said_is_remembered(tmp_path: Path) -> None:
    told = ToldFile(tmp_path / "told.json")
    assert not told.was_told("in-tray")
    told.tell("in-tray")
    told.tell("in-tray")
    told.tell("模型")
    again = ToldFile(tmp_path / "told.json")
    assert again.was_told("in-tray") and again.was_told("模型") and not again.was_told("other")
    assert again.load_problem is None


@pytest.mark.parametrize(
    "text", ["", "[]", '{"version": 1, "told": {}}', '{"version": 1}', '{"version": 9, "told": []}', "\0"]
)
def test_a_file_that_will_not_do_is_begun_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "told.json").write_text(text, "utf-8")
    told = ToldFile(tmp_path / "told.json")
    assert not told.was_told("in-tray")
    assert told.load_problem is not None
    told.tell("in-tray")
    assert ToldFile(tmp_path / "told.json").was_told("in-tray")


def test_what_is_no_text_in_it_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "told.json").write_text('{"version": 1, "told": [1, null, "in-tray"]}', "utf-8")
    told = ToldFile(tmp_path / "told.json")
    assert told.was_told("in-tray") and told.load_problem is None


def test_a_full_disk_costs_nothing_but_that(tmp_path: Path) -> None:
    told = ToldFile(tmp_path / "gone" / "told.json")
    told.tell("in-tray")
    assert told.was_told("in-tray")
