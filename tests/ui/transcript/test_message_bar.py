"""The row of signs below a message."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.ui.transcript.message_bar import MessageBar
from desktop.ui.widgets.glyphs import GlyphButton
from tests.rigs.chat import Bench
from tests.rigs.conversations import answer, dialogue, question
from tests.rigs.windows import transcript
from tests.support.widgets import child, children


def test_tab_goes_through_the_signs_and_not_through_the_links_of_the_page_meanwhile(
    qtbot: QtBot, tmp_path: Path
) -> None:
    bench = Bench(qtbot, tmp_path)
    bench.talk("Where is it?", "At <https://example.org>, and [here](https://example.com).")
    bench.window.activateWindow()
    qtbot.waitUntil(bench.window.isActiveWindow)
    page = bench.window.pane.transcript
    bar = child(page, MessageBar)
    bar.show_for(page.messages[1])
    signs = [sign for sign in children(bar, GlyphButton) if sign.isVisible()]
    signs[-1].setFocus()
    # WHEN Shift+Tab is pressed THEN the keyboard is on the sign before, and so on
    for here, before in pairwise(reversed(signs)):
        QTest.keyClick(here, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
        assert QApplication.focusWidget() is before
    # AND Tab leads forth again, and out of the row
    for here, after in pairwise(signs):
        QTest.keyClick(here, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is after
    QTest.keyClick(signs[-1], Qt.Key.Key_Tab)
    assert QApplication.focusWidget() not in (*signs, page)
    bench.history.close()


def test_what_is_offered_follows_the_answer_while_the_row_stays(qtbot: QtBot) -> None:
    view = transcript(qtbot)
    view.show_messages([question(1)], 0)
    bar = child(view, MessageBar)

    def offered() -> list[str]:
        return [sign.accessibleName() for sign in children(bar, GlyphButton, shown=True)]

    bar.show_for(view.messages[0])
    assert "Edit and ask again" in offered()
    # WHEN an answer grows THEN nothing above it can be changed
    view.begin_answer(None, "")
    assert offered() == ["Copy message", "Read aloud"]
    # AND when it has ended, all of it can, with the mouse where it was
    view.finish_answer(answer(2))
    assert offered() == ["Copy message", "Read aloud", "Edit and ask again", "Delete message"]


def test_a_question_without_an_answer_can_be_answered(qtbot: QtBot) -> None:
    """It was stopped before the first word, or failed: nothing else on the page leads on."""
    view = transcript(qtbot)
    view.show_messages([*dialogue(1), question(3)], 0)
    bar = child(view, MessageBar)
    bar.show_for(view.messages[2])
    signs = {sign.accessibleName(): sign for sign in children(bar, GlyphButton, shown=True)}
    with qtbot.waitSignal(view.requests.regenerateRequested):
        signs["Have it answered"].click()
    bar.show_for(view.messages[0])
    assert "Have it answered" not in [sign.accessibleName() for sign in children(bar, GlyphButton, shown=True)]
    bar.show_for(view.messages[1])
    assert "Regenerate" not in [sign.accessibleName() for sign in children(bar, GlyphButton, shown=True)]
