"""The dialog that says why it is slow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desktop.engine.types import Stats
from desktop.lifecycle.slowness import Cause, Finding
from desktop.ui.slowness import SlownessDialog, finding_words
from tests.support.widgets import children

VALUES: dict[Cause, tuple[str | int | float, ...]] = {
    Cause.TIGHT: (3_000_000_000, 2_000_000_000),
    Cause.OTHER_PROGRAMS: (57,),
    Cause.BATTERY: (64,),
    Cause.FEW_THREADS: (1, 4),
    Cause.MANY_THREADS: (8, 2),
    Cause.SHORT_REST: (0.5,),
    Cause.DRIVE: ("/media/stick",),
    Cause.SMALLER_MODEL: ("Large <b>", "Small"),
}


@pytest.fixture
def dialog(qtbot: QtBot) -> Iterator[SlownessDialog]:
    dialog = SlownessDialog()
    dialog.show()
    yield dialog
    dialog.close()
    qtbot.waitUntil(lambda: not isValid(dialog))


def texts(dialog: SlownessDialog) -> str:
    return "\n".join(label.text() for label in children(dialog, QLabel) if label.isVisibleTo(dialog))


def press(dialog: SlownessDialog, words: str) -> None:
    (button,) = (each for each in children(dialog, QPushButton) if each.text().replace("&", "") == words)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_its_words(cause: Cause) -> None:
    title, text = finding_words(Finding(cause, VALUES.get(cause, ())))
    for words in (title, text):
        assert words
        assert "{" not in words


def test_amounts_and_names_as_they_are() -> None:
    assert "about 3 GB, and about 2 GB" in finding_words(Finding(Cause.TIGHT, VALUES[Cause.TIGHT]))[1]
    assert "Large <b>" in finding_words(Finding(Cause.SMALLER_MODEL, VALUES[Cause.SMALLER_MODEL]))[1]
    assert finding_words(Finding(Cause.SHORT_REST, (0.5,)))[0] == "The model sleeps after 0.5 minutes already"


def test_a_button_changes_the_setting_once(dialog: SlownessDialog, qtbot: QtBot) -> None:
    assert "Looking at the computer" in texts(dialog)
    dialog.show_findings([Finding(Cause.FEW_THREADS, (1, 4), "threads", 0)], None)
    chosen: list[tuple[str, object]] = []
    dialog.settingChosen.connect(lambda key, value: chosen.append((key, value)))
    press(dialog, "Let Catnap choose")
    press(dialog, "Let Catnap choose")
    assert chosen == [("threads", 0)]


def test_what_a_person_decides_is_left_to_the_person(dialog: SlownessDialog, qtbot: QtBot) -> None:
    dialog.show_findings([Finding(Cause.TIGHT, VALUES[Cause.TIGHT], "n_ctx", None, "small")], None)
    with qtbot.waitSignal(dialog.settingRequested) as asked:
        press(dialog, "Settings…")
    assert asked.args == ["n_ctx"]
    with qtbot.waitSignal(dialog.modelsRequested):
        press(dialog, "Models…")


def test_nothing_found_says_what_it_depends_on(dialog: SlownessDialog, qtbot: QtBot) -> None:
    dialog.show_findings([], Stats(load_s=0.8, generated_tokens=101, generate_s=10.0, ttft_s=1.6))
    qtbot.waitUntil(lambda: "Nothing out of the ordinary" in texts(dialog))
    said = texts(dialog)
    assert "Looking at the computer" not in said
    assert "10.0 tokens a second; its first word after 1.6 s, 0.8 s of them for waking" in said
    # WHEN it looks again THEN what it said before is gone
    dialog.show_findings([Finding(Cause.THINKING, (), "thinking", False)], None)
    qtbot.waitUntil(lambda: "The model thinks before it answers" in texts(dialog))
    assert "Nothing out of the ordinary" not in texts(dialog)
