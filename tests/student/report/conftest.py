"""Evidence of a student, as a comparison leaves it behind, with figures that are made up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.check.store import ResultStore, Setup
from desktop.check.types import Kind, Language, Outcome, TaskResult
from desktop.student.judging import ModelFigures, PromptFigures
from desktop.student.manifest import InputFile, Manifest, ProjectSettings, now
from desktop.student.project import Project
from desktop.student.results import CHECKS, CheckFile, Contestant, Role, Round
from desktop.student.sequences import Layout, TaughtSequence

PROMPTS = 24
LAYOUT = Layout(300, 4, (1.0,))


def contestant(name: str, role: Role, size: int, kind: str = "Q4_0", like: str = "") -> Contestant:
    return Contestant(name, role, f"{name}.gguf", size, kind, f"print-{name}", f"sha-{name}", 6, 300, like)


CONTESTANTS = (
    contestant("teacher", Role.TEACHER, 100_000_000, "Q4_1"),
    contestant("teacher, Q4_0", Role.PLAIN, 80_000_000, like="small"),
    contestant("teacher, IQ4_NL", Role.PLAIN, 60_000_000),
    contestant("small", Role.STUDENT, 61_000_000),
)


def figures(kl: float) -> ModelFigures:
    """Returns figures where the first prompts are the nearest."""
    return ModelFigures(
        tuple(PromptFigures(f"{n:032x}", 10, 10 * kl * (0.5 + n / PROMPTS), 10 - n % 5, 9.0) for n in range(PROMPTS))
    )


def result(task: int, right: bool, kind: Kind = Kind.FACTS) -> TaskResult:
    outcome = Outcome.RIGHT if right else Outcome.WRONG
    return TaskResult(f"task-{task}", f"digest-{task}", kind, Language.ENGLISH, outcome, "said")


def make_manifest(teacher: Path) -> Manifest:
    known = InputFile(str(teacher), 100_000_000, "aa" * 32)
    return Manifest(known, "Teacher", None, "bb" * 32, ProjectSettings(seed=7), "Catnap test", now())


@pytest.fixture
def compared_project(tmp_path: Path) -> Callable[..., Project]:
    """Makes a project in which a student was compared."""

    def make(
        *,
        student_kl: float = 0.3,
        rights: dict[str, int] | None = None,
        answer: str = "an answer",
        prompt: str = "What is it?",
        trained: str = "",
    ) -> Project:
        project = Project.create(tmp_path / "project", make_manifest(tmp_path / "gone.gguf"))
        sequences = [
            TaughtSequence(f"{n:032x}", (1, 2), 1, True, LAYOUT, bytes(LAYOUT.token_bytes)) for n in range(PROMPTS)
        ]
        file = CheckFile(project.folder)
        file.begin(sequences, CONTESTANTS, {each.id: f"{prompt} {place}" for place, each in enumerate(sequences)})
        distances = {"teacher": 0.001, "teacher, Q4_0": 0.2, "teacher, IQ4_NL": 0.4, "small": student_kl}
        for each in CONTESTANTS:
            file.keep_figures(each.fingerprint, figures(distances[each.name]))
        for each in (CONTESTANTS[0], CONTESTANTS[3]):
            for sequence in sequences:
                file.keep_answer(each.fingerprint, sequence.id, f"{answer} of {each.name}")
        file.keep_rounds({each.fingerprint: [Round(1.0, 0.4, 40.0, 20.0)] * 3 for each in CONTESTANTS[:3]})
        if rights:
            file.ask({f"task-{n}": f"digest-{n}" for n in range(30)})
            store = ResultStore(project.folder / CHECKS)
            for name, right in rights.items():
                record = store.open(Setup(name, f"print-{name}", "Q4_0", "f16", "test", "all"))
                for n in range(30):
                    record.add(result(n, n < right))
        if trained:
            folder = project.folder / "training" / "small"
            folder.mkdir(parents=True)
            (folder / "curve.csv").write_text(trained)
        return project

    return make
