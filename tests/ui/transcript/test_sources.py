"""The line below an answer that says what it was taken from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.history.sources import Source
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import answer, question

_SOURCES = (Source("d", 3, 0, 9), Source("d", 7, 5, 9), Source("gone", 1, 0, 4))


def _describe(sources: Sequence[Source]) -> list[str]:
    return [f"page {source.part} of <b>handbook & co.pdf" if source.document_id == "d" else "" for source in sources]


def _shown(qtbot: QtBot, *, describe: bool = True) -> TranscriptView:
    view = TranscriptView()
    qtbot.addWidget(view)
    if describe:
        view.describe_sources(_describe)
    view.resize(700, 500)
    view.show_messages((question(1), replace(answer(2), sources=_SOURCES)), 0)
    with qtbot.waitExposed(view):
        view.show()
    return view


def _line(view: TranscriptView) -> str:
    return next((line for line in view.toPlainText().splitlines() if line.startswith("From ")), "")


def test_places_are_named_and_those_that_are_gone_are_not(qtbot: QtBot) -> None:
    view = _shown(qtbot)
    assert _line(view) == "From page 3 of <b>handbook & co.pdf, page 7 of <b>handbook & co.pdf"


def test_a_place_is_reached_by_keyboard(qtbot: QtBot) -> None:
    # GIVEN an answer with places, and the keyboard on the page
    view = _shown(qtbot)
    view.setFocus(Qt.FocusReason.TabFocusReason)
    asked: list[tuple[int, int]] = []
    view.requests.sourceRequested.connect(lambda message, number: asked.append((message, number)))
    # WHEN Tab goes to the second link and Enter is pressed
    for _step in range(2):
        QTest.keyClick(view, Qt.Key.Key_Tab)
    QTest.keyClick(view, Qt.Key.Key_Return)
    # THEN that place is asked for
    assert asked == [(2, 1)]


def test_a_finished_answer_gets_its_line_and_copying_leaves_it_out(qtbot: QtBot) -> None:
    view = _shown(qtbot)
    view.append_message(question(3))
    view.begin_answer(None, "One moment")
    view.grow_answer("The lamp is in the cellar.", "")
    view.finish_answer(replace(answer(4), text="The lamp is in the cellar.", sources=_SOURCES[:1]))
    assert view.toPlainText().count("From page 3") == 2
    view.select_all()
    assert "From page" not in view.createMimeDataFromSelection().text()
    # AND a screen reader hears it with the answer
    assert "From page 3" in view.spoken.words(4)


def _made_up(qtbot: QtBot, words: tuple[str, ...], sources: tuple[Source, ...] = ()) -> TranscriptView:
    view = TranscriptView()
    qtbot.addWidget(view)
    view.describe_sources(_describe)
    view.show_messages((question(1), replace(answer(2), sources=sources, not_in_the_text=words)), 0)
    return view


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("2.50",), "Not in the text: 2.50"),
        (("2.50", "Ann", "Lee"), "Not in the text: 2.50, Ann, Lee"),
        (("2.50", "Ann", "Lee", "7", "8"), "Not in the text: 2.50, Ann, Lee and 2 more"),
        (tuple(map(str, range(8))), "Not in the text: 0, 1, 2 and more"),  # as many as are counted
        (("<b>&",), "Not in the text: <b>&"),
    ],
)
def test_what_its_document_does_not_say_is_named_below_the_answer(
    qtbot: QtBot, words: tuple[str, ...], line: str
) -> None:
    view = _made_up(qtbot, words)
    assert line in view.toPlainText().splitlines()
    # AND nobody copies it, while a screen reader hears it with the answer, also when the answer ends
    view.select_all()
    assert "Not in" not in view.createMimeDataFromSelection().text()
    assert view.spoken.words(2).endswith(f"\n{line}")
    assert view.spoken.answer(2).endswith(f"\n{line}")
    assert "Not in" not in view.spoken.text(2)


def test_it_stands_below_the_places_that_the_answer_was_taken_from(qtbot: QtBot) -> None:
    lines = _made_up(qtbot, ("2.50",), _SOURCES[:1]).toPlainText().splitlines()
    at = lines.index("Not in the text: 2.50")
    assert lines[at - 1] == "From page 3 of <b>handbook & co.pdf"
    assert "Copy" in lines[at + 1]


def test_an_answer_of_before_has_no_line_and_no_gap(qtbot: QtBot) -> None:
    view = _shown(qtbot, describe=False)
    assert _line(view) == ""
    plain = TranscriptView()
    qtbot.addWidget(plain)
    plain.resize(700, 500)
    plain.show_messages((question(1), answer(2)), 0)
    with qtbot.waitExposed(plain):
        plain.show()
    assert view.document().size() == plain.document().size()
