"""Values as a document writes them, understood: amounts and dates by code, since a model turns them into others."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from desktop.engine.schema.nodes import Value
from desktop.functions.dates.reading import read as read_written_date
from desktop.functions.numerals import chinese_value, fold
from desktop.structured.fields import Field, FieldKind

_NUMBER: Final = re.compile(r"[-\u2212(]?\s?[\d.,'\u2019\u00a0\u202f ]*\d")
_CHINESE_NUMBER: Final = re.compile(
    "[\u96f6\u3007\u4e00\u4e8c\u4e24\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341\u767e\u5343\u4e07\u4ebf\u70b9]+"
)
_DATES: Final = (
    re.compile(r"\d{4}-\d{1,2}-\d{1,2}"),
    re.compile("\\d{4}\\s?\u5e74\\s?\\d{1,2}\\s?\u6708\\s?\\d{1,2}\\s?[\u65e5\u53f7]"),
    re.compile(r"\d{1,2}(?:st|nd|rd|th)?\.?\s+(?:of\s+)?[A-Za-z]{3,9}\.?,?\s+\d{4}"),
    re.compile(r"[A-Za-z]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}"),
    re.compile(r"\d{1,4}[./]\d{1,2}[./]\d{1,4}"),
)
_POINTED: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_MOST_DIGITS: Final = 15
_YEAR: Final = date(2000, 1, 1)  # the year of a date that leaves it out is not known, and is not guessed


def understood(field: Field, written: Value) -> Value:
    """Returns what a value means that was copied from a document; None: nothing was, or nobody can say.

    Args:
        field: What it stands for.
        written: As it was copied.
    """
    if written is None:
        return None
    if isinstance(written, list):
        return [text for each in written if (text := _tidied(str(each)))]
    if not isinstance(written, str):
        return written
    text = _tidied(written)
    if not text:
        return None
    match field.kind:
        case FieldKind.NUMBER:
            return read_number(text)
        case FieldKind.WHOLE:
            number = read_number(text)
            return int(number) if number is not None and float(number).is_integer() else None
        case FieldKind.DATE:
            day = read_date(text)
            return None if day is None else day.isoformat()
        case _:
            return text


def read_number(text: str) -> float | int | None:
    """Returns the first number in a text: "EUR 1,250.40", "1.250,40", "12 000", "\u4e09\u767e"; None: there is none.

    Where one sign alone stands before three digits it parts thousands: "1,250" is more often written than 1.25.
    """
    text = fold(text)
    found = _NUMBER.search(text)
    if found is None:
        chinese = _CHINESE_NUMBER.search(text)
        value = chinese_value(chinese.group()) if chinese is not None else None
        return None if value is None else int(value) if value.denominator == 1 else float(value)
    digits = re.sub(r"[^\d.,]", "", found.group()).strip(".,")
    decimal = _decimal_sign(digits)
    whole, _, fraction = digits.rpartition(decimal) if decimal else (digits, "", "")
    whole = re.sub(r"\D", "", whole) or "0"
    if len(whole) > _MOST_DIGITS or len(fraction) > _MOST_DIGITS:
        return None
    sign = (
        -1 if found.group()[0] in "-\u2212" or (found.group()[0] == "(" and text[found.end() :].startswith(")")) else 1
    )
    return sign * (float(f"{whole}.{fraction}") if fraction else int(whole))


def _decimal_sign(digits: str) -> str:
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return max(".,", key=digits.rfind)
    sign = "." if points else "," if commas else ""
    is_alone = points + commas == 1
    thousands = not is_alone or re.fullmatch(r"[1-9]\d{0,2},\d{3}", digits) is not None
    return "" if thousands else sign


def read_date(text: str) -> date | None:
    """Returns the first date in a text; None: there is none, or one that could be two (3/4/2027)."""
    text = fold(text)
    for pattern in _DATES:
        found = pattern.search(text)
        if found is None:
            continue
        pointed = _POINTED.fullmatch(found.group())
        try:
            if pointed is not None:  # with points the day comes first, wherever dates are written so
                return date(int(pointed[3]), int(pointed[2]), int(pointed[1]))
            written = read_written_date(found.group(), _YEAR)
            if written is not None and written.year is not None and written.exists:
                return date(written.year, written.month, written.day)
        except ValueError:
            continue
    return None


def is_in_text(field: Field, written: Value, text: str) -> bool | None:
    """Tells whether a document says a value; None: that cannot be told, as of yes and no.

    Args:
        field: What it stands for.
        written: As the model has copied it.
        text: Of the document.
    """
    if written is None or field.kind is FieldKind.YES_NO:
        return None
    known = _folded(text)
    if isinstance(written, list):
        return all(_folded(str(each)) in known for each in written) if written else None
    said = _folded(str(written))
    if not said:
        return None
    if _stands_alone(said, known) or _has_value(field, str(written), text):
        return True
    if field.kind is FieldKind.CHOICE:
        return None  # its words are the form's and not the document's
    return False


def place_in(field: Field, written: str, text: str) -> tuple[int, int] | None:
    """Returns where a text says a value: its first character and what follows the last; None: it does not.

    Args:
        field: What it stands for.
        written: As the model has copied it.
        text: Of the document, or of a part of it.
    """
    words = fold(written).split()
    if words:
        pattern = r"[\s|*_`#\"']+".join(map(re.escape, words))
        before = r"(?<![A-Za-z\d])(?<!\d[.,])" if words[0][0].isascii() and words[0][0].isalnum() else ""
        behind = r"(?![A-Za-z\d])(?![.,]\d)" if words[-1][-1].isascii() and words[-1][-1].isalnum() else ""
        found = re.search(f"{before}{pattern}{behind}", fold(text), re.IGNORECASE)
        if found is not None:
            return found.span()
    value = understood(field, written)
    if value is None or field.kind not in (FieldKind.NUMBER, FieldKind.WHOLE, FieldKind.DATE):
        return None
    patterns = _DATES if field.kind is FieldKind.DATE else (_NUMBER,)
    places = (each for pattern in patterns for each in pattern.finditer(fold(text)))
    found = next((each for each in places if understood(field, each.group()) == value), None)
    return None if found is None else (found.end() - len(found.group().lstrip()), found.end())


def _has_value(field: Field, written: str, text: str) -> bool:
    """Tells whether a text writes the same amount or day in another way."""
    text = fold(text)
    if field.kind in (FieldKind.NUMBER, FieldKind.WHOLE):
        number = read_number(written)
        return number is not None and any(read_number(each.group()) == number for each in _NUMBER.finditer(text))
    if field.kind is FieldKind.DATE:
        day = read_date(written)
        places = (each.group() for pattern in _DATES for each in pattern.finditer(text))
        return day is not None and any(read_date(each) == day for each in places)
    return False


def _stands_alone(said: str, known: str) -> bool:
    """Tells whether words stand in a text as such: 12 does not stand in 2012, nor 250 in 1,250."""
    before = r"(?<![a-z\d])(?<!\d[.,])" if said[0].isascii() and said[0].isalnum() else ""
    behind = r"(?![a-z\d])(?![.,]\d)" if said[-1].isascii() and said[-1].isalnum() else ""
    return re.search(f"{before}{re.escape(said)}{behind}", known) is not None


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[|*_`#\"\u201c\u201d\u2018\u2019']", " ", fold(text)).casefold().split()).strip(" .,;:")


def _tidied(text: str) -> str:
    return " ".join(text.split()).strip(" \"'\u201c\u201d")
