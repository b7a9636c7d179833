"""``catnap libraries meaning``: an embedding model, and questions in other words and in another language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import Done, catnap
from tests.support.e5 import e5_small
from tests.support.tiny import make_tiny
from tests.support.tiny_bert import make_tiny_bert
from tests.support.weights import smollm2

_RULES = {
    "holidays.txt": "Vacation. Everybody has 28 days off a year, to be taken before the end of March.",
    "trains.txt": "Tickets for trains are paid in second class; flights need a signature.",
    "printer.txt": "A broken printer is reported to Ms Tanaka. Never open it yourself.",
    "lunch.txt": "Lunch is at noon and takes half an hour. The kitchen is on the second floor.",
    "passwords.txt": "A password has at least twelve signs and is changed every year.",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "Handbook"
    folder.mkdir()
    for name, text in _RULES.items():
        (folder / name).write_text(text, encoding="utf-8")
    home = tmp_path / "home"
    assert _libraries(home, "add", str(folder)).code == 0
    return home


def _libraries(home: Path, *arguments: str) -> Done:
    return catnap("libraries", *arguments, "--data-dir", str(home))


def _places(home: Path, question: str) -> str:
    """Returns what is said of where something about a question stands; empty: nowhere, and no model was asked."""
    done = catnap(
        *("ask", question, "--data-dir", str(home), "--library", "handbook"),
        *("--model", str(smollm2()), "--max-tokens", "1"),
    )
    assert done.code == 0, done.err
    return "" if "no model was asked" in done.err else done.err


def test_a_model_is_chosen_said_and_switched_off(home: Path, tmp_path: Path) -> None:
    assert "off: passages are found by their words" in _libraries(home, "meaning").out
    # GIVEN a model that only chats, and a file that is none
    for wrong, words in ((make_tiny(tmp_path / "chat.gguf"), "no embedding model"), (tmp_path / "no.gguf", "read")):
        refused = _libraries(home, "meaning", str(wrong))
        assert refused.code == 1 and words in refused.err and "Traceback" not in refused.err
    # WHEN one is chosen that compares texts
    model = make_tiny_bert(tmp_path / "tiny-embed.gguf")
    chosen = _libraries(home, "meaning", str(model))
    # THEN it has read all there is, and is in force
    assert chosen.code == 0 and chosen.out.startswith(f"{model}  5 of 5 passages read"), chosen.err
    settings = json.loads((home / "settings.json").read_text(encoding="utf-8"))
    assert settings["values"]["embedding_model"] == str(model)
    # AND reads what comes
    (tmp_path / "Handbook" / "more.txt").write_text("Cats are welcome.", encoding="utf-8")
    assert _libraries(home, "update").code == 0
    said = _libraries(home, "meaning", "--json").json
    assert said == {"embedding_model": str(model), "passages": 6, "read": 6}
    # WHEN it is switched off
    assert _libraries(home, "meaning", "off").code == 0
    assert _libraries(home, "meaning", "--json").json == {"embedding_model": None, "passages": 6, "read": 0}


def test_a_model_that_is_gone_is_said_and_words_find_what_they_can(home: Path, tmp_path: Path) -> None:
    model = make_tiny_bert(tmp_path / "tiny-embed.gguf")
    assert _libraries(home, "meaning", str(model)).code == 0
    model.unlink()
    done = catnap("ask", "Who painted it?", "--data-dir", str(home), "--library", "handbook")
    assert (done.code, done.out) == (0, "The text does not say it.\n")
    assert "found by their words" in done.err


def test_a_question_in_another_language_finds_its_place_and_a_foreign_one_finds_none(home: Path) -> None:
    assert _libraries(home, "meaning", str(e5_small())).code == 0
    for question, file in (("我每年有多少天假期？", "holidays.txt"), ("打印机坏了该找谁？", "printer.txt")):
        assert f"from {file}" in _places(home, question)
    assert _places(home, "Who won the football world cup in 2018?") == ""
