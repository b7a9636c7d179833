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
| Footrest | 28.00 | 5 |

[page 2]
The plumber, Mr Ferri, comes on Monday; the painter, Ms Ode, rinsed the tank in 1987.
Dear painter and Aunt Rosa,

- Rinse the tank twice
- Descale the kettle every
  three months
- The rent has been raised by 18 percent, so a roll costs 45 cents.

图书馆星期天休息。借书卡每年十二元。
"""


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who keeps the keys?", "Mr. Brandt keeps the keys."),
        ("Which card is for a year?", "A card costs 12 euros a year; pupils pay nothing."),
        # a row with its columns, or those alone that are asked for
        ("Where is the desk lamp?", "Desk lamp: Price is 34.90; In stock is 12."),
        ("How many desk lamps are in stock?", "Desk lamp: In stock is 12."),
        ("Price of the office chair", "Office chair: Price is 189.00."),
        ("What does a footrest cost?", "Footrest: Price is 28.00."),
        ("Which product has five in stock?", "Footrest: In stock is 5."),
        # of a figure, a time, a price or a name the clause that has it
        ("What does a card cost?", "A card costs 12 euros a year"),
        ("What is the plumber's name?", "The plumber, Mr Ferri, comes on Monday"),
        ("By how much was the rent raised?", "The rent has been raised by 18 percent"),
        # what has it goes before what has as many words, and before a salutation
        ("Who is the painter?", "the painter, Ms Ode, rinsed the tank in 1987."),
        ("When was the tank rinsed?", "the painter, Ms Ode, rinsed the tank in 1987."),
        ("Does Aunt Rosa pay rent for the roll?", "The rent has been raised by 18 percent, so a roll costs 45 cents."),
        # another form of a word, in an item of a list
        ("How often should it be descaled?", "Descale the kettle every three months"),
        # where no sentence has what is asked for, the text does not say it
        ("What does the plumber cost?", ""),
        ("How long is the kettle?", "Descale the kettle every three months"),
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
