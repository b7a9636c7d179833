"""The first steps in the interface as a whole: when they come, what they change, and that they never come again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.common.paths import Paths
from desktop.lifecycle.first_choice import Lack
from desktop.models.events import DownloadBroke, DownloadMoved, ModelArrived, ModelTrouble
from desktop.models.types import DownloadProgress, DownloadState
from desktop.settings.store import SettingsStore
from desktop.ui.first_run.dialog import FirstRunDialog
from desktop.ui.language import change_language
from desktop.ui.models.card import ModelCard
from tests.rigs.shell import Bench, running
from tests.support.own_models import use_own
from tests.support.patience import PATIENCE_S
from tests.support.widgets import child, children

# The offscreen platform has no tray of its own, so that Qt tries its X11 one; the real one is clicked end to end.
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, data_dir: Paths) -> Iterator[Bench]:
    with running(qapp, qtbot, data_dir) as made:
        yield made
    change_language(qapp, "en")


def begin(bench: Bench) -> FirstRunDialog:
    """Starts as somebody does who has never seen Catnap."""
    bench.shell.start(hidden=False, welcomes=True)
    dialog = bench.shell.first_run.dialog
    assert dialog is not None
    with bench.qtbot.waitExposed(dialog):
        pass
    return dialog


def words(dialog: FirstRunDialog) -> str:
    return " | ".join(label.text() for label in children(dialog, QLabel, shown=True))


def button(dialog: FirstRunDialog, text: str) -> QPushButton:
    found = [one for one in children(dialog, QPushButton, shown=True) if one.text().replace("&", "") == text]
    assert len(found) == 1, [one.text() for one in children(dialog, QPushButton, shown=True)]
    return found[0]


def best(bench: Bench) -> str:
    return bench.services.supervisor.fit.recommended() or ""


def moved(bench: Bench, share: float, state: DownloadState = DownloadState.RUNNING) -> None:
    spec = bench.services.models.catalog.get(best(bench))
    assert spec is not None
    done = round(spec.size * share)
    bench.services.model_events(DownloadMoved(DownloadProgress(spec.id, state, done, spec.size, 2e6, 60, "a host")))


# When it comes


def test_somebody_new_sees_the_first_steps_and_nothing_else(bench: Bench) -> None:
    dialog = begin(bench)
    assert dialog.isVisible()
    assert bench.shell.window is None and not bench.shell.models.is_open
    # THEN the keyboard is on getting the recommended model, with two others beside it
    bench.qtbot.waitUntil(lambda: isinstance(dialog.focusWidget(), QPushButton))
    focus = dialog.focusWidget()
    assert isinstance(focus, QPushButton) and focus.text().startswith("Download ")
    cards = children(dialog, ModelCard, shown=True)
    assert [card.entry.recommended for card in cards] == [True, False, False]
    assert cards[0].entry.id == best(bench)
    assert all("words a second" in card.entry.why for card in cards)
    assert "This computer has" in words(dialog)


@pytest.mark.parametrize("way", ["skip", "Esc", "Ctrl+W"])
def test_skipped_it_gives_way_to_the_window_and_never_comes_again(
    qapp: QApplication, qtbot: QtBot, data_dir: Paths, way: str
) -> None:
    with running(qapp, qtbot, data_dir) as bench:
        dialog = begin(bench)
        if way == "skip":
            button(dialog, "Skip").click()
        elif way == "Esc":
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
        else:
            dialog.activateWindow()
            qtbot.waitUntil(dialog.isActiveWindow)
            QTest.keySequence(dialog, "Ctrl+W")
        # THEN the window says what is missing, and nobody insists
        assert bench.shell.is_window_visible
        assert not bench.shell.models.is_open and not bench.shell.first_run.is_open
        assert "No model is here yet." in " ".join(label.text() for label in children(bench.window, QLabel, shown=True))
    with running(qapp, qtbot, data_dir) as bench:
        bench.shell.start(hidden=False, welcomes=True)
        assert bench.shell.is_window_visible
        assert not bench.shell.first_run.is_open and not bench.shell.models.is_open


def test_killed_while_it_shows_it_does_not_come_again(bench: Bench) -> None:
    begin(bench)
    # WHEN the power goes: nothing more is written, and what is on the disk is all there is
    assert bench.services.writer.flush(PATIENCE_S)
    assert SettingsStore(bench.paths.settings_file).current.first_steps is False


def test_the_setting_brings_it_back(bench: Bench) -> None:
    begin(bench).close()
    bench.services.store.change(first_steps=True)
    assert bench.shell.first_run.is_due()


def test_with_a_model_it_does_not_come(bench: Bench, parrot_model: Path) -> None:
    use_own(bench.services, parrot_model)
    bench.shell.start(hidden=False, welcomes=True)
    assert bench.shell.is_window_visible and not bench.shell.first_run.is_open


@pytest.mark.parametrize("deleted", [False, True])
def test_with_a_conversation_it_does_not_come(bench: Bench, deleted: bool) -> None:
    history = bench.services.history
    one = history.create("Cats")
    history.add_user_message(one.id, "Cats?")
    if deleted:
        history.delete(one.id)
    bench.shell.start(hidden=False, welcomes=True)
    assert bench.shell.is_window_visible and not bench.shell.first_run.is_open
    assert bench.shell.models.is_open, "as for everybody who has no model"


def test_a_download_that_was_begun_elsewhere_goes_on_there(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.services.models, "partials", lambda: {best(bench): 1000})
    bench.shell.start(hidden=False, welcomes=True)
    assert bench.shell.models.is_open and not bench.shell.first_run.is_open


def test_hidden_it_waits_until_the_window_is_wanted(bench: Bench) -> None:
    bench.shell.start(hidden=True, welcomes=True)
    assert not bench.shell.first_run.is_open
    bench.shell.show_window()
    assert bench.shell.first_run.is_open and bench.shell.window is None


def test_for_a_quick_question_it_does_not_come(bench: Bench) -> None:
    bench.shell.start(hidden=True, welcomes=True)
    bench.ask_quickly("Hello")
    assert bench.shell.models.is_open and not bench.shell.first_run.is_open


def test_while_it_is_open_whatever_asks_for_the_window_brings_it_to_the_front(bench: Bench) -> None:
    dialog = begin(bench)
    bench.shell.show_window()
    bench.shell.open_quick_ask()
    assert bench.shell.first_run.dialog is dialog and dialog.isVisible()
    assert bench.shell.window is None and bench.shell.quick.box is None


def test_tab_goes_from_top_to_bottom(bench: Bench) -> None:
    dialog = begin(bench)
    child(dialog, QComboBox).setFocus()
    places: list[int] = []
    for _step in range(7):
        focus = dialog.focusWidget()
        assert focus is not None
        places.append(focus.mapTo(dialog, focus.rect().topLeft()).y())
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert places == sorted(places)


# What it does


def test_the_language_is_taken_at_once_and_the_window_speaks_it(bench: Bench) -> None:
    dialog = begin(bench)
    combo = child(dialog, QComboBox)
    combo.setCurrentIndex(combo.findText("简体中文"))
    combo.activated.emit(combo.currentIndex())
    # THEN the dialog, the tray and the window to come speak Chinese
    assert bench.services.store.current.language == "zh_CN"
    (card, *_others) = children(dialog, ModelCard, shown=True)
    spec = bench.services.models.catalog.get(card.entry.id)
    assert spec is not None and spec.summary_zh in words(dialog)
    assert any(action.text() == "退出(&Q)" for action in bench.shell.tray._menu.actions())
    dialog.close()
    assert "还没有模型" in " ".join(label.text() for label in children(bench.window, QLabel, shown=True))
    # AND back again: nothing Chinese stays behind
    change_language(bench.shell._app, "en")
    bench.shell.tray.say_again()
    assert any(action.text() == "&Quit" for action in bench.shell.tray._menu.actions())


def test_a_language_that_is_changed_in_mid_download_keeps_the_download_in_sight(bench: Bench) -> None:
    dialog = begin(bench)
    moved(bench, 0.5)
    combo = child(dialog, QComboBox)
    combo.setCurrentIndex(combo.findText("简体中文"))
    combo.activated.emit(combo.currentIndex())
    assert any(card.under_way for card in children(dialog, ModelCard, shown=True))


def test_start_at_login_is_what_the_system_says(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = begin(bench)
    (box,) = children(dialog, QCheckBox, shown=True)
    assert not box.isChecked(), "nobody has asked for it"
    box.click()
    assert bench.services.login.is_on() and box.isChecked()
    box.click()
    assert not bench.services.login.is_on() and not box.isChecked()
    # WHEN the system refuses THEN that is said, and the box says how it is

    def refuse(_on: bool) -> None:
        raise UserFacingError("It cannot be changed.", "A disk.", "Free some space.")

    monkeypatch.setattr(bench.services.login, "turn", refuse)
    box.click()
    assert not box.isChecked()
    assert "It cannot be changed. A disk. Free some space." in words(dialog)


def test_a_download_is_begun_paused_cancelled_and_gone_on_with(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for what in ("download", "pause", "cancel"):
        monkeypatch.setattr(bench.services.models, what, lambda model, what=what: asked.append(f"{what} {model}"))
    dialog, wanted = begin(bench), best(bench)
    bench.qtbot.waitUntil(lambda: isinstance(dialog.focusWidget(), QPushButton))
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Space)
    moved(bench, 0.25)
    assert "2 MB/s" in words(dialog) and "the download goes on" in words(dialog)
    button(dialog, "Pause").click()
    moved(bench, 0.25, DownloadState.PAUSED)
    assert "Paused at" in words(dialog) and "the download goes on" not in words(dialog)
    button(dialog, "Resume").click()
    moved(bench, 0.3)
    button(dialog, "Cancel").click()
    assert asked == [f"{what} {wanted}" for what in ("download", "pause", "download", "cancel")]


def test_closed_in_mid_download_the_window_says_how_far_it_is(bench: Bench) -> None:
    dialog = begin(bench)
    moved(bench, 0.25)
    button(dialog, "Go on in the background").click()
    moved(bench, 0.34)
    page = bench.window.pane.empty_page
    assert "The model is on its way: 34%." in " ".join(label.text() for label in children(page, QLabel, shown=True))
    (show,) = [one for one in children(page, QPushButton, shown=True) if one.text() == "Show the download"]
    show.click()
    assert bench.shell.models.is_open
    # WHEN it stops THEN the page says again that there is none
    bench.services.model_events(DownloadBroke(best(bench), UserFacingError("It broke.")))
    assert "No model is here yet." in " ".join(label.text() for label in children(page, QLabel, shown=True))


def test_without_a_network_that_is_said_where_one_looks_and_nowhere_else(bench: Bench) -> None:
    dialog = begin(bench)
    moved(bench, 0.0, DownloadState.WAITING)
    error = UserFacingError("No download host answers.", "huggingface.co: no network.", "Check the connection.")
    bench.services.model_events(DownloadBroke(best(bench), error))
    assert "No download host answers. huggingface.co: no network. Check the connection." in words(dialog)
    assert button(dialog, "Try again").isVisible() and button(dialog, "I have a file…").isVisible()
    assert button(dialog, "Skip").isVisible()
    dialog.close()
    assert bench.banner() == "", "it was said already"


def test_a_file_of_ones_own_will_do(
    bench: Bench, parrot_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = begin(bench)
    taken: list[Path] = []
    monkeypatch.setattr(bench.services.models, "import_file", taken.append)
    monkeypatch.setattr("desktop.ui.models.model_file.choose_file", lambda *_arguments: str(tmp_path / "a.gguf"))
    button(dialog, "I have a file…").click()
    assert taken == [tmp_path / "a.gguf"]
    # WHEN it is no model THEN that is said
    bench.services.model_events(ModelTrouble(UserFacingError("This is no GGUF file.", "a.gguf.")))
    assert "This is no GGUF file. a.gguf." in words(dialog)
    # WHEN another one works THEN Enter begins
    model = use_own(bench.services, parrot_model)
    bench.services.model_events(ModelArrived(model.id))
    assert f"{model.name} is ready." in words(dialog)
    assert bench.messages == [], "nobody is called to the tray for what is in front of him"
    focus = dialog.focusWidget()
    assert isinstance(focus, QPushButton) and focus.text() == "&Begin"
    QTest.keyClick(focus, Qt.Key.Key_Space)
    bench.send("Hello")
    bench.wait_for_answer()


def test_all_models_are_one_click_away(bench: Bench) -> None:
    dialog = begin(bench)
    button(dialog, "All models…").click()
    assert bench.shell.models.is_open and bench.shell.is_window_visible
    assert not bench.shell.first_run.is_open


def test_where_nothing_fits_there_is_a_way_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    presenter = bench.shell.first_run
    found = presenter._look("en")
    full = replace(found, offers=(), lack=Lack.DISK, least=169_000_000)
    answers = [full, found]
    monkeypatch.setattr(presenter, "_look", lambda _language: answers.pop(0))
    dialog = begin(bench)
    assert "There is too little room on the disk" in words(dialog)
    assert not children(dialog, ModelCard, shown=True)
    button(dialog, "Another folder…").click()
    settings = bench.shell.settings.dialog
    assert settings is not None and settings.isVisible()
    # WHEN there is room THEN looking again offers models
    button(dialog, "Look again").click()
    assert len(children(dialog, ModelCard, shown=True)) == 3
    assert "There is too little room" not in words(dialog)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
