"""What is said before there is a window, and beside the tray."""

from __future__ import annotations

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop.app.windows.window_notices import WindowNotices
from desktop.machine.memory import MemoryReader
from desktop.ui.chat.window import ChatWindow
from desktop.ui.widgets.banner import Notice
from tests.rigs.shell import RecordingTray


def test_what_is_said_before_there_is_a_window_waits_for_it(qtbot: QtBot) -> None:
    # GIVEN no window WHEN something is said THEN it is kept, and beside the tray somebody sees what is for there
    owner = QObject()
    tray = RecordingTray(lambda: 0, probe=lambda: True)
    said = WindowNotices(tray, owner)
    said.show(Notice("The disk is full.", key="disk"))
    said.withdraw("nothing")
    said.show_message("Ready.", "")
    assert tray.messages == ["Ready."]
    # WHEN there is one THEN it is said when the window is seen, once
    window = ChatWindow(MemoryReader().read)
    qtbot.addWidget(window)
    said.follow(window)
    assert not window.pane.banner.holds("disk")
    window.show()
    said.deliver()
    assert window.pane.banner.holds("disk")
    said.withdraw("disk")
    said.deliver()
    assert not window.pane.banner.holds("disk")
    # WHEN somebody may see it there THEN nothing is said beside the tray
    said.show_message("Ready again.", "")
    assert tray.messages == ["Ready."]
    window.hide()
    said.show_message("Ready at last.", "")
    assert tray.messages == ["Ready.", "Ready at last."]
    tray.close()
