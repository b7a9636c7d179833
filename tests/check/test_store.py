"""Results outlive the program, damage is set aside, and a file is known by its content."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desktop.check.store import ResultStore, Setup, fingerprint_of, read_record
from desktop.check.types import Kind, Language, Outcome, TaskResult, Why

SETUP = Setup("Model", "a" * 24, "Q4_1", "f16", "1.0", "b" * 24, "", "model.gguf:7")
RESULT = TaskResult("t1", "d" * 24, Kind.FACTS, Language.CHINESE, Outcome.WRONG, "周一\ud83d" + "x" * 9_000)
LEFT_OUT = TaskResult("t2", "e" * 24, Kind.LONG_TEXT, Language.ENGLISH, Outcome.NOT_ASKED, "", Why.TOO_LONG)


def test_results_are_read_as_they_were_written(store: ResultStore) -> None:
    record = store.open(SETUP)
    record.add(RESULT)
    record.add(LEFT_OUT)
    (found,) = store.all()
    assert found.setup == SETUP
    assert found.results[1] == LEFT_OUT
    assert found.results[0] == replace(RESULT, answer=RESULT.answer[:2_000])
    assert found.at == record.at


def test_a_setup_is_the_file_the_kv_type_the_build_and_the_tasks(store: ResultStore) -> None:
    changes = [{"fingerprint": "f" * 24}, {"kv_type": "q4_0"}, {"build": "2.0"}, {"tasks": "c" * 24}]
    others = [replace(SETUP, **each) for each in changes]
    assert len({SETUP.id, *(each.id for each in others)}) == 5
    # What it is called, and where it lies, is no part of it.
    assert replace(SETUP, model="Another", place="b.gguf:8").id == SETUP.id
    store.open(SETUP).add(RESULT)
    assert not store.open(others[1]).results


def test_two_that_check_the_same_lose_nothing_of_each_other(store: ResultStore) -> None:
    # GIVEN a check in the window, and one on the command line, of the same setup
    window, command_line = store.open(SETUP), store.open(SETUP)
    # WHEN each keeps a result
    window.add(RESULT)
    command_line.add(LEFT_OUT)
    # THEN both are there
    assert {each.task_id for each in store.open(SETUP).results} == {"t1", "t2"}


def test_a_damaged_file_is_set_aside_and_said(store: ResultStore) -> None:
    # GIVEN a file that was cut off, and one of a newer Catnap
    store.open(SETUP).add(RESULT)
    file = store.folder / f"{SETUP.id}.json"
    file.write_text(file.read_text()[:-30])
    # WHEN the check goes on
    record = store.open(SETUP)
    record.add(LEFT_OUT)
    # THEN it begins anew, the old file is kept, and there is something to say
    assert [each.task_id for each in store.open(SETUP).results] == ["t2"]
    assert len(list(store.folder.iterdir())) == 2
    assert store.problem is not None


def test_nonsense_in_a_file_is_no_result(store: ResultStore, tmp_path: Path) -> None:
    store.open(SETUP).add(RESULT)
    whole = (store.folder / f"{SETUP.id}.json").read_text()
    for place, (old, new) in enumerate(
        [('"wrong"', '"maybe"'), ('"Q4_1"', "4"), ('"results": [', '"results": [3, '), ('"version": 1', '"version": 9')]
    ):
        file = tmp_path / f"{place}.json"
        assert old in whole
        file.write_text(whole.replace(old, new))
        assert read_record(file) is None


def test_a_model_is_known_by_its_content_wherever_it_lies(tmp_path: Path) -> None:
    one, other, same = (tmp_path / name for name in ("one", "other", "same"))
    content = bytes(range(256)) * 40_000
    one.write_bytes(content)
    same.write_bytes(content)
    other.write_bytes(content[:-1] + b"!")
    assert fingerprint_of([one]) == fingerprint_of([same])
    assert fingerprint_of([one]) != fingerprint_of([other])
    assert fingerprint_of([one]) != fingerprint_of([one, same])
    (tmp_path / "empty").touch()
    assert fingerprint_of([tmp_path / "empty"])


def test_what_was_set_aside_is_looked_at_no_more(store: ResultStore) -> None:
    store.open(SETUP).add(RESULT)
    file = store.folder / f"{SETUP.id}.json"
    file.write_text("[]")
    assert store.all() == ()
    (aside,) = store.folder.iterdir()
    for _start in range(3):
        again = ResultStore(store.folder)
        assert again.all() == () and again.problem is None
    assert [each.name for each in store.folder.iterdir()] == [aside.name]
