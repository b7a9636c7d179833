"""The interface as a whole on real services and the real engine, without a desktop around it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.common.paths import Paths
from desktop.engine.types import Asleep, SleepReason, Waking
from desktop.machine.memory_pressure import LinuxPressure, Pressure
from desktop.models.events import LibraryChanged, ModelArrived
from desktop.ui.about import AboutDialog
from desktop.ui.theme.icons import CatState
from desktop.ui.words import memory_words
from tests.rigs.shell import Bench, running
from tests.support.own_models import use_own
from tests.support.parrot import PARROT_TEXT
from tests.support.widgets import child, children

# The offscreen platform has no tray of its own, so that Qt tries its X11 one; the real one is clicked end to end.
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths) -> Iterator[Bench]:
    with running(qapp, qtbot, data_dir) as made:
        yield made


# Windows that are made when they are needed


def test_hidden_there_is_no_window(bench: Bench) -> None:
    bench.shell.start(hidden=True)
    assert bench.shell.window is None
    assert bench.shell.models.dialog is None
    bench.shell.show_window()
    first = bench.window
    assert first.isVisible()
    first.hide()
    bench.shell.show_window()
    assert bench.window is first


def test_hidden_without_a_tray_the_window_comes_after_all(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.app.windows.closing._TRAY_PATIENCE_MS", 10)
    bench.tray_is_there = False
    bench.shell.start(hidden=True)
    bench.qtbot.waitUntil(lambda: bench.shell.is_window_visible)


def test_when_the_tray_goes_the_hidden_window_comes_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.app.windows.closing._BACK_MS", 10)
    bench.show()
    bench.window.close()
    assert not bench.shell.is_window_visible
    bench.tray_is_there = False
    bench.shell.tray.availabilityChanged.emit(False)
    bench.qtbot.waitUntil(lambda: bench.shell.is_window_visible)


def test_what_closing_shall_mean_is_no_question_once_the_tray_is_back(bench: Bench) -> None:
    # GIVEN a window that was closed where there is no tray
    bench.tray_is_there = False
    bench.show()
    bench.window.close()
    assert "There is no tray here" in bench.banner() and bench.shell.is_window_visible
    # WHEN the tray comes THEN nobody is asked any more, and the next closing goes into it
    bench.tray_is_there = True
    bench.shell.tray.availabilityChanged.emit(True)
    assert bench.banner() == ""
    bench.window.close()
    assert not bench.shell.is_window_visible


def test_the_first_start_shows_the_window_and_the_models(bench: Bench) -> None:
    bench.show()
    assert bench.shell.models.is_open
    assert bench.services.choice.in_use() is None


def test_with_a_model_the_models_dialog_does_not_come(bench: Bench, parrot_model: Path) -> None:
    use_own(bench.services, parrot_model)
    bench.show()
    assert bench.shell.models.dialog is None


@pytest.mark.parametrize("has_model", [True, False])
def test_while_a_slow_disk_is_asked_the_models_dialog_does_not_come(
    bench: Bench, parrot_model: Path, monkeypatch: pytest.MonkeyPatch, has_model: bool
) -> None:
    # GIVEN a start on which nothing is known of the model folder yet
    if has_model:
        use_own(bench.services, parrot_model)
    choice = bench.services.choice
    with monkeypatch.context() as slow:
        slow.setattr(type(choice), "is_unknown", property(lambda _self: True))
        slow.setattr(choice, "ready", lambda: None)
        bench.show()
        assert bench.shell.models.dialog is None
        bench.services.model_events(LibraryChanged())
        assert bench.shell.models.dialog is None
    # WHEN it answers THEN the dialog comes where there is no model, and only there
    bench.services.model_events(LibraryChanged())
    assert (bench.shell.models.dialog is None) == has_model


def test_about_can_be_opened_again_and_again(bench: Bench) -> None:
    bench.show()
    for _ in range(2):
        bench.window.menu.about.trigger()
        child(bench.window, AboutDialog).close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert children(bench.window, AboutDialog) == []


# What there is to say


def test_what_was_said_before_the_window_is_shown_in_it(bench: Bench) -> None:
    bench.notices.report(UserFacingError("The settings could not be read."))
    bench.notices.report(UserFacingError("The catalogue is broken."))
    assert bench.messages == ["The settings could not be read.", "The catalogue is broken."]
    assert bench.shell.window is None
    bench.show()
    assert bench.banner() == "The settings could not be read."
    assert bench.window.pane.banner.waiting == 1
    bench.shell.show_window()
    assert bench.window.pane.banner.waiting == 1


def test_a_model_that_arrives_unseen_is_said_in_the_tray(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(bench.shell.tray, "show_message", lambda title, _text: said.append(title))
    bench.services.model_events(ModelArrived("qwen2.5-0.5b"))
    assert said == [bench.services.models.catalog.models[5].name + " is ready."]
    bench.show()
    bench.services.model_events(ModelArrived("qwen2.5-0.5b"))
    assert len(said) == 1


def test_the_cat_follows_the_engine_and_so_does_a_window_made_later(bench: Bench) -> None:
    bench.bridge.post(Waking(1, 0.4))
    bench.qtbot.waitUntil(lambda: bench.shell.tray.state is CatState.WAKING)
    assert "waking 40" in bench.shell.tray.tooltip
    bench.show()
    bench.bridge.post(Asleep(SleepReason.IDLE))
    bench.qtbot.waitUntil(lambda: bench.shell.tray.state is CatState.ASLEEP)


# Waking early, and minding the machine


def test_typing_wakes_the_model(bench: Bench, parrot_model: Path) -> None:
    use_own(bench.services, parrot_model)
    bench.show()
    QTest.keyClicks(bench.window.pane.composer.edit, "Hel")
    bench.qtbot.waitUntil(lambda: bench.shell.tray.state is CatState.AWAKE)
    assert bench.questions() == []
    QTest.keyClicks(bench.window.pane.composer.edit, "lo")
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Return)
    bench.wait_for_answer()
    stats = bench.services.history.transcript(bench.services.history.conversations()[0].id).messages[-1].stats
    assert stats is not None and stats.load_s == 0


@pytest.mark.parametrize(("percent", "woken"), [(19, False), (21, True)])
def test_on_a_nearly_empty_battery_typing_wakes_nothing(
    bench: Bench, parrot_model: Path, monkeypatch: pytest.MonkeyPatch, percent: int, woken: bool
) -> None:
    battery = SimpleNamespace(percent=percent, secsleft=60, power_plugged=False)
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    use_own(bench.services, parrot_model)
    bench.show()
    shown: list[bool] = []
    monkeypatch.setattr(bench.window.status, "set_battery", lambda visible, _tip: shown.append(visible))
    QTest.keyClicks(bench.window.pane.composer.edit, "Hello")
    assert bench.services.supervisor.preloader.is_running is woken
    # WHEN it is asked THEN it answers, sparingly, and the sign says so
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Return)
    bench.wait_for_answer()
    assert shown == [True]


def test_a_machine_short_of_memory_gets_it_back_and_the_tray_says_why(
    bench: Bench, parrot_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_own(bench.services, parrot_model)
    bench.show()
    bench.send("Hello")
    bench.wait_for_answer()
    monkeypatch.setattr(LinuxPressure, "read", lambda _reader: Pressure.CRITICAL)
    bench.services.supervisor.low_memory.poll()
    bench.services.supervisor.low_memory.poll()
    bench.qtbot.waitUntil(lambda: bench.shell.tray.state is CatState.ASLEEP)
    assert "ran short of memory" in bench.shell.tray.tooltip
    # THEN half a question does not wake it again, a whole one does
    QTest.keyClicks(bench.window.pane.composer.edit, "And")
    assert not bench.services.supervisor.preloader.is_running
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Return)
    bench.qtbot.waitUntil(lambda: bench.page().count(PARROT_TEXT) == 2)


def test_states_are_erased_when_they_are_not_to_be_kept(bench: Bench) -> None:
    folder = bench.paths.snapshots_dir
    folder.mkdir(parents=True)
    (folder / "one.state").write_bytes(b"state")
    bench.services.store.change(threads=1)
    assert list(folder.iterdir())
    bench.services.store.change(keep_states=False)
    bench.qtbot.waitUntil(lambda: not list(folder.iterdir()))


# Settings


def test_theme_and_font_size_apply_at_once(bench: Bench, qapp: QApplication) -> None:
    bench.show()
    bench.services.store.change(theme="dark")
    assert qapp.palette().color(QPalette.ColorRole.Window).lightness() < 100
    bench.services.store.change(theme="light")
    assert qapp.palette().color(QPalette.ColorRole.Window).lightness() > 150
    bench.services.store.change(font_size=17)
    page = bench.window.pane.transcript.document()
    bench.qtbot.waitUntil(lambda: page.defaultFont().pointSizeF() == 17)
    bench.window.menu.larger.trigger()
    assert bench.services.store.current.font_size == 18


def test_a_window_made_later_has_the_font_size(bench: Bench) -> None:
    bench.services.store.change(font_size=17)
    bench.show()
    assert bench.window.pane.transcript.document().defaultFont().pointSizeF() == 17


def test_the_settings_show_what_a_model_costs(
    bench: Bench, parrot_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_own(bench.services, parrot_model)
    bench.show()
    monkeypatch.setattr(bench.services.supervisor.faster_answers, "watch", lambda: None)  # nothing is to be measured
    bench.shell.settings.show()
    dialog = bench.shell.settings.dialog
    assert dialog is not None
    with bench.qtbot.waitExposed(dialog):
        pass
    footprint = bench.services.supervisor.fit.cost(bench.services.store.current, bench.services.choice.in_use())
    assert footprint is not None
    shown = [label.text() for label in children(dialog, QLabel)]
    assert memory_words(footprint.rss, footprint.kv_bytes).removeprefix("a") in [
        text.removeprefix("A") for text in shown
    ]


# Closing


def test_closing_hides_the_window_in_the_tray(bench: Bench) -> None:
    bench.show()
    bench.window.close()
    assert not bench.shell.is_window_visible
    assert bench.quits == 0


def test_closing_quits_where_the_user_wants_that(bench: Bench) -> None:
    bench.services.store.change(close_to_tray=False)
    bench.show()
    bench.window.close()
    assert bench.quits == 1


@pytest.mark.parametrize(
    ("button", "choice", "quits", "minimised"),
    [("Quit Catnap", "quit", 1, False), ("Minimise the window", "minimise", 0, True)],
)
def test_without_a_tray_closing_asks_once_and_remembers(
    bench: Bench, button: str, choice: str, quits: int, minimised: bool
) -> None:
    bench.tray_is_there = False
    bench.show()
    bench.window.close()
    assert bench.shell.is_window_visible
    assert "There is no tray here" in bench.banner()
    assert bench.quits == 0
    bench.press(button)
    assert bench.services.store.current.without_tray == choice
    assert (bench.quits, bench.window.isMinimized()) == (quits, minimised)
    bench.window.close()
    assert bench.quits == quits * 2
    assert bench.banner() == ""


def test_without_a_tray_closing_twice_quits(bench: Bench) -> None:
    bench.tray_is_there = False
    bench.show()
    bench.window.close()
    bench.window.close()
    assert bench.quits == 1
    assert bench.services.store.current.without_tray == "ask"


def test_the_choice_counts_though_it_cannot_be_kept(bench: Bench) -> None:
    bench.tray_is_there = False
    bench.show()
    bench.block_saving()
    bench.window.close()
    bench.press("Quit Catnap")
    assert bench.quits == 1
    bench.qtbot.waitUntil(lambda: bench.banner() == "The settings could not be saved.")


def test_everything_goes_off_the_screen_for_quitting(bench: Bench) -> None:
    bench.show()
    bench.shell.settings.show()
    bench.shell.open_quick_ask()
    bench.shell.close()
    assert [top for top in QApplication.topLevelWidgets() if top.isVisible()] == []
