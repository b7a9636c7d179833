"""Numbers and dates in headers, by property: strict, bounded, and never an exception."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desktop.models.download.headers import content_range, retry_after, strong_etag, unsatisfied_range, whole_number
from tests.support.properties import PROPERTY

_MOST = 10**15 - 1
_ANYTHING = st.text(max_size=80) | st.from_regex(r"bytes [-+0-9٠-٩*]{0,30}[-/][-+0-9*]{0,30}/[-+0-9*]{0,30}")


@PROPERTY
@given(st.integers(0, _MOST))
def test_a_number_is_what_it_says(number: int) -> None:
    assert whole_number(str(number)) == number
    assert whole_number(f" {number} ") == number


@pytest.mark.parametrize(
    "text", ["", "-1", "+5", "1.0", "1e3", "0x10", "1_000", "٣", "５", "1 2", "9" * 16, "9" * 6000, "1\n2", "nan"]
)
def test_what_is_no_number(text: str) -> None:
    assert whole_number(text) is None


@PROPERTY
@given(st.integers(0, _MOST), st.integers(0, _MOST), st.none() | st.integers(0, _MOST))
def test_a_range_is_what_it_says_or_nothing(first: int, last: int, total: int | None) -> None:
    found = content_range(f"bytes {first}-{last}/{'*' if total is None else total}")
    makes_sense = first <= last and (total is None or last < total)
    assert found == ((first, last, total) if makes_sense else None)


@PROPERTY
@given(_ANYTHING)
@example(f"bytes 0-{'9' * 5000}/{'9' * 5000}")
@example("bytes -5-5/10")
@example("bytes +0-5/10")
@example("bytes ٠-٥/١٠")
def test_a_range_never_lies_outside_of_its_file(text: str) -> None:
    found = content_range(text)
    if found is not None:
        first, last, total = found
        assert 0 <= first <= last <= _MOST and (total is None or last < total)
    size = unsatisfied_range(text)
    assert size is None or 0 <= size <= _MOST


@PROPERTY
@given(st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,9} \d\d:\d\d:\d\d [A-Z]{3}"))
@example("1e999")
@example("-5")
@example("Fri, 31 Dec 99999 23:59:59 GMT")
@example("9" * 6000)
@example("Sun, 06 Nov 1994 08:49:37 -9999")
def test_a_wait_is_bounded(text: str) -> None:
    assert 0.0 <= retry_after(text, 30.0) <= 30.0


def test_a_wait_in_either_form() -> None:
    assert retry_after("7", 30.0) == 7.0
    assert retry_after("7000", 30.0) == 30.0
    assert 1.0 < retry_after(formatdate(time.time() + 15, usegmt=True), 30.0) <= 15.0
    assert retry_after(formatdate(0, usegmt=True), 30.0) == 0.0


@PROPERTY
@given(st.text(max_size=300))
def test_an_etag_can_be_sent_back(text: str) -> None:
    for etag in (text, f'"{text}"'):
        if strong_etag(etag) is not None:
            assert etag.isascii() and etag.isprintable() and "\n" not in etag
