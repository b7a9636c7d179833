"""What an answer says that its text does not."""

from __future__ import annotations

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
        ("1 2 3 4 5 6 7 8", ("1", "2", "3", "4", "5")),
    ],
)
def test_figures_and_names_that_stand_nowhere(answer: str, expected: tuple[str, ...]) -> None:
    assert unsupported(answer, _TEXT, "What?") == expected
