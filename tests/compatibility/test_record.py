"""The tables of the READMEs say what is recorded, and the record what was run or read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from setup import llama_wheel
from setup.venv import REQUIREMENTS

from tests.compatibility.record import BY_HAND, CLIENTS, DOCUMENTED, READMES, ROOT, SERVERS, TESTED, filled, load
from tests.servers.real.checks import CHECKS

_STREAMS = ROOT / "tests" / "servers" / "documented"
# What a file shows, by the beginning of its name.
_SHOWN = {
    "answer": "answer",
    "cut-off": "limit",
    "models": "models",
    "thoughts": "thoughts",
    "too-long": "too-long",
    "unknown-model": "unknown-model",
    "wrong-key": "key",
}


@pytest.mark.parametrize(("name", "language"), READMES)
def test_the_tables_are_made_of_the_record(name: str, language: str) -> None:
    page = (ROOT / name).read_text(encoding="utf-8")
    assert page == filled(page, load(), language), "run python -m tests.compatibility"


def test_a_readme_without_a_place_is_told() -> None:
    with pytest.raises(ValueError, match="no place for the table of servers"):
        filled("# Catnap", load(), "en")


def test_every_program_is_there_once_and_nothing_is_both() -> None:
    record = load()
    for kind in (SERVERS, CLIENTS):
        names = [each.name for each in record.entries[kind]]
        assert names and len(names) == len(set(names))
        for each in record.entries[kind]:
            assert not set(each.works) & set(each.cannot)
            assert set(each.works) | set(each.cannot) <= set(record.labels[kind])
            order = [check for check in record.labels[kind] if check in each.works]
            assert list(each.works) == order


def test_the_versions_are_those_that_are_installed() -> None:
    record = load()
    for each in record.entries[SERVERS]:
        if each.how == TESTED:
            assert each.version == f"llama-cpp-python {llama_wheel.VERSION}"
    pinned = dict(re.findall(r"^([a-z-]+)==([\w.]+)", (REQUIREMENTS / "clients.txt").read_text("ascii"), re.MULTILINE))
    package = json.loads((REQUIREMENTS / "npm" / "package.json").read_text(encoding="utf-8"))
    pinned["npm-openai"] = package["dependencies"]["openai"]
    for each in record.entries[CLIENTS]:
        assert (each.how, each.version) == (TESTED, pinned[each.name])


def test_all_was_asked_of_what_was_run() -> None:
    for each in load().entries[SERVERS]:
        if each.how in (TESTED, BY_HAND):
            assert {*each.works, *each.cannot} - {"thoughts", "sleep"} == set(CHECKS)


def test_what_was_not_run_has_its_streams_beside_the_tests() -> None:
    for each in load().entries[SERVERS]:
        if each.how == DOCUMENTED:
            assert set(each.works) == set(_shown(_STREAMS / each.name)) and not each.cannot


def _shown(folder: Path) -> set[str]:
    found = set()
    for file in folder.glob("*.txt"):
        head = file.read_text(encoding="utf-8").partition("\n\n")[0]
        found |= {check for begin, check in _SHOWN.items() if file.stem.startswith(begin)}
        found |= {"figures"} if "\nusage: " in head else set()
        found |= {"context"} if file.stem == "models" and "\nroom: " in head else set()
    return found
