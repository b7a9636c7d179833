from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.history.records import StoredMessage
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import answer, dialogue, question
from tests.rigs.windows import LONG, copied, transcript


@pytest.fixture
def view(qtbot: QtBot) -> TranscriptView:
    return transcript(qtbot)


def version(message: StoredMessage, place: int, of: int) -> StoredMessage:
    return replace(message, version=place, versions=of)


def steps(view: TranscriptView) -> list[str]:
    """Returns the addresses of the links that page, from the top."""
    found = []
    block = view.document().begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            address = iterator.fragment().charFormat().anchorHref()
            if address.startswith("catnap:version/"):
                found.append(address.removeprefix("catnap:version/"))
            iterator += 1
        block = block.next()
    return found


def test_only_what_has_versions_says_so(view: TranscriptView) -> None:
    view.show_messages([question(1), version(answer(2), 2, 3), version(question(3), 1, 2), answer(4)], 0)
    assert steps(view) == ["2/-1", "2/1", "3/1"]
    assert "2/3" in view.toPlainText()
    # THEN it is no part of what was said
    assert copied(view) == "Question 1?\nAnswer 2.\nQuestion 3?\nAnswer 4."


def test_a_link_asks_for_the_version_beside_it(view: TranscriptView, qtbot: QtBot) -> None:
    view.show_messages([question(1), version(answer(2), 2, 3)], 0)
    with qtbot.waitSignal(view.requests.versionRequested) as signal:
        view.anchorClicked.emit(QUrl("catnap:version/2/-1"))
    assert signal.args == [2, -1]


def test_the_keyboard_reaches_the_links(view: TranscriptView, qtbot: QtBot) -> None:
    view.show_messages([question(1), version(answer(2), 2, 3)], 0)
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    QTest.keyClick(view, Qt.Key.Key_Tab)
    with qtbot.waitSignal(view.requests.versionRequested) as signal:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert signal.args == [2, -1]


def test_the_last_line_of_a_version_stays_where_it_was(view: TranscriptView, qtbot: QtBot) -> None:
    # GIVEN a long conversation, in the middle of which one answer has two versions of different length
    messages = dialogue(60)
    short, long_ = version(answer(60), 1, 2), version(answer(200, LONG), 2, 2)
    with_short = [*messages[:59], short, *messages[60:]]
    with_long = [*messages[:59], long_]
    view.show_messages(with_short, 0)
    view.reveal(60)
    qtbot.waitUntil(lambda: view._page.span_of(60) is not None and not view._scroll._wanted)
    before = view._scroll.foot_of(60)
    # WHEN a person pages to the other one, and back
    view.show_version(with_long, 0, 60, 200)
    qtbot.waitUntil(lambda: view._page.span_of(200) is not None and not view._scroll._wanted)
    # THEN the pager is below the mouse again each time, as far as the page reaches
    assert abs(view._scroll.foot_of(200) - before) <= 1 or view.verticalScrollBar().value() == bar_end(view)
    now = view._scroll.foot_of(200)
    view.show_version(with_short, 0, 200, 60)
    qtbot.waitUntil(lambda: view._page.span_of(60) is not None and not view._scroll._wanted)
    assert abs(view._scroll.foot_of(60) - now) <= 1
    # AND the caret goes along, so that the keys go on paging
    assert view.reach.with_versions() == short


def bar_end(view: TranscriptView) -> int:
    return view.verticalScrollBar().maximum()


def test_which_message_a_command_means(view: TranscriptView) -> None:
    first, second = version(question(1), 1, 2), version(answer(4), 2, 2)
    view.show_messages([first, answer(2), question(3), second], 0)
    assert view.reach.with_versions() == second
    cursor = view.document().find("Question 1?")
    view.setTextCursor(cursor)
    assert view.reach.with_versions() == first
    # WHEN a person has scrolled away from it THEN it is not meant
    view.show_messages([first, answer(2, LONG), question(3), second], 0)
    view.setTextCursor(view.document().find("Question 1?"))
    view.go_to_end()
    assert view.reach.with_versions() == second
    view.show_messages([question(1), answer(2)], 0)
    assert view.reach.with_versions() is None


def test_the_menu_of_a_message_pages_too(view: TranscriptView, qtbot: QtBot) -> None:
    view.show_messages([question(1), version(answer(2), 1, 2)], 0)
    menu = view._menu_at(view.document().find("Answer").position(), "")
    entries = {action.text(): action for action in menu.actions()}
    assert not entries["Version before"].isEnabled()
    with qtbot.waitSignal(view.requests.versionRequested) as signal:
        entries["Version after"].trigger()
    assert signal.args == [2, 1]
    menu.deleteLater()
