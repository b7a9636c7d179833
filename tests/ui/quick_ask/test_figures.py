"""What is said of an answer where there is little room for it."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from desktop.ui.quick_ask.box import QuickAsk


def test_figures_lose_their_second_part_before_they_are_cut_off(qtbot: QtBot) -> None:
    box = QuickAsk()
    qtbot.addWidget(box)
    box.begin_answer()
    box.finish_answer("Yes.", "about 95 words a second · first word after 0.9 s")
    box.show()
    label = box._status
    label.resize(label.fontMetrics().horizontalAdvance("about 95 words a second") + 4, label.height())
    assert label.text() == "about 95 words a second"
    assert "0.9 s" in label.toolTip()
