"""A line that is cut so that what is marked can be seen."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from desktop.ui.conversations.marked_line import MarkedLine


@pytest.fixture
def metrics(qapp: QApplication) -> QFontMetricsF:
    return QFontMetricsF(qapp.font())


@pytest.mark.parametrize("before", ["", "a few words ", "a great many words before it " * 3, "很多很多的字" * 8])
@pytest.mark.parametrize("width", [120, 200, 400])
def test_the_first_mark_can_be_seen(metrics: QFontMetricsF, before: str, width: int) -> None:
    text = f"{before}needle and more of it, on and on and on and on and on and on"
    line = MarkedLine(text, [(len(before), len(before) + 6)]).fitted(metrics, width)
    assert metrics.horizontalAdvance(line.text) <= width
    assert [line.text[begin:end] for begin, end in line.marks] == ["needle"]
    assert line.text.startswith("…") or text.startswith(line.text.removesuffix("…"))


def test_what_fits_is_left_alone(metrics: QFontMetricsF) -> None:
    line = MarkedLine("short needle", [(6, 12)])
    assert line.fitted(metrics, 1000).text == "short needle"
    assert MarkedLine("no mark", ()).fitted(metrics, 1000).text == "no mark"


def test_a_word_wider_than_the_line_is_marked_as_far_as_it_is_seen(metrics: QFontMetricsF) -> None:
    line = MarkedLine("x" * 200, [(0, 200)]).fitted(metrics, 100)
    ((begin, end),) = line.marks
    assert begin == 0 and line.text[end:] == "…"
