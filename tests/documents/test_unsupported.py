"""What an answer says that its text does not."""

from __future__ import annotations

import time

import pytest

from desktop.documents.unsupported import unsupported

_TEXT = (
    "Clara Whitfield was born in Leeds in 1901. Her house cost 2,340 pounds. The train leaves at 09:05. 价格是189元。"
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("She was born in Leeds in 1901.", ()),
        ("It cost 2340 pounds.", ()),
        ("The price is $2.50, or 2.50 euros.", ("2.50",)),
        ("Her husband was Malcolm Whitfield from London.", ("Malcolm", "London")),
        ("Malcolm was her husband.", ()),  # the first word of a sentence may be any
        ("At 9:05.", ()),
        ("价格是１８９元。", ()),
        ("价格是200元。", ("200",)),
        ("", ()),
        ("1 2 3 4 5 6 7 8 10 11", ("1", "2", "3", "4", "5", "6", "7", "8")),
        ("1. Leeds\n2. A house\n3) A train", ()),  # the numbers of a list
        ("- Born in 1901\n- Married to nobody\n## Summary of it\n> Leeds", ()),
        ("| Name | Price |\n| --- | --- |\n| Clara | 2.340 |", ()),
        ("About CLARA, and clara, and Clar.", ("Clar",)),
        ("It cost 340 or 234 or 02340 pounds, or 1902340.", ("340", "234", "1902340")),
        ("It cost 0 pounds, or 0.00, and left at 9:50.", ("0", "0.00", "9:50")),
        ("It is number " + "7" * 50 + ".", ("7" * 39 + "…",)),
    ],
)
def test_figures_and_names_that_stand_nowhere(answer: str, expected: tuple[str, ...]) -> None:
    assert unsupported(answer, _TEXT, "What?") == expected


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("It is Clara.", "住在这里的是Clara小姐。"),  # no spaces around a name
        ("It is Clara.", "Ｃｌａｒａ"),
        ("It is ＣＬＡＲＡ, so Clara.", "clara"),
        ("About 0.50 or 0,5 or 00.", "from 0.50 to 0.5 and 0"),
        ("Of 2024-05-01.", "2024年5月1日"),
        ("Version 1.2.3", "version 1.2.3."),
    ],
)
def test_another_spelling_is_the_same(answer: str, text: str) -> None:
    assert unsupported(answer, text, "What?") == ()


@pytest.mark.parametrize(
    "line", ["The rent is 2,340.50 a month, says Clara. ", "租金每月１２元，Clara说。", "2.75,10.05,0.10\n"]
)
def test_a_book_holds_nobody_up(line: str) -> None:
    # GIVEN a text of 400 kB, and an answer of which nothing is in it
    text = line * (400_000 // len(line.encode()))
    answer = "It costs 9.99 or 7712, says Bartholomew or Ann."
    # WHEN it is looked for THEN the thread is held up for less than a picture or two; 3 to 9 ms where this was written
    spent = []
    for _ in range(5):
        began = time.thread_time()
        assert unsupported(answer, text, "What?") == ("9.99", "7712", "Bartholomew", "Ann")
        spent.append(time.thread_time() - began)
    assert min(spent) < 0.03
