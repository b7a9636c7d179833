"""The tints behind messages and code lie evenly around the letters."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QPalette
from pytestqt.qtbot import QtBot

from desktop.ui.style import accented, tinted
from desktop.ui.transcript import TranscriptView
from tests.ui.conversations import answer, question
from tests.ui.windows import transcript


@pytest.fixture
def view(qtbot: QtBot) -> TranscriptView:
    return transcript(qtbot)


def _rows(picture: QImage, x: int, tint: QColor) -> list[int]:
    return [y for y in range(picture.height()) if picture.pixelColor(x, y) == tint]


def _room(picture: QImage, left: int, right: int, rows: list[int], tint: QColor) -> tuple[int, int]:
    """Returns the empty rows of a box above and below the letters."""
    inked = [y for y in rows if any(picture.pixelColor(x, y) != tint for x in range(left, right))]
    return inked[0] - rows[0], rows[-1] - inked[-1]


def test_a_question_stands_in_the_middle_of_its_block(view: TranscriptView) -> None:
    view.show_messages([question(1, "HHHH")], 0)  # capital letters stand on the line and reach up to no accent
    picture = view.viewport().grab().toImage()
    tint = QColor(accented(view.palette(), 0.11).name())
    rows = _rows(picture, picture.width() // 2, tint)
    above, below = _room(picture, 20, picture.width() // 2, rows, tint)
    assert abs(above - below) <= 2


def test_code_has_as_much_room_below_as_above(view: TranscriptView) -> None:
    view.show_messages([question(1), answer(2, "```py\ngjpq\n```")], 0)
    picture = view.viewport().grab().toImage()
    tint = QColor(tinted(view.palette(), 0.055).name())
    rows = _rows(picture, picture.width() // 2, tint)
    above, below = _room(picture, 20, picture.width() - 20, rows, tint)
    assert abs(above - below) <= 3


def test_a_question_of_many_lines_is_tinted_to_its_end(view: TranscriptView) -> None:
    view.show_messages([question(1, "\n".join("H" * 4 for _ in range(4)))], 0)
    picture = view.viewport().grab().toImage()
    tint = QColor(accented(view.palette(), 0.11).name())
    rows = _rows(picture, picture.width() // 2, tint)
    above, below = _room(picture, 20, picture.width() // 2, rows, tint)
    assert abs(above - below) <= 2
    assert picture.pixelColor(QPoint(picture.width() // 2, rows[-1] + 3)) == view.palette().color(
        QPalette.ColorRole.Base
    )
