"""A list beside what is chosen in it: as wide as its words want, and never most of a narrow window."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QListWidget, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.theme.metrics import unit
from desktop.ui.widgets.layouts.side_list import fit_side_list


@pytest.mark.parametrize(("width_in_units", "expected_in_units"), [(150, 30), (90, 30), (60, 20)])
def test_a_narrow_window_keeps_two_thirds_for_what_is_beside(
    qtbot: QtBot, width_in_units: int, expected_in_units: int
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    side_list = QListWidget(window)
    window.resize(width_in_units * unit(window), 100)

    fit_side_list(side_list, window)

    assert side_list.width() == expected_in_units * unit(window)
