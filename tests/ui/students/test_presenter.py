"""A smaller model in the window: what it takes is said before, how far it is meanwhile, and what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QProgressBar, QPushButton

from desktop.common.errors import UserFacingError
from desktop.engine.types import Finished as AnswerFinished
from desktop.engine.types import FinishReason, Stats, Waking
from desktop.lifecycle.students.making import Standing
from desktop.lifecycle.students.projects import Goal, ProjectState, StudentProjects
from desktop.machine.battery import Battery
from desktop.models.types import InstalledModel
from desktop.student.steps import Finished, Planned, Refused, Step, StepProgress, encode
from desktop.ui.widgets.labels import FieldLabel
from tests.support.led_process import LedProcess
from tests.support.tiny import make_tiny
from tests.support.widgets import children
from tests.ui.students.conftest import COMMANDS, Bench

SENTENCE = "It is 24 % smaller and answers 1.3 times as fast; it reads 61 of 80 texts that its teacher reads."
NO_TRAINING = UserFacingError("PyTorch is missing.", "/env is not there.", "In Catnap's source: make student.")


def begin(bench: Bench) -> LedProcess:
    bench.presenter.show(bench.model)
    bench.press("Begin")
    return bench.processes.next()


def finish(bench: Bench, process: LedProcess, tmp_path: Path) -> Path:
    project = bench.presenter.making.projects.all()[-1]
    folder = bench.presenter.making.projects.folder_of(project)
    (folder / "models").mkdir(parents=True)
    student, report = folder / "models" / "student.gguf", folder / "report.html"
    student.write_bytes(b"GGUF")
    report.write_text("report")
    process.tell(f"say {encode(Finished(SENTENCE, str(student), str(report)))}", "end 0")
    return student


def test_what_it_takes_is_said_before(bench: Bench) -> None:
    # WHEN somebody looks at what can be made of a model
    bench.presenter.show(bench.model)
    bench.wait_for("It takes 6 h to 7 h of computing")
    # THEN sizes, cost and what becomes worse are said
    assert bench.dialog.windowTitle() == "A smaller model of this one"
    size, *_others = children(bench.dialog, QComboBox, shown=True)
    assert [size.itemText(place).split(",")[0] for place in range(size.count())] == [
        "A quarter fewer layers: 9 of 12",
        "A third fewer layers: 8 of 12",
    ]
    assert "400 MB on the disk" in bench.words() and "900 MB of memory" in bench.words()
    assert "always worse" in bench.words()
    # AND nothing is made, or kept, before it is asked for
    assert not (bench.folder / "students").exists()


def test_what_was_chosen_is_made(bench: Bench) -> None:
    bench.presenter.show(bench.model)
    bench.wait_for("It takes")
    for box in children(bench.dialog, QComboBox, shown=True):
        box.setCurrentIndex(0 if "hour" in box.itemText(0) else 1)
    assert "It takes 2 h to 3 h" in bench.words()
    bench.press("Begin")
    bench.processes.next()
    wish = bench.presenter.making.projects.all()[0].wish
    assert (wish.layers, wish.of_layers, wish.goal, wish.minutes) == (8, 12, Goal.SMALLER, 60)
    assert wish.teacher == bench.model.path


def test_how_far_it_is_is_seen_in_the_window_and_the_tray(bench: Bench) -> None:
    process = begin(bench)
    planned = Planned((Step.COLLECT, Step.PRUNE, Step.CHECK), 60.0, 5, 9)
    process.tell(f"say {encode(planned)}", f"say {encode(StepProgress(Step.PRUNE, 16, 64, 240.0))}")
    bench.wait_for("Step 2 of 5: finding the layers that can go · 16 of 64 · 4 min left")
    (bar,) = children(bench.dialog, QProgressBar, shown=True)
    assert bar.value() * 4 == bar.maximum()
    assert bench.work[-1] == "Smaller model: finding the layers that can go 25%"
    # WHEN it stops THEN the tray says nothing any more
    bench.press("Stop")
    bench.wait_for("Stopped")
    assert bench.work[-1] == ""
    bench.press("Continue")
    bench.processes.next()


def test_it_gives_way_to_an_answer_and_says_so(bench: Bench) -> None:
    begin(bench)
    bench.world.is_in_use = True
    bench.presenter.on_engine_event(Waking(1, 0.5))
    bench.wait_for("Waiting while you use Catnap")
    assert bench.work[-1] == "Smaller model: waiting while you use Catnap"
    bench.world.is_in_use = False
    bench.presenter.on_engine_event(AnswerFinished(1, FinishReason.COMPLETE, Stats()))
    bench.qtbot.waitUntil(lambda: "Waiting" not in bench.words())


def test_it_waits_for_the_plug(bench: Bench) -> None:
    bench.world.battery = Battery(50.0, unplugged=True)
    bench.presenter.show(bench.model)
    bench.press("Begin")
    bench.wait_for("Waiting until this computer is plugged in")
    bench.press("Stop")
    bench.wait_for("Stopped")


def test_what_came_of_it_is_said_and_it_is_used(bench: Bench, tmp_path: Path) -> None:
    process = begin(bench)
    student = finish(bench, process, tmp_path)
    bench.wait_for(SENTENCE)
    assert {"Use it", "Remove", "Show the report", "Close"} <= bench.buttons().keys()
    # WHEN the report is asked for THEN it is shown
    bench.press("Show the report")
    assert Path(bench.world.opened[0]).read_text() == "report"
    # WHEN it cannot be put among the models THEN that is said, and it is still there
    bench.world.no_install = UserFacingError("There is not enough room for the model.")
    bench.press("Use it")
    bench.wait_for("There is not enough room for the model.")
    # WHEN it can THEN it is chosen
    bench.world.no_install = None
    bench.press("Use it")
    bench.qtbot.waitUntil(lambda: bench.world.used == ["file:student"])
    assert bench.world.installed == [str(student)]
    assert not bench.dialog.isVisible()


def test_one_that_is_removed_is_asked_about_and_gone(bench: Bench) -> None:
    begin(bench)
    bench.press("Remove")
    assert bench.presenter.making.projects.all()
    bench.press("Remove all that was done?")
    bench.qtbot.waitUntil(lambda: not bench.presenter.making.projects.all())
    bench.wait_for("always worse")
    assert "Begin" in bench.buttons()


def test_its_end_is_said_where_nobody_looks(bench: Bench, tmp_path: Path) -> None:
    process = begin(bench)
    bench.dialog.close()
    finish(bench, process, tmp_path)
    bench.qtbot.waitUntil(lambda: bool(bench.notices))
    (notice,) = bench.notices
    assert bench.announced == [notice.title]
    assert (notice.title, notice.detail) == ("The smaller model of Tiny is made.", SENTENCE)
    notice.actions[0].run()
    assert bench.dialog.isVisible()
    assert SENTENCE in bench.words()


def test_a_failure_says_what_is_wrong_and_goes_on(bench: Bench) -> None:
    begin(bench).tell("warn catnap: The disk is full.", "end 1")
    bench.wait_for("The disk is full.")
    assert "What is done so far is kept" in bench.words()
    bench.press("Continue")
    bench.processes.next()
    bench.qtbot.waitUntil(lambda: "The disk is full." not in bench.words())


def test_without_pytorch_the_window_says_what_to_do(bench: Bench) -> None:
    # GIVEN a computer without PyTorch
    bench.world.training = NO_TRAINING
    bench.presenter.show(bench.model)
    bench.wait_for("/env/bin/pip install torch numpy")
    assert "make student" not in bench.words(), "there is no source beside a bundle"
    # THEN nothing is begun by mistake
    bench.qtbot.waitUntil(lambda: "Begin" in bench.buttons())
    assert not bench.buttons()["Begin"].isEnabled()
    # WHEN it is made without, which is called what it is THEN it costs less, and is begun so
    (untrained,) = children(bench.dialog, QCheckBox, shown=True)
    assert "hardly speaks" in bench.words()
    untrained.setChecked(True)
    assert "It takes 1 h to 2 h" in bench.words()
    # WHEN PyTorch has come meanwhile THEN a look finds it
    untrained.setChecked(False)
    bench.world.training = None
    bench.press("Look again")
    bench.press("Begin")
    bench.processes.next()
    assert bench.presenter.making.projects.all()[0].wish.minutes == 300


def test_pytorch_is_got_by_lines_to_copy_or_named(bench: Bench, qapp: QApplication) -> None:
    # GIVEN a computer without PyTorch THEN what to type is said, and copied
    bench.world.training = NO_TRAINING
    bench.presenter.show(bench.model)
    bench.wait_for("python3 -m venv /env")
    assert "does not come with Catnap" in bench.words()
    bench.press("Copy the lines")
    assert qapp.clipboard().text().splitlines() == [*COMMANDS]
    # WHEN a place is named that has none THEN that is said
    bench.world.place = str(bench.folder / "no-pytorch")
    bench.press("I have PyTorch…")
    bench.wait_for("This Python cannot train students.")
    # WHEN it has THEN it may begin, and it is remembered where
    bench.world.place = str(bench.folder / "env")
    bench.press("I have PyTorch…")
    bench.press("Begin")
    bench.processes.next()
    assert "venv" not in bench.words()
    assert StudentProjects(bench.folder / "students").python == bench.folder / "env"


def test_pytorch_that_has_gone_meanwhile_is_named_anew_and_it_goes_on(bench: Bench) -> None:
    gone = Refused(NO_TRAINING.title, NO_TRAINING.detail, NO_TRAINING.remedy)
    begin(bench).tell(f"say {encode(gone)}", "end 1")
    bench.wait_for("python3 -m venv /env")
    bench.world.place = str(bench.folder / "env")
    bench.press("I have PyTorch…")
    bench.qtbot.waitUntil(lambda: "venv" not in bench.words())
    bench.processes.next()


def test_what_a_command_advises_is_not_said_in_a_window(bench: Bench) -> None:
    told = Refused("This training cannot go on from where it was left.", "/f.", "Begin anew with --anew.")
    begin(bench).tell(f"say {encode(told)}", "end 1")
    bench.wait_for("This training cannot go on")
    assert "--anew" not in bench.words() and "remove it and begin anew" in bench.words()


def test_after_a_restart_it_does_not_look_as_if_it_began_anew(bench: Bench) -> None:
    process = begin(bench)
    # WHEN a process goes on THEN it tells of the steps that are not done yet, and all of them count
    planned = Planned((Step.TRAIN, Step.EXPORT, Step.CHECK), 60.0, 5, 9)
    process.tell(f"say {encode(planned)}", f"say {encode(StepProgress(Step.TRAIN, 130, 400, 240.0))}")
    bench.wait_for("Step 3 of 5: learning · 130 of 400 · 4 min left")


def test_after_a_restart_a_stopped_one_does_not_look_as_if_nothing_had_been_done(bench: Bench) -> None:
    # GIVEN one that was stopped while it learnt: how far it was is seen
    process = begin(bench)
    process.tell(f"say {encode(StepProgress(Step.TRAIN, 130, 400, 240.0))}")
    bench.wait_for("130 of 400")
    bench.press("Stop")
    bench.wait_for("Stopped; what is done is kept · ")
    assert children(bench.dialog, QProgressBar, shown=True)
    # WHEN the program is started anew, and nobody knows how far it was
    bench.dialog.close()
    bench.presenter.shut_down()
    bench.presenter = bench.make()
    bench.presenter.show(bench.model)
    # THEN it is said that it is kept, and no empty bar says otherwise
    bench.wait_for("Stopped; what is done is kept")
    assert not children(bench.dialog, QProgressBar, shown=True)
    # AND there is one as soon as it goes on
    bench.press("Continue")
    bench.processes.next()
    bench.qtbot.waitUntil(lambda: bool(children(bench.dialog, QProgressBar, shown=True)))


def test_a_failure_that_is_gone_on_with_is_said_no_longer(bench: Bench) -> None:
    # GIVEN a failure that was said in the window of conversations, since nobody saw this one
    outdated: list[str] = []
    bench.presenter.outdated.connect(outdated.append)
    process = begin(bench)
    bench.dialog.close()
    process.tell("warn catnap: The disk is full.", "end 1")
    bench.qtbot.waitUntil(lambda: bool(bench.notices))
    assert outdated == []
    # WHEN it is gone on with
    bench.presenter.show(bench.model)
    bench.press("Continue")
    bench.processes.next()
    # THEN it is said there no longer
    assert outdated == [bench.notices[0].key]


def test_one_that_is_put_among_the_models_is_put_there_once(bench: Bench, tmp_path: Path) -> None:
    process = begin(bench)
    student = finish(bench, process, tmp_path)
    bench.wait_for(SENTENCE)
    bench.world.may_install.clear()
    bench.press("Use it")
    bench.qtbot.waitUntil(lambda: "Putting it among the models…" in bench.buttons())
    assert not bench.buttons()["Putting it among the models…"].isEnabled()
    assert not bench.buttons()["Remove"].isEnabled()
    bench.world.may_install.set()
    bench.qtbot.waitUntil(lambda: bench.world.used == ["file:student"])
    assert bench.world.installed == [str(student)]


def test_a_report_that_is_gone_is_said(bench: Bench, tmp_path: Path) -> None:
    process = begin(bench)
    finish(bench, process, tmp_path)
    bench.wait_for(SENTENCE)
    Path(bench.presenter.making.projects.all()[0].report).unlink()
    bench.press("Show the report")
    bench.wait_for("The report is not there any more.")
    assert bench.world.opened == []


def test_an_untrained_one_can_be_made_to_see_the_way(bench: Bench) -> None:
    bench.world.training = NO_TRAINING
    bench.presenter.show(bench.model)
    bench.wait_for("PyTorch is missing.")
    bench.qtbot.waitUntil(lambda: bool(children(bench.dialog, QCheckBox, shown=True)))
    children(bench.dialog, QCheckBox, shown=True)[0].setChecked(True)
    bench.press("Begin")
    bench.processes.next()
    assert bench.presenter.making.projects.all()[0].wish.minutes == 0


@pytest.mark.parametrize("lack", ["room", "memory"])
def test_what_there_is_too_little_of_is_said_before(bench: Bench, lack: str) -> None:
    if lack == "room":
        bench.world.room = 1_000_000
    bench.presenter.show(bench.model)
    bench.qtbot.waitUntil(lambda: "Begin" in bench.buttons())
    if lack == "memory":
        bench.world.no_memory = UserFacingError("There is too little memory.")
    bench.press("Begin")
    bench.wait_for("too little")
    assert bench.presenter.making.projects.all() == ()


def test_a_model_with_few_layers_cannot_be_made_smaller(bench: Bench, tmp_path: Path) -> None:
    short = make_tiny(tmp_path / "short.gguf", layers=2)
    bench.presenter.show(InstalledModel("short", "Short", short, short.stat().st_size))
    bench.wait_for("This model has too few layers to leave any out.")
    assert "Begin" not in bench.buttons()


def test_a_model_that_is_gone_is_said(bench: Bench, tmp_path: Path) -> None:
    bench.presenter.show(InstalledModel("gone", "Gone", tmp_path / "gone.gguf", 1))
    bench.wait_for("gone.gguf")
    assert "Begin" not in bench.buttons()


def test_it_goes_on_after_a_restart(bench: Bench) -> None:
    begin(bench)
    bench.presenter.shut_down()
    assert bench.presenter.making.projects.all()[0].state is ProjectState.WANTED
    # WHEN the next program begins THEN it is gone on with, and the tray says so
    bench.presenter = bench.make()
    bench.presenter.begin()
    bench.processes.next()
    project = bench.presenter.making.projects.all()[0]
    assert bench.presenter.making.standing(project) is Standing.RUNNING
    assert bench.work[-1] == "Making a smaller model"
    # AND the line in the tray leads to it
    bench.presenter.show_current()
    assert bench.dialog.isVisible()
    assert "9 of 12 layers" in bench.words()


def test_a_list_that_is_damaged_is_said_and_kept(bench: Bench) -> None:
    begin(bench)
    bench.presenter.shut_down()
    file = bench.folder / "students" / "students.json"
    file.write_text("{")
    bench.presenter = bench.make()
    bench.presenter.begin()
    assert len(bench.troubles) == 1
    assert [each.name for each in file.parent.iterdir() if "unreadable" in each.name or "broken" in each.name]


def test_every_button_has_a_letter_of_its_own(bench: Bench) -> None:
    bench.presenter.show(bench.model)
    bench.wait_for("It takes")
    texts = [one.text() for one in children(bench.dialog, QPushButton, shown=True)]
    texts += [one.text() for one in children(bench.dialog, FieldLabel, shown=True)]
    letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
    assert len(letters) >= 4
    assert len(set(letters)) == len(letters)
