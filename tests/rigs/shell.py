"""The interface as a whole for the tests: real services and the real engine, without a desktop around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast
from unittest.mock import patch

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot
from qasync import QEventLoop

from desktop.app.engine_bridge import EngineBridge
from desktop.app.services import build_services
from desktop.app.shell import Shell
from desktop.app.windows.main_window import MainWindow
from desktop.common.events import Publisher
from desktop.common.paths import Paths
from desktop.engine.types import EngineEvent
from desktop.settings.store import SettingsStore
from desktop.system.build_info import AboutFacts
from desktop.ui.chat.window import ChatWindow
from desktop.ui.notices import Notices
from desktop.ui.quick_ask.box import AskLine
from desktop.ui.theme.text_size import apply_text_size
from desktop.ui.tray.tray import Tray
from tests.support.parrot import PARROT_TEXT
from tests.support.patience import PATIENCE_S
from tests.support.widgets import child


class RecordingTray(Tray):
    """Keeps the titles of the messages beside the tray, and their texts."""

    def __init__(self, memory: Callable[[], int | None], probe: Callable[[], bool]) -> None:
        super().__init__(memory, probe=probe)
        self.messages: list[str] = []
        self.texts: list[str] = []
        self.can_show = True

    @property
    def shows_messages(self) -> bool:
        return self.can_show

    def show_message(self, title: str, text: str) -> None:
        self.messages.append(title)
        self.texts.append(text)


class Bench:
    """Everything but the desktop."""

    def __init__(self, qapp: QApplication, qtbot: QtBot, paths: Paths) -> None:
        self.qtbot = qtbot
        self.paths = paths
        self.tray_is_there = True
        self.quits = 0
        self.bridge = EngineBridge()
        events = Publisher[EngineEvent]()
        self.bridge.event.connect(events)
        store = SettingsStore(paths.settings_file)
        self.services = build_services(paths, store, None, self.bridge.post, events)
        self.notices = Notices(lambda: (), lambda: ())
        store.write_with(self.services.writer.put, self.notices.report)
        facts = AboutFacts("1.2.3", ("Qt 6",))
        tray = RecordingTray(lambda: self.services.machine.memory.read().rss, probe=lambda: self.tray_is_there)
        self.messages = tray.messages
        self.tray = tray
        self.shell = Shell(qapp, self.services, self.notices, lambda: facts, 2, tray)
        self.shell.quitRequested.connect(self._quit)

    def _quit(self) -> None:
        self.quits += 1

    def close(self) -> None:
        """Ends it in the order of the program."""
        self.shell.close()
        self.services.chat.shut_down()
        assert self.services.servers.end(PATIENCE_S)
        assert self.services.engine.stop(PATIENCE_S)
        self.bridge.close()
        self.services.journal.close()
        self.services.history.close()
        assert self.services.writer.close(PATIENCE_S)
        shell = self.shell
        dialogs = (shell.first_run.dialog, shell.models.dialog, shell.settings.dialog, shell.servers.dialog)
        for top in (shell.window, *dialogs, shell.quick.box):
            if top is not None:
                top.deleteLater()
        self.shell.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    @property
    def window(self) -> ChatWindow:
        window = self.shell.window
        assert window is not None
        return window

    @property
    def main(self) -> MainWindow:
        main = self.shell.main
        assert main is not None
        return main

    def show(self) -> None:
        self.shell.start(hidden=False)
        with self.qtbot.waitExposed(self.window):
            pass

    def send(self, text: str) -> None:
        self.window.pane.composer.set_text(text)
        QTest.keyClick(self.window.pane.composer.edit, Qt.Key.Key_Return)

    def ask_quickly(self, text: str) -> None:
        self.shell.open_quick_ask()
        box = self.shell.quick.box
        assert box is not None
        line = child(box, AskLine)
        line.setText(text)
        QTest.keyClick(line, Qt.Key.Key_Return)

    def page(self) -> str:
        return self.window.pane.transcript.toPlainText()

    def banner(self) -> str:
        notice = self.window.pane.banner.current
        return notice.title if notice else ""

    def press(self, text: str) -> None:
        found = cast("list[QPushButton]", self.window.pane.banner.findChildren(QPushButton))
        next(button for button in found if button.text() == text).click()

    def wait_for_answer(self, text: str = PARROT_TEXT) -> None:
        self.qtbot.waitUntil(lambda: text in self.page() and not self.window.pane.transcript.is_growing)

    def questions(self) -> list[str]:
        """Returns the user's messages of all conversations."""
        history = self.services.history
        transcripts = [history.transcript(one.id) for one in history.conversations()]
        return [transcript.messages[0].text for transcript in transcripts if transcript.messages]

    def block_saving(self) -> None:
        assert self.services.writer.flush(PATIENCE_S)
        self.paths.settings_file.unlink(missing_ok=True)
        (self.paths.settings_file / "in the way").mkdir(parents=True)


@contextmanager
def loop_of(qapp: QApplication) -> Iterator[None]:
    """Puts the program's loop in force: whatever turns Qt's loop turns it, so that models can be tried."""
    made = QEventLoop(qapp, set_running_loop=False)
    asyncio._set_running_loop(made)
    yield
    asyncio._set_running_loop(None)
    made.close()


@contextmanager
def running(qapp: QApplication, qtbot: QtBot, paths: Paths) -> Iterator[Bench]:
    """Runs the interface for the time of a test, and puts the application's looks back."""
    style, palette = qapp.style().name(), qapp.palette()
    # A laptop that happens to be nearly empty would wake nothing early.
    with patch("psutil.sensors_battery", return_value=None, create=True):
        made = Bench(qapp, qtbot, paths)
        yield made
        made.close()
    apply_text_size(qapp, 0)
    qapp.styleHints().unsetColorScheme()
    qapp.setPalette(palette)
    qapp.setStyle(style)
