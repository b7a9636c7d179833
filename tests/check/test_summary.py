"""What is said of figures: by intervals, so that luck is no talent, and few tasks say nothing."""

from __future__ import annotations

import pytest

from desktop.check.comparison import Comparison, compare
from desktop.check.summary import Grade, Line, grade_of, lines_of, summary_of
from desktop.check.types import Kind, Language, Outcome, TaskResult, Why

EN, ZH = Language.ENGLISH, Language.CHINESE


def result(name: str, outcome: Outcome, kind: Kind = Kind.FACTS, digest: str = "d") -> TaskResult:
    return TaskResult(name, digest, kind, EN, outcome, "", Why.NOTHING)


@pytest.mark.parametrize(
    ("right", "asked", "grade"),
    [
        (17, 20, Grade.GOOD),
        (16, 20, Grade.PARTLY),
        (6, 20, Grade.PARTLY),
        (5, 20, Grade.BAD),
        (0, 20, Grade.BAD),
        (3, 5, Grade.UNKNOWN),
        (1, 1, Grade.UNKNOWN),
        (8, 8, Grade.GOOD),
    ],
)
def test_a_grade_is_given_with_confidence(right: int, asked: int, grade: Grade) -> None:
    assert grade_of(right, asked) is grade


def test_a_kind_is_named_once_where_both_languages_are_alike_and_twice_where_not() -> None:
    lines = (
        Line(Kind.QUESTIONS, ZH, 1, 20),
        Line(Kind.ARITHMETIC, EN, 2, 20),
        Line(Kind.ARITHMETIC, ZH, 0, 20),
        Line(Kind.FACTS, EN, 19, 20),
        Line(Kind.FACTS, ZH, 2, 20),
        Line(Kind.LONG_TEXT, EN, 0, 0, 20),
        Line(Kind.JSON, EN, 1, 2),
    )
    assert summary_of(lines) == (
        "Good at: facts from a text in English. Not good at: Chinese questions, sums, facts from a text in Chinese. "
        "Not enough tasks to tell: JSON."
    )
    assert summary_of(()) == ""


def test_what_was_not_asked_counts_for_nothing() -> None:
    (line,) = lines_of([result("a", Outcome.RIGHT), result("b", Outcome.WRONG), result("c", Outcome.NOT_ASKED)])
    assert (line.right, line.asked, line.not_asked, line.share) == (1, 2, 1, 0.5)


def test_two_runs_are_compared_task_by_task() -> None:
    # GIVEN two runs, of which one was asked more, and one task says something else now
    right, wrong, left_out = Outcome.RIGHT, Outcome.WRONG, Outcome.NOT_ASKED
    first = [
        *(result(f"same{number}", right) for number in range(4)),
        *(result(f"lost{number}", right) for number in range(8)),
        *(result(name, wrong) for name in ("won", "never")),
        *(result(name, right) for name in ("alone", "changed", "left out")),
    ]
    second = [
        *(result(f"same{number}", right) for number in range(4)),
        *(result(f"lost{number}", wrong) for number in range(8)),
        *(result("won", right), result("never", wrong), result("changed", wrong, digest="other")),
        result("left out", left_out),
    ]
    # WHEN they are compared
    comparison = compare(first, second)
    # THEN only what both were asked counts
    assert comparison == Comparison(both=4, only_first=8, only_second=1, neither=1)
    assert comparison.p == pytest.approx(2 * 10 / 512)
    assert comparison.words("f16", "q4_0") == (
        "f16 is better: of 14 tasks it alone did 8, q4_0 alone did 1. Chance would part them so with p = 0.039."
    )
    assert compare(first, second, [Kind.JSON]).words("a", "b") == "There is no task that both were asked."


def test_a_difference_that_chance_makes_is_none() -> None:
    words = Comparison(10, 2, 5, 3).words("f16", "q4_0")
    assert words == (
        "No difference can be told: of 20 tasks q4_0 alone did 5, f16 alone did 2. Chance would part them so with "
        "p = 0.45."
    )
    assert Comparison(10, 0, 0, 3).words("a", "b") == "Both did exactly the same 10 of 13 tasks."
