"""Quick actions from the tray and in a quick box that is opened the usual way, put together as the app does it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop.chat.quick_actions.store import QuickActionsFile
from desktop.chat.quick_ask import QuickAskService, QuickEvent
from desktop.common.events import Publisher
from desktop.settings.options import Settings
from desktop.ui.quick_actions.everywhere import TextActions
from desktop.ui.quick_actions.length import TextLimits
from desktop.ui.quick_ask.box import QuickAsk
from desktop.ui.quick_ask.presenter import QuickPresenter
from desktop.ui.tray.tray import Tray
from tests.support.fake_engine import FakeEngine

# The offscreen platform has no tray of its own, and no selection beside the clipboard.
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


class Bench:
    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.engine, relay = FakeEngine(), Publisher[QuickEvent]()
        service = QuickAskService(self.engine, self.engine.forget, Settings, relay, itertools.count(1))
        self.quick = QuickPresenter(self._make, service, lambda: True)
        self.tray = Tray(lambda: None, probe=lambda: False)
        self.file = QuickActionsFile(folder / "quick-actions.json")
        limits = TextLimits(lambda: 4096, lambda: None, lambda _needed: None, lambda _tokens: None)
        self.actions = TextActions(self.file, self.quick, self.tray, limits)

    def _make(self) -> QuickAsk:
        box = QuickAsk()
        self.qtbot.addWidget(box)
        return box

    @property
    def words(self) -> str:
        return self.quick.box.text_bar.words if self.quick.box is not None else ""


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    made.quick.hide()
    made.actions.close()
    made.tray.close()


def test_the_first_box_that_opens_offers_the_text(bench: Bench) -> None:
    QGuiApplication.clipboard().setText("The cat sleeps.")
    bench.quick.open_at(None)
    bench.qtbot.waitUntil(lambda: bench.words == "Copied: “The cat sleeps.” · 15 characters")


def test_the_tray_does_an_action_with_the_text(bench: Bench) -> None:
    QGuiApplication.clipboard().setText("The cat sleeps.")
    bench.tray.actionRequested.emit("translate", QPoint())
    bench.qtbot.waitUntil(lambda: bool(bench.engine.requests))
    assert "The cat sleeps." in bench.engine.last.messages[-1].text


def test_a_new_action_is_in_the_menu_at_once(bench: Bench) -> None:
    bench.file.add("变短", "Shorten.")
    assert any("变短" in action.text() for action in bench.tray._menu._actions.actions())
