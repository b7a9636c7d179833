"""The about box."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.system.build_info import AboutFacts
from desktop.ui.about import AboutDialog
from tests.support.widgets import children

LINES = ("Build: bundle of 2026-11-21, commit 1a2b3c4d5e", "Python 3.11.7")


def buttons(dialog: AboutDialog) -> dict[str, QPushButton]:
    return {button.text().replace("&", ""): button for button in children(dialog, QPushButton)}


def test_it_says_which_build_this_is_and_copies_it_for_a_report(qtbot: QtBot) -> None:
    opened: list[str] = []
    dialog = AboutDialog(AboutFacts("1.2.3", LINES, "https://catnap.invalid"), opened.append)
    qtbot.addWidget(dialog)
    shown = "\n".join(label.text() for label in children(dialog, QLabel))
    for fact in ("Catnap 1.2.3", "\n".join(LINES), "MIT", "never looks for updates by itself"):
        assert fact in shown
    buttons(dialog)["Project page"].click()
    assert opened == ["https://catnap.invalid"]
    buttons(dialog)["Copy details"].click()
    assert QGuiApplication.clipboard().text() == "\n".join(("Catnap 1.2.3", *LINES))


def test_without_a_page_there_is_no_button_for_it(qtbot: QtBot) -> None:
    dialog = AboutDialog(AboutFacts("1.2.3", LINES))
    qtbot.addWidget(dialog)
    assert list(buttons(dialog)) == ["Copy details", "Close"]
