"""A chat window with documents in it: real services, a real history, a fake engine, and files that are read at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.chat.documents.events import DocumentEvent
from desktop.chat.events import ChatEvent
from desktop.common.detached import Begin, at_once
from desktop.machine.memory import MemoryReader
from desktop.ui.chat.presenter import ChatPresenter
from desktop.ui.chat.window import ChatWindow
from desktop.ui.documents.presenter import DocumentsPresenter
from desktop.ui.documents.viewer import DocumentViewer
from tests.chat.documents.bench import Bench
from tests.support.patience import PATIENCE_S
from tests.support.widgets import children


class DocumentsChat(Bench):
    """See the module."""

    def __init__(self, qtbot: QtBot, folder: Path, begin_look: Begin = at_once) -> None:
        super().__init__(folder, begin_look)
        self.qtbot = qtbot
        self.window = ChatWindow(MemoryReader().read)
        qtbot.addWidget(self.window, before_close_func=lambda window: window.end())
        self.shown = ChatPresenter(self.window, self.chat, self.history, lambda: True)
        self.presenter = DocumentsPresenter(self._make_viewer, self.documents)
        self.presenter.conversationNeeded.connect(lambda: self.shown.open(None))
        self.presenter.follow(self.window, self.shown)
        self.shown.open_newest()
        with qtbot.waitExposed(self.window):
            self.window.show()

    @property
    def viewer(self) -> DocumentViewer:
        assert self.presenter.viewer is not None
        return self.presenter.viewer

    def take_chat(self, event: ChatEvent) -> None:
        super().take_chat(event)
        self.shown.on_chat_event(event)
        self.presenter.on_chat_event(event)

    def take(self, event: DocumentEvent) -> None:
        super().take(event)
        self.presenter.on_document_event(event)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs a test on a loop in which Qt has its turns."""

        async def patiently() -> None:
            async with asyncio.timeout(PATIENCE_S):
                await work

        asyncio.run(patiently())

    async def until_holds(self, holds: Callable[[], object]) -> None:
        """Waits until something is true."""
        while not holds():
            QApplication.processEvents()
            await asyncio.sleep(0)

    def banner(self) -> str:
        notice = self.window.pane.banner.current
        return f"{notice.title} {notice.remedy}" if notice else ""

    def press(self, text: str) -> None:
        """Presses a button of the banner."""
        next(one for one in children(self.window.pane.banner, QPushButton) if one.text() == text).click()

    def _make_viewer(self) -> DocumentViewer:
        viewer = DocumentViewer()
        self.qtbot.addWidget(viewer)
        return viewer
