"""The dialog of personas on a small screen."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from desktop.ui.theme.text_size import apply_text_size
from tests.rigs.every_window import personas
from tests.support.widgets import children


@pytest.mark.parametrize("points", [0, 14])
def test_nothing_of_the_form_lies_beside_what_is_shown(qapp: QApplication, qtbot: QtBot, points: int) -> None:
    apply_text_size(qapp, points)
    dialog = personas()
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    # WHEN it is as wide as 1366 pixels at 200 % THEN the form has the width that there is, and no more
    dialog.resize(683, 380)
    area = next(area for area in children(dialog, QScrollArea) if area.isAncestorOf(dialog.form))
    qtbot.waitUntil(lambda: area.widget().width() == area.viewport().width())
    assert area.widget().minimumSizeHint().width() <= area.viewport().width()
    apply_text_size(qapp, 0)
