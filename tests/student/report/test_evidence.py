"""What is gathered of a student, and what is concluded of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desktop.check.store import ResultStore, Setup
from desktop.common.errors import UserFacingError
from desktop.student.project import Project
from desktop.student.report.evidence import Reading, gather, sides_of
from desktop.student.results import CHECKS, CheckFile, Role, Round
from tests.student.report.conftest import PROMPTS, result

Make = Callable[..., Project]


def test_a_student_is_worth_it_if_it_is_nearer_and_does_no_fewer_tasks(compared_project: Make) -> None:
    evidence = gather(compared_project(rights={"teacher": 25, "teacher, IQ4_NL": 20, "small": 21}))
    assert evidence.rival.name == "teacher, IQ4_NL", "Q4_0 is larger"
    assert evidence.verdict.beats and evidence.is_worth_it
    assert evidence.reading == Reading(21, 25, 30)
    assert any("No difference can be told" in sentence for sentence in evidence.sentences())


def test_nearer_is_not_enough_where_it_does_fewer_tasks(compared_project: Make) -> None:
    evidence = gather(compared_project(rights={"teacher": 25, "teacher, IQ4_NL": 24, "small": 4}))
    assert evidence.verdict.beats and not evidence.is_worth_it
    assert any("teacher, IQ4_NL is better" in sentence for sentence in evidence.sentences())


def test_a_student_that_is_further_is_not(compared_project: Make) -> None:
    evidence = gather(compared_project(student_kl=0.6))
    assert not evidence.verdict.beats and not evidence.is_worth_it
    assert evidence.reading is None and evidence.functions(evidence.student) == ()


def test_the_sides_are_the_nearest_and_the_furthest(compared_project: Make) -> None:
    evidence = gather(compared_project())
    sides = sides_of(evidence.compared, evidence.student.fingerprint)
    assert sides.nearest == tuple(f"{n:032x}" for n in range(10))
    assert sides.furthest == tuple(f"{n:032x}" for n in reversed(range(PROMPTS - 10, PROMPTS)))


def test_only_tasks_count_that_all_were_asked(compared_project: Make) -> None:
    project = compared_project(rights={"teacher": 25, "small": 10})
    # WHEN a third model was stopped after five tasks, and one of its results is of a task that says something else now
    record = ResultStore(project.folder / CHECKS).open(Setup("x", "print-teacher, IQ4_NL", "", "f16", "test", "all"))
    for n in range(5):
        record.add(result(n, True))
    evidence = gather(project)
    assert {len(found) for found in evidence.results.values()} == {5}
    # AND what is no contestant's is left alone
    assert set(evidence.results) == {f"print-{name}" for name in ("teacher", "teacher, IQ4_NL", "small")}


def test_speed_is_held_against_the_teacher_and_its_twin(compared_project: Make) -> None:
    project = compared_project()
    evidence = gather(project)
    assert evidence.twin is not None and evidence.twin.name == "teacher, Q4_0"
    assert list(evidence.speeds()) == [], "the student was not measured"
    assert evidence.compared.ratio(evidence.twin, evidence.teacher) is not None
    # WHEN it is, and one of its answers had no tokens, THEN each figure is that of the rounds that have it
    file = CheckFile(project.folder)
    slow, quick = Round(1.0, 0.4, 40.0, 20.0), Round(0.6, 0.2, 60.0, 10.0)
    rounds = {each.fingerprint: [slow] * 3 for each in evidence.compared.contestants}
    file.keep_rounds({**rounds, "print-small": [quick, Round(0.0, 0.0, 0.0), quick]})
    measured = gather(project)
    (_, teacher), (other, twin) = measured.speeds()
    assert other == evidence.twin and teacher == twin
    assert twin.warm == pytest.approx(0.5) and twin.speed == pytest.approx(1.5)
    own = measured.compared.speed(measured.student)
    assert own is not None and own.speed == 60.0
    assert any("0.50 times the time of teacher, Q4_0" in sentence for sentence in measured.sentences())


def test_what_was_not_compared_is_told(compared_project: Make) -> None:
    project = compared_project()
    with pytest.raises(UserFacingError, match="not compared"):
        gather(project, "another.gguf")
    assert [each.name for each in gather(project, "small.gguf").compared.of(Role.STUDENT)] == ["small"]
    (project.folder / "check.json").unlink()
    with pytest.raises(UserFacingError, match="not compared"):
        gather(project)
