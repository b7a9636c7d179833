"""What came of a student, in a few sentences that anybody understands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desktop.student.project import Project
from desktop.student.report.evidence import gather
from desktop.student.report.sentences import in_short, reasons
from desktop.student.report.words import Wording

Make = Callable[..., Project]


def test_what_is_better_what_is_worse_and_whether_it_is_worth_it(compared_project: Make) -> None:
    project = compared_project(rights={"teacher": 25, "teacher, IQ4_NL": 20, "small": 21})
    assert in_short(gather(project), "en") == (
        "It is 39% smaller than its teacher. It reads texts: 21 of 30 facts found right, teacher 25. "
        "Is it worth its bytes? Yes. It beats what plain quantisation makes of the teacher for the same bytes."
    )


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Is it worth its bytes? No."), ("zh", "它值得占用这些空间吗？不值得。")]
)
def test_one_that_is_not_worth_it_says_so(compared_project: Make, language: str, words: str) -> None:
    assert words in in_short(gather(compared_project(student_kl=0.6)), language)


def test_rivals_that_were_chosen_are_named(compared_project: Make) -> None:
    project = compared_project()
    assert not [each for each in reasons(gather(project), Wording("en")) if "alone" in each]
    project.add_run("check", settings={"against": ["Q4_0", "IQ4_NL-embedding-Q5_0"]})
    said = list(reasons(gather(project), Wording("en")))
    assert said[1].startswith("It was held against Q4_0, IQ4_NL-embedding-Q5_0 alone: another plain format may be")
