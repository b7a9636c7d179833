"""Checking a model in the window, with everything but the desktop: real services, the real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.check.store import ResultStore, Setup
from desktop.check.tasks import TaskSet, load_tasks
from desktop.check.types import Kind, Language, Task
from desktop.common.errors import UserFacingError
from desktop.engine.types import EngineConfig, Finished, FinishReason, Message, Role, Stats, Waking
from desktop.history.records import RatedAnswer
from desktop.lifecycle.checking.background import BackgroundCheck
from desktop.lifecycle.checking.setup import place_of
from desktop.lifecycle.low_memory import SpareMemory
from desktop.machine.battery import Battery, PowerMonitor
from desktop.machine.memory_pressure import Pressure
from desktop.models.types import InstalledModel
from desktop.ui.check.dialog import CheckDialog
from desktop.ui.check.presenter import ChecksPresenter
from tests.support.widgets import children, words_on

NOTHING = (Waking(1, 0.5), Finished(1, FinishReason.COMPLETE, Stats()))


class Bench:
    """A presenter with a real engine behind it, whose model is the parrot."""

    def __init__(self, qtbot: QtBot, folder: Path, parrot: Path, count: int, tokens: int, slow: Path | None) -> None:
        self.qtbot = qtbot
        self.model = InstalledModel("parrot", "Parrot", parrot, parrot.stat().st_size)
        self.store = ResultStore(folder / "checks")
        self.battery: Battery | None = None
        self.pressure, self.now = Pressure.NONE, 0.0
        self.rooms = 0
        self.is_answering = False
        self.ratings: list[RatedAnswer] = []
        self.problem: UserFacingError | None = None
        self.troubles: list[UserFacingError] = []
        self.owner = QObject()
        self.slow = slow
        self._tasks = TaskSet("", tuple(self._task(at, tokens) for at in range(count)))
        self.presenter = ChecksPresenter(
            self._make_dialog,
            self.store,
            self._make_check,
            self._make_room,
            lambda _model: self.problem,
            lambda: self.ratings,
            PowerMonitor(lambda: self.battery),
            SpareMemory(self, lambda: self.now),
            lambda: self.is_answering,
            self.owner,
            quiet_seconds=0.0,
        )
        self.presenter.troubled.connect(self.troubles.append)

    def read(self) -> Pressure:
        return self.pressure

    def _task(self, at: int, tokens: int) -> Task:
        words = ["parrot"] if at else ["cat"]
        return Task(
            f"arithmetic-en-{at + 1:02}",
            Kind.ARITHMETIC,
            Language.ENGLISH,
            f"Who are you, {at}?",
            {"type": "any", "words": words},
            max_tokens=tokens,
        )

    def _make_dialog(self) -> CheckDialog:
        dialog = CheckDialog()
        self.qtbot.addWidget(dialog)
        return dialog

    def _make_check(self, model: InstalledModel, again: bool) -> BackgroundCheck:
        place = place_of(model.path, model.size)
        setup = Setup(model.name, "a" * 24, "F16", "f16", "1.0", self._tasks.digest, "", place)

        def prepare() -> tuple[TaskSet, EngineConfig, Setup]:
            if again:
                self.store.remove(setup.id)
            return self._tasks, EngineConfig(self.slow or model.path, n_ctx=4096), setup

        return BackgroundCheck(prepare, self.store)

    def _make_room(self) -> None:
        self.rooms += 1

    @property
    def dialog(self) -> CheckDialog:
        assert self.presenter.dialog is not None
        return self.presenter.dialog

    def words(self) -> str:
        return words_on(self.dialog)

    def press(self, text: str) -> None:
        found = [one for one in children(self.dialog, QPushButton, shown=True) if one.text().replace("&", "") == text]
        found[0].click()

    def wait_for(self, words: str) -> None:
        self.qtbot.waitUntil(lambda: words in self.words())


MakeBench = Callable[..., Bench]


@pytest.fixture
def make_bench(qtbot: QtBot, qapp: QApplication, tmp_path: Path, parrot_model: Path) -> Iterator[MakeBench]:
    del qapp
    made: list[Bench] = []

    def make(count: int = 3, tokens: int = 64, slow: Path | None = None) -> Bench:
        bench = Bench(qtbot, tmp_path, parrot_model, count, tokens, slow)
        made.append(bench)
        bench.presenter.show(bench.model)
        return bench

    yield make
    for bench in made:
        bench.presenter.shut_down()


def test_a_model_is_checked_to_the_end_and_its_mistakes_are_shown(make_bench: MakeBench) -> None:
    # GIVEN the dialog of a model that was not checked
    bench = make_bench()
    assert "Not checked yet" in bench.words()
    assert bench.presenter.summary_of(bench.model) == ""
    # WHEN the check is started
    bench.press("Start the check")
    # THEN the figures come, with what can be said of so few, and the model that answers has made room
    bench.wait_for("2 of 3 · 67% (21% to 94%)")
    assert "Not enough tasks to tell: sums." in bench.words()
    assert bench.presenter.summary_of(bench.model) == "Not enough tasks to tell: sums."
    assert bench.rooms == 1
    # AND a mistake can be looked at: the question, and what the model said
    bench.press("Mistakes")
    bench.wait_for("Mistakes: Sums · English")
    assert "Hello from the parrot!" in bench.words()


def test_a_question_of_ones_own_comes_first(make_bench: MakeBench, endless_parrot_model: Path) -> None:
    # GIVEN a check that is under way
    bench = make_bench(2, 2_000, endless_parrot_model)
    bench.press("Start the check")
    bench.wait_for("0 of 2 tasks")
    # WHEN somebody asks the model something
    begins, ends = NOTHING
    bench.presenter.on_engine_event(begins)
    # THEN the check gives way, and says what it waits for
    bench.wait_for("Waiting while you use Catnap")
    bench.slow = None
    # AND goes on when the answer is there
    bench.presenter.on_engine_event(ends)
    bench.wait_for("1 of 2 · 50%")
    assert bench.rooms == 2


def test_an_answer_that_is_on_its_way_when_the_check_is_started_comes_first(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.is_answering = True
    bench.press("Start the check")
    bench.wait_for("Waiting while you use Catnap")
    assert bench.rooms == 0
    bench.is_answering = False
    bench.wait_for("2 of 3 · 67%")


def test_on_battery_it_waits(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.battery = Battery(80.0, True)
    bench.press("Start the check")
    bench.wait_for("Waiting until this computer is plugged in")
    assert bench.rooms == 0
    assert not bench.store.all()


def test_where_memory_is_short_it_stops_and_goes_on_when_there_is_some(
    make_bench: MakeBench, endless_parrot_model: Path
) -> None:
    # GIVEN a check that is under way
    bench = make_bench(2, 2_000, endless_parrot_model)
    bench.press("Start the check")
    bench.wait_for("0 of 2 tasks")
    # WHEN memory is short, and not for a moment only
    bench.pressure = Pressure.SHORT
    bench.now += 3
    bench.qtbot.waitUntil(lambda: bench.presenter._memory._short_readings == 1)
    bench.now += 3
    # THEN its process is gone, and that is said
    bench.wait_for("Waiting until there is more free memory")
    bench.qtbot.waitUntil(lambda: bench.presenter._check is None)
    assert bench.rooms == 1
    # WHEN there is more again, but not enough for the model THEN it waits on
    bench.slow, bench.pressure = None, Pressure.NONE
    bench.problem = UserFacingError("There is not enough memory free for the check.")
    bench.now += 40
    bench.qtbot.waitUntil(lambda: bench.presenter._memory._short_at == bench.now)
    assert "Waiting until there is more free memory" in bench.words() and bench.rooms == 1
    # WHEN it fits THEN it goes on
    bench.problem = None
    bench.now += 40
    bench.wait_for("1 of 2 · 50%")
    assert bench.rooms == 2


def test_it_is_paused_and_goes_on(make_bench: MakeBench, endless_parrot_model: Path) -> None:
    bench = make_bench(2, 2_000, endless_parrot_model)
    bench.press("Start the check")
    bench.wait_for("0 of 2 tasks")
    bench.press("Pause")
    bench.qtbot.waitUntil(lambda: "0 of 2 tasks" not in bench.words())
    bench.slow = None
    bench.press("Start the check")
    bench.wait_for("1 of 2 · 50%")


def test_a_model_that_does_not_fit_is_refused_with_a_sentence(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.problem = UserFacingError("There is not enough memory free for the check.")
    bench.press("Start the check")
    assert "There is not enough memory free for the check." in bench.words()
    assert bench.rooms == 0


def test_what_goes_wrong_while_the_dialog_is_closed_is_told_elsewhere(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench()
    bench.slow = tmp_path / "gone.gguf"
    bench.press("Start the check")
    bench.dialog.close()
    bench.qtbot.waitUntil(lambda: bool(bench.troubles))


def test_thumbs_are_counted_by_month_and_those_down_become_tasks(make_bench: MakeBench, tmp_path: Path) -> None:
    # GIVEN thumbs of two months for the model, and one for another model
    bench = make_bench()
    turns = (Message(Role.USER, "Who are you?"), Message(Role.ASSISTANT, "A cat."))
    october, november = 1_760_000_000.0, 1_763_000_000.0
    up = RatedAnswer(1, "Parrot", october, True, turns)
    bench.ratings = [
        up,
        replace(up, message_id=2, created=november),
        replace(up, message_id=3, created=november, is_good=False),
        replace(up, message_id=4, model="Another", is_good=False),
    ]
    # WHEN that is looked at
    bench.presenter.ratings_changed()
    # THEN they are counted, all together and by month
    for words in ("in all · good: 2 of 3 · 67%", "2025-11 · good: 1 of 2 · 50%", "2025-10 · good: 1 of 1 · 100%"):
        bench.wait_for(words)
    # AND the one that was marked down is written as a task
    file = tmp_path / "tasks.json"
    bench.presenter.export(file)
    assert [task.id for task in load_tasks(file).tasks] == ["rated-3"]
    # AND where there is none, that is said
    bench.ratings = [up]
    bench.presenter.export(tmp_path / "none.json")
    assert "No answer was marked down, so there is nothing to write." in bench.words()
    assert not (tmp_path / "none.json").exists()
