from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.history.records import Conversation
from desktop.ui.conversations.conversation_list import ConversationList
from desktop.ui.conversations.conversation_rows import heading_height
from desktop.ui.theme.metrics import unit
from tests.rigs.conversations import conversation

MANY = [conversation(str(number), f"Conversation {number}") for number in range(64)]


@pytest.fixture
def conversations(qtbot: QtBot) -> ConversationList:
    """64 conversations, the list scrolled to its middle, the one in the middle of the view marked."""
    widget = ConversationList()
    qtbot.addWidget(widget)
    widget.resize(220, 400)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.set_conversations(MANY, None)
    bar = widget.rows.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    click(widget, widget.rows.itemAt(widget.rows.viewport().rect().center()).text())
    return widget


def click(conversations: ConversationList, title: str) -> None:
    rows = conversations.rows
    (item,) = rows.findItems(title, Qt.MatchFlag.MatchExactly)
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualItemRect(item).center())


def marked(conversations: ConversationList) -> tuple[str, int]:
    """Returns the title that is marked and where it is."""
    item = conversations.rows.marked
    assert item is not None
    return item.text(), conversations.rows.visualItemRect(item).top()


def identity(conversations: ConversationList) -> str:
    return marked(conversations)[0].split()[1]


def titles(conversations: ConversationList) -> list[str]:
    return [conversations.rows.item(row).text() for row in range(conversations.rows.count())]


def first(one: Conversation, others: list[Conversation]) -> list[Conversation]:
    return [one, *(other for other in others if other.id != one.id)]


def test_an_answer_elsewhere_moves_nothing_in_view(conversations: ConversationList) -> None:
    before = marked(conversations)
    for moved in (MANY[63], MANY[0]):  # from below to the top, and from there where it is
        conversations.set_conversations(first(moved, MANY), identity(conversations))
        assert marked(conversations) == before
    assert titles(conversations) == [one.title for one in first(MANY[0], MANY)]


def test_what_goes_above_or_comes_back_moves_nothing_in_view(conversations: ConversationList) -> None:
    before = marked(conversations)
    conversations.set_conversations(MANY[3:], identity(conversations))
    assert marked(conversations) == before
    conversations.set_conversations(MANY, identity(conversations))
    assert marked(conversations) == before


def test_another_title_moves_nothing(conversations: ConversationList) -> None:
    before = marked(conversations)
    renamed = [conversation("2", "Renamed") if one.id == "2" else one for one in MANY]
    conversations.set_conversations(renamed, identity(conversations))
    assert marked(conversations) == before
    assert titles(conversations)[2] == "Renamed"


def test_a_marked_row_that_moves_itself_stays_in_view(conversations: ConversationList) -> None:
    current = identity(conversations)
    conversations.set_conversations(first(MANY[int(current)], MANY), current)
    assert conversations.rows.is_marked_in_view()
    assert identity(conversations) == current
    # WHEN it was scrolled out of view before THEN the list stays where somebody looks
    bar = conversations.rows.verticalScrollBar()
    bar.setValue(bar.maximum())
    conversations.set_conversations(MANY, current)
    assert bar.value() == bar.maximum()


def test_one_that_is_opened_from_elsewhere_comes_into_view(conversations: ConversationList) -> None:
    conversations.set_conversations(MANY, "0")
    assert identity(conversations) == "0"
    assert conversations.rows.is_marked_in_view()


def test_a_row_half_out_of_view_stays_where_it_is_clicked(conversations: ConversationList) -> None:
    rows = conversations.rows
    rows.verticalScrollBar().setValue(rows.verticalScrollBar().value() + 5)
    half = rows.itemAt(rows.viewport().rect().topLeft())
    place = rows.visualItemRect(half).top()
    assert place < 0
    click(conversations, half.text())
    conversations.set_conversations(MANY, half.text().split()[1])
    assert marked(conversations) == (half.text(), place)


def test_at_the_top_what_is_new_is_seen(conversations: ConversationList) -> None:
    conversations.rows.verticalScrollBar().setValue(0)
    conversations.set_conversations([conversation("new", "New"), *MANY], identity(conversations))
    assert conversations.rows.itemAt(conversations.rows.viewport().rect().topLeft()).text() == "New"


def test_a_title_that_is_being_written_survives_an_answer_elsewhere(
    conversations: ConversationList, qtbot: QtBot
) -> None:
    current = identity(conversations)
    conversations.rename_current()
    editor = conversations.rows.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    editor.setText("Half a ti")
    conversations.set_conversations(first(MANY[int(current)], MANY[1:]), current)
    assert editor.isVisible()
    assert editor.text() == "Half a ti"
    # WHEN it has been written THEN the list shows what came meanwhile
    with qtbot.waitSignal(conversations.renameRequested) as signal:
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert signal.args == [current, "Half a ti"]
    assert len(titles(conversations)) == 63


def test_after_a_deletion_nothing_is_marked_and_the_arrows_go_on_from_there(
    conversations: ConversationList, qtbot: QtBot
) -> None:
    current = identity(conversations)
    rest = [one for one in MANY if one.id != current]
    conversations.set_conversations(rest, None)
    assert conversations.rows.marked is None
    # THEN Del deletes nothing that is not marked
    with qtbot.assertNotEmitted(conversations.deleteRequested):
        QTest.keyClick(conversations.rows, Qt.Key.Key_Delete)
    # AND Down opens the one that has moved up
    with qtbot.waitSignal(conversations.conversationSelected) as signal:
        QTest.keyClick(conversations.rows, Qt.Key.Key_Down)
    assert signal.args == [str(int(current) + 1)]


@pytest.mark.parametrize("title", ["Conversation " * 9, "שיחה " * 20], ids=["to the right", "to the left"])
def test_the_dots_of_a_title_that_is_cut_off_are_at_its_end(qtbot: QtBot, title: str) -> None:
    conversations = ConversationList()
    qtbot.addWidget(conversations)
    conversations.resize(220, 300)
    with qtbot.waitExposed(conversations):
        conversations.show()
    conversations.set_conversations([conversation("long", title)], None)
    rows = conversations.rows
    box, letters = rows.visualItemRect(rows.item(0)), rows.fontMetrics()
    picture = rows.viewport().grab().toImage()
    paper = picture.pixelColor(box.right() - 1, box.bottom() - 3).lightness()
    top = box.top() + heading_height(rows) + unit(rows) // 2 + 1

    def columns(height: int) -> list[int]:
        """Returns where there is ink in the upper part of the line."""
        ink = [
            any(abs(picture.pixelColor(x, top + y).lightness() - paper) > 80 for y in range(height))
            for x in range(box.width())
        ]
        return [x for x, is_dark in enumerate(ink) if is_dark]

    # What has no ink further up is dots: a letter's width of them is at one end, and nothing at the other.
    letter_columns, all_columns = columns(letters.ascent() * 2 // 3), columns(letters.height())
    at_left, at_right = letter_columns[0] - all_columns[0], all_columns[-1] - letter_columns[-1]
    assert at_left > 3 >= at_right if title.startswith("ש") else at_right > 3 >= at_left, (at_left, at_right)
