"""Every control of every window has a name for a screen reader, and can be reached by Tab."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from desktop.history.records import DeletedConversation, Transcript
from desktop.settings.options import Settings
from desktop.system.build_info import AboutFacts
from desktop.ui.about import AboutDialog
from desktop.ui.chat.window import ChatWindow
from desktop.ui.conversations.deleted_dialog import DeletedDialog
from desktop.ui.help import HelpDialog
from desktop.ui.models.dialog import ModelsDialog
from desktop.ui.quick_ask.box import QuickAsk
from desktop.ui.settings.dialog import SettingsDialog
from desktop.ui.widgets.banner import Notice, NoticeAction
from tests.rigs.conversations import answer, conversation, question
from tests.rigs.meter import Meter
from tests.rigs.models import CATALOG, MIDDLE_HERE, OWN, SMALL_HERE, fit
from tests.rigs.settings import MODELS, cost
from tests.support.widgets import children


def _chat() -> QWidget:
    window = ChatWindow(Meter())
    talk = conversation("c", "Cats")
    window.list.set_conversations([talk], "c")
    window.pane.show_transcript(Transcript(talk, (question(1), answer(2, thinking="Hm."))))
    window.pane.banner.show_notice(Notice("Deleted", actions=(NoticeAction("Undo", lambda: None),)))
    window.status.set_battery(True, "On battery")
    return window


def _empty_chat() -> QWidget:
    return ChatWindow(Meter())


def _models() -> QWidget:
    dialog = ModelsDialog(fit, lambda _address: None, QLocale("en"))
    dialog.set_models(CATALOG, (SMALL_HERE, MIDDLE_HERE, OWN), "small", None, {})
    dialog.set_waiting_question("What?")
    return dialog


def _settings() -> QWidget:
    return SettingsDialog(Settings(), MODELS, cost)


def _quick() -> QWidget:
    box = QuickAsk()
    box.begin_answer()
    box.finish_answer("Yes.", "")
    return box


def _about() -> QWidget:
    return AboutDialog(AboutFacts("1.0", ("Python 3",), "https://catnap.invalid"))


def _help() -> QWidget:
    return HelpDialog([("New conversation", "Ctrl+N")])


def _deleted() -> QWidget:
    dialog = DeletedDialog()
    dialog.set_deleted([DeletedConversation(conversation("d", "Cats"), 0.0, 2)], 30)
    dialog.banner.show_notice(Notice("Sure?", actions=(NoticeAction("Yes", lambda: None),)))
    return dialog


WINDOWS = (_chat, _empty_chat, _deleted, _models, _settings, _quick, _about, _help)


@pytest.fixture(params=WINDOWS, ids=lambda make: make.__name__.strip("_"))
def window(request: pytest.FixtureRequest, qtbot: QtBot) -> QWidget:
    make: Callable[[], QWidget] = request.param
    made = make()
    qtbot.addWidget(made, before_close_func=lambda widget: widget.end() if isinstance(widget, ChatWindow) else None)
    with qtbot.waitExposed(made):
        made.show()
    return made


def _is_a_control(widget: QWidget) -> bool:
    by_keyboard = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    inside_of_qt = widget.objectName().startswith("qt_") or isinstance(widget.parentWidget(), QComboBox)
    popup = widget.window().windowType() is Qt.WindowType.Popup
    return by_keyboard and not inside_of_qt and not popup and widget.focusProxy() is None


def _name(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip()


def test_every_control_has_a_name(window: QWidget) -> None:
    controls = [widget for widget in children(window, QWidget) if _is_a_control(widget)]
    assert len(controls) >= 2
    assert [f"{type(widget).__name__} {widget.toolTip()!r}" for widget in controls if not _name(widget)] == []


def test_tab_reaches_every_control_and_comes_back(window: QWidget, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    controls = [widget for widget in children(window, QWidget) if _is_a_control(widget)]
    wanted = {widget for widget in controls if widget.isVisible() and widget.isEnabled()}
    reached: set[QWidget] = set()
    for _step in range(3 * len(wanted) + 10):
        focus = QApplication.focusWidget()
        if focus is None:
            break
        reached.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    missed = [f"{type(widget).__name__} {_name(widget)!r}" for widget in wanted - reached]
    assert missed == []
