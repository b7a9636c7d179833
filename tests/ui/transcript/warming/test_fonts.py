"""Fonts that are found before an answer needs them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QFont, QTextLayout
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.ui.transcript.typography import typography
from desktop.ui.transcript.warming import fonts as module
from desktop.ui.transcript.warming.fonts import FontWarming


def test_one_sample_at_a_time_and_none_while_an_answer_grows(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out: list[str] = []
    in_turn: list[int] = []

    ours: set[str] = set()

    class Watched(QTextLayout):
        def __init__(self, text: str, font: QFont) -> None:
            super().__init__(text, font)
            if font.key() not in ours:  # those of a window that another test has left
                return
            laid_out.append(f"{text} {font.bold()} {font.italic()} {font.family()}")

    monkeypatch.setattr(module, "QTextLayout", Watched)
    monkeypatch.setattr(module, "_FIRST_MS", 0)
    monkeypatch.setattr(module, "_PAUSE_MS", 0)
    owner, busy = QObject(), [True]
    fonts = FontWarming(lambda: busy[0], owner)
    fonts._timer.timeout.connect(lambda: in_turn.append(len(laid_out)))
    # GIVEN an answer that grows THEN nothing is done
    strange = QFont("Sans")
    strange.setPointSizeF(11.3)
    fonts.begin(typography(strange, qapp.palette(), "Copy"))
    ours.update(font.key() for font, _ in fonts._left)
    assert len(ours) == 4
    qtbot.waitUntil(lambda: len(in_turn) >= 3)
    assert laid_out == []
    # WHEN it has ended THEN every font has every script, one in each turn, and then there is quiet
    busy[0] = False
    qtbot.waitUntil(lambda: fonts.is_done)
    assert len(laid_out) == len(set(laid_out)) == 4 * len(module._SAMPLES)
    assert all(after - before <= 1 for before, after in pairwise(in_turn))
    assert not fonts._timer.isActive()
