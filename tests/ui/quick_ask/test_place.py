"""Where the quick ask opens and how large it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.rigs.quick_ask import LONG, Box


@pytest.fixture
def box(qtbot: QtBot) -> Iterator[Box]:
    box = Box(qtbot)
    yield box
    box.widget.hide()


def _area() -> QRect:
    return QGuiApplication.primaryScreen().availableGeometry()


@pytest.mark.parametrize("across", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("down", [0.0, 0.3, 0.7, 1.0])
def test_it_opens_near_the_pointer_and_grows_inside_the_screen(
    qtbot: QtBot, box: Box, across: float, down: float
) -> None:
    area = _area()
    point = area.topLeft() + QPoint(1 + round((area.width() - 2) * across), round((area.height() - 1) * down))
    box.open(point)
    assert area.contains(box.widget.frameGeometry())
    near = box.widget.frameGeometry().adjusted(-40, -40, 40, 40)
    assert near.contains(point)

    box.widget.begin_answer()
    box.widget.grow_answer(LONG, "")
    qtbot.waitUntil(lambda: box.shown("Paragraph 59"))
    qtbot.waitUntil(lambda: box.view.height() == round(area.height() * 0.4))
    assert area.contains(box.widget.frameGeometry())
    if down == 0.7:
        assert box.widget.frameGeometry().bottom() < point.y()  # it grew upwards
    if down == 0.3:
        assert box.widget.frameGeometry().top() > point.y()


@pytest.mark.parametrize("point", [None, QPoint()])
def test_without_a_place_it_opens_in_the_middle(box: Box, point: QPoint | None) -> None:
    box.open(point)
    assert abs(box.widget.frameGeometry().center().x() - _area().center().x()) <= 1
    assert _area().contains(box.widget.frameGeometry())


def test_opening_it_again_leaves_it_where_it_is_and_keeps_the_answer(qtbot: QtBot, box: Box) -> None:
    box.open(QPoint(100, 100))
    box.widget.begin_answer()
    box.widget.finish_answer("kept", "")
    place = box.widget.pos()
    box.open(QPoint(500, 500))
    assert box.widget.pos() == place
    assert box.widget.answer == "kept"


def test_a_short_answer_makes_a_small_box(qtbot: QtBot, box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.finish_answer("Yes.", "")
    qtbot.waitUntil(lambda: box.shown("Yes."))
    qtbot.waitUntil(lambda: box.view.height() < _area().height() * 0.2)
    assert box.view.verticalScrollBar().maximum() == 0


def test_the_answer_fills_the_box_as_far_on_the_left_as_on_the_right(qtbot: QtBot, box: Box) -> None:
    box.open()
    box.widget.begin_answer()
    box.widget.finish_answer("一二三四五六七八九十，" * 40, "")
    qtbot.waitUntil(box.view.isVisible)
    view = box.view
    left = view.viewport().mapTo(box.widget, QPoint()).x()
    right = box.widget.width() - left - view.lineWrapColumnOrWidth()
    assert abs(left - right) <= 2
    assert left <= view.measure.scroll_bar_width() + 2


def test_a_font_with_wide_characters_makes_no_wider_box(qtbot: QtBot, box: Box) -> None:
    """Where Chinese comes first, the "average character" of a font is a full-width one."""
    box.open()
    letters = box.view.measure.page_width()
    assert box.widget.width() == min(
        round(box.widget.available_area().width() * 0.92), letters + 2 * box.view.measure.scroll_bar_width() + 2
    )
