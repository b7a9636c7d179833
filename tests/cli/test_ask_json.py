"""``catnap ask --json-schema``: stdout is JSON that fits, or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import catnap
from tests.support.weights import smollm2

_PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 20},
        "\u57ce\u5e02": {"enum": ["\u5317\u4eac", "Paris"]},
        "married": {"type": "boolean"},
    },
    "required": ["name", "\u57ce\u5e02", "married"],
    "additionalProperties": False,
}
NOTE = "The library in Weimar Street opens at 9. The librarian is called Anna Brandt."


@pytest.fixture
def common(tmp_path: Path, tiny_model: Path) -> list[str]:
    return ["--data-dir", str(tmp_path / "data"), "--model", str(tiny_model), "--seed", "1"]


def _file(folder: Path, schema: object) -> str:
    path = folder / "schema.json"
    path.write_text(schema if isinstance(schema, str) else json.dumps(schema), encoding="utf-8")
    return str(path)


def test_stdout_is_the_json_alone(common: list[str], tmp_path: Path) -> None:
    done = catnap("ask", "2 + 2", "--json-schema", _file(tmp_path, _PERSON), *common)
    assert done.code == 0, done.err
    assert set(done.json) == {"name", "\u57ce\u5e02", "married"}
    assert done.json["\u57ce\u5e02"] in ("\u5317\u4eac", "Paris")
    assert done.out.count("\n") == 1 and "\u57ce\u5e02" in done.out
    # AND it is the same each time: nothing is left to chance
    assert catnap("ask", "2 + 2", "--json-schema", _file(tmp_path, _PERSON), *common[:-2]).out == done.out


def test_json_tells_the_figures_as_well(common: list[str], tmp_path: Path) -> None:
    done = catnap("ask", "hello", "--json-schema", _file(tmp_path, _PERSON), "--json", *common)
    assert done.code == 0, done.err
    assert done.json["finish_reason"] == "complete"
    assert set(json.loads(done.json["answer"])) == {"name", "\u57ce\u5e02", "married"}


def test_a_stream_without_unicode_gets_ascii(common: list[str], tmp_path: Path) -> None:
    schema = _file(tmp_path, _PERSON)
    done = catnap("ask", "hello", "--json-schema", schema, *common, env={"PYTHONIOENCODING": "ascii"})
    assert done.code == 0, done.err
    assert done.out.isascii() and "\u57ce\u5e02" in done.json
    plain = catnap(
        "libraries",
        "add",
        str(tmp_path),
        "--name",
        "\u57ce\u5e02",
        "--json",
        *common[:2],
        env={"PYTHONIOENCODING": "ascii"},
    )
    assert plain.out.isascii() and plain.json["libraries"][0]["name"] == "\u57ce\u5e02"


def test_about_a_document_and_a_pipe(common: list[str], tmp_path: Path) -> None:
    schema = _file(tmp_path, _PERSON)
    note = tmp_path / "note.txt"
    note.write_text(NOTE)
    named = catnap("ask", "Who?", "--file", str(note), "--json-schema", schema, *common)
    piped = catnap("ask", "Who?", "--json-schema", schema, *common, stdin=NOTE.encode())
    assert named.code == piped.code == 0, named.err + piped.err
    assert "name" in named.json and "name" in piped.json


def test_a_cut_off_answer_is_not_printed(common: list[str], tmp_path: Path) -> None:
    done = catnap("ask", "hello", "--json-schema", _file(tmp_path, _PERSON), "--max-tokens", "5", *common)
    assert (done.code, done.out) == (1, "")
    assert "cut off" in done.err and "--max-tokens" in done.err
    record = catnap("ask", "hello", "--json-schema", _file(tmp_path, _PERSON), "--max-tokens", "5", "--json", *common)
    assert (record.code, record.out) == (1, "")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ("{", "no JSON"),
        ("", "no JSON"),
        ({"type": "string", "pattern": "^a+$"}, "pattern"),
        ({"type": "object"}, "must say which fields"),
    ],
)
def test_a_schema_that_cannot_be_used_is_a_sentence(
    common: list[str], tmp_path: Path, schema: object, words: str
) -> None:
    done = catnap("ask", "hello", "--json-schema", _file(tmp_path, schema), *common)
    assert (done.code, done.out) == (1, "")
    assert "JSON Schema cannot be used" in done.err and words in done.err and "Traceback" not in done.err


def test_a_file_that_is_none_is_a_sentence(common: list[str], tmp_path: Path) -> None:
    latin = tmp_path / "latin.json"
    latin.write_bytes(b'{"type": "\xe9"}')
    for path, words in ((tmp_path / "gone.json", "No such file"), (tmp_path, "no file"), (latin, "not UTF-8")):
        done = catnap("ask", "hello", "--json-schema", str(path), *common)
        assert (done.code, done.out) == (1, "")
        assert words in done.err
    assert catnap("ask", "hello", "--json-schema", "", *common).code == 2


def test_what_is_not_kept_to_is_named(common: list[str], tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "integer", "multipleOf": 1},
            "b": {"type": "string", "maxLength": 3, "format": "email"},
        },
    }
    done = catnap("ask", "hello", "--json-schema", _file(tmp_path, schema), *common)
    assert done.code == 0, done.err
    assert "checked only when the answer is there: multipleOf" in done.err
    assert "not kept to: format: email" in done.err


def test_what_does_not_fit_after_all_is_not_printed(common: list[str], tmp_path: Path) -> None:
    # GIVEN a step that no grammar keeps to, and that next to no number is a multiple of
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer", "minimum": 1, "multipleOf": 999983}},
        "required": ["a"],
    }
    done = catnap("ask", "hello", "--json-schema", _file(tmp_path, schema), *common)
    assert (done.code, done.out) == (1, "")
    assert "does not fit the JSON Schema" in done.err and "$.a" in done.err


def test_a_real_model_takes_it_from_the_text(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"librarian": {"type": "string", "maxLength": 40}, "opens": {"type": "integer", "maximum": 24}},
        "required": ["librarian", "opens"],
    }
    done = catnap(
        *("ask", "Who is the librarian, and when does it open?", "--json-schema", _file(tmp_path, schema)),
        *("--data-dir", str(tmp_path), "--model", str(smollm2())),
        stdin=NOTE.encode(),
    )
    assert done.code == 0, done.err
    assert "Anna Brandt" in done.json["librarian"]
