"""A table that survives: each row is there whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.documents.types import Note, NoteKind
from desktop.extraction.kept import KeptTable, TableOrder
from desktop.extraction.rows import Row
from desktop.extraction.sources import Source, find_sources, library_sources
from desktop.structured.extraction import Finding
from desktop.structured.fields import parse_fields

FORM = parse_fields('name, total: number, tags: list, "quoted": yes/no?, 状态: choice(未付|已付)', "Bills")
ORDER = TableOrder(FORM, (Source(Path("/x/a.txt"), "a.txt"), Source(Path("/x/b.txt"), "b.txt")), "账单")
A = Row(
    "a.txt",
    {"name": Finding("Miller", True, "Miller"), "total": Finding(1.5), "tags": Finding(["x"], False, "x")},
    2,
    (Note(NoteKind.HIDDEN, "Sheet 2"),),
)
B = Row("b.txt", error=UserFacingError("It does not fit.", "{0} of {1}.", "Make room.", values=("3", "2")))


def told(row: Row) -> tuple[object, ...]:
    return (row.document, dict(row.found), [each.written for each in row.found.values()], row.remarks, row.error_words)


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    kept = KeptTable(tmp_path / "table.jsonl")
    assert kept.read() is None
    kept.begin(ORDER)
    assert kept.read() == (ORDER, {})
    for row in (A, B):
        kept.add(row)
    found = KeptTable(tmp_path / "table.jsonl").read()
    assert found is not None and found[0] == ORDER
    assert [told(row) for row in found[1].values()] == [told(A), told(B)]
    # an error can still be translated
    error = found[1]["b.txt"].error
    assert error is not None and (error.pattern, error.values) == ("{0} of {1}.", ("3", "2"))
    # and the last line of a document counts
    kept.add(Row("b.txt", {"name": Finding("Smith")}, 1))
    found = kept.read()
    assert found is not None and found[1]["b.txt"].error is None


def test_a_row_that_the_power_has_cut_off_takes_none_with_it(tmp_path: Path) -> None:
    file = tmp_path / "table.jsonl"
    kept = KeptTable(file)
    kept.begin(ORDER)
    kept.add(A)
    whole = file.read_bytes()
    for cut in range(len(whole) - 2, len(whole) - 40, -7):
        file.write_bytes(whole[:cut])
        found = kept.read()
        assert found is not None and found[1] == {}
        kept.add(Row("b.txt", {}, 1))
        found = kept.read()
        assert found is not None and list(found[1]) == ["b.txt"]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{}", b"[1]\n", b'{"version": 2}\n', b"\xff\xfe", b"{" * 100_000,
        b'{"version": 1, "title": "", "form": {"name": "", "fields": []}, "sources": []}\n',
    ],
)  # fmt: skip
def test_nonsense_is_no_table(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "table.jsonl"
    file.write_bytes(content)
    assert KeptTable(file).read() is None


@pytest.mark.parametrize(
    "line",
    [
        b"1", b"{}", b'{"document": "c.txt", "pieces": 1}', b'{"document": 1, "pieces": 1}',
        b'{"document": "a.txt", "pieces": 1, "found": {"name": ["x", 3, ""]}}',
        b'{"document": "a.txt", "pieces": 1, "found": {"name": [{}, true, ""]}}',
        b'{"document": "a.txt", "pieces": 1, "error": ["x", "{5}", "", ["a"]]}',
        b'{"document": "a.txt", "pieces": 1, "notes": [["nothing", ""]]}',
    ],
)  # fmt: skip
def test_lines_of_nonsense_are_passed_over(tmp_path: Path, line: bytes) -> None:
    kept = KeptTable(tmp_path / "table.jsonl")
    kept.begin(ORDER)
    with (tmp_path / "table.jsonl").open("ab") as stream:
        stream.write(line + b"\n")
    assert kept.read() == (ORDER, {})


def test_it_goes_when_it_is_erased_and_says_what_cannot_be_written(tmp_path: Path) -> None:
    kept = KeptTable(tmp_path / "table.jsonl")
    kept.erase()
    kept.begin(ORDER)
    kept.erase()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UserFacingError, match="cannot be kept"):
        KeptTable(tmp_path / "no" / "table.jsonl").begin(ORDER)


def test_which_documents_are_meant(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("b.txt", "a.pdf", ".hidden", "~$a.docx", "in/c.txt", "in/b.txt", "picture.png"):
        (tmp_path / name).touch()

    def names(found: list[Source]) -> list[str]:
        return [each.name for each in found]

    assert names(find_sources([tmp_path], recursive=False)) == ["a.pdf", "b.txt", "picture.png"]
    assert "in/c.txt" in names(find_sources([tmp_path], recursive=True))
    twice = find_sources([tmp_path / "b.txt", tmp_path / "in" / "b.txt", tmp_path / "b.txt"], recursive=False)
    assert names(twice) == ["b.txt", str(tmp_path / "in" / "b.txt")]
    assert names(library_sources(tmp_path, 9)) == ["a.pdf", "b.txt", "in/b.txt", "in/c.txt"]
    with pytest.raises(UserFacingError, match="too many"):
        find_sources([tmp_path], recursive=True, most=2)
    with pytest.raises(UserFacingError, match="too many"):
        library_sources(tmp_path, 2)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserFacingError, match="no document"):
        find_sources([], recursive=False)
    with pytest.raises(UserFacingError, match="no document"):
        library_sources(tmp_path / "empty", 9)
