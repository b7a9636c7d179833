"""``catnap ask`` about a document: a file, or what is piped."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import documents as make
from tests.support.command_line import catnap, environment
from tests.support.documents import written
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.patience import wait_for
from tests.support.readable_words import files_with
from tests.support.weights import smollm2

NOTE = """The library in Weimar Street opens at 9 in the morning and closes at 6 in the evening.
On Sundays it is closed. The librarian is called Anna Brandt. A card costs 12 euros a year.
"""


@pytest.fixture
def common(tmp_path: Path, parrot_model: Path) -> list[str]:
    return ["--data-dir", str(tmp_path / "data"), "--model", str(parrot_model)]


def test_the_text_goes_before_the_question(common: list[str], tmp_path: Path) -> None:
    plain = catnap("ask", "hello", "--json", *common).json
    file = written(tmp_path, "note.pdf", make.pdf(["one two three", "four"]))
    done = catnap("ask", "hello", "--file", str(file), "--json", *common)

    assert done.code == 0, done.err
    assert done.json["answer"] == PARROT_TEXT
    assert done.json["document"] == {"name": "note.pdf", "kind": "pdf", "parts": 2, "characters": 17, "notes": []}
    assert done.json["prompt_tokens"] > plain["prompt_tokens"] + len("one two three") + len("four")


def test_some_pages_only(common: list[str], tmp_path: Path) -> None:
    file = written(tmp_path, "a.pdf", make.pdf(["one", "two", "three", "four"]))
    done = catnap("ask", "hello", "--file", str(file), "--parts", "2-3,9", "--json", *common)
    none = catnap("ask", "hello", "--file", str(file), "--parts", "7", *common)
    wrong = catnap("ask", "hello", "--file", str(file), "--parts", "3-2", *common)

    assert done.json["document"]["parts"] == 2
    assert (none.code, none.err) == (
        1,
        "catnap: The document has no such parts with text. a.pdf: it has pages 1 to 4.\n",
    )
    assert wrong.code == 2


def test_what_is_piped_is_the_document(common: list[str]) -> None:
    done = catnap("ask", "hello", "--json", *common, stdin=make.docx(make.paragraph("piped words")))

    assert done.json["document"]["kind"] == "docx"
    assert done.json["document"]["characters"] == len("piped words")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such end here")
def test_what_was_piped_to_one_that_was_killed_goes_with_the_next(
    common: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    private = b"very private words " * (1 << 17)
    command = [sys.executable, "-m", "desktop", "ask", "hello", *common]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment()) as killed:
        assert killed.stdin is not None
        killed.stdin.write(private)  # and no end of it
        killed.stdin.flush()
        wait_for("what is piped on the disk", lambda: files_with(place, "very private"))
        killed.kill()
    theirs = place / "catnap-of-mine"
    theirs.mkdir()
    catnap("ask", "hello", *common, stdin=b"other words")
    assert list(place.iterdir()) == [theirs]


def test_a_document_that_does_not_fit_says_what_would(common: list[str], tmp_path: Path) -> None:
    file = written(tmp_path, "long.pdf", make.pdf(["word " * 60] * 7))
    done = catnap("ask", "hello", "--file", str(file), "--ctx", "1024", *common)

    assert (done.code, done.out) == (0, PARROT_TEXT + "\n")
    assert "does not fit into the context" in done.err
    assert "nothing about the question was found in it" in done.err
    assert "--parts 1-" in done.err
    assert "--ctx " in done.err
    # WHEN what it says is done
    parts = done.err.split("--parts ")[1].split(";")[0]
    again = catnap("ask", "hello", "--file", str(file), "--ctx", "1024", "--parts", parts, *common)
    larger = done.err.split("--ctx ")[1].split(",")[0]
    whole = catnap("ask", "hello", "--file", str(file), "--ctx", larger, *common)
    # THEN it fits
    assert (again.code, again.out) == (0, PARROT_TEXT + "\n")
    assert (whole.code, whole.out) == (0, PARROT_TEXT + "\n")


def test_what_cannot_be_read_is_a_sentence(common: list[str], tmp_path: Path) -> None:
    done = catnap("ask", "hello", "--file", str(written(tmp_path, "a.docx", b"PK\x03\x04")), *common)
    without = catnap("ask", "hello", "--parts", "2", *common)

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("catnap: This document is damaged. a.docx.")
    assert without.err == "catnap: There is no document to take parts of. Name one: --file FILE\n"


@pytest.mark.parametrize(
    ("question", "expected"), [("Who is the librarian?", "Anna Brandt"), ("How much does a card cost?", "12")]
)
def test_a_small_model_answers_from_the_text(tmp_path: Path, question: str, expected: str) -> None:
    file = written(tmp_path, "note.txt", NOTE.encode())
    done = catnap("ask", question, "--file", str(file), "--data-dir", str(tmp_path / "data"), "--model", str(smollm2()))
    assert expected in done.out


def test_of_what_does_not_fit_passages_are_asked_about_and_named(tmp_path: Path) -> None:
    # GIVEN a document far beyond the context, one page of which is about the question
    pages = [
        f"Page {number} is about trains, old trees and mild weather near house {number}." for number in range(1, 61)
    ]
    pages[4] = "The librarian of Weimar Street is called Anna Brandt."
    file = written(tmp_path, "long.pdf", make.pdf(pages))
    asked = ["ask", "Who is the librarian?", "--file", str(file), "--ctx", "1024", "--model", str(smollm2())]
    # WHEN it is asked
    done = catnap(*asked, "--json", "--data-dir", str(tmp_path / "data"))
    # THEN the answer comes from that page, which is named
    assert done.code == 0, done.err
    assert "Anna Brandt" in done.json["answer"]
    assert "page 5" in done.err
    assert done.json["document"]["passages"][0]["part"] == 5


def test_asking_again_about_the_same_file_costs_the_question_only(tmp_path: Path) -> None:
    file = written(tmp_path, "note.txt", NOTE.encode())
    common = ["--file", str(file), "--json", "--data-dir", str(tmp_path / "data"), "--model", str(smollm2())]
    # GIVEN a question about a file, and the same answered with nothing kept
    plain = catnap("ask", "How much does a card cost?", *common[:-4], "--data-dir", str(tmp_path / "x"), *common[-2:])
    first = catnap("ask", "Who is the librarian?", *common)
    # WHEN another one is asked by another run of the program
    second = catnap("ask", "How much does a card cost?", *common)
    # THEN what was read then is not read again, and the answer is the same
    assert first.json["reused_tokens"] == 0
    assert second.json["prompt_tokens"] - second.json["reused_tokens"] < 60
    assert second.json["answer"] == plain.json["answer"]
    # THEN nothing is kept of the question, and the privacy switch erases what was read
    states = tmp_path / "data" / "cache" / "snapshots"
    assert len(list(states.glob("*.state"))) == 1
    (tmp_path / "data" / "settings.json").write_text(
        '{"version": 1, "values": {"keep_states": false}}', encoding="utf-8"
    )
    catnap("ask", "Who is the librarian?", *common)
    assert not list(states.glob("*.state"))


def test_what_the_text_does_not_say_is_told(common: list[str], tmp_path: Path) -> None:
    # GIVEN a model that says a figure which stands nowhere in the text
    parrot = tmp_path / "invents.gguf"
    make_parrot(parrot, "A card costs 77 euros, says Bartholomew.")
    file = written(tmp_path, "note.txt", NOTE.encode())
    common = [*common[:2], "--model", str(parrot)]
    # WHEN it is asked
    done = catnap("ask", "What does a card cost?", "--file", str(file), *common)
    machine = catnap("ask", "What does a card cost?", "--file", str(file), "--json", *common)
    # THEN that is said beside the answer
    assert "not in the text: 77, Bartholomew" in done.err
    assert machine.json["not_in_the_text"] == ["77", "Bartholomew"]
