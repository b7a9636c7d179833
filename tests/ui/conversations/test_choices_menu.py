"""The button that says which model answers, and the menu of what can be chosen for one conversation."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from desktop.ui.conversations.choices_menu import ChoicesButton, ChoicesMenu, Offer, OfferedModel

MODELS = [OfferedModel("q.gguf", "Qwen & co"), OfferedModel("s.gguf", "SmolLM2")]
USUAL = Offer(MODELS, "SmolLM2", 0.7, None, None, "SmolLM2")


@pytest.fixture
def button(qtbot: QtBot) -> ChoicesButton:
    made = ChoicesButton(ChoicesMenu())
    qtbot.addWidget(made)
    return made


def entries(menu: QMenu) -> list[tuple[str, bool]]:
    menu.aboutToShow.emit()
    return [(action.text(), action.isChecked()) for action in menu.actions() if not action.isSeparator()]


def test_what_is_usual_is_checked_and_what_is_chosen_is_written(button: ChoicesButton) -> None:
    button.show_offer(USUAL)
    assert button.text() == "SmolLM2"
    assert [words for words, checked in entries(button.menu()) if checked] == [
        "As in the settings (SmolLM2)", "As usual (0.7)",
    ]  # fmt: skip
    button.show_offer(replace(USUAL, model="q.gguf", temperature=0.25, answers="Qwen & co"))
    assert button.text() == "Qwen && co · 0.25"
    assert [words for words, checked in entries(button.menu()) if checked] == ["Qwen && co", "0.25"]
    assert "Qwen & co" in button.accessibleName() and "0.25" in button.accessibleName()


def test_choosing_tells_the_file_and_the_figure(button: ChoicesButton) -> None:
    chosen: list[object] = []
    button._choices.modelChosen.connect(chosen.append)
    button._choices.temperatureChosen.connect(chosen.append)
    button.show_offer(replace(USUAL, temperature=0.3))
    button.menu().aboutToShow.emit()
    *values, another = (one for one in button.menu().actions() if not one.isSeparator())
    for action in values:
        action.trigger()
    wanted: list[bool] = []
    button._choices.temperatureWanted.connect(lambda: wanted.append(True))
    another.trigger()
    assert (another.text(), wanted) == ("Another value…", [True])
    assert chosen == [None, "q.gguf", "s.gguf", None, 0.0, 0.3, 0.7, 1.0, 1.4]


def test_a_narrow_window_has_room_for_a_choice_only(button: ChoicesButton) -> None:
    button.show_offer(USUAL)
    assert not button.isHidden()
    button.set_narrow(True)
    assert button.isHidden()
    button.show_offer(replace(USUAL, temperature=0.3))
    assert not button.isHidden()
    button.show_offer(replace(USUAL, answers=""))
    assert button.isHidden(), "nothing can answer"


def test_a_model_that_is_gone_is_said(button: ChoicesButton) -> None:
    button.show_offer(replace(USUAL, model="gone.gguf"))
    assert button.text() == "SmolLM2"
    assert "gone.gguf" in button.accessibleName() and "gone.gguf" in button.toolTip()
    assert ("gone.gguf (no longer here)", True) in entries(button.menu())


def test_opening_it_often_leaves_nothing_behind(button: ChoicesButton) -> None:
    button.show_offer(USUAL)
    for _time in range(5):
        entries(button.menu())
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert len(cast("list[QActionGroup]", button.menu().findChildren(QActionGroup))) == 2
