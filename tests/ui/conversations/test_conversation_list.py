from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QDate, QDateTime, QLocale, Qt, QTime
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.history.records import SearchHit
from desktop.ui.conversations.conversation_list import ConversationList, time_words
from tests.rigs.conversations import conversation

CATS, DOGS = conversation("a", "Cats"), conversation("b", "狗")


def titles(conversations: ConversationList) -> list[str]:
    """Returns the first lines shown, from the top."""
    return [conversations._items.item(row).text() for row in range(conversations._items.count())]


@pytest.fixture
def conversations(qtbot: QtBot) -> ConversationList:
    widget = ConversationList()
    qtbot.addWidget(widget)
    widget.resize(220, 400)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.set_conversations([CATS, DOGS, conversation("c", "")], "b")
    return widget


def test_filling_is_not_choosing(conversations: ConversationList, qtbot: QtBot) -> None:
    assert titles(conversations) == ["Cats", "狗", "New conversation"]
    assert conversations._items.currentRow() == 1
    with qtbot.assertNotEmitted(conversations.conversationSelected):
        conversations.set_conversations([DOGS, CATS], "a")
    assert conversations._items.currentRow() == 1


def test_a_click_or_an_arrow_key_chooses_once(conversations: ConversationList, qtbot: QtBot) -> None:
    chosen: list[str] = []
    conversations.conversationSelected.connect(chosen.append)
    items = conversations._items
    place = items.visualItemRect(items.item(0)).center()
    QTest.mouseClick(items.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseClick(items.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == ["a"]
    QTest.keyClick(items, Qt.Key.Key_Down)
    assert chosen == ["a", "b"]


def test_rename_in_place(conversations: ConversationList, qtbot: QtBot) -> None:
    conversations.rename_current()
    editor = conversations._items.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    assert editor.text() == "狗"
    editor.setText("  Dogs ")
    with qtbot.waitSignal(conversations.renameRequested) as signal:
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert signal.args == ["b", "Dogs"]


def test_the_field_for_a_title_hides_the_row_behind_it(conversations: ConversationList) -> None:
    conversations.rename_current()
    editor = conversations._items.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    assert editor.geometry() == conversations._items.visualItemRect(conversations._items.currentItem())
    assert editor.hasFrame()
    assert editor.accessibleName()


def test_an_empty_title_is_not_a_title(conversations: ConversationList, qtbot: QtBot) -> None:
    conversations.rename_current()
    editor = conversations._items.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    editor.setText("  ")
    with qtbot.assertNotEmitted(conversations.renameRequested):
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert titles(conversations)[1] == "狗"


def test_delete_with_the_key(conversations: ConversationList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(conversations.deleteRequested) as signal:
        QTest.keyClick(conversations._items, Qt.Key.Key_Delete)
    assert signal.args == ["b"]


def test_search_waits_for_the_typing_and_shows_hits(conversations: ConversationList, qtbot: QtBot) -> None:
    searched: list[str] = []
    conversations.searchChanged.connect(searched.append)
    conversations.focus_search()
    QTest.keyClicks(conversations._search, "purr")
    qtbot.waitUntil(lambda: searched == ["purr"])
    conversations.set_hits([SearchHit(CATS, 7, "they\npurr")])
    assert titles(conversations) == ["Cats"]
    with qtbot.waitSignal(conversations.messageSelected) as signal:
        items = conversations._items
        QTest.mouseClick(items.viewport(), Qt.MouseButton.LeftButton, pos=items.visualItemRect(items.item(0)).center())
    assert signal.args == ["a", 7]
    # a hit is neither renamed nor deleted
    with qtbot.assertNotEmitted(conversations.deleteRequested):
        QTest.keyClick(items, Qt.Key.Key_Delete)
    conversations.set_hits([])
    assert titles(conversations) == ["Nothing found"]
    QTest.keyClick(conversations._search, Qt.Key.Key_Escape)
    assert searched == ["purr", ""]
    assert titles(conversations) == ["Cats", "狗", "New conversation"]


def test_when_it_was() -> None:
    today = QDate.currentDate()

    def words(days_ago: int) -> str:
        return time_words(QDateTime(today.addDays(-days_ago), QTime(12, 0)).toSecsSinceEpoch())

    said = words(0), words(1), words(30)
    if QDate.currentDate() != today:
        pytest.skip("it has just struck midnight")
    assert ":" in said[0]
    assert said[1] == QLocale().standaloneDayName(today.addDays(-1).dayOfWeek())
    assert said[2] == QLocale().toString(today.addDays(-30), QLocale.FormatType.ShortFormat)


def test_what_was_said_of_a_conversation_is_forgotten_when_it_changes(conversations: ConversationList) -> None:
    # WHEN a conversation gets a hundred answers, each of which makes it another one
    for second in range(100):
        conversations.set_conversations([replace(CATS, updated=CATS.updated + second), DOGS], "a")
    # THEN nothing is kept but what is shown
    assert titles(conversations) == ["Cats", "狗"]
    assert {one.id for one in conversations._said} == {"a", "b"}
    assert len(conversations._said) == 2
