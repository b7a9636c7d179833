"""What is around the page of a conversation: which server is asked, and what gives way in a small window."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.history.records import Transcript
from desktop.ui.activity import Activity, ActivityKind
from desktop.ui.answer_hints.first_answer import FirstAnswerHint, SmallModel
from desktop.ui.chat.window import ChatWindow
from desktop.ui.widgets.banner import Notice
from tests.rigs.conversations import dialogue
from tests.rigs.meter import Meter
from tests.rigs.windows import A, chat_window
from tests.support.widgets import children


@pytest.fixture
def window(qtbot: QtBot) -> ChatWindow:
    return chat_window(qtbot, Meter())


def sentence(window: ChatWindow) -> str:
    return " ".join(label.text() for label in children(window.pane.empty_page, QLabel, shown=True) if label.text())


def test_an_empty_page_does_not_say_that_all_stays_here_where_a_server_is_asked(window: ChatWindow) -> None:
    assert "stays on this computer" in sentence(window)
    window.show_place("10.0.0.5:8080")
    assert "10.0.0.5:8080" in sentence(window)
    assert "leaves this computer" in sentence(window)
    # Without a model here it can be asked all the same.
    window.set_activity(Activity(ActivityKind.NO_MODEL))
    assert "10.0.0.5:8080" in sentence(window)
    assert not window.pane.empty_page.first.isVisible()
    window.show_place("")
    assert "No model is here yet" in sentence(window)
    assert window.pane.empty_page.first.isVisible()


def test_advice_gives_way_to_the_field_in_a_small_window(window: ChatWindow, qtbot: QtBot) -> None:
    pane = window.pane
    hint = FirstAnswerHint()
    pane.put_below(hint)
    pane.show_transcript(Transcript(A, tuple(dialogue(4))))
    window.resize(900, 700)
    hint.say(SmallModel("tiny", "Tiny", "Larger", "larger"))
    qtbot.waitUntil(hint.isVisible)
    # WHEN there is not enough room for all THEN the advice goes, and the field stays whole
    pane.banner.show_notice(Notice("The conversation is in the archive", detail="Words. " * 60))
    window.setFixedSize(900, 240)
    qtbot.waitUntil(lambda: not hint.isVisible())
    qtbot.waitUntil(lambda: pane.composer.height() >= pane.composer.sizeHint().height())
    # AND it comes back where there is room again
    window.setFixedSize(900, 900)
    qtbot.waitUntil(hint.isVisible)
    hint.hide()
    assert not hint.isVisible()
    window.setFixedSize(900, 880)
    assert not hint.isVisible()


def test_the_keyboard_goes_to_the_field_with_the_list(window: ChatWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    search = window.list.tab_order[0]
    search.setFocus()
    qtbot.waitUntil(search.hasFocus)
    window.menu.list.trigger()
    qtbot.waitUntil(window.pane.composer.edit.hasFocus)
    assert not window.list.isVisible()
