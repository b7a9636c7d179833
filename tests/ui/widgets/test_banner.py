from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.widgets.banner import Banner, Notice, NoticeAction, Severity
from tests.support.widgets import children


@pytest.fixture
def banner(qtbot: QtBot) -> Banner:
    banner = Banner()
    qtbot.addWidget(banner)
    return banner


def buttons(banner: Banner) -> dict[str, QPushButton]:
    found = cast("list[QPushButton]", banner.findChildren(QPushButton))
    return {button.text(): button for button in found if not button.isHidden()}


def test_hidden_until_there_is_something_to_say(banner: Banner) -> None:
    assert banner.isHidden()
    banner.show_notice(Notice("Title.", "detail", "Remedy."))
    assert not banner.isHidden()
    assert banner.accessibleName() == "Title. detail Remedy."
    banner.close_current()
    assert banner.isHidden()


def test_notices_wait_for_each_other(banner: Banner) -> None:
    for title in ("one", "two", "three"):
        banner.show_notice(Notice(title))
    assert banner.current == Notice("one")
    assert banner.waiting == 2
    banner.close_current()
    assert banner.current == Notice("two")
    banner.withdraw("three\n")
    assert banner.waiting == 0
    banner.withdraw("unknown")
    assert banner.current == Notice("two")


def test_what_is_under_way_does_not_wait(banner: Banner) -> None:
    banner.show_notice(Notice("deleted", key="undo"))
    banner.show_notice(Notice("importing", "10 %", key="import", closable=False))
    banner.show_notice(Notice("other"))
    assert banner.current == Notice("importing", "10 %", key="import", closable=False)
    # AND what came of it takes its place, before the older ones
    banner.show_notice(Notice("imported", key="import"))
    assert banner.current == Notice("imported", key="import")
    banner.close_current()
    assert banner.current == Notice("deleted", key="undo")


def test_what_goes_by_itself_is_seen_before_what_stays(banner: Banner) -> None:
    # GIVEN something that went wrong a while ago, and was not closed
    banner.show_notice(Notice("went wrong"))
    banner.show_notice(Notice("went wrong too"))
    # WHEN a conversation is deleted THEN the way back is in view, not behind that
    banner.show_notice(Notice("deleted", key="undo", seconds=12))
    assert banner.current == Notice("deleted", key="undo", seconds=12)
    # AND what came of the next click is seen first, also where it takes the place of something that waits
    banner.show_notice(Notice("saved", key="export", seconds=12))
    assert banner.current == Notice("saved", key="export", seconds=12)
    banner.show_notice(Notice("two deleted", key="undo", seconds=12))
    assert banner.current == Notice("two deleted", key="undo", seconds=12)
    # AND only what is under way comes before it
    banner.show_notice(Notice("importing", key="import", closable=False))
    banner.show_notice(Notice("undone", key="undo", seconds=12))
    assert banner.current == Notice("importing", key="import", closable=False)
    banner.withdraw("import")
    for title in ("undone", "saved", "went wrong", "went wrong too"):
        assert banner.accessibleName() == title
        banner.close_current()


def test_a_button_that_stays_can_be_pressed_while_the_figures_move(banner: Banner) -> None:
    stopped: list[str] = []

    def say(percent: int) -> None:
        stop = NoticeAction("Stop", lambda: stopped.append(f"at {percent}"))
        banner.show_notice(Notice("importing", f"{percent} %", actions=(stop,), key="import", closable=False))

    say(10)
    banner.show()
    banner.focus_first_button()  # which shows it; its layout does so later only
    button = buttons(banner)["Stop"]
    button.setFocus()
    # WHEN a press is begun, the figures move on, and it ends
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    say(20)
    assert buttons(banner)["Stop"] is button
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    # THEN it is done, by what is true now
    assert stopped == ["at 20"]


def test_the_same_is_said_once_and_a_key_replaces(banner: Banner) -> None:
    banner.show_notice(Notice("same", "detail"))
    banner.show_notice(Notice("same", "detail"))
    assert banner.waiting == 0
    banner.show_notice(Notice("10 %", key="download"))
    banner.show_notice(Notice("20 %", key="download"))
    assert banner.waiting == 1
    banner.close_current()
    assert banner.current == Notice("20 %", key="download")


def test_an_action_runs_once_after_the_notice_has_gone(banner: Banner, qtbot: QtBot) -> None:
    seen: list[bool] = []
    banner.show_notice(
        Notice(
            "x",
            actions=(NoticeAction("Undo", lambda: seen.append(banner.isHidden())), NoticeAction("No", lambda: None)),
        )
    )
    qtbot.waitUntil(lambda: list(buttons(banner)) == ["Undo", "No"])
    QTest.mouseClick(buttons(banner)["Undo"], Qt.MouseButton.LeftButton)
    assert seen == [True]
    assert buttons(banner) == {}


def test_a_banner_that_goes_with_the_keyboard_says_so(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    banner, line, left = Banner(window), QLineEdit(window), list[bool]()
    banner.focusLeft.connect(lambda: left.append(True))
    with qtbot.waitExposed(window):
        window.show()
    banner.show_notice(Notice("x", actions=(NoticeAction("Again", lambda: None),)))
    qtbot.waitUntil(lambda: "Again" in buttons(banner))
    button = buttons(banner)["Again"]
    button.setFocus()
    button.click()
    assert left == [True]
    line.setFocus()
    banner.show_notice(Notice("y", key="y"))
    banner.withdraw("y")
    assert left == [True], "the keyboard was elsewhere"


def test_goes_by_itself_when_told_to(banner: Banner, qtbot: QtBot) -> None:
    banner.show_notice(Notice("short", seconds=0.05))
    banner.show_notice(Notice("long", severity=Severity.PROBLEM))
    qtbot.waitUntil(lambda: banner.current is not None and banner.current.title == "long")
    assert not banner._timer.isActive()
    assert not banner.isHidden()


def test_what_becomes_of_others_does_not_make_a_notice_stay(banner: Banner, qtbot: QtBot) -> None:
    banner.show_notice(Notice("short", seconds=0.3))

    def gone() -> bool:  # asked over and over, faster than its time passes
        banner.withdraw("unknown")
        banner.show_notice(Notice("waits", key="waits"))
        return banner.current == Notice("waits", key="waits")

    qtbot.waitUntil(gone)


def test_said_again_it_stays_its_whole_time(banner: Banner, monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[int] = []
    monkeypatch.setattr(banner._timer, "start", began.append)
    for times in (1, 2, 3):
        banner.show_notice(Notice("deleted", key="undo", seconds=0.4))
        assert began == [400] * times


def test_escape_closes(banner: Banner, qtbot: QtBot) -> None:
    banner.show_notice(Notice("x"))
    banner.show()
    QTest.keyClick(banner, Qt.Key.Key_Escape)
    assert banner.isHidden()


def test_text_is_never_taken_for_markup(banner: Banner) -> None:
    banner.show_notice(Notice("<b>x</b>", "<img src='http://a.org'>"))
    labels = [label for label in children(banner, QLabel) if label.text().startswith("<")]
    assert len(labels) == 2
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)


def test_of_many_ways_out_one_is_a_button_and_the_others_are_in_a_menu(banner: Banner, qtbot: QtBot) -> None:
    taken: list[str] = []
    ways = tuple(NoticeAction(name, lambda name=name: taken.append(name)) for name in ("one", "two", "three"))  # type: ignore[misc]
    banner.show_notice(Notice("Choose.", actions=ways))
    qtbot.waitUntil(lambda: list(buttons(banner)) == ["one", "Other ways"])
    menu = buttons(banner)["Other ways"].menu()
    assert isinstance(menu, QMenu)
    assert [action.text() for action in menu.actions()] == ["two", "three"]
    menu.actions()[1].trigger()
    assert taken == ["three"]
    assert banner.current is None


def test_a_notice_is_announced_once_and_each_step_of_it_is_not(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, bool]] = []
    monkeypatch.setattr(
        "desktop.ui.widgets.banner.announce", lambda _source, words, urgent: said.append((words, urgent))
    )
    banner = Banner()
    qtbot.addWidget(banner)
    for percent in (10, 20):
        banner.show_notice(Notice(f"Exporting {percent} %", key="export"))
    banner.withdraw("export")
    banner.show_notice(Notice("The disk is full.", severity=Severity.PROBLEM))
    assert said == [("Exporting 10 %", False), ("The disk is full.", True)]
