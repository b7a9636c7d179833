"""What comes and goes in the interface is gone from Python's memory as well."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
from desktop.ui.notices import Notices
from desktop.ui.transcript.view import TranscriptView
from desktop.ui.widgets.banner import Banner, Notice, NoticeAction
from desktop.ui.widgets.menus import add_action
from tests.rigs.conversations import dialogue

_TIMES = 10
# What is made at the first time may stay.
_FIRST = 2


def _left(do: Callable[[], None]) -> Counter[str]:
    """Returns the objects of Qt that are left in Python's memory when something was done some times more."""

    def count(times: int) -> Counter[str]:
        for _ in range(times):
            do()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        found = (one for one in gc.get_objects() if isinstance(one, QAction | QMenu | QPushButton))
        return Counter(type(one).__name__ for one in found)

    before = count(_FIRST)
    return count(_TIMES) - before


def test_a_command_does_its_work_and_goes_with_its_menu(qtbot: QtBot) -> None:
    done: list[str] = []

    def menu() -> None:
        made = QMenu()
        add_action(made, "Do it", lambda: done.append("it")).trigger()
        assert [action.text() for action in made.actions()] == ["Do it"]
        made.deleteLater()

    assert not _left(menu)
    assert done == ["it"] * (_FIRST + _TIMES)


@pytest.mark.parametrize("ways", [1, 4])
def test_a_notice_leaves_no_button(qtbot: QtBot, ways: int) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    actions = tuple(NoticeAction(f"way {number}", lambda: None) for number in range(ways))

    def show() -> None:
        banner.show_notice(Notice("Trouble", actions=actions, key="trouble"))
        banner.withdraw("trouble")

    assert not _left(show)


def test_the_menu_of_a_message_leaves_no_command(qtbot: QtBot) -> None:
    view = TranscriptView()
    qtbot.addWidget(view)
    view.show_messages(dialogue(1), 0)
    assert not _left(lambda: view._menu_at(0, "https://example.org").deleteLater())


def test_a_report_leaves_no_button(qtbot: QtBot) -> None:
    notices = Notices(lambda: (), lambda: ())

    def report() -> None:
        notices.show_report(UserFacingError("It failed.", "Why.", "Try again."))
        notices.close()

    assert not _left(report)
