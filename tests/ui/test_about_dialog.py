"""The about box."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.ui.about_dialog import AboutDialog, AboutLink
from tests.support.widgets import children


def test_it_says_which_build_this_is_and_copies_it_for_a_report(qtbot: QtBot) -> None:
    opened: list[str] = []
    links = (AboutLink("Home page", "https://catnap.invalid"),)
    dialog = AboutDialog("1.2.3", ("Qt 6.8.3", "CPU backend: haswell"), links, opened.append)
    qtbot.addWidget(dialog)
    shown = "\n".join(label.text() for label in children(dialog, QLabel))
    for fact in ("Catnap 1.2.3", "Qt 6.8.3\nCPU backend: haswell", "MIT"):
        assert fact in shown
    buttons = {button.text().replace("&", ""): button for button in children(dialog, QPushButton)}
    buttons["Home page"].click()
    assert opened == ["https://catnap.invalid"]
    buttons["Copy details"].click()
    assert QGuiApplication.clipboard().text() == "Catnap 1.2.3\nQt 6.8.3\nCPU backend: haswell"
