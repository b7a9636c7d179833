"""What the first steps say: short, true, and in a person's words."""

from __future__ import annotations

import pytest

from desktop.engine.footprint import Fit
from desktop.lifecycle.expected_speed import SpeedRange
from desktop.lifecycle.first_choice import Computer, FirstChoice, Lack, Offer, Role
from desktop.lifecycle.memory_fit import Judgement
from desktop.ui.first_run.words import computer_words, expected_words, lack_words, offer_words
from tests.rigs.models import SMALL

COMPUTER = Computer(2, (), 4_000_000_000, 1_300_000_000, 31_000_000_000)


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        (10, 30, "Expect 8 to 25 words a second."),
        (2.2, 6, "Expect 2 to 5 words a second."),
        (7.4, 7.6, "Expect about 6 words a second."),
        (0.5, 6, "Expect 5 words a second at the most."),
        (0.2, 0.9, "Expect less than one word a second."),
    ],
)
def test_the_speed_is_a_range_that_claims_no_more_than_is_known(least: float, most: float, words: str) -> None:
    assert expected_words(SpeedRange(least, most), chinese=False) == words


def test_in_chinese_characters_are_counted() -> None:
    assert expected_words(SpeedRange(10, 30), chinese=True) == "Expect 12 to 35 words a second."


def test_what_the_computer_has_is_said_as_far_as_it_is_known() -> None:
    assert computer_words(COMPUTER) == (
        "This computer has 2 processor cores, 4 GB of memory, and 31 GB free on its disk."
    )
    unknown = Computer(1, (), 2_000_000_000, 1_000_000_000, None)
    assert computer_words(unknown) == "This computer has one processor core and 2 GB of memory."


@pytest.mark.parametrize(
    ("role", "fit", "begins"),
    [
        (Role.BEST, Fit.COMFORTABLE, "The best with room left for other programs."),
        (Role.BEST, Fit.TIGHT, "The smallest of all: memory is short here"),
        (Role.FASTER, Fit.COMFORTABLE, "Answers sooner, and knows less."),
        (Role.CLEVERER, Fit.COMFORTABLE, "Knows more, and answers more slowly."),
        (Role.CLEVERER, Fit.TIGHT, "Knows more, and answers more slowly; memory may be short"),
    ],
)
def test_each_offer_says_why_and_how_fast(role: Role, fit: Fit, begins: str) -> None:
    words = offer_words(Offer(SMALL, role, Judgement(fit, 1, 2), SpeedRange(10, 30)), chinese=False)
    assert words.startswith(begins)
    assert words.endswith("Expect 8 to 25 words a second.")


def test_what_is_missing_is_said_with_figures_and_what_helps() -> None:
    memory = lack_words(FirstChoice(COMPUTER, (), Lack.MEMORY, 1_900_000_000))
    assert "needs 1.9 GB, and 1.3 GB of 4 GB are free" in memory and "Close other programs" in memory
    full = Computer(2, (), 4_000_000_000, 1_300_000_000, 20_000_000)
    disk = lack_words(FirstChoice(full, (), Lack.DISK, 169_000_000))
    assert "needs 169 MB, and 20 MB are free" in disk and "folder on another disk" in disk
    assert "a model file that you already have" in lack_words(FirstChoice(COMPUTER, (), Lack.MODELS))
    assert lack_words(FirstChoice(COMPUTER, ())) == ""
