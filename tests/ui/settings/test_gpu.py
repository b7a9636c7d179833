"""The settings' page about the graphics processor: what it says, and the button that tries it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.common.events import Publisher
from desktop.engine.gpu.verdict import FoundLibrary, Outcome, Presence
from desktop.lifecycle.background_trial import Hindrance
from desktop.lifecycle.gpu.advisor import GpuAdvice
from desktop.lifecycle.gpu.recommendation import ADVICE
from desktop.settings.options import Settings
from desktop.ui.settings.dialog import SettingsDialog
from desktop.ui.settings.gpu import advice_words, connect_gpu, gpu_words
from tests.support.gpu import DEVICE, GOOD, READY
from tests.support.widgets import children

ABSENT = FoundLibrary(Presence.NOT_INSTALLED, path=Path("/data/gpu/libggml-vulkan.so"))


class FakeAdvisor:
    def __init__(self) -> None:
        self.said = GpuAdvice(ABSENT)
        self.changed = Publisher[[]]()
        self.subscribe = self.changed.subscribe
        self.tries = 0

    def advice(self) -> GpuAdvice:
        return self.said

    def try_again(self) -> None:
        self.tries += 1


@pytest.mark.parametrize(
    ("advice", "is_on", "words"),
    [
        (GpuAdvice(ABSENT), True, "not there. /data/gpu/libggml-vulkan.so"),
        (GpuAdvice(FoundLibrary(Presence.NONE_FOR_THIS_BUILD)), True, "was built without"),
        (GpuAdvice(replace(ABSENT, presence=Presence.ANOTHER_FILE)), True, "does not belong to this Catnap"),
        (GpuAdvice(READY), False, "once this is switched on"),
        (GpuAdvice(READY, is_trying=True), True, "being tried"),
        (GpuAdvice(READY, hindrance=Hindrance.BATTERY), True, "plugged in"),
        (GpuAdvice(READY, hindrance=Hindrance.ANSWERING), True, "answer is complete"),
        (GpuAdvice(READY, hindrance=Hindrance.MEMORY), True, "not enough free memory"),
        (GpuAdvice(READY, hindrance=Hindrance.FAILED), True, "could not be tried"),
        (GpuAdvice(READY), True, "no model"),
        (GpuAdvice(READY, GOOD, is_used=True), True, "28 of 28 layers, 4 GB; reads 5, writes 2.5 times as fast"),
        (GpuAdvice(READY, replace(GOOD, outcome=Outcome.SLOW)), True, "alone, so it is not used"),
        (GpuAdvice(READY, replace(GOOD, outcome=Outcome.WRONG, reason="5 nats")), True, "something else"),
        (GpuAdvice(READY, replace(GOOD, outcome=Outcome.DIED, reason="SIGSEGV.")), True, "so it is not used: SIGSEGV."),
        (GpuAdvice(READY, replace(GOOD, outcome=Outcome.HUNG)), True, "did not come to an end"),
        (GpuAdvice(READY, replace(GOOD, outcome=Outcome.REFUSED, reason="No.")), True, "Not used: No."),
    ],
)
def test_what_is_known_is_said(advice: GpuAdvice, is_on: bool, words: str) -> None:
    said = gpu_words(advice, is_on=is_on)
    assert words in said
    assert "{" not in said and ".." not in said


@pytest.fixture
def advisor() -> FakeAdvisor:
    return FakeAdvisor()


@pytest.fixture
def dialog(qtbot: QtBot, advisor: FakeAdvisor) -> SettingsDialog:
    dialog = SettingsDialog(Settings(), (), lambda _settings: None)
    qtbot.addWidget(dialog)
    connect_gpu(dialog, advisor)  # type: ignore[arg-type]
    return dialog


def _button(dialog: SettingsDialog) -> QPushButton:
    return next(each for each in children(dialog, QPushButton) if each.text() == "Try it")


def test_the_page_follows_what_is_found_out_and_the_setting(dialog: SettingsDialog, advisor: FakeAdvisor) -> None:
    finding = dialog._rows["gpu"]._finding
    assert "not there" in finding.text()
    assert not _button(dialog).isEnabled()

    advisor.said = GpuAdvice(READY)
    advisor.changed()
    assert "switched on" in finding.text()
    assert not _button(dialog).isEnabled()

    dialog.set_settings(Settings(gpu="auto"))
    assert _button(dialog).isEnabled()
    _button(dialog).click()
    assert advisor.tries == 1

    advisor.said = GpuAdvice(READY, is_trying=True)
    advisor.changed()
    assert "being tried" in finding.text()
    assert not _button(dialog).isEnabled()

    advisor.said = GpuAdvice(READY, GOOD, is_used=True)
    advisor.changed()
    assert DEVICE.description in finding.text()


def test_what_to_choose_stands_on_the_page_for_every_tier(dialog: SettingsDialog) -> None:
    said = dialog._rows["gpu_layers"]._finding.text()
    for advice in ADVICE:
        assert advice_words(advice) in said
        assert advice.quantisation in said and f"{advice.words_per_second} words/s" in said
