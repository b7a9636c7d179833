"""How long what has come of an answer waits to be shown."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop.ui.transcript.streaming.pacing import AnswerPacing


@pytest.mark.parametrize(
    ("writing_s", "painting_s", "expected_ms"),
    [(0.0, 0.0, 16), (0.004, 0.004, 200), (1.0, 2.0, 500)],
    ids=["at most 60 times a second", "a 25th of the time", "at least twice a second"],
)
def test_what_is_costly_to_show_is_shown_less_often(
    qtbot: QtBot, writing_s: float, painting_s: float, expected_ms: int
) -> None:
    owner = QObject()
    pacing = AnswerPacing(lambda: None, owner)
    pacing.writing_cost, pacing.painting_cost = writing_s, painting_s
    pacing.show_soon()
    assert pacing._timer.interval() == expected_ms


def test_pieces_that_came_meanwhile_are_shown_together(qtbot: QtBot) -> None:
    owner, shown = QObject(), list[tuple[str, str]]()
    pacing = AnswerPacing(lambda: shown.append(pacing.take()), owner)
    for text, thought in (("", "hm"), ("one", ""), (" two", "")):
        pacing.add(text, thought)
        pacing.show_soon()
    assert pacing.has_pending and pacing.is_waiting
    qtbot.waitUntil(lambda: bool(shown))
    assert shown == [("one two", "hm")]
    assert not pacing.has_pending and not pacing.is_waiting


def test_what_was_dropped_is_never_shown(qtbot: QtBot) -> None:
    owner, shown = QObject(), list[tuple[str, str]]()
    pacing = AnswerPacing(lambda: shown.append(pacing.take()), owner)
    pacing.add("of the conversation before", "")
    pacing.show_soon()
    pacing.drop()
    assert not pacing.has_pending and not pacing.is_waiting
