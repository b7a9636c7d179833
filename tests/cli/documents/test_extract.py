"""``catnap extract``: a row for each document, whatever becomes of the others."""

from __future__ import annotations

import csv
import io
import json
import shutil
import signal
import sys
from pathlib import Path

import pytest

from tests.support import documents as make
from tests.support.command_line import catnap, start
from tests.support.documents import written
from tests.support.patience import PATIENCE_S
from tests.support.weights import smollm2
from tests.torture.kills.dying import compile_library

_FIELDS = "name: text, total: number, paid: yes/no?"


@pytest.fixture
def common(tmp_path: Path, tiny_model: Path) -> list[str]:
    return ["--data-dir", str(tmp_path / "data"), "--model", str(tiny_model)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "bills"
    folder.mkdir()
    (folder / "a.txt").write_text("Miller & Sons. Total: 1,250.40 EUR.")
    written(folder, "b.pdf", make.pdf(["Smith Ltd. Total: 30 EUR."]))
    (folder / ".hidden.txt").write_text("not meant")
    return folder


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_a_row_for_each_document(common: list[str], folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    done = catnap("extract", str(folder), "--fields", _FIELDS, "--csv", str(out), *common)
    assert (done.code, done.out) == (0, ""), done.err
    content = out.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") and content.count(b"\r\n") == 3
    rows = _rows(content.decode())
    assert rows[0] == ["document", "name", "total", "paid", "not found in the text", "remark", "error"]
    assert [row[0] for row in rows[1:]] == ["a.txt", "b.pdf"]
    # A model of random weights invents everything, and that is said.
    assert all("name" in row[4] and row[6] == "" for row in rows[1:])
    assert "2 of 2: b.pdf: done" in done.err


def test_a_document_that_fails_is_a_row_and_the_others_come(common: list[str], folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    (folder / "aa.pdf").write_bytes(b"%PDF-1.7 nothing")
    arguments = ("extract", str(folder), "--fields", _FIELDS, "--csv", str(out), *common)
    done = catnap(*arguments)
    assert done.code == 1
    rows = _rows(out.read_text("utf-8"))
    assert [(row[0], bool(row[6])) for row in rows[1:]] == [("a.txt", False), ("aa.pdf", True), ("b.pdf", False)]
    assert "1 of 3 documents could not be filled in" in done.err
    # WHEN it is mended and the command comes again
    (folder / "aa.pdf").write_bytes(make.pdf(["Good. Total: 3."]))
    again = catnap(*arguments)
    # THEN only that one is asked about
    assert again.code == 0 and "2 of 3 documents are in the table already" in again.err
    assert sorted(row[0] for row in _rows(out.read_text("utf-8"))[1:]) == ["a.txt", "aa.pdf", "b.pdf"]


@pytest.mark.parametrize(
    ("cut", "asked_again"),
    [
        ("\r\n", True),  # a row without its end may have lost its error
        (",", True),
        (',"a remark in two\nlines', True),
        ("", False),
    ],
)
def test_a_row_that_a_kill_has_cut_off_is_asked_for_again(
    common: list[str], folder: Path, tmp_path: Path, cut: str, asked_again: bool
) -> None:
    # GIVEN a table whose writer was killed in its last row
    out = tmp_path / "out.csv"
    arguments = ("extract", str(folder), "--fields", _FIELDS, "--csv", str(out), *common)
    assert catnap(*arguments).code == 0
    content = out.read_bytes().decode()
    if cut.startswith(',"'):
        out.write_bytes(content[: content.rindex("b.pdf")].encode() + f"b.pdf{cut}".encode())
    elif cut:
        out.write_bytes(content[: content.rindex(cut)].encode())
    # WHEN the same command comes again THEN the table is whole, with each document once
    again = catnap(*arguments)
    assert again.code == 0, again.err
    assert ("1 of 1: b.pdf: done" in again.err) is asked_again
    rows = _rows(out.read_text("utf-8"))
    assert [row[0] for row in rows[1:]] == ["a.txt", "b.pdf"] and {len(row) for row in rows} == {7}


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("cc") is None, reason="needs a library that kills")
def test_killed_at_any_change_to_the_table_the_same_command_goes_on(
    common: list[str], folder: Path, tmp_path: Path
) -> None:
    # GIVEN a verb that is killed at its first change to the table, then at its second, and so on
    library = compile_library(tmp_path)
    kept = tmp_path / "kept"
    kept.mkdir()
    out = kept / "out.csv"
    arguments = ["extract", str(folder), "--fields", _FIELDS, "--csv", str(out), *common]
    rows: list[str] = []
    for at in range(1, 30):
        killing = {"LD_PRELOAD": str(library), "CATNAP_DIE_WORDS": str(kept), "CATNAP_DIE_AT": str(at)}
        done = catnap(*arguments, env={**killing, "CATNAP_DIE_REPORT": "-1"})
        before = rows
        if out.exists():
            # THEN what was done is there, in rows that are whole
            content = out.read_text("utf-8")
            whole = content[: content.rindex("\n") + 1] if "\n" in content else ""
            rows = [row[0] for row in _rows(whole)[1:]]
            assert set(before) <= set(rows) <= {"a.txt", "b.pdf"}
        if done.code == 0:
            break
    assert sorted(rows) == ["a.txt", "b.pdf"] and done.code == 0 and at > 3


def test_ctrl_c_keeps_the_rows_and_the_same_command_goes_on(
    common: list[str], folder: Path, tmp_path: Path, endless_parrot_model: Path
) -> None:
    # GIVEN documents that take a while
    out = tmp_path / "out.csv"
    for number in range(3):
        (folder / f"c{number}.txt").write_text("words " * 200)
    common[-1] = str(endless_parrot_model)
    arguments = ["extract", str(folder), "--fields", "a, b, c, d", "--csv", str(out), *common]
    process = start(arguments)
    # WHEN Ctrl+C is pressed after the first row was said
    assert process.stderr is not None
    line = process.stderr.readline()
    assert b"1 of 5: a.txt" in line
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=PATIENCE_S)[1].decode()
    # THEN what was done stays
    assert process.returncode == 130
    assert "of 5 documents; the same command goes on" in rest
    kept = _rows(out.read_text("utf-8"))[1:]
    assert 1 <= len(kept) < 5 and kept[0][0] == "a.txt"
    # AND the same command does the others
    assert catnap(*arguments).code == 0
    names = [row[0] for row in _rows(out.read_text("utf-8"))[1:]]
    assert sorted(names) == ["a.txt", "b.pdf", "c0.txt", "c1.txt", "c2.txt"]


def test_a_document_that_does_not_fit_is_asked_about_in_parts(common: list[str], tmp_path: Path) -> None:
    file = tmp_path / "long.txt"
    file.write_text("\n".join(f"Line {number} of a long text." for number in range(150)))
    done = catnap("extract", str(file), "--fields", "name", "--ctx", "1024", "--json", *common)
    assert done.code == 0, done.err
    row = done.json["rows"][0]
    assert row["parts"] > 2 and row["not_found_in_the_text"] == ["name"]


def test_nought_is_automatic_as_in_the_settings(common: list[str], folder: Path) -> None:
    (folder.parent / "data").mkdir()
    (folder.parent / "data" / "settings.json").write_text('{"version": 1, "values": {"n_ctx": 256}}')
    arguments = ("extract", str(folder / "a.txt"), "--fields", _FIELDS, *common)
    refused, done = catnap(*arguments), catnap(*arguments, "--ctx", "0")
    assert refused.code == 1 and done.code == 0, (refused.err, done.err)


def test_stdout_and_json(common: list[str], folder: Path) -> None:
    done = catnap("extract", str(folder / "a.txt"), "--fields", _FIELDS, *common)
    assert done.code == 0 and [len(row) for row in _rows(done.out)] == [7, 7]
    told = catnap("extract", str(folder / "a.txt"), "--fields", _FIELDS, "--json", *common)
    assert set(told.json["rows"][0]["values"]) == {"name", "total", "paid"}


def test_another_file_is_not_written_over(common: list[str], folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("my,own,table\r\n1,2,3\r\n")
    arguments = ("extract", str(folder / "a.txt"), "--fields", _FIELDS, "--csv", str(out), *common)
    done = catnap(*arguments)
    assert done.code == 1 and "other columns" in done.err and "--force" in done.err
    assert out.read_text().startswith("my,own")
    assert catnap(*arguments, "--force").code == 0
    assert out.read_text("utf-8-sig").startswith("document,name")


def test_fields_from_a_file(common: list[str], folder: Path, tmp_path: Path) -> None:
    lines = tmp_path / "fields.txt"
    lines.write_text("\u516c\u53f8\uff1a\u6587\u5b57\n\u91d1\u989d\uff1a\u6570\u5b57\n", "utf-8")
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"properties": {"who": {"type": "string"}}, "required": ["who"]}))
    for file, names in ((lines, {"\u516c\u53f8", "\u91d1\u989d"}), (schema, {"who"})):
        done = catnap("extract", str(folder / "a.txt"), "--fields", str(file), "--json", *common)
        assert done.code == 0, done.err
        assert set(done.json["rows"][0]["values"]) == names


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nothing-there", "--fields", "a"], 1, "nothing-there"),
        ([".", "--fields", "a: colour"], 1, "is no field"),
        ([".", "--fields", ""], 2, "empty"),
        (["."], 2, "--fields"),
        (["--fields", "a"], 2, "FOLDER"),
    ],
)
def test_wrong_usage_is_a_sentence(common: list[str], arguments: list[str], code: int, words: str) -> None:
    done = catnap("extract", *arguments, *common)
    assert done.code == code and words in done.err and "Traceback" not in done.err


def test_an_empty_folder_and_a_table_that_cannot_be_written(common: list[str], folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = catnap("extract", str(empty), "--fields", "a", *common)
    assert done.code == 1 and "There is no document" in done.err
    nowhere = catnap("extract", str(folder), "--fields", "a", "--csv", str(tmp_path / "no" / "out.csv"), *common)
    assert nowhere.code == 1 and "cannot be written" in nowhere.err
    itself = catnap("extract", str(folder), "--fields", "a", "--csv", str(folder), *common)
    assert itself.code == 1 and "cannot be written" in itself.err


def test_a_real_model_fills_in_what_the_text_says(folder: Path, tmp_path: Path) -> None:
    (folder / "a.txt").write_text("INVOICE\nFrom: Miller & Sons Ltd.\nDate: 17 April 2023\nTotal: 1,250.40 EUR")
    done = catnap(
        *("extract", str(folder / "a.txt"), "--fields", "total: number, date: date", "--json"),
        *("--data-dir", str(tmp_path), "--model", str(smollm2())),
    )
    assert done.code == 0, done.err
    assert done.json["rows"][0]["values"] == {"total": 1250.4, "date": "2023-04-17"}
    assert done.json["rows"][0]["not_found_in_the_text"] == []
