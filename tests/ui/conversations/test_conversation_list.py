from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QDate, QDateTime, QLocale, QPoint, Qt, QTime
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.history.records import SearchHit
from desktop.ui.conversations.conversation_list import ConversationList
from desktop.ui.conversations.conversation_rows import ROW_HEADING, ROW_MARKS, ROW_TEXT, _Item, heading_height
from desktop.ui.conversations.moments import time_words
from tests.rigs.conversations import conversation

CATS, DOGS, OWLS = conversation("a", "Cats"), conversation("b", "狗"), conversation("c", "Owls")


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


def test_down_right_behind_the_last_letter_goes_on_among_the_hits(conversations: ConversationList) -> None:
    hits = [SearchHit(CATS, 7, "they purr"), SearchHit(DOGS, 8, "none purr")]
    conversations.searchChanged.connect(lambda words: conversations.set_hits(hits) if words else None)
    conversations.focus_search()
    QTest.keyClicks(conversations._search, "purr")
    QTest.keyClick(conversations._search, Qt.Key.Key_Down)
    assert conversations._search.hasFocus()
    marked = conversations._items.marked
    assert marked is not None and marked.text() == DOGS.title


def test_a_search_ends_where_another_conversation_is_shown_than_it_has_found(conversations: ConversationList) -> None:
    searched: list[str] = []
    conversations.searchChanged.connect(searched.append)
    there = [CATS, DOGS, OWLS]
    # GIVEN a search that has found one, which is opened
    conversations._search.setText("purr")
    conversations.set_hits([SearchHit(CATS, 7, "they purr")])
    conversations.set_conversations(there, "a")
    assert titles(conversations) == ["Cats"] and conversations._search.text() == "purr"
    # WHEN another one is begun THEN the list shows it with the others, and marks none
    conversations.set_conversations(there, None)
    assert titles(conversations) == ["Cats", "狗", "Owls"] and conversations._search.text() == ""
    assert conversations._items.marked is None and searched == [""]


def test_headings_are_no_rows_and_are_said_with_the_first_of_theirs(conversations: ConversationList) -> None:
    # GIVEN one that is pinned, and others of today
    now = QDateTime.currentSecsSinceEpoch()
    conversations.set_conversations(
        [replace(CATS, updated=now), replace(DOGS, updated=now, pinned=1.0), replace(OWLS, updated=now)], "c"
    )
    items = conversations._items
    assert titles(conversations) == ["狗", "Cats", "Owls"]
    spoken = [items.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(3)]
    assert spoken[0].startswith("Pinned, 狗") and spoken[1].startswith("Today, Cats") and spoken[2].startswith("Owls")
    # WHEN a heading is clicked THEN nothing is opened, and the row below it is as high as any other
    opened: list[str] = []
    conversations.conversationSelected.connect(opened.append)
    place = items.visualItemRect(items.item(1)).topLeft() + QPoint(20, 4)
    assert items.is_heading_at(place)
    QTest.mouseClick(items.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == []
    assert items.visualItemRect(items.item(1)).height() > items.visualItemRect(items.item(2)).height()
    QTest.mouseClick(items.viewport(), Qt.MouseButton.LeftButton, pos=place + QPoint(0, heading_height(items)))
    assert opened == ["a"]


def test_the_headings_follow_the_day(conversations: ConversationList, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN one of today
    now = QDateTime.currentSecsSinceEpoch()
    conversations.set_conversations([replace(CATS, updated=now)], "a")
    assert conversations._items.item(0).data(ROW_HEADING) == "Today"
    assert 0 < conversations._midnight.interval() <= 86_400_000 + 1

    # WHEN midnight has come
    tomorrow = SimpleNamespace(
        min=date.min, fromtimestamp=date.fromtimestamp, today=lambda: date.fromtimestamp(now) + timedelta(days=1)
    )
    for module in ("conversation_list", "moments"):
        monkeypatch.setattr(f"desktop.ui.conversations.{module}.date", tomorrow)
    conversations._midnight.timeout.emit()
    # THEN
    assert conversations._items.item(0).data(ROW_HEADING) == "Yesterday"
    assert not conversations._items.item(0).data(ROW_TEXT).startswith("0")


def test_of_many_conversations_only_those_in_view_are_said(
    conversations: ConversationList, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    said = _Item.data

    def data(item: _Item, role: int) -> object:
        if role == ROW_TEXT and item.row is not None:
            looked.append(item.row.title)
        return said(item, role)

    monkeypatch.setattr(_Item, "data", data)
    conversations.set_conversations([conversation(f"{one}", f"Cat {one}") for one in range(2_000)], "0")
    conversations.repaint()
    assert len(titles(conversations)) == 2_000
    assert 1 <= len(set(looked)) < 100


def test_a_hit_in_the_archive_says_so_and_its_marks_are_in_their_place(conversations: ConversationList) -> None:
    archived = replace(CATS, archived=5.0)
    conversations.set_hits([SearchHit(archived, 7, "they purr", ((5, 9),))])
    item = conversations._items.item(0)
    ((begin, end),) = item.data(ROW_MARKS)
    assert item.data(ROW_TEXT) == "Archived: they purr"
    assert item.data(ROW_TEXT)[begin:end] == "purr"


def test_when_it_was() -> None:
    today = QDate.currentDate()

    def words(days_ago: int) -> str:
        return time_words(QDateTime(today.addDays(-days_ago), QTime(12, 0)).toSecsSinceEpoch())

    said = words(0), words(1), words(30), words(-3)
    if QDate.currentDate() != today:
        pytest.skip("it has just struck midnight")
    assert ":" in said[0]
    assert said[1] == QLocale().standaloneDayName(today.addDays(-1).dayOfWeek())
    assert said[2] == QLocale().toString(today.addDays(-30), QLocale.FormatType.ShortFormat)
    assert said[3] == QLocale().toString(today.addDays(3), QLocale.FormatType.ShortFormat), "a clock was wrong"


def test_what_was_said_of_a_conversation_is_forgotten_when_it_changes(conversations: ConversationList) -> None:
    # WHEN a conversation gets a hundred answers, each of which makes it another one
    for second in range(100):
        conversations.set_conversations([replace(CATS, updated=CATS.updated + second), DOGS], "a")
    # THEN nothing is kept but what is shown
    assert titles(conversations) == ["Cats", "狗"]
    assert set(conversations._said) == {"a", "b"}
    assert len(conversations._said) == 2
