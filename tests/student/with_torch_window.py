"""From the window to a student that has learnt: it stands still for a question, is stopped, and goes on where it was.

Not among the tests of ``make test``, whose environment has no PyTorch: ``make test-student``. All is real but the size:
the process that makes it, the one that trains, the file, the models of the app.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.engine.distillation.client import AskedModel
from desktop.lifecycle.students.making import Standing, StudentMaking
from desktop.lifecycle.students.projects import StudentProject
from desktop.models.types import InstalledModel
from desktop.student.checking import held_out
from desktop.student.judging import judge
from desktop.student.project import Project
from desktop.student.steps import Step
from desktop.student.training.curve import CURVE, read_curve
from desktop.student.training.launching import MODULE
from desktop.student.training.settings import CHECKPOINT
from desktop.ui.students.dialog import StudentDialog
from tests.rigs.shell import Bench
from tests.rigs.students import making_students
from tests.support.parrot import make_parrot
from tests.support.patience import LONG_PATIENCE_S
from tests.support.tiny import make_tiny
from tests.support.widgets import press, words_on

pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")

STEPS, EVERY = 400, 20
# Questions so much alike that what is learnt of one holds for others, which no teacher of random weights gives else.
PROMPTS = tuple(f"Question number {number}?" for number in range(24))
# A few answers of a few words, quick steps, and no questions at the end.
NEW = "--held-out 6 --max-tokens 8 --kept 32 --ctx 256 --seed 7"
OPTIONS = [
    *("--prune", "--breadth 1 --tokens 8", "--without-functions", "--quick"),
    *("--train", f"--steps {STEPS} --batch 3 --rate 0.001 --every {EVERY} --validation 4 --patience 99 --device cpu"),
]


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths, tmp_path: Path) -> Iterator[Bench]:
    (tmp_path / "prompts.txt").write_text("\n".join(PROMPTS))
    options = [*OPTIONS, "--new", f"--prompts {tmp_path / 'prompts.txt'} {NEW}"]
    with making_students(qapp, qtbot, data_dir, options, make_parrot(tmp_path / "parrot.gguf")) as made:
        yield made


class Window:
    """The window for a student, and what is made there."""

    def __init__(self, bench: Bench, teacher: Path) -> None:
        self.bench = bench
        presenter = bench.shell.rarely_used.students
        presenter.show(InstalledModel("teacher", "Teacher", teacher, teacher.stat().st_size))
        assert presenter.dialog is not None
        self.dialog: StudentDialog = presenter.dialog
        self.making: StudentMaking = presenter.making

    @property
    def project(self) -> StudentProject:
        return self.making.projects.all()[0]

    @property
    def standing(self) -> Standing:
        return self.making.standing(self.project) if self.making.projects.all() else Standing.STOPPED

    @property
    def folder(self) -> Path:
        return self.making.projects.folder_of(self.project)

    def words(self) -> str:
        return words_on(self.dialog)

    def press(self, text: str) -> None:
        press(self.dialog, text, self.wait)

    def wait(self, is_so: Callable[[], bool]) -> None:
        def is_so_or_failed() -> bool:
            assert self.standing is not Standing.FAILED or is_so(), self.project.problem
            return is_so()

        self.bench.qtbot.waitUntil(is_so_or_failed, timeout=round(LONG_PATIENCE_S * 1000))

    def learnt(self) -> int:
        """Returns the steps of training that were told of."""
        progress = self.making.progress(self.project.id)
        return progress.done if progress is not None and progress.step is Step.TRAIN else 0

    def in_a_hurry(self) -> None:
        """Nobody reads what was answered."""
        self.making._quiet_until = self.making._quiet_seconds = 0.0

    def processes(self) -> list[psutil.Process]:
        """Returns the one that makes it, and the one that trains."""
        child = self.making._child
        assert child is not None and child._process is not None
        maker = psutil.Process(child._process.pid)
        return [maker, *(each for each in maker.children(recursive=True) if MODULE in each.cmdline())]


def test_a_student_learns_from_the_window_on(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a model, and PyTorch
    window = Window(bench, make_tiny(tmp_path / "teacher.gguf", layers=6, ascii_only=True))
    window.wait(lambda: "It takes" in window.words())
    window.press("Begin")
    window.wait(lambda: window.learnt() > 20)
    processes = window.processes()
    assert len(processes) == 2, "it is PyTorch that learns"
    # WHEN somebody asks THEN both stand still until the answer is there
    bench.send("Hello?")
    window.wait(lambda: all(each.status() == psutil.STATUS_STOPPED for each in processes))
    assert window.standing is Standing.WAITING_FOR_ANSWER
    spent = processes[1].cpu_times()
    bench.wait_for_answer()
    assert processes[1].cpu_times() == spent and processes[1].status() == psutil.STATUS_STOPPED
    # WHEN it was read THEN the same process goes on
    window.in_a_hurry()
    before = window.learnt()
    window.wait(lambda: window.learnt() > before + 20)
    assert window.processes() == processes
    # WHEN it is stopped THEN what it has learnt is kept, and is not taken for the end
    window.press("Stop")
    window.wait(lambda: window.standing is Standing.STOPPED)
    before = window.learnt()
    project = Project.open(window.folder)
    (training,) = window.folder.glob("training/*/")
    assert project.manifest.last("train") is None
    assert (training / CHECKPOINT).is_file()
    # WHEN it is gone on with THEN it does so there, in the same step of five
    window.press("Continue")
    numbers: list[int] = []

    def is_over() -> bool:
        numbers.append(window.learnt())
        return window.standing in (Standing.DONE, Standing.FAILED)

    window.wait(is_over)
    assert window.project.problem is None
    assert min(filter(None, numbers)) >= before
    # THEN it has learnt to its end, and is nearer to its teacher on answers that it has never seen
    run = Project.open(window.folder).manifest.last("train")
    assert run is not None and run.figures["steps"] == STEPS and run.settings["torch"]
    assert run.figures["kl"] < 0.9 * run.figures["kl_before"], read_curve(training / CURVE)
    assert [point.step for point in read_curve(training / CURVE)] == [*range(0, STEPS + 1, EVERY)]
    pruned = window.folder / "models" / str(run.settings["student"])
    figures = []
    for path in (pruned, pruned.with_name(f"{run.settings['name']}.gguf")):
        with AskedModel(path, 256) as model:
            figures.append(judge(model, held_out(project)).kl.value)
    assert figures[1] < figures[0]
    # AND it is one of the models
    assert window.project.sentence in window.words()
    used: list[str] = []
    monkeypatch.setattr(bench.services.models, "use", used.append)
    window.press("Use it")
    window.wait(lambda: bool(used))
    (made,) = (model for model in bench.services.choice.library.installed() if model.id == used[0])
    assert made.student is not None and made.path.parent == bench.paths.models_dir
