"""Ordinary questions, near misses among them, that the calculator must leave to the model."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from desktop.functions.calculator import Calculator

FOLDER = Path(__file__).parent


def questions(language: str) -> list[str]:
    return (FOLDER / f"ordinary_{language}.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_ordinary_question_is_left_to_the_model(language: str) -> None:
    calculator = Calculator(lambda: date(2026, 11, 29))
    found = {question: calculator.calculate(question) for question in questions(language)}
    assert {question: calculation.text for question, calculation in found.items() if calculation is not None} == {}


def test_there_are_five_hundred_of_them_half_of_them_chinese() -> None:
    english, chinese = set(questions("en")), set(questions("zh"))
    assert len(english | chinese) >= 500
    assert min(len(english), len(chinese)) >= 250


@pytest.mark.parametrize(
    "begin",
    [
        "是",
        "有",
        "等于",
        "合",
        "折合",
        ",",
        "，",
        "1 ",
        "1和",
        "1,",
        "how many ",
        " in",
        " to",
        "(",
        "-",
        "1^",
        "的",
        "%",
        "1 ft ",
    ],
)
def test_no_text_keeps_it_busy(begin: str) -> None:
    # GIVEN texts that a careless pattern would try in every way
    calculator = Calculator()
    calculator.calculate("1 + 1")  # everything is imported
    for text in (begin * (160 // len(begin)), "1" + begin * (150 // len(begin)) + "x", "把1" + begin * 40 + "米"):
        # WHEN one is looked at
        started = time.thread_time()
        calculator.calculate(text)
        # THEN it is a matter of milliseconds of this thread's own time
        assert time.thread_time() - started < 0.25
