"""Each format: what a person sees in the document is what its text says."""

from __future__ import annotations

import pytest

from desktop.common.errors import UserFacingError
from desktop.documents.types import DocumentKind, Limits, NoteKind, PartKind
from tests.documents.conftest import Read
from tests.support import documents as make
from tests.support.documents import cell, paragraph, row, shape


def test_pdf_keeps_its_pages(read: Read) -> None:
    document = read("a.pdf", make.pdf(["First page (one)\nsecond line", "", "Third page"]))

    assert document.kind is DocumentKind.PDF
    assert [(part.kind, part.number, part.text) for part in document.parts] == [
        (PartKind.PAGE, 1, "First page (one)\nsecond line"),
        (PartKind.PAGE, 3, "Third page"),
    ]
    assert document.notes == ()


def test_pdf_of_pictures_is_told(read: Read) -> None:
    with pytest.raises(UserFacingError, match="pictures of text only") as raised:
        read("scan.pdf", make.pdf(["", ""], picture_pages=(1, 2)))
    assert "OCR" in raised.value.remedy

    some = read("half.pdf", make.pdf(["words", "", "more"], picture_pages=(2,)))
    assert [(note.kind, note.value) for note in some.notes] == [(NoteKind.PICTURES, "2")]


def test_word(read: Read) -> None:
    heading = '<w:style w:styleId="H2"><w:name w:val="heading 2"/></w:style>'
    numbered = (
        '<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>'
    )
    item = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr>'
    body = (
        paragraph("Prices", '<w:pStyle w:val="H2"/>')
        + "<w:p><w:r><w:t>Bread </w:t></w:r><w:r><w:t>&amp; milk</w:t></w:r><w:del><w:r><w:delText>gone</w:delText>"
        '</w:r></w:del><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
        + paragraph("one", item.format(3))
        + paragraph("two", item.format(3))
        + paragraph("dot", item.format(9))
        + make.word_table([["Name", "Price"], ["Bread|white", "2.50"]])
    )
    notes = (
        '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>---</w:t></w:r></w:p></w:footnote>'
        f'<w:footnote w:id="2">{paragraph("Since May.")}</w:footnote>'
    )
    document = read("a.docx", make.docx(body, footnotes=notes, styles=heading, numbering=numbered))

    assert document.kind is DocumentKind.WORD
    assert [(part.kind, part.text) for part in document.parts] == [
        (
            PartKind.WHOLE,
            (
                "## Prices\n\nBread & milk[^2]\n\n1. one\n2. two\n- dot\n\n"
                "| Name | Price |\n| --- | --- |\n| Bread\\|white | 2.50 |\n\n[^2]: Since May."
            ),
        )
    ]


def test_word_has_the_pages_that_it_was_saved_with(read: Read) -> None:
    broken = "<w:p><w:r><w:t>end of one </w:t><w:lastRenderedPageBreak/><w:t>begin of two</w:t></w:r></w:p>"
    document = read("a.docx", make.docx(paragraph("one") + broken + paragraph("two")))

    assert [(part.kind, part.number, part.text) for part in document.parts] == [
        (PartKind.PAGE, 1, "one\n\nend of one"),
        (PartKind.PAGE, 2, "begin of two\n\ntwo"),
    ]


def test_word_merged_cells_say_their_text_once(read: Read) -> None:
    merged = (
        "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>" + paragraph("wide") + "</w:tc><w:tc>"
        "<w:tcPr><w:vMerge w:val='restart'/></w:tcPr>" + paragraph("tall") + "</w:tc></w:tr><w:tr><w:tc>"
        + paragraph("a") + "</w:tc><w:tc>" + paragraph("b") + "</w:tc><w:tc><w:tcPr><w:vMerge/></w:tcPr>"
        + paragraph("") + "</w:tc></w:tr></w:tbl>"
    )  # fmt: skip
    document = read("a.docx", make.docx(merged))

    assert document.parts[0].text == "| wide |  | tall |\n| --- | --- | --- |\n| a | b |  |"


def test_workbook_shows_what_its_cells_show(read: Read) -> None:
    styles = make.formats("0%", "#,##0.00 [$€-407]", "dd/mm/yyyy", "h:mm", '0.0" km"', "[h]:mm:ss", "$#,##0;($#,##0)")
    data = (
        row(1, cell("A1", 0, kind="s"), cell("B1", 1, kind="s"))
        + row(2, cell("A2", 0.256, style=1), cell("B2", 1234567.891, style=2))
        + row(3, cell("A3", 46082, style=3), cell("B3", 0.75, style=4))
        + row(4, cell("A4", 12.34, style=5), cell("B4", 1.5, style=6))
        + row(5, cell("A5", 0.1 + 0.2), cell("B5", 1, kind="b"))
        + row(6, cell("A6", "#DIV/0!", kind="e"), cell("B6", -1500, style=7))
    )
    book = make.xlsx({"Übersicht": data, "Secret": row(1, cell("A1", 1))}, styles=styles, strings=["Tag", "Wert"],
                     hidden=("Secret",))  # fmt: skip
    document = read("a.xlsx", book)

    assert [(part.kind, part.number, part.name) for part in document.parts] == [(PartKind.SHEET, 1, "Übersicht")]
    assert document.parts[0].text.split("\n") == [
        "| Tag | Wert |",
        "| --- | --- |",
        "| 26% | 1,234,567.89 € |",
        "| 2026-03-01 | 18:00 |",
        "| 12.3 km | 36:00:00 |",
        "| 0.3 | TRUE |",
        "| #DIV/0! | ($1,500) |",
    ]
    assert [(note.kind, note.value) for note in document.notes] == [(NoteKind.HIDDEN, "Secret")]


def test_workbook_with_a_cell_at_the_far_end(read: Read) -> None:
    far = row(1, cell("A1", 1), cell("B1", 2)) + row(1048576, cell("XFD1048576", 3))
    document = read("a.xlsx", make.xlsx({"One": far}))

    assert document.parts[0].text == "| 1 | 2 |\n| --- | --- |\n\n3"


def test_workbook_of_excel_97(read: Read) -> None:
    book = make.xls(
        {"Preise": [["Name", "Preis"], ["Brot 面包", 2.5], ["Milch", 3.0]], "Weg": [[1.0]]}, hidden=("Weg",)
    )
    document = read("a.xls", book)

    assert document.kind is DocumentKind.BINARY_WORKBOOK
    assert [(part.kind, part.name, part.text) for part in document.parts] == [
        (PartKind.SHEET, "Preise", "| Name | Preis |\n| --- | --- |\n| Brot 面包 | 2.5 |\n| Milch | 3 |")
    ]
    assert [note.value for note in document.notes] == ["Weg"]


def test_presentation(read: Read) -> None:
    table = (
        "<a:tbl><a:tr>"
        + "".join(f"<a:tc><a:p><a:r><a:t>{word}</a:t></a:r></a:p></a:tc>" for word in "ab")
        + "</a:tr></a:tbl>"
    )
    slides = [
        shape("Our plan", "ctrTitle")
        + shape("first\nsecond", "body")
        + shape("deep", "body", 1)
        + shape("3", "sldNum"),
        "hidden:" + shape("not shown", "title"),
        shape("Figures", "title") + shape("beside it") + table,
    ]
    document = read("a.pptx", make.pptx(slides, {1: "Speak slowly."}))

    assert [(part.kind, part.number, part.name, part.text) for part in document.parts] == [
        (PartKind.SLIDE, 1, "Our plan", "# Our plan\n\n- first\n- second\n  - deep\n\nNotes: Speak slowly."),
        (PartKind.SLIDE, 3, "Figures", "# Figures\n\nbeside it\n\n| a | b |\n| --- | --- |"),
    ]
    assert [note.value for note in document.notes] == ["2"]


def test_open_text(read: Read) -> None:
    body = (
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        '<text:h text:outline-level="2">Plan</text:h>'
        "<text:p>Two<text:s text:c='3'/>words<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>A note.</text:p></text:note-body></text:note></text:p>"
        "<text:list><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>inner</text:p>"
        "</text:list-item></text:list></text:list-item></text:list>"
        "<text:soft-page-break/><table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
    )
    document = read("a.odt", make.open_document("text", body))

    assert [(part.kind, part.number, part.text) for part in document.parts] == [
        (PartKind.PAGE, 1, "## Plan\n\nTwo   words[^1]\n\n- one\n  - inner\n\n[^1]: A note."),
        (PartKind.PAGE, 2, "| a | b |\n| --- | --- |"),
    ]


def test_open_sheets_and_slides(read: Read) -> None:
    def table(name: str, style: str) -> str:
        return (
            f'<table:table table:name="{name}" table:style-name="{style}"><table:table-row>'
            "<table:table-cell office:value='0.25'><text:p>25 %</text:p></table:table-cell>"
            "<table:table-cell table:number-columns-repeated='16382'/><table:table-cell><text:p>far</text:p>"
            "</table:table-cell></table:table-row><table:table-row table:number-rows-repeated='1048575'>"
            "<table:table-cell table:number-columns-repeated='16384'/></table:table-row></table:table>"
        )

    styles = '<style:style style:name="h"><style:table-properties table:display="false"/></style:style>'
    sheets = read("a.ods", make.open_document("spreadsheet", table("One", "v") + table("Two", "h"), styles=styles))
    slides = read("a.odp", make.open_document("presentation", "<drawing:page><text:p>Hello</text:p></drawing:page>"))

    assert [(part.kind, part.name, part.text) for part in sheets.parts] == [
        (PartKind.SHEET, "One", "| 25 % | far |\n| --- | --- |")
    ]
    assert [note.value for note in sheets.notes] == ["Two"]
    assert [(part.kind, part.number, part.text) for part in slides.parts] == [(PartKind.SLIDE, 1, "Hello")]


def test_book(read: Read) -> None:
    chapters = {
        "two%20b.xhtml": "<html><head><title>x</title></head><body><h1>Read first</h1><p>A &nbsp;b.</p></body></html>",
        "one.xhtml": "<html><body><p>No heading</p></body></html>",
        "gone.xhtml": "",
    }
    content = make.epub(chapters, more={"OEBPS/two b.xhtml": chapters["two%20b.xhtml"]})
    document = read("a.epub", content)

    assert [(part.kind, part.number, part.name, part.text) for part in document.parts] == [
        (PartKind.CHAPTER, 1, "Read first", "# Read first\n\nA b."),
        (PartKind.CHAPTER, 2, "", "No heading"),
    ]


def test_page_of_the_web(read: Read) -> None:
    source = """<!DOCTYPE html><html><head><title>Shop</title><style>p { color: red }</style></head><body>
        <script>alert("<p>no</p>")</script><p>Bread &amp; <b>milk</b><br>daily</p>
        <ul><li>one<ul><li>inner</ul><li>two</ul><ol><li>first<li>second</ol>
        <pre>if a:\n    b</pre>
        <table><tr><th>Name<th>Price<tr><td>Bread<td>2.50</table></body></html>"""
    document = read("a.html", source.encode())

    assert document.kind is DocumentKind.PAGE_OF_THE_WEB
    assert document.parts[0].text == (
        "# Shop\n\nBread & milk daily\n\n- one\n  - inner\n- two\n1. first\n2. second\n\n```\nif a:\n    b\n```\n\n"
        "| Name | Price |\n| --- | --- |\n| Bread | 2.50 |"
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'Name;Price\n"Bread; white";2,50\n', "| Name | Price |\n| --- | --- |\n| Bread; white | 2,50 |"),
        (b"a\tb\n1\t2\n", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        (b'a,b\n"two\nlines",x\n', "| a | b |\n| --- | --- |\n| two lines | x |"),
    ],
)
def test_table_of_values(read: Read, content: bytes, expected: str) -> None:
    assert read("a.csv", content).parts[0].text == expected


def test_text_in_another_encoding(read: Read) -> None:
    document = read("a.txt", "您好，这是一个文件。\n天气很好。".encode("gb18030"))

    assert (document.parts[0].text, document.language) == ("您好，这是一个文件。\n天气很好。", "zh")
    assert [str(note) for note in document.notes] == ["The file does not say how it is encoded; read as GB18030."]


def test_endings_are_not_believed(read: Read) -> None:
    assert read("a.txt", make.pdf(["words"])).kind is DocumentKind.PDF
    assert read("a.pdf", make.docx(paragraph("words"))).kind is DocumentKind.WORD
    assert read("a.doc", b"<html><body>words</body></html>").kind is DocumentKind.PAGE_OF_THE_WEB
    assert read("a.docx", b"words").parts[0].text == "words"
    assert read("a.py", b"print(1)\n").kind is DocumentKind.CODE
    assert read("A.MD", b"# words\n").kind is DocumentKind.MARKDOWN


def test_of_a_long_text_the_beginning_is_read(read: Read) -> None:
    limits = Limits(characters=1000)
    document = read("long.txt", "猫".encode() * 5000, limits)

    assert document.parts[0].text == "猫" * 1000
    assert [str(note) for note in document.notes] == ["Only the beginning was read: the first 1,000 characters."]


def test_of_many_pages_and_cells_the_first_are_read(read: Read) -> None:
    pages = read("many.pdf", make.pdf([f"page {number}" for number in range(1, 9)]), Limits(pages=3))
    cells = read(
        "many.xlsx", make.xlsx({"One": "".join(row(n, cell(f"A{n}", n)) for n in range(1, 99))}), Limits(cells=5)
    )

    assert [part.text for part in pages.parts] == ["page 1", "page 2", "page 3"]
    assert [str(note) for note in pages.notes] == ["Only the first 3 pages were read."]
    assert cells.parts[0].text == "1\n2\n3\n4\n5"
    assert [str(note) for note in cells.notes] == ["Only the first 5 cells were read."]
