"""Labels and buttons that keep their colours' meaning when the theme changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.theme.palette import make_palette, warning
from desktop.ui.widgets.labels import AccentButton, ElidedLabel, MutedLabel, WarningLabel


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[QApplication]:
    before = qapp.palette()
    qapp.setPalette(make_palette(dark=False))
    yield qapp
    qapp.setPalette(before)


def test_colours_follow_a_change_of_theme(themed: QApplication, qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    label, button = WarningLabel(), AccentButton("Download")
    column.addWidget(label)
    column.addWidget(button)
    button.set_accented(True)
    label.say("The disk is full.")
    page.show()
    for dark in (False, True):
        palette = make_palette(dark=dark)
        themed.setPalette(palette)
        themed.processEvents()
        assert label.palette().color(label.foregroundRole()) == warning(palette)
        assert button.palette().color(QPalette.ColorRole.Button) == palette.color(QPalette.ColorRole.Highlight)
    button.set_accented(False)
    assert button.palette().color(QPalette.ColorRole.Button) == palette.color(QPalette.ColorRole.Button)


def test_a_warning_keeps_its_colour_on_a_page_of_another_kind(themed: QApplication, qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    page.setBackgroundRole(QPalette.ColorRole.Base)
    label = WarningLabel(page)
    assert label.palette().color(label.foregroundRole()) == warning(make_palette(dark=False))


def test_a_warning_without_words_takes_no_room(qtbot: QtBot) -> None:
    label = WarningLabel()
    qtbot.addWidget(label)
    label.say("It failed.")
    label.say("")
    assert label.isHidden()


def test_small_print_is_smaller(qtbot: QtBot) -> None:
    label = MutedLabel("hint")
    qtbot.addWidget(label)
    assert label.font().pointSizeF() < QWidget().font().pointSizeF()


def test_a_long_line_is_cut_and_kept_in_the_tooltip(qtbot: QtBot) -> None:
    label = ElidedLabel("Recommended for this computer")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert label.text().endswith("…")
    assert label.toolTip() == label.accessibleName() == "Recommended for this computer"
    label.resize(600, 20)
    assert (label.text(), label.toolTip()) == ("Recommended for this computer", "")
