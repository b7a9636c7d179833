"""Amounts and dates as documents write them, and whether a document says a value."""

from __future__ import annotations

import pytest

from desktop.engine.schema.nodes import Value
from desktop.structured.fields import Field, FieldKind
from desktop.structured.reading import is_in_text, read_date, read_number, understood


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("EUR 1,250.40", 1250.4),
        ("1.250,40 \u20ac", 1250.4),
        ("1,250", 1250),
        ("1.250.000", 1250000),
        ("12 000", 12000),
        ("12\u00a0000,5", 12000.5),
        ("1'250.40 CHF", 1250.4),
        ("3.14", 3.14),
        ("3,5 kg", 3.5),
        ("0.125", 0.125),
        ("-7 \u00b0C", -7),
        ("\u22127", -7),
        ("(340)", -340),
        ("\uff11\uff12\uff0e\uff15", 12.5),
        ("\u4e09\u767e\u4e8c\u5341\u5143", 320),
        ("340 pounds", 340),
        ("none", None),
        ("", None),
        ("9" * 400, None),
    ],
)
def test_numbers(text: str, number: float | None) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-04-17", "2023-04-17"),
        ("12 March 2024 at 10:30", "2024-03-12"),
        ("March 12, 2024", "2024-03-12"),
        ("17.04.2023", "2023-04-17"),
        ("2024\u5e743\u670812\u65e5", "2024-03-12"),
        ("2024/3/12", "2024-03-12"),
        ("3/4/2024", None),
        ("31.2.2024", None),
        ("12 March", None),
        ("tomorrow", None),
    ],
)
def test_dates(text: str, day: str | None) -> None:
    found = read_date(text)
    assert (found.isoformat() if found is not None else None) == day


@pytest.mark.parametrize(
    ("kind", "written", "expected"),
    [
        (FieldKind.TEXT, " Anna  Brandt", True),
        (FieldKind.TEXT, "anna brandt", True),
        (FieldKind.TEXT, "Anna Bra", False),
        (FieldKind.TEXT, "Lisa", False),
        (FieldKind.TEXT, "", None),
        (FieldKind.NUMBER, "1,250.40", True),
        (FieldKind.NUMBER, "250", False),
        (FieldKind.NUMBER, "1250.4", True),
        (FieldKind.WHOLE, "1", False),
        (FieldKind.DATE, "2024-03-12", True),
        (FieldKind.DATE, "2024-03-13", False),
        (FieldKind.LIST, ["Tom", "Jun"], True),
        (FieldKind.LIST, ["Tom", "Eve"], False),
        (FieldKind.CHOICE, "open", None),
        (FieldKind.YES_NO, True, None),
        (FieldKind.TEXT, "\u5f20\u4e09", True),
        (FieldKind.TEXT, None, None),
    ],
)
def test_whether_the_document_says_it(kind: FieldKind, written: Value, expected: bool | None) -> None:
    text = (
        "| **Anna\nBrandt** | Total: 1,250.40 EUR | 12 March 2024 |\n"
        "Present: Tom, Jun. \u8054\u7cfb\u4eba\uff1a\u5f20\u4e09\u3002"
    )
    assert is_in_text(Field("a", kind), written, text) is expected


def test_what_is_understood() -> None:
    assert understood(Field("a", FieldKind.WHOLE), "12 pieces") == 12
    assert understood(Field("a", FieldKind.WHOLE), "12.5") is None
    assert understood(Field("a", FieldKind.DATE), "on 12 March 2024") == "2024-03-12"
    assert understood(Field("a", FieldKind.TEXT), ' "Trek" ') == "Trek"
    assert understood(Field("a", FieldKind.LIST), [" a", " "]) == ["a"]
    assert understood(Field("a", FieldKind.YES_NO), False) is False
    assert understood(Field("a"), None) is None
