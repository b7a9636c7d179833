"""What tests of the window for smaller models share: a presenter whose processes obey the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.gguf.header import read_header
from desktop.lifecycle.low_memory import SpareMemory
from desktop.lifecycle.students.making import StudentMaking, Surroundings
from desktop.lifecycle.students.offers import LEARNING_MINUTES, Cost, Offered, offers_of
from desktop.lifecycle.students.projects import StudentProject, StudentProjects
from desktop.machine.battery import Battery, PowerMonitor
from desktop.machine.memory_pressure import Pressure
from desktop.models.types import InstalledModel
from desktop.ui.students.dialog import StudentDialog
from desktop.ui.students.presenter import StudentsPresenter, StudentTools
from desktop.ui.widgets.banner import Notice
from tests.support.led_process import LedProcesses
from tests.support.patience import PATIENCE_S
from tests.support.tiny import make_tiny
from tests.support.widgets import children, press, words_on

COMMANDS = ("python3 -m venv /env", "/env/bin/pip install torch numpy")


@dataclass
class World:
    """What decides, in the hands of a test."""

    battery: Battery | None = None
    pressure: Pressure = Pressure.NONE
    training: UserFacingError | None = None
    no_memory: UserFacingError | None = None
    room: int | None = None
    is_in_use: bool = False
    installed: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    no_install: UserFacingError | None = None
    opened: list[str] = field(default_factory=list)
    place: str = ""  # that is named when it is asked where PyTorch is
    may_install: threading.Event = field(default_factory=threading.Event)

    def read(self) -> Pressure:
        return self.pressure


def costs() -> dict[int, Cost]:
    """Returns an hour of work beside the learning, two on a slower computer."""
    return {
        minutes: Cost(3600.0 + 60 * minutes, 7200.0 + 60 * minutes, 400_000_000, 900_000_000)
        for minutes in (0, *LEARNING_MINUTES)
    }


class Bench:
    """A presenter with everything but the making itself, which the test leads."""

    def __init__(self, qtbot: QtBot, folder: Path, model: Path, processes: LedProcesses) -> None:
        self.qtbot, self.folder, self.processes = qtbot, folder, processes
        self.world = World()
        self.world.may_install.set()
        self.model = InstalledModel("tiny", "Tiny", model, model.stat().st_size)
        self.notices: list[Notice] = []
        self.troubles: list[UserFacingError] = []
        self.work: list[str] = []
        self.announced: list[str] = []
        self.owner = QObject()
        self.presenter = self.make()

    def make(self) -> StudentsPresenter:
        world = self.world
        around = Surroundings(
            lambda: world.is_in_use, PowerMonitor(lambda: world.battery), SpareMemory(world), lambda: 1 << 40,
            lambda: 1 << 40, lambda: True, lambda: None,
        )  # fmt: skip
        making = StudentMaking(
            StudentProjects(self.folder / "students"),
            lambda _project: self.processes.command,
            around,
            quiet_seconds=0.0,
        )
        tools = StudentTools(
            look=self._look,
            find_training=lambda _model: self._find_training,
            ask_place=lambda _parent, _title: world.place,
            check_place=self._check_place,
            commands=lambda problem: COMMANDS if problem is not None and "PyTorch" in problem.title else (),
            lacks_memory=lambda _cost: world.no_memory,
            room=lambda: world.room,
            install=self._install,
            report=lambda project: Path(project.report),
            use=world.used.append,
        )
        presenter = StudentsPresenter(
            self._make_dialog, making, tools, self.owner, lambda url: world.opened.append(_file(url))
        )
        presenter.noticed.connect(self.notices.append)
        presenter.troubled.connect(self.troubles.append)
        presenter.workChanged.connect(self.work.append)
        presenter.announced.connect(lambda title, _text: self.announced.append(title))
        return presenter

    def _make_dialog(self) -> StudentDialog:
        dialog = StudentDialog()
        self.qtbot.addWidget(dialog)
        return dialog

    def _find_training(self) -> object:
        if self.world.training is not None:
            raise self.world.training
        return "PyTorch"

    def _check_place(self, place: Path) -> object:
        if place.name == "no-pytorch":
            raise UserFacingError("This Python cannot train students.", f"{place}.")
        self.world.training = None
        return "PyTorch"

    def _install(self, project: StudentProject) -> str:
        assert self.world.may_install.wait(PATIENCE_S)
        if self.world.no_install is not None:
            raise self.world.no_install
        self.world.installed.append(project.file)
        return "file:student"

    def _look(self, model: InstalledModel) -> Callable[[], tuple[Offered, ...]]:
        return lambda: tuple(Offered(offer, costs()) for offer in offers_of(read_header(model.path)))

    @property
    def dialog(self) -> StudentDialog:
        assert self.presenter.dialog is not None
        return self.presenter.dialog

    def words(self) -> str:
        return words_on(self.dialog)

    def buttons(self) -> dict[str, QAbstractButton]:
        shown = children(self.dialog, QAbstractButton, shown=True)
        return {button.text().replace("&", ""): button for button in shown}

    def press(self, text: str) -> None:
        press(self.dialog, text, self.qtbot.waitUntil)

    def wait_for(self, words: str) -> None:
        self.qtbot.waitUntil(lambda: words in self.words())


def _file(url: QUrl) -> str:
    return url.toLocalFile()


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    del qapp
    model = make_tiny(tmp_path / "tiny.gguf", layers=12)
    with LedProcesses() as processes:
        made = Bench(qtbot, tmp_path, model, processes)
        yield made
        made.presenter.shut_down()
