"""A change of the size of text reaches what was measured when a window was made, and comes back without a trace."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout
from pytestqt.qtbot import QtBot

from desktop.ui.theme.metrics import spacing, unit, unit_for_font
from desktop.ui.theme.text_size import apply_text_size, interface_font
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.layouts.gap import Gap
from tests.support.command_line import ROOT


@pytest.fixture(autouse=True)
def size_put_back(qapp: QApplication) -> Iterator[None]:
    yield
    apply_text_size(qapp, 0)


class _Window(QDialog):
    def __init__(self) -> None:
        super().__init__()
        gap = spacing(self)
        self.small, self.button = MutedLabel("small print"), QPushButton("Press")
        self.button.setMinimumWidth(20 * gap.unit)
        self.small.setMaximumHeight(30 * gap.unit)
        self.row = QHBoxLayout()
        self.row.setSpacing(gap.half)
        self.row.addWidget(QLabel("words"))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(gap.unit, gap.double, gap.unit, gap.double)
        self.gap = Gap(gap.double)
        self.column.addLayout(self.row)
        self.column.addWidget(self.gap)
        for part in (self.small, self.button):
            self.column.addWidget(part)

    def measures(self) -> tuple[float, ...]:
        return (
            self.column.contentsMargins().top(), self.column.contentsMargins().left(), self.row.spacing(),
            self.gap.minimumHeight(), self.gap.maximumHeight(), self.button.minimumWidth(), self.small.maximumHeight(),
            self.small.font().pointSizeF(), self.button.font().pointSizeF(),
        )  # fmt: skip


@pytest.fixture
def window(qtbot: QtBot) -> _Window:
    window = _Window()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    return window


def test_what_was_measured_once_follows(qapp: QApplication, qtbot: QtBot, window: _Window) -> None:
    apply_text_size(qapp, 24)
    qtbot.waitUntil(lambda: window.button.font().pointSizeF() > 20)
    later = _Window()
    qtbot.addWidget(later)
    for one, other in zip(window.measures(), later.measures(), strict=True):
        assert one == pytest.approx(other, abs=1)
    assert unit(window) == unit(later)


def test_going_up_step_by_step_and_back_loses_nothing(qapp: QApplication, qtbot: QtBot, window: _Window) -> None:
    before = window.measures()
    for points in [*range(11, 30), *range(30, 8, -1), 40, 6, 40, 0]:
        apply_text_size(qapp, points)
    qtbot.waitUntil(lambda: window.button.font().pointSizeF() == before[-1])
    assert window.measures() == pytest.approx(before, abs=0.01)


def test_nothing_in_a_window_can_only_be_reached_as_an_item_of_its_layout() -> None:
    used = re.compile(r"\b(?:addSpacing|insertSpacing|addSpacerItem|QSpacerItem|QWidgetItem)\b")
    files = (ROOT / "desktop" / "ui").rglob("*.py")
    assert [file.name for file in files if used.search(file.read_text("utf-8"))] == []


def test_the_size_is_that_of_conversations() -> None:
    assert interface_font(23).pointSizeF() == pytest.approx(20)
    assert interface_font(0) == QApplication.font()


def test_text_is_no_larger_than_the_screen_can_hold_a_window_with(qapp: QApplication) -> None:
    # GIVEN what is left of a screen of 1366 x 768 at 200 %, and of one at 100 %
    enlarged, usual, low = QSize(667, 306), QSize(1350, 720), QSize(1008, 552)
    # THEN text that was chosen for the latter is as large as the former can hold, and still larger than the system's
    assert interface_font(24, usual) == interface_font(24, low) == interface_font(24)
    font = interface_font(24, enlarged)
    assert interface_font(0).pointSizeF() < font.pointSizeF() < interface_font(24).pointSizeF()
    assert 28 * unit_for_font(font) <= enlarged.height()
    # AND a size that goes with it is nowhere changed
    assert interface_font(12, enlarged) == interface_font(12)
    # AND on no screen it is smaller than text has to be
    assert unit_for_font(interface_font(24, QSize(200, 100))) == 8
