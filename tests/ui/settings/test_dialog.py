"""The settings dialog: every option, applied as it is changed, refused beside the field, put back with a way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.settings.options import OPTIONS, SYSTEM_OPTIONS, Settings, option_for
from desktop.settings.types import Group
from desktop.ui.settings.dialog import SettingsDialog
from desktop.ui.widgets.mnemonics import mnemonic_of
from tests.rigs.every_window import name_of
from tests.rigs.looks import cut_off, on_screen, settled
from tests.rigs.looks import opened as opened_window
from tests.rigs.settings import SETTINGS, Store, button, complaints, control, opened, show_option, texts
from tests.rigs.window_states import PAGES
from tests.support.widgets import child, children

ALL = (*OPTIONS, *SYSTEM_OPTIONS)


@pytest.fixture
def dialog(qtbot: QtBot) -> Iterator[SettingsDialog]:
    with opened(qtbot) as made:
        yield made


@pytest.fixture
def store(dialog: SettingsDialog) -> Store:
    return Store(dialog, SETTINGS)


def test_what_tab_comes_to_from_outside_is_in_view_on_a_page_that_was_scrolled(
    dialog: SettingsDialog, qtbot: QtBot
) -> None:
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    dialog.resize(dialog.width(), 300)
    first = control(dialog, "model", QWidget)
    pages = child(dialog, QListWidget)
    qtbot.waitUntil(lambda: first.visibleRegion().boundingRect().height() > 0)
    page = dialog._pages[Group.MODEL]
    page.verticalScrollBar().setValue(page.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: first.visibleRegion().isEmpty())
    pages.setFocus()
    QTest.keyClick(pages, Qt.Key.Key_Tab)
    assert first.hasFocus()
    qtbot.waitUntil(lambda: first.visibleRegion().boundingRect().height() > 0)


@pytest.mark.parametrize("option", ALL, ids=lambda option: option.key)
def test_every_option_can_be_reached_and_is_explained(dialog: SettingsDialog, option: Any, qtbot: QtBot) -> None:
    found = control(dialog, option.key, QWidget)
    qtbot.waitUntil(lambda: found.visibleRegion().boundingRect().height() > 0)
    assert found.isVisible()
    assert found.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert found.accessibleDescription() == option.help
    assert any(text.startswith(option.help) and option.apply.value in text for text in texts(dialog))
    assert option.technical in found.toolTip()


def test_every_page_fits_a_small_screen(dialog: SettingsDialog) -> None:
    assert dialog.minimumSizeHint().width() <= 1008
    assert dialog.minimumSizeHint().height() <= 552


@pytest.mark.parametrize("group", list(Group), ids=lambda group: group.name)
def test_letters_are_unique_on_a_page(dialog: SettingsDialog, group: Group) -> None:
    show_option(dialog, next(option.key for option in OPTIONS if option.group is group))
    for more in children(dialog, QToolButton):
        if more.isVisible():
            more.setChecked(True)
    shown: list[QLabel | QAbstractButton] = [*children(dialog, QLabel, shown=True)]
    shown += children(dialog, QAbstractButton, shown=True)
    labels = [widget for widget in shown if not isinstance(widget, QLabel) or widget.buddy() is not None]
    letters = [letter for letter in (mnemonic_of(widget.text()) for widget in labels) if letter]
    assert len(letters) == len(set(letters))
    assert len(letters) >= sum(option.group is group for option in ALL)


def test_a_tick_counts_at_once(dialog: SettingsDialog, store: Store, qtbot: QtBot) -> None:
    control(dialog, "thinking", QCheckBox).click()
    assert store.changes == [("thinking", True)]


def test_a_choice_counts_at_once(dialog: SettingsDialog, store: Store) -> None:
    control(dialog, "theme", QComboBox).setCurrentIndex(2)
    assert store.changes == [("theme", "dark")]


def test_a_figure_counts_once_when_it_has_been_typed(dialog: SettingsDialog, store: Store, qtbot: QtBot) -> None:
    box = control(dialog, "n_ctx", QDoubleSpinBox)
    box.selectAll()
    with qtbot.waitSignal(dialog.changed) as emitted:
        QTest.keyClicks(box, "4096")
    assert emitted.args == ["n_ctx", 4096]
    assert store.changes == [("n_ctx", 4096)]
    assert isinstance(store.changes[0][1], int)


def test_a_fraction_stays_a_fraction_and_has_no_zeros_at_its_end(dialog: SettingsDialog, store: Store) -> None:
    box = control(dialog, "top_p", QDoubleSpinBox)
    assert box.text() == "0.9"
    box.setValue(0.85)
    dialog.hide()
    assert store.changes == [("top_p", 0.85)]
    assert control(dialog, "idle_minutes", QDoubleSpinBox).text() == "5 min"


def test_a_value_finer_than_a_step_is_shown_and_not_written_back(dialog: SettingsDialog, store: Store) -> None:
    dialog.set_settings(replace(store.settings, idle_minutes=0.05))
    assert control(dialog, "idle_minutes", QDoubleSpinBox).text() == "0.05 min"
    dialog.hide()
    assert store.changes == []


def test_what_was_typed_is_not_lost_when_the_window_closes(dialog: SettingsDialog, store: Store, qtbot: QtBot) -> None:
    text = control(dialog, "system_prompt", QPlainTextEdit)
    QTest.keyClicks(text, "Be brief.")
    assert store.changes == []
    QTest.keyClick(text, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert store.changes == [("system_prompt", "Be brief.")]


def test_a_change_from_elsewhere_shows_but_is_not_announced(dialog: SettingsDialog, store: Store) -> None:
    dialog.set_settings(replace(store.settings, threads=3, theme="light", model=""))
    assert control(dialog, "threads", QDoubleSpinBox).value() == 3
    assert control(dialog, "theme", QComboBox).currentData() == "light"
    assert control(dialog, "model", QComboBox).currentIndex() == -1
    assert store.changes == []


def test_another_setting_does_not_disturb_somebody_typing(dialog: SettingsDialog, store: Store, qtbot: QtBot) -> None:
    text = control(dialog, "system_prompt", QPlainTextEdit)
    QTest.keyClicks(text, "Be bri")
    dialog.set_settings(replace(store.settings, threads=3))
    assert text.toPlainText() == "Be bri"


def test_a_refused_value_goes_back(dialog: SettingsDialog, store: Store) -> None:
    store.refused = "thinking"
    tick = control(dialog, "thinking", QCheckBox)
    tick.click()
    assert store.changes == [("thinking", True)]
    assert not tick.isChecked()


def test_an_address_is_judged_beside_the_field(dialog: SettingsDialog, store: Store, qtbot: QtBot) -> None:
    line = control(dialog, "own_host", QLineEdit)
    QTest.keyClicks(line, "http://example.org")
    assert complaints(dialog) == []  # not while it is being typed
    qtbot.waitUntil(lambda: bool(complaints(dialog)))
    assert complaints(dialog) == ["Only https is accepted, so that nobody can change the model on its way."]
    assert store.changes == []
    # A change elsewhere does not take away what is being mended.
    control(dialog, "thinking", QCheckBox).click()
    assert control(dialog, "own_host", QLineEdit).text() == "http://example.org"
    line.setText("https://example.org")
    assert complaints(dialog) == []
    qtbot.waitUntil(lambda: ("own_host", "https://example.org") in store.changes)


def test_stepping_passes_over_values_nobody_can_read(dialog: SettingsDialog, store: Store, qtbot: QtBot) -> None:
    with pytest.raises(UserFacingError):
        option_for("font_size").validate(5)
    box = control(dialog, "font_size", QDoubleSpinBox)
    box.stepUp()
    assert box.value() == 6
    box.stepDown()
    assert box.text() == "Like the system"


def test_memory_is_counted_before_a_value_is_applied(dialog: SettingsDialog, store: Store) -> None:
    assert "0 tokens in f16" in texts(dialog)
    control(dialog, "n_ctx", QDoubleSpinBox).setValue(8192)
    assert store.changes == []
    assert "8192 tokens in f16" in texts(dialog)
    assert "If switched on: 8192 tokens in f16, repacked" in texts(dialog)
    control(dialog, "faster_answers", QCheckBox).click()
    assert "8192 tokens in f16, repacked" in texts(dialog)


def test_an_unknown_cost_says_nothing(dialog: SettingsDialog, store: Store) -> None:
    dialog.set_settings(Settings())
    assert not [text for text in texts(dialog) if "tokens in" in text or "If switched on" in text]


def test_a_page_goes_back_to_its_defaults_and_forth_again(dialog: SettingsDialog, store: Store) -> None:
    before = replace(store.settings, n_ctx=8192, kv_type="q8_0", temperature=1.5)
    store.settings = before
    dialog.set_settings(before)
    show_option(dialog, "n_ctx")
    assert not button(dialog, "Undo").isVisible()
    button(dialog, "Restore defaults").click()
    assert store.settings == replace(Settings(), model="small", temperature=1.5)
    assert "Restored: Context size, Conversation memory." in texts(dialog)
    button(dialog, "Undo").click()
    assert store.settings == before
    assert not button(dialog, "Undo").isVisible()


def test_undo_is_not_offered_after_another_change(dialog: SettingsDialog, store: Store) -> None:
    store.settings = replace(store.settings, n_ctx=8192)
    dialog.set_settings(store.settings)
    show_option(dialog, "n_ctx")
    button(dialog, "Restore defaults").click()
    assert button(dialog, "Undo").isVisible()
    control(dialog, "faster_answers", QCheckBox).click()
    assert not button(dialog, "Undo").isVisible()


def test_what_the_system_keeps_is_shown_and_announced_but_never_part_of_the_settings(
    dialog: SettingsDialog, store: Store
) -> None:
    dialog.set_system_value("start_at_login", True)
    tick = control(dialog, "start_at_login", QCheckBox)
    assert tick.isChecked()
    assert store.changes == []
    dialog.set_settings(replace(store.settings, theme="dark"))
    assert tick.isChecked()
    tick.click()
    assert store.changes == [("start_at_login", False)]
    assert store.settings == replace(Settings(), model="small")


def test_restoring_a_page_that_is_as_it_came_says_so(dialog: SettingsDialog, store: Store) -> None:
    show_option(dialog, "n_ctx")
    button(dialog, "Restore defaults").click()
    assert store.changes == []
    assert "Nothing on this page differs from its default." in texts(dialog)


def test_a_refusal_is_said_beside_its_field_until_the_next_change(dialog: SettingsDialog, store: Store) -> None:
    box = control(dialog, "thinking", QCheckBox)
    store.refused = "thinking"
    box.click()
    dialog.show_refusal("thinking", UserFacingError("The disk is full.", "/home", "Free some room."))
    assert not box.isChecked()
    assert complaints(dialog) == ["The disk is full. /home Free some room."]
    dialog.set_settings(store.settings)  # whatever else happens meanwhile
    assert complaints(dialog) == ["The disk is full. /home Free some room."]
    store.refused = ""
    box.click()
    assert complaints(dialog) == []
    assert box.isChecked()


def test_a_refusal_is_not_there_any_more_when_the_dialog_comes_back(dialog: SettingsDialog) -> None:
    show_option(dialog, "thinking")
    dialog.show_refusal("thinking", UserFacingError("The disk is full."))
    dialog.close()
    dialog.show()
    show_option(dialog, "thinking")
    assert complaints(dialog) == []


def test_nothing_is_cut_off_on_a_very_small_screen(dialog: SettingsDialog, qtbot: QtBot) -> None:
    dialog.resize(480, 250)
    for option in ALL:
        show_option(dialog, option.key)
        page = next(area for area in children(dialog, QScrollArea) if area.isVisible())
        qtbot.waitUntil(partial(_fits, page))


def _fits(page: QScrollArea) -> bool:
    return page.widget().width() <= page.viewport().width()


@pytest.mark.parametrize("make", PAGES, ids=name_of)
def test_no_page_is_wider_than_a_small_screen_has_room(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, make: Callable[[], SettingsDialog]
) -> None:
    # GIVEN 1366 x 768 at 200 %
    on_screen(monkeypatch, 683, 384)
    # WHEN a page is turned to
    dialog = opened_window(qtbot, make)
    settled(dialog)
    # THEN every word of it can be read
    assert cut_off(dialog) == []
