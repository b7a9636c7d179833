"""The tints behind messages and code lie evenly around the letters."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPalette, QTextBlock
from pytestqt.qtbot import QtBot

from desktop.ui.theme.metrics import unit
from desktop.ui.theme.palette import accented, tinted
from desktop.ui.transcript.markdown.document import blocks_of
from desktop.ui.transcript.painting import _lines_reach
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import answer, question
from tests.rigs.windows import enlarge, transcript


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


def test_painted_line_by_line_it_looks_the_same(view: TranscriptView) -> None:
    text = "Words\n\n- one\n- two\n\n```py\ncall()\n\ncall()\n```\n\n> said\n\n1. a\n\n   ```\n   x\n   ```\n\nEnd"
    view.show_messages([question(1, "\n".join("H" * 4 for _ in range(4))), answer(2, text)], 0)
    viewport = view.viewport()
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    whole = viewport.grab().toImage()
    for height in (1, 3, 17):
        for top in range(0, viewport.height() - height, 13):
            part = viewport.grab(QRect(0, top, viewport.width(), height)).toImage()
            assert part == whole.copy(0, top, viewport.width(), height), f"{height} rows from {top}"


def test_of_long_code_only_what_is_in_view_is_looked_at(view: TranscriptView, monkeypatch: pytest.MonkeyPatch) -> None:
    view.show_messages([question(1), answer(2, "```py\n" + "call()\n" * 500 + "```\n\nEnd")], 0)
    looked: list[int] = []

    def look(block: QTextBlock, area: QRectF) -> tuple[float, float]:
        looked.append(block.blockNumber())
        return _lines_reach(block, area)

    monkeypatch.setattr("desktop.ui.transcript.painting._lines_reach", look)
    for share in (0.0, 0.5, 1.0):
        looked.clear()
        view.verticalScrollBar().setValue(round(view.verticalScrollBar().maximum() * share))
        picture = view.viewport().grab().toImage()
        assert 0 < len(set(looked)) < 60
        tint = QColor(tinted(view.palette(), 0.055).name())
        if share == 0.5:  # THEN the box goes through, without corners
            assert len(_rows(picture, picture.width() - 20, tint)) == picture.height()
            edge = _edge(picture, tint)
            assert all(picture.pixelColor(edge, y) == tint for y in range(picture.height()))


def _edge(picture: QImage, tint: QColor) -> int:
    """Returns the leftmost column of a box, in the middle of the picture."""
    return next(x for x in range(picture.width()) if picture.pixelColor(x, picture.height() // 2) == tint)


@pytest.mark.parametrize("points", [0, 18])
def test_bullets_stand_off_their_text_at_every_depth(view: TranscriptView, points: int) -> None:
    if points:
        enlarge(view)
    view.show_messages([answer(1, "- HHH\n  - HHH\n    - HHH")], 0)
    picture = view.viewport().grab().toImage()
    paper, text = view.palette().base().color(), view.palette().text().color()
    layout = view.document().documentLayout()
    depths = [block for block in blocks_of(view.document()) if block.text() == "HHH"]
    assert len(depths) == 3
    begins: list[int] = []
    for block in depths:
        area = layout.blockBoundingRect(block).toRect()
        rows = range(area.top(), min(area.bottom(), picture.height()))
        inked = [x for x in range(picture.width()) if any(picture.pixelColor(x, y) != paper for y in rows)]
        gaps = [(after - before - 1, before) for before, after in pairwise(inked) if after - before > 1]
        bullet_end = gaps[0][1]
        assert gaps[0][0] >= unit(view) * 0.9
        middle = (inked[0] + bullet_end) // 2
        assert any(picture.pixelColor(middle, y) == text for y in rows)
        begins.append(inked[0])
    assert begins == sorted(set(begins))


def test_a_selection_from_above_shows_no_mark_beside_the_text(view: TranscriptView) -> None:
    view.show_messages([question(1, "HHH"), answer(2, "HHH")], 0)
    place = next(block for block in blocks_of(view.document()) if block.text() == "HHH")
    top = round(view.document().documentLayout().blockBoundingRect(place).top())
    plain = view.viewport().grab().toImage().copy(0, 0, view.viewport().width(), top - 2)
    view.selectAll()
    selected = view.viewport().grab().toImage().copy(0, 0, view.viewport().width(), top - 2)
    different = [
        (x, y)
        for y in range(plain.height())
        for x in range(plain.width())
        if plain.pixelColor(x, y) != selected.pixelColor(x, y)
    ]
    assert len(different) <= 2  # one pixel in height is what Qt asks of a line


def test_the_figures_stand_as_far_below_a_list_as_below_a_paragraph(qtbot: QtBot) -> None:
    view = transcript(qtbot)
    layout = view.document().documentLayout()

    def gap(text: str) -> float:
        view.show_messages([question(1), answer(2, text)], 0)
        last, foot = list(blocks_of(view.document()))[-2:]
        return layout.blockBoundingRect(foot).top() - layout.blockBoundingRect(last).bottom()

    assert gap("- one\n- two") == gap("1. one\n2. two") == gap("One.") > 0
