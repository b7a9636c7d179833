"""The settings dialog on a real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QLabel, QProgressBar, QWidget
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.engine.repacking import RepackGain
from desktop.lifecycle.faster_answers import RepackAdvice, RepackAdvisor
from desktop.models.choice import ModelChoice
from desktop.models.events import FolderMoving, LibraryChanged
from desktop.models.service import ModelService
from desktop.models.types import InstalledModel
from desktop.settings.options import Settings, option_for
from desktop.settings.store import SettingsStore
from desktop.settings.types import OptionValue
from desktop.system.login.service import LoginStart
from desktop.system.login.xdg import XdgAutostart
from desktop.ui.settings.dialog import SettingsDialog
from desktop.ui.settings.editors import FolderEditor
from desktop.ui.settings.presenter import SettingsPresenter
from tests.rigs.settings import button, control
from tests.support.widgets import child, children

OWN = InstalledModel("file:/own.gguf", "Own one", Path("/own.gguf"), 986_000_000)


@dataclass
class Service:
    """Stands in for the model service: notes what it is asked for."""

    asked: list[tuple[str, object]] = field(default_factory=list)
    looks: int = 0

    def refresh(self) -> None:
        self.looks += 1

    def installed(self) -> tuple[InstalledModel, ...]:
        return (OWN,)

    def use(self, model_id: str) -> None:
        self.asked.append(("use", model_id))

    def move_folder(self, new: Path | None) -> None:
        self.asked.append(("move", new))


@dataclass
class Advisor:
    """Stands in for what finds out what "faster answers" brings."""

    known: RepackAdvice | None = field(default_factory=lambda: RepackAdvice("Own one", None, is_measuring=True))
    is_watched: bool = False
    listeners: list[Callable[[], object]] = field(default_factory=list)

    def subscribe(self, listener: Callable[[], object]) -> None:
        self.listeners.append(listener)

    def advice(self) -> RepackAdvice | None:
        return self.known

    def watch(self) -> None:
        self.is_watched = True

    def unwatch(self) -> None:
        self.is_watched = False

    def finds(self, gain: RepackGain) -> None:
        self.known = RepackAdvice("Own one", gain)
        for listener in self.listeners:
            listener()


class Bench:
    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.file = folder / "settings.json"
        self.store = SettingsStore(self.file)
        self.service = Service()
        self.troubles: list[UserFacingError] = []
        self.wanted_models = 0
        self.made = 0
        service = cast(ModelService, self.service)  # as much of it as the presenter uses
        self.autostart = folder / "autostart"
        self.login = LoginStart(XdgAutostart(self.autostart, ""), lambda: ("/bin/sh",), None)
        self.advisor = Advisor()
        self.presenter = SettingsPresenter(
            self._make,
            self.store,
            service,
            cast(ModelChoice, self.service),
            self.login,
            cast(RepackAdvisor, self.advisor),
            lambda: 3,
            lambda: 1024,
        )
        self.presenter.troubled.connect(self.troubles.append)
        self.presenter.modelsRequested.connect(self._want_models)

    def _make(self) -> SettingsDialog:
        self.made += 1
        dialog = SettingsDialog(self.store.current, (), lambda _settings: None)
        self.qtbot.addWidget(dialog)
        return dialog

    def _want_models(self) -> None:
        self.wanted_models += 1

    @property
    def dialog(self) -> SettingsDialog:
        dialog = self.presenter.dialog
        assert dialog is not None
        return dialog

    def open(self) -> None:
        self.presenter.show()
        with self.qtbot.waitExposed(self.dialog):
            pass

    def shown(self, key: str) -> OptionValue | None:
        return self.dialog._rows[key].candidate()

    def says(self, words: str) -> bool:
        return any(words in label.text() for label in children(self.dialog, QLabel) if label.isVisible())

    def block_saving(self) -> None:
        self.file.unlink(missing_ok=True)
        (self.file / "in the way").mkdir(parents=True)


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    yield Bench(qtbot, tmp_path)


def test_the_dialog_is_made_when_it_is_first_opened_and_once(bench: Bench) -> None:
    bench.store.change(threads=1)
    bench.presenter.on_model_event(LibraryChanged())
    assert bench.presenter.dialog is None
    bench.open()
    assert bench.shown("threads") == 1
    bench.dialog.close()
    bench.store.change(threads=2)
    bench.open()
    assert bench.shown("threads") == 2
    assert bench.made == 1
    assert bench.service.looks == 2


def test_what_is_automatic_is_named(bench: Bench) -> None:
    bench.open()
    shown = [box.text() for box in children(bench.dialog, QAbstractSpinBox)]
    assert "Automatic (3)" in shown
    assert "Automatic (1,024 tokens)" in shown


def test_what_faster_answers_brings_is_measured_while_the_dialog_is_open(bench: Bench) -> None:
    # GIVEN the dialog, just opened
    bench.open()
    assert bench.advisor.is_watched
    assert bench.says("Measuring what it brings with Own one")

    # WHEN something is found
    bench.advisor.finds(RepackGain(1.4, 1.35, 310_000_000, "haswell"))

    # THEN it is said, and the option offered
    assert bench.says("reading 40 % faster, answering 35 % faster; takes 310 MB more")
    assert control(bench.dialog, "faster_answers", QCheckBox).isEnabled()

    # AND nothing more is measured once it is closed
    bench.dialog.close()
    assert not bench.advisor.is_watched


def test_what_does_not_pay_can_be_switched_off_but_not_on(bench: Bench) -> None:
    # GIVEN the option switched on, where it turns out not to pay
    bench.store.change(faster_answers=True)
    bench.open()
    bench.advisor.finds(RepackGain(0.7, 1.15, 600_000_000, "haswell"))
    box = control(bench.dialog, "faster_answers", QCheckBox)
    assert bench.says("reading 30 % slower, answering 15 % faster, 600 MB more. So it is not used.")
    assert box.isEnabled()

    # WHEN it is switched off
    box.click()

    # THEN it stays so
    assert not bench.store.current.faster_answers
    assert not box.isEnabled()
    assert not bench.says("So it is not used")


def test_a_change_is_in_force_and_on_disk_at_once(bench: Bench) -> None:
    bench.open()
    heard: list[tuple[Settings, Settings]] = []
    bench.store.subscribe(lambda old, new: heard.append((old, new)))
    bench.dialog.changed.emit("temperature", 0.2)
    assert bench.store.current.temperature == 0.2
    assert len(heard) == 1
    assert SettingsStore(bench.file).current.temperature == 0.2


def test_a_change_made_elsewhere_is_shown(bench: Bench) -> None:
    bench.open()
    bench.store.change(font_size=15)
    assert bench.shown("font_size") == 15


def test_a_change_that_cannot_be_saved_goes_back_and_is_said(bench: Bench) -> None:
    bench.open()
    bench.block_saving()
    before = bench.shown("n_ctx")
    bench.dialog._rows["n_ctx"].show_setting(1024)
    bench.dialog.changed.emit("n_ctx", 1024)
    assert bench.says("The settings could not be saved.")
    assert bench.shown("n_ctx") == before == bench.store.current.n_ctx
    # WHEN the dialog is closed by then THEN it is said elsewhere
    bench.dialog.close()
    assert bench.troubles == []
    bench.dialog.changed.emit("n_ctx", 1024)
    assert [error.title for error in bench.troubles] == ["The settings could not be saved."]


def test_a_value_out_of_range_is_refused(bench: Bench) -> None:
    bench.open()
    before = bench.store.current
    bench.dialog.changed.emit("n_ctx", -5)
    assert bench.says("This setting cannot take that value.")
    assert bench.store.current == before


def test_models_and_folder_are_the_services_business(bench: Bench, tmp_path: Path) -> None:
    bench.open()
    bench.dialog.changed.emit("model", OWN.id)
    bench.dialog.changed.emit("model_folder", str(tmp_path / "new"))
    bench.dialog.changed.emit("model_folder", "")
    bench.dialog.modelsRequested.emit()
    assert bench.service.asked == [("use", OWN.id), ("move", tmp_path / "new"), ("move", None)]
    assert bench.wanted_models == 1
    assert bench.store.current.model_folder == ""


def test_a_move_is_shown_and_a_refused_folder_goes_back(bench: Bench) -> None:
    bench.open()
    bar = child(child(bench.dialog, FolderEditor), QProgressBar)
    bench.presenter.on_model_event(FolderMoving(0.5))
    assert not bar.isHidden()
    assert bar.value() == bar.maximum() // 2
    bench.presenter.on_model_event(FolderMoving(None))
    assert bar.isHidden()
    bench.dialog._rows["model_folder"].show_setting("/elsewhere")
    bench.presenter.on_model_event(LibraryChanged())
    assert bench.shown("model_folder") == ""


def test_start_at_login_is_what_the_system_says_whenever_the_dialog_opens(bench: Bench) -> None:
    bench.open()
    assert bench.shown("start_at_login") is False
    bench.dialog.close()
    bench.login.turn(True)
    bench.open()
    assert bench.shown("start_at_login") is True
    # WHEN somebody removes the entry elsewhere
    bench.dialog.close()
    (bench.autostart / "catnap.desktop").unlink()
    bench.open()
    assert bench.shown("start_at_login") is False
    assert not bench.file.exists()  # no copy of it is kept


def test_start_at_login_is_switched_and_put_back_with_the_page(bench: Bench) -> None:
    bench.open()
    tick = control(bench.dialog, "start_at_login", QCheckBox)
    tick.click()
    assert bench.login.is_on()
    button(bench.dialog, "Restore defaults").click()
    assert (bench.login.is_on(), tick.isChecked()) == (False, False)
    button(bench.dialog, "Undo").click()
    assert (bench.login.is_on(), tick.isChecked()) == (True, True)
    tick.click()
    assert (bench.login.is_on(), tick.isChecked()) == (False, False)


def test_a_start_at_login_that_cannot_be_written_says_so_and_goes_back(bench: Bench) -> None:
    bench.autostart.write_text("in the way")
    bench.open()
    tick = control(bench.dialog, "start_at_login", QCheckBox)
    tick.click()
    assert not tick.isChecked()
    assert bench.says("Catnap cannot get at what starts when you log in.")
    assert bench.says("Check that the disk is not full and the folder is writable.")
    # WHEN the cause is gone
    bench.autostart.unlink()
    tick.click()
    assert tick.isChecked()
    assert bench.login.is_on()
    assert not bench.says("Catnap cannot get at")


@pytest.mark.parametrize("key", ["n_ctx", "kv_type", "own_host"])
def test_it_opens_on_an_option_with_the_keyboard_on_it(bench: Bench, key: str) -> None:
    bench.presenter.show(key)
    dialog = bench.presenter.dialog
    assert dialog is not None
    with bench.qtbot.waitActive(dialog):
        pass
    label = option_for(key).label
    edited = next(found for found in children(dialog, QWidget) if found.accessibleName() == label)
    bench.qtbot.waitUntil(edited.isVisible)
    assert dialog.focusWidget() in (edited, edited.focusProxy())
    bench.qtbot.waitUntil(lambda: not edited.visibleRegion().isEmpty())
