"""Keys through the desktop, from the tick in the settings to the action, with a portal on a private bus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QCheckBox, QLabel
from pytestqt.qtbot import QtBot

from desktop.chat.quick_actions.store import QuickActionsFile
from desktop.system.global_shortcuts import PortalShortcuts, offers_shortcuts
from desktop.system.own_command import KeyDesktop
from desktop.ui.quick_actions.page import QuickActionsPage
from desktop.ui.quick_actions.portal_keys import PortalKeys
from tests.support.key_portal import Portal, serve_portal
from tests.support.patience import PATIENCE_S
from tests.support.secret_service import has_bus
from tests.support.widgets import child

pytestmark = pytest.mark.skipif(not has_bus(), reason="needs dbus-daemon")


class Bench:
    """A settings page on a file of its own; its sessions are joined at the end."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.path = folder / "quick-actions.json"
        self.file = QuickActionsFile(self.path)
        self.sessions: list[PortalShortcuts] = []
        self.keys = PortalKeys(self.file, offers_shortcuts, self._make)
        self.pressed: list[str] = []
        self.keys.pressed.connect(lambda name, _token: self.pressed.append(name))
        self.page = QuickActionsPage(self.file, KeyDesktop.GNOME, " ".join, self.keys)
        qtbot.addWidget(self.page)
        self.page.show()

    def _make(self, shortcuts: object, pressed: object, told: object) -> PortalShortcuts:
        session = PortalShortcuts(shortcuts, pressed, told, "catnap")  # type: ignore[arg-type]
        self.sessions.append(session)
        return session

    @property
    def tick(self) -> QCheckBox:
        return child(self.page, QCheckBox)

    def says(self, words: str) -> bool:
        labels = cast("list[QLabel]", self.page.findChildren(QLabel))
        return any(words in label.text() for label in labels if not label.isHidden())


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    with serve_portal() as (address, made):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield made


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path, portal: Portal) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    yield made
    made.keys.close()
    assert all(session.join(PATIENCE_S) for session in made.sessions)


def test_keys_are_asked_for_when_somebody_wants_them(bench: Bench, portal: Portal) -> None:
    # GIVEN a desktop that has them THEN they are offered, and nothing was asked of it yet
    bench.qtbot.waitUntil(bench.tick.isVisible)
    assert not bench.tick.isChecked() and portal.asked == []
    # WHEN they are wanted
    bench.tick.click()
    bench.qtbot.waitUntil(lambda: bench.says("Quick ask: Meta+Q · Explain: Meta+E"))
    assert [name for name, _facts in portal.asked[0]][:3] == ["quick-ask", "explain", "summarise"]
    # THEN a key does something
    portal.press("explain")
    bench.qtbot.waitUntil(lambda: bench.pressed == ["explain"])
    # AND the next start remembers
    assert QuickActionsFile(bench.path).uses_portal


def test_a_new_action_may_have_a_key_too(bench: Bench, portal: Portal) -> None:
    bench.keys.turn(True)
    bench.qtbot.waitUntil(lambda: bench.keys.keys is not None)
    bench.file.add("变短", "Shorten.")
    bench.qtbot.waitUntil(lambda: len(portal.asked) == 2)
    assert portal.asked[1][-1] == ("own-1", {"description": ("s", "变短")})
    bench.qtbot.waitUntil(lambda: bench.keys.keys is not None)
    portal.press("own-1")
    bench.qtbot.waitUntil(lambda: bench.pressed == ["own-1"])


def test_switched_off_nothing_is_heard(bench: Bench, portal: Portal) -> None:
    bench.keys.turn(True)
    bench.qtbot.waitUntil(lambda: bench.keys.keys is not None)
    bench.qtbot.waitUntil(bench.tick.isVisible)
    bench.tick.click()
    assert bench.sessions[0].join(PATIENCE_S)
    assert not QuickActionsFile(bench.path).uses_portal
    assert bench.keys.keys is None


def test_who_declines_is_told_that_there_are_none(bench: Bench, portal: Portal) -> None:
    portal.declines = True
    bench.keys.turn(True)
    bench.qtbot.waitUntil(lambda: bench.says("The desktop has given no keys yet."))
    assert bench.keys.is_on
