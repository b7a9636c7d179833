"""Each row of the table of faults that is about what is seen has a picture, whose name says so."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.e2e.fault_pictures import ROWS, Shot
from tests.rigs.every_window import before_close

_SEEN = ["C1", "C2", "C3", "C7", "C8", "C9", "C10", "C11", "C12", "C16", "F6", "F7"]


def test_every_row_has_pictures_of_its_own() -> None:
    assert list(ROWS) == _SEEN
    names = [shot.file_name(row) for row, shots in ROWS.items() for shot in shots]
    assert len(names) == len(set(names))
    assert "C7.chat.en.light.24pt.png" in names


@pytest.mark.parametrize(
    "shot", {shot.make: shot for shots in ROWS.values() for shot in shots}.values(), ids=lambda shot: shot.make.__name__
)
def test_each_window_can_be_taken(shot: Shot, qtbot: QtBot) -> None:
    window = shot.make()
    qtbot.addWidget(window, before_close_func=before_close)
    window.show()
    picture = window.grab()
    assert picture.width() > 100
    assert picture.height() > 40
