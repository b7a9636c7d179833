"""Which sentence of a text a question is about."""

from __future__ import annotations

import pytest

from desktop.documents.closest import closest_sentence

_NOTE = """The library opens at 9. Mr. Brandt keeps the keys.
A card costs 12 euros a year; pupils
pay nothing.

| Product | Price | In stock |
| --- | --- | --- |
| Desk lamp | 34.90 | 12 |
| Office chair | 189.00 | |

图书馆星期天休息。借书卡每年十二元。
"""


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who keeps the keys?", "Mr. Brandt keeps the keys."),
        ("What does a card cost?", "A card costs 12 euros a year; pupils pay nothing."),
        ("How many desk lamps are there?", "Product Desk lamp: Price 34.90, In stock 12."),
        ("Price of the office chair", "Product Office chair: Price 189.00."),
        ("图书馆星期几休息？", "图书馆星期天休息。"),
        ("借书卡多少钱？", "借书卡每年十二元。"),
        ("Is there a zebra?", ""),
        ("", ""),
    ],
)
def test_it_finds_the_sentence(question: str, expected: str) -> None:
    assert closest_sentence(_NOTE, question) == expected


def test_nothing_is_found_in_nothing_and_a_wall_of_text_is_not_repeated() -> None:
    assert closest_sentence("", "Where?") == ""
    assert closest_sentence("cat " * 1000, "Where is the cat?") == ""
    assert closest_sentence("| a |\n| --- |\n| |\n||", "a?") in ("", "a.")
