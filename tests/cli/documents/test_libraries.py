"""``catnap libraries`` and ``catnap ask --library``: a company's handbook on the command line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop.documents.library.folders import LibraryList
from tests.support.command_line import Done, catnap
from tests.support.documents import docx, paragraph
from tests.support.parrot import make_parrot
from tests.support.weights import smollm2


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    folder = tmp_path / "Handbook"
    (folder / "travel").mkdir(parents=True)
    (folder / "rules.txt").write_text(
        "Vacation. Everybody has 28 days of vacation a year, to be taken before the end of March.\n", encoding="utf-8"
    )
    (folder / "travel" / "trains.docx").write_bytes(docx(paragraph("Tickets for trains are paid in second class.")))
    (folder / "假期.md").write_text("# 假期\n\n每位员工每年有二十八天年假。\n", encoding="utf-8")
    return folder


def _libraries(home: Path, *arguments: str) -> Done:
    return catnap("libraries", *arguments, "--data-dir", str(home))


def test_a_command_that_was_stopped_while_it_read_goes_on(home: Path, handbook: Path) -> None:
    # GIVEN a library that was killed before any document of its folder was read
    home.mkdir()
    LibraryList(home / "libraries.json").add(handbook)
    # WHEN the same command is given again THEN it reads them
    again = _libraries(home, "add", str(handbook))
    assert again.code == 0 and "3 documents" in again.out and "a library already" in again.err
    assert _libraries(home, "add", f"{handbook}/", "--name", "handbook").code == 0
    # WHEN another name is given THEN that is refused
    other = _libraries(home, "add", str(handbook), "--name", "Rules")
    assert (other.code, other.out) == (1, "") and "a library already" in other.err


def _ask(home: Path, question: str, *arguments: str) -> Done:
    return catnap("ask", question, "--data-dir", str(home), "--library", "handbook", *arguments)


def test_a_folder_is_added_listed_followed_and_removed(home: Path, handbook: Path) -> None:
    # GIVEN a folder that is made a library
    added = _libraries(home, "add", str(handbook))
    assert added.code == 0 and added.out.startswith(f"Handbook  {handbook}  3 documents"), added.err
    # WHEN a file comes that cannot be read, and one goes
    (handbook / "old.docx").write_bytes(b"PK\x03\x04 and then nothing")
    (handbook / "rules.txt").unlink()
    updated = _libraries(home, "update", "HANDBOOK")
    # THEN both are told
    assert updated.code == 0 and "2 documents" in updated.out
    assert "old.docx: " in updated.err
    listed = _libraries(home, "list", "--json").json["libraries"]
    assert [(each["name"], each["documents"]) for each in listed] == [("Handbook", 2)]
    assert [each["file"] for each in listed[0]["refused"]] == ["old.docx"]
    # WHEN it gets another name
    renamed = _libraries(home, "rename", "Handbook", "House  rules")
    assert renamed.code == 0 and renamed.out.startswith("House rules  "), renamed.err
    # WHEN it is removed
    removed = _libraries(home, "remove", "house rules")
    # THEN the folder stays, and no list is left behind
    assert removed.code == 0 and "no library any more" in removed.out
    assert (handbook / "old.docx").exists() and not (home / "libraries.json").exists()
    assert "no libraries" in _libraries(home, "list").out


def test_an_answer_names_file_and_page(home: Path, handbook: Path) -> None:
    _libraries(home, "add", str(handbook))
    # WHEN a question is asked with a real model
    answer = _ask(home, "How many days of vacation are there in a year?", "--model", str(smollm2()), "--json")
    # THEN the answer is from the file that says it
    assert answer.code == 0, answer.err
    assert answer.json["library"] == "Handbook"
    assert [each["file"] for each in answer.json["sources"]] == ["rules.txt"]
    assert "28" in answer.json["sources"][0]["text"] and "28" in answer.json["answer"]


def test_what_is_not_there_is_said_at_once_and_no_model_is_needed(home: Path, handbook: Path) -> None:
    _libraries(home, "add", str(handbook))
    answer = _ask(home, "What is the capital of Italy?")
    assert (answer.code, answer.out) == (0, "The text does not say it.\n")
    assert "no model was asked" in answer.err
    answer = _ask(home, "意大利的首都是哪里？", "--json")
    assert (answer.json["answer"], answer.json["sources"], answer.json["library"]) == ("文中没有提到。", [], "Handbook")
    assert answer.json["not_in_the_text"] == []


def test_what_no_document_of_it_says_is_told(home: Path, handbook: Path, tmp_path: Path) -> None:
    # GIVEN a model that says what stands in another file than that it was given, and what stands in none
    parrot = tmp_path / "invents.gguf"
    make_parrot(parrot, "It is 28 days in second class, says Bartholomew, or 31.")
    _libraries(home, "add", str(handbook))
    # WHEN it is asked
    done = _ask(home, "Who pays for tickets of trains?", "--model", str(parrot))
    machine = _ask(home, "Who pays for tickets of trains?", "--model", str(parrot), "--json")
    # THEN only what stands in none is told
    assert "not in the text: Bartholomew, 31\n" in done.err and "rules.txt" not in done.err
    assert machine.json["not_in_the_text"] == ["Bartholomew", "31"]


def test_what_has_changed_is_read_before_the_answer(home: Path, handbook: Path) -> None:
    _libraries(home, "add", str(handbook))
    (handbook / "parking.txt").write_text("Parking: garage B, level two.\n", encoding="utf-8")
    answer = _ask(home, "Where is the parking garage?", "--model", str(smollm2()), "--max-tokens", "4")
    assert answer.code == 0 and "from parking.txt" in answer.err
    # AND where the folder is not there, what was read before is asked
    handbook.rename(handbook.with_name("away"))
    answer = _ask(home, "Where is the parking garage?", "--model", str(smollm2()), "--max-tokens", "4")
    assert answer.code == 0 and "cannot be read" in answer.err and "from parking.txt" in answer.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["libraries", "add", "missing"], "There is no such folder."),
        (["libraries", "update", "nothing"], "There is no such library."),
        (["libraries", "remove", "nothing"], "There is no such library."),
        (["ask", "Hello?", "--library", "nothing"], "There is no such library."),
    ],
)
def test_what_is_not_there_is_a_sentence(home: Path, arguments: list[str], words: str) -> None:
    done = catnap(*arguments, "--data-dir", str(home))
    assert done.code == 1 and words in done.err and "Traceback" not in done.err and done.out == ""


def test_an_empty_library_is_a_sentence(home: Path, tmp_path: Path) -> None:
    (tmp_path / "Handbook").mkdir()
    _libraries(home, "add", str(tmp_path / "Handbook"))
    done = _ask(home, "Hello?")
    assert done.code == 1 and "has no documents" in done.err


@pytest.mark.parametrize("arguments", [["--file", "x"], ["--parts", "1"]])
def test_a_library_goes_without_a_file(home: Path, arguments: list[str]) -> None:
    assert _ask(home, "Hello?", *arguments).code == 2


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_does_not_bring_it_down(home: Path, handbook: Path) -> None:
    (handbook / os.fsdecode(b"caf\xe9.txt")).write_text("Coffee is served at ten.", encoding="utf-8")
    assert "4 documents" in _libraries(home, "add", str(handbook)).out
    answer = _ask(home, "When is coffee served?", "--model", str(smollm2()), "--max-tokens", "4", "--json")
    assert answer.code == 0, answer.err
    assert len(answer.json["sources"]) == 1
