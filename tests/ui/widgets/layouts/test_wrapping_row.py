"""Buttons in a row that must not widen their window."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.widgets.layouts.wrapping_row import WrappingRow
from tests.support.widgets import children


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    row = WrappingRow()
    row.setSpacing(10)
    for _ in range(3):
        button = QPushButton()
        button.setFixedSize(100, 20)
        row.addWidget(button)
    whole = QVBoxLayout(window)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.addLayout(row)
    whole.addStretch()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.mark.parametrize(
    ("width", "places"),
    [
        (400, [(0, 0), (110, 0), (220, 0)]),
        (320, [(0, 0), (110, 0), (220, 0)]),
        (319, [(0, 0), (110, 0), (0, 30)]),
        (150, [(0, 0), (0, 30), (0, 60)]),
    ],
)
def test_what_has_no_room_goes_on_below(window: QWidget, width: int, places: list[tuple[int, int]]) -> None:
    window.resize(width, 300)
    assert [(button.x(), button.y()) for button in children(window, QPushButton)] == places


def test_the_window_need_not_be_wider_than_one_button_nor_lower_than_all_lines(window: QWidget) -> None:
    assert window.minimumSizeHint().width() == 100
    row = window.findChild(WrappingRow)
    assert isinstance(row, WrappingRow)
    assert (row.sizeHint().width(), row.heightForWidth(400), row.heightForWidth(150)) == (320, 20, 80)


def test_hidden_buttons_take_no_room(window: QWidget) -> None:
    first, second, third = children(window, QPushButton)
    second.hide()
    window.resize(210, 300)
    assert (first.x(), third.x(), third.y()) == (0, 110, 0)


def test_lines_may_end_at_the_right(qtbot: QtBot) -> None:
    page, row = QWidget(), WrappingRow(to_right=True)
    qtbot.addWidget(page)
    buttons = [QPushButton(f"Button {number}") for number in range(3)]
    for button in buttons:
        row.addWidget(button)
    page.setLayout(row)
    row.setContentsMargins(0, 0, 0, 0)
    page.resize(2 * buttons[0].sizeHint().width() + 3 * row.spacing() + 20, 200)
    page.show()
    assert [button.geometry().right() for button in buttons[1:]] == [page.width() - 1] * 2
    assert buttons[0].geometry().right() < buttons[1].geometry().left()
