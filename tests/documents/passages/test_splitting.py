"""How documents are cut into passages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.documents.passages.contents import tables_of_contents
from desktop.documents.passages.splitting import split_into_passages, weight_of
from desktop.documents.types import Document, DocumentKind, Part, PartKind

_LONGEST = 820  # a heading may join what is full without it


def _document(*texts: str, kind: DocumentKind = DocumentKind.MARKDOWN, part: PartKind = PartKind.PAGE) -> Document:
    parts = tuple(Part(part, number, "", text) for number, text in enumerate(texts, start=1))
    return Document("file", kind, parts)


_SENTENCE = "The cat sleeps on the roof of the house, and nobody minds it at all. "
_CHINESE = "猫在屋顶上睡觉，谁也不介意。"


@given(st.lists(st.text("ab猫。. \n|#-`1", max_size=3000), min_size=1, max_size=3))
def test_every_word_is_in_one_passage_and_its_place_is_exact(texts: list[str]) -> None:
    # GIVEN any text
    document = _document(*texts)
    # WHEN it is cut
    passages = split_into_passages(document)
    # THEN each passage is what stands at its place, and together they leave out nothing but blanks
    for part in document.parts:
        end = 0
        for passage in (each for each in passages if each.part == part.number):
            assert passage.text.endswith(part.text[passage.start : passage.end])
            assert passage.start >= end
            assert not part.text[end : passage.start].strip()
            end = passage.end
        assert not part.text[end:].strip()


@pytest.mark.parametrize(
    "text", [_SENTENCE * 200, _CHINESE * 200, (_SENTENCE + _CHINESE) * 200, "x" * 9000, "猫" * 9000]
)
def test_a_long_paragraph_is_cut_into_pieces_that_a_small_model_reads_well(text: str) -> None:
    passages = split_into_passages(_document(text))
    assert all(weight_of(passage.text) <= _LONGEST for passage in passages)
    assert sum(weight_of(passage.text) for passage in passages) / len(passages) > 450
    if text[-1] in "。 ":
        assert all(passage.text.rstrip()[-1] in ".。" for passage in passages)


def test_a_section_begins_a_passage_and_names_it() -> None:
    text = f"# Cats\n\n{_SENTENCE * 4}\n\n## Food\n\n{_SENTENCE * 4}\n\nFish."
    first, second = split_into_passages(_document(text))
    assert (first.heading, second.heading) == ("Cats", "Food")
    assert second.text.startswith("## Food") and second.text.endswith("Fish.")


@pytest.mark.parametrize(
    "heading",
    ["3.2.1. Boot Media", "2.4 Drives", "第三章 安装", "第 12 条 年假", "一、总则", "Chapter 4. Cats", "附录 A 费用"],
)
def test_numbered_headings_are_told_where_nothing_marks_them(heading: str) -> None:
    text = f"{_SENTENCE * 4}\n\n{heading}\n\n{_SENTENCE * 4}"
    assert [each.heading for each in split_into_passages(_document(text, kind=DocumentKind.TEXT))] == ["", heading]


@pytest.mark.parametrize("line", ["3.5 litres of water are enough.", "# a remark", "2024. That was a year."])
def test_lines_within_text_are_no_headings(line: str) -> None:
    text = f"{_SENTENCE * 4}\n{line}\n{_SENTENCE * 4}"
    assert all(not each.heading for each in split_into_passages(_document(text, kind=DocumentKind.TEXT)))


def test_remarks_in_code_are_no_headings() -> None:
    code = "# a remark\n\nx = 1\n" * 60
    assert not any(each.heading for each in split_into_passages(_document(code, kind=DocumentKind.CODE)))
    fenced = f"# Usage\n\n```\n{code}\n```"
    assert {each.heading for each in split_into_passages(_document(fenced))} == {"Usage"}


def test_rows_of_a_table_keep_its_head() -> None:
    # GIVEN a table that is too long for one passage
    head = "| item | price | stock |\n| --- | --- | --- |\n"
    text = head + "\n".join(f"| thing number {number} | {number} EUR | {number * 3} |" for number in range(200))
    # WHEN it is cut
    passages = split_into_passages(_document(text, part=PartKind.SHEET))
    # THEN each passage is a table that can be read alone, of whole rows
    assert len(passages) > 5
    for passage in passages:
        assert passage.text.startswith(head)
        assert all(line.startswith("| ") and line.endswith(" |") for line in passage.text.splitlines()[2:])
        assert weight_of(passage.text) <= _LONGEST
    assert passages[1].text == head + text[passages[1].start : passages[1].end]


def test_what_a_page_begins_with_stands_below_the_heading_of_the_page_before() -> None:
    first, second = split_into_passages(_document("2.4 Drives\n" + _SENTENCE * 3, _SENTENCE * 3, kind=DocumentKind.PDF))
    assert (first.part, second.part, second.heading) == (1, 2, "2.4 Drives")


def test_a_sheet_is_a_heading() -> None:
    document = Document(
        "f", DocumentKind.WORKBOOK, (Part(PartKind.SHEET, 1, "Prices", "| a | b |\n| - | - |\n| 1 | 2 |"),)
    )
    assert [each.heading for each in split_into_passages(document)] == ["Prices"]


@pytest.mark.parametrize("between", [" . . . . . . ", " ", "....", "\t"])
def test_a_table_of_contents_is_told(between: str) -> None:
    # GIVEN a document that lists its sections in front
    titles = [
        f"{chapter}.{section} About {word}" for chapter in range(1, 5) for section, word in enumerate(_WORDS, start=1)
    ]
    contents = "\n".join(f"{title}{between}{page}" for page, title in enumerate(titles, start=1))
    body = "\n\n".join(f"{title}\n\n{_SENTENCE * 4}" for title in titles)
    passages = split_into_passages(_document(contents, body, kind=DocumentKind.PDF))
    # THEN what lists them is told from what they say
    told = tables_of_contents(passages)
    assert told and {passages[place].part for place in told} == {1}
    assert {place for place, passage in enumerate(passages) if passage.part == 1} == set(told)


def test_a_list_of_things_is_no_table_of_contents() -> None:
    prices = "\n".join(f"{number}. Thing {number} . . . . {number * 7}" for number in range(1, 60))
    passages = split_into_passages(_document(prices, prices, kind=DocumentKind.TEXT))
    assert not tables_of_contents(passages)


_WORDS = ("cats", "dogs", "birds", "fish")
