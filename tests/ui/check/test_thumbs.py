"""Thumbs in the whole window: by mouse, menu and key, taken back by pressing again, kept with the message."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.engine.types import Role
from desktop.history.records import CALCULATED, MessageState, StoredMessage
from desktop.ui.transcript.message_bar import MessageBar
from desktop.ui.widgets.glyphs import GlyphButton
from tests.rigs.shell import Bench, running
from tests.support.widgets import child, children

pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


class ThumbsBench:
    """A conversation with a question, an answer, and something that was calculated."""

    def __init__(self, bench: Bench) -> None:
        bench.show()
        self.bench = bench
        if (dialog := bench.shell.models.dialog) is not None:
            dialog.close()
        history = self.history = bench.services.history
        self.talk = history.create("Talk").id
        for question, answer, model in (("Who are you?", "A cat.", "Parrot"), ("1 + 1", "2", CALCULATED)):
            history.add_user_message(self.talk, question)
            history.add_answer(self.talk, answer, thinking="", state=MessageState.COMPLETE, model=model, stats=None)
        assert bench.shell.chat is not None
        bench.shell.chat.refresh()
        bench.shell.chat.open(self.talk)
        self.view = bench.window.pane.transcript
        self.bar = child(self.view, MessageBar)

    def message(self, place: int) -> StoredMessage:
        return self.history.transcript(self.talk).messages[place]

    def signs(self, place: int) -> dict[str, GlyphButton]:
        """Returns what the bar of a message offers, by its name."""
        self.bar.show_for(self.view.messages[place])
        return {one.accessibleName(): one for one in children(self.bar, GlyphButton) if not one.isHidden()}

    def menu_of(self, place: int) -> dict[str, QAction]:
        span = self.view._page.span_of(self.view.messages[place].id)
        assert span is not None
        menu: QMenu = self.view._menu_at(span[0] + 1, "")
        return {action.text(): action for action in menu.actions()}


@pytest.fixture
def thumbs(qapp: QApplication, qtbot: QtBot, data_dir: Paths) -> Iterator[ThumbsBench]:
    with running(qapp, qtbot, data_dir) as bench:
        yield ThumbsBench(bench)


def test_a_press_gives_a_thumb_and_another_one_takes_it_back(thumbs: ThumbsBench) -> None:
    # GIVEN an answer without a thumb
    signs = thumbs.signs(1)
    assert not signs["Good answer"].isChecked()
    # WHEN its thumb down is pressed
    QTest.mouseClick(signs["Bad answer"], Qt.MouseButton.LeftButton)
    # THEN it is kept, and shown
    assert thumbs.message(1).rating == -1
    assert thumbs.signs(1)["Bad answer"].isChecked()
    # WHEN the other one is pressed
    QTest.mouseClick(thumbs.signs(1)["Good answer"], Qt.MouseButton.LeftButton)
    # THEN there is only that one
    assert thumbs.message(1).rating == 1
    assert not thumbs.signs(1)["Bad answer"].isChecked()
    # WHEN it is pressed again
    QTest.mouseClick(thumbs.signs(1)["Good answer"], Qt.MouseButton.LeftButton)
    # THEN there is none
    assert thumbs.message(1).rating == 0
    assert not thumbs.signs(1)["Good answer"].isChecked()


def test_only_answers_of_a_model_have_thumbs(thumbs: ThumbsBench) -> None:
    assert thumbs.message(0).role is Role.USER
    for place in (0, 2, 3):
        assert "Good answer" not in thumbs.signs(place)
        assert "Good answer" not in thumbs.menu_of(place)


def test_the_menu_of_an_answer_has_them_with_a_tick(thumbs: ThumbsBench) -> None:
    thumbs.menu_of(1)["Bad answer"].trigger()
    assert thumbs.message(1).rating == -1
    assert thumbs.menu_of(1)["Bad answer"].isChecked()
    thumbs.menu_of(1)["Bad answer"].trigger()
    assert thumbs.message(1).rating == 0


def test_a_key_means_the_newest_answer_of_a_model(thumbs: ThumbsBench) -> None:
    menu = thumbs.bench.window.menu
    assert menu.good.shortcut().toString() == "Ctrl+Shift+G"
    menu.good.trigger()
    assert thumbs.message(1).rating == 1
    menu.good.trigger()
    assert thumbs.message(1).rating == 0


def test_thumbs_are_still_there_when_the_conversation_is_opened_again_and_go_with_it(thumbs: ThumbsBench) -> None:
    # GIVEN a thumb
    thumbs.bench.window.menu.bad.trigger()
    chat = thumbs.bench.shell.chat
    assert chat is not None
    chat.open(None)
    chat.open(thumbs.talk)
    assert thumbs.signs(1)["Bad answer"].isChecked()
    (rated,) = thumbs.history.rated_answers()
    assert (rated.model, rated.is_good) == ("Parrot", False)
    assert [turn.text for turn in rated.turns] == ["Who are you?", "A cat."]
    # WHEN the conversation is deleted
    thumbs.history.delete(thumbs.talk)
    # THEN it counts no longer, until it comes back
    assert not thumbs.history.rated_answers()
    thumbs.history.restore(thumbs.talk)
    assert len(thumbs.history.rated_answers()) == 1
    # AND an answer whose question was deleted does not count either
    thumbs.history.delete_message(thumbs.talk, thumbs.message(0).id)
    assert not thumbs.history.rated_answers()
