"""Documents as they are once they were read, for the tests of what shows them."""

from __future__ import annotations

from desktop.documents.types import Document, DocumentKind, Note, NoteKind, Part, PartKind

_SENTENCE = "The meeting of the house is on Tuesday at half past six, in the room above the bakery. "


def handbook(pages: int) -> Document:
    """Returns a PDF of some pages, each with some lines."""
    parts = tuple(
        Part(
            PartKind.PAGE,
            number,
            "",
            f"{number}. Heating\n\nPage {number} says nothing else.\n" + f"{_SENTENCE}\n" * 12,
        )
        for number in range(1, pages + 1)
    )
    return Document("handbook.pdf", DocumentKind.PDF, parts, (Note(NoteKind.PICTURES, "4, 7"),))


def prices() -> Document:
    """Returns a workbook of two sheets with tables."""
    rows = "\n".join(f"| Basket {number} | {number * 3}.50 | warm \\| soft 🐈 |" for number in range(300))
    table = f"# Prices\n\n| Item | Price | Remark |\n| --- | --- | --- |\n{rows}"
    sheets = (Part(PartKind.SHEET, 1, "Prices", table), Part(PartKind.SHEET, 2, "Dates", table))
    return Document("prices.xlsx", DocumentKind.WORKBOOK, sheets)


def huge_document(kind: str = "text") -> Document:
    """Returns one of four million characters: of lines, of small cells, or of five thousand pages."""
    if kind == "table":
        text = "| a | b | c |\n| --- | --- | --- |\n" + "| 1 | 22 | 333 |\n" * 220_000
        return Document("huge.csv", DocumentKind.TABLE, (Part(PartKind.WHOLE, 1, "", text),))
    if kind == "pages":
        parts = tuple(Part(PartKind.PAGE, number, "", _SENTENCE * 9) for number in range(1, 5001))
        return Document("huge.pdf", DocumentKind.PDF, parts)
    text = "".join(f"{number} {_SENTENCE}\n" for number in range(43_000))
    return Document("huge.txt", DocumentKind.TEXT, (Part(PartKind.WHOLE, 1, "", text),))
