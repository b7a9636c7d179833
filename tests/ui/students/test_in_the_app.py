"""From the card of a model to a smaller one, in the whole app: the process that makes it is the real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.gguf.header import read_header
from desktop.lifecycle.students.making import Standing
from tests.rigs.shell import Bench, loop_of
from tests.rigs.students import making_students
from tests.support.parrot import make_parrot
from tests.support.patience import LONG_PATIENCE_S
from tests.support.widgets import press, words_on

pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")

# A few answers of a few words, and no questions beside them.
OPTIONS = [
    *("--limit", "5", "--new", "--held-out 2 --max-tokens 4 --kept 32"),
    *("--prune", "--breadth 1 --tokens 8", "--without-functions"),
]


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths, tmp_path: Path) -> Iterator[Bench]:
    parrot = make_parrot(tmp_path / "parrot.gguf", layers=6)
    # Where the trial of what is installed took too long for a busy machine, it is tried once more.
    with loop_of(qapp), making_students(qapp, qtbot, data_dir, OPTIONS, parrot) as made:
        yield made
        if made.shell.models.dialog is not None:
            made.shell.models.dialog.close()


def test_a_smaller_one_begins_on_the_card_and_gives_way_to_a_question(bench: Bench) -> None:
    # GIVEN the card of a model
    shell = bench.shell
    model = bench.services.choice.in_use()
    assert model is not None
    shell.models.show()
    models = shell.models.dialog
    assert models is not None
    models.select(model.id)
    # WHEN a smaller one is asked for, without PyTorch
    press(models, "A smaller one…", bench.qtbot.waitUntil)
    dialog = shell.rarely_used.students.dialog
    assert dialog is not None
    bench.qtbot.waitUntil(lambda: "It takes" in words_on(dialog))
    dialog._untrained.setChecked(True)
    press(dialog, "Begin", bench.qtbot.waitUntil)
    making = shell.rarely_used.students.making
    bench.qtbot.waitUntil(lambda: making._child is not None and making._child._process is not None)
    child = making._child
    assert child is not None and child._process is not None
    process = psutil.Process(child._process.pid)
    bench.qtbot.waitUntil(lambda: "maller model" in bench.tray.tooltip)
    # THEN a question of one's own is answered, and it waits meanwhile
    bench.send("Hello?")
    bench.qtbot.waitUntil(lambda: process.status() == psutil.STATUS_STOPPED)
    assert making.standing(making.projects.all()[0]) is Standing.WAITING_FOR_ANSWER
    bench.wait_for_answer()
    # WHEN people have read THEN it is made to its end
    making._quiet_until = 0.0
    making._quiet_seconds = 0.0
    ends = (Standing.DONE, Standing.FAILED)
    is_made = lambda: making.standing(making.projects.all()[0]) in ends  # noqa: E731
    bench.qtbot.waitUntil(is_made, timeout=round(LONG_PATIENCE_S * 1000))
    project = making.projects.all()[0]
    assert project.problem is None
    assert read_header(Path(project.file)).n_layers == 4
    assert project.sentence in words_on(dialog)
    # AND it is used: one of the models, with what it is, and it answers
    press(dialog, "Use it", bench.qtbot.waitUntil)

    def chosen() -> bool:
        found = bench.services.choice.in_use()
        return found is not None and found.student is not None and found.path.parent == bench.paths.models_dir

    bench.qtbot.waitUntil(chosen)
