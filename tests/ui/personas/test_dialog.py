"""The dialog of personas on a small screen."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from desktop.personas.persona import GENERAL
from desktop.ui.theme.text_size import apply_text_size
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.text_field import TextField
from tests.rigs.every_window import personas
from tests.support.event_loop import let_run
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


def test_words_of_another_length_push_the_rest_down(qapp: QApplication, qtbot: QtBot) -> None:
    # GIVEN large letters, and a persona whose note is shorter than that of the others
    apply_text_size(qapp, 20)
    dialog = personas()
    qtbot.addWidget(dialog)
    dialog.resize(1366, 700)
    dialog.select(GENERAL)
    with qtbot.waitExposed(dialog):
        dialog.show()
    form = dialog.form
    fields, notes = children(form, TextField), children(form, MutedLabel)
    # WHEN another one is shown THEN no note lies over a field
    for identity in ("companion", GENERAL, "homework"):
        dialog.select(identity)
        let_run(qtbot)
        over = [
            (field.accessibleName(), note.text())
            for field in fields
            for note in notes
            if field.geometry().intersects(note.geometry())
        ]
        assert over == []
    apply_text_size(qapp, 0)
