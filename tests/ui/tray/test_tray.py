"""The tray: what it shows, what its menu asks for, and that it comes and goes with the panel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QTimer
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from desktop.ui.language import change_language
from desktop.ui.theme.icons import CatState
from desktop.ui.tray.tray import Tray

# The offscreen platform has no tray of its own, so that Qt tries its X11 one; the real one is clicked end to end.
pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")

Reason = QSystemTrayIcon.ActivationReason


@dataclass
class Panel:
    """Whether there is a panel, and what the memory is measured to be."""

    there: bool = True
    memory: int | None = 62_000_000
    measured: int = 0
    still: bool = False
    heard: list[str] = field(default_factory=list)

    def measure(self) -> int | None:
        self.measured += 1
        return self.memory


@pytest.fixture
def panel() -> Panel:
    return Panel()


@pytest.fixture
def tray(qapp: QCoreApplication, panel: Panel) -> Iterator[Tray]:
    tray = Tray(panel.measure, probe=lambda: panel.there, stillness=lambda: panel.still)
    signals: list[tuple[str, Callable[..., object]]] = [
        ("ask", tray.askRequested.connect),
        ("open", tray.openRequested.connect),
        ("sleep", tray.sleepRequested.connect),
        ("models", tray.modelsRequested.connect),
        ("settings", tray.settingsRequested.connect),
        ("quit", tray.quitRequested.connect),
    ]
    for name, connect in signals:
        connect(lambda *_arguments, name=name: panel.heard.append(name))
    tray.availabilityChanged.connect(lambda there: panel.heard.append("tray" if there else "no tray"))
    yield tray
    tray.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _icons(tray: Tray) -> list[QSystemTrayIcon]:
    return cast("list[QSystemTrayIcon]", tray.findChildren(QSystemTrayIcon))


def _icon(tray: Tray) -> QSystemTrayIcon:
    (icon,) = _icons(tray)
    return icon


def _timers(tray: Tray) -> list[QTimer]:
    return cast("list[QTimer]", tray.findChildren(QTimer))


def _animation(tray: Tray) -> QTimer:
    (timer,) = (timer for timer in _timers(tray) if not timer.isSingleShot())
    return timer


def _retry(tray: Tray) -> QTimer:
    (timer,) = (timer for timer in _timers(tray) if timer.isSingleShot())
    return timer


def _wait_until_settled(qtbot: QtBot, tray: Tray) -> None:
    qtbot.waitUntil(lambda: 64 in {size.width() for size in _icon(tray).icon().availableSizes()})


def _menu(tray: Tray) -> dict[str, bool]:
    """Opens the menu and returns its lines with whether they can be chosen."""
    menu = _icon(tray).contextMenu()
    menu.aboutToShow.emit()
    return {
        action.text(): action.isEnabled()
        for action in menu.actions()
        if action.isVisible() and not action.isSeparator()
    }


def test_the_icon_and_the_tooltip_follow_the_state(tray: Tray, qtbot: QtBot) -> None:
    tray.start()
    assert _icon(tray).toolTip() == "Catnap: asleep"  # the icon does not wait for the memory to be measured
    assert 64 not in {size.width() for size in _icon(tray).icon().availableSizes()}  # nor for its largest sizes
    _wait_until_settled(qtbot, tray)
    assert "MB" in _icon(tray).toolTip()
    seen = set()
    for state, words in [
        (CatState.ASLEEP, "asleep"),
        (CatState.DOZING, "dozing"),
        (CatState.WAKING, "waking"),
        (CatState.THINKING, "thinking"),
        (CatState.AWAKE, "awake"),
    ]:
        tray.set_state(state)
        assert _icon(tray).toolTip() == f"Catnap: {words} · 62 MB"
        seen.add(_icon(tray).icon().cacheKey())
    assert len(seen) == 5


def test_a_note_stands_for_the_state_and_is_updated(tray: Tray) -> None:
    tray.start()
    tray.set_state(CatState.WAKING, "waking 10%")
    tray.set_state(CatState.WAKING, "waking 40%")
    assert _icon(tray).toolTip() == "Catnap: waking 40% · 62 MB"
    tray.set_state(CatState.AWAKE)
    assert _icon(tray).toolTip() == "Catnap: awake · 62 MB"


def test_the_memory_may_be_unknown(tray: Tray, panel: Panel) -> None:
    panel.memory = None
    tray.start()
    assert _icon(tray).toolTip() == "Catnap: asleep"


def test_the_menu_says_the_state_and_offers_what_makes_sense(tray: Tray) -> None:
    tray.start()
    assert list(_menu(tray)) == [
        "Asleep · 62 MB",
        "&Ask…",
        "With the selected &text",
        "&Open Catnap",
        "&Sleep now",
        "&Models…",
        "S&ettings…",
        "&Quit",
    ]
    assert [text for text, enabled in _menu(tray).items() if not enabled] == [
        "Asleep · 62 MB",
        "With the selected &text",
        "&Sleep now",
    ]
    tray.set_actions([("explain", "&Explain")])
    for state, word in ((CatState.AWAKE, "Awake"), (CatState.DOZING, "Dozing")):
        tray.set_state(state)
        assert [text for text, enabled in _menu(tray).items() if not enabled] == [f"{word} · 62 MB"]


def test_every_line_of_the_menu_asks_for_its_thing(tray: Tray, panel: Panel) -> None:
    tray.start()
    tray.set_state(CatState.AWAKE)
    panel.heard.clear()
    for action in _icon(tray).contextMenu().actions():
        action.trigger()
    assert panel.heard == ["ask", "open", "sleep", "models", "settings", "quit"]


def test_the_actions_stand_in_a_menu_of_their_own(tray: Tray) -> None:
    tray.start()
    heard: list[object] = []
    tray.actionRequested.connect(lambda key, _point: heard.append(key))
    tray.actionsRequested.connect(lambda: heard.append("settings"))
    tray.clipboardRequested.connect(lambda: heard.append("clipboard"))
    # WHEN there are two, then one of them and another
    tray.set_actions([("explain", "&Explain"), ("own-1", "&Kürzer")])
    tray.set_actions([("explain", "&Explain"), ("own-2", "&翻译")])
    (menu,) = (action.menu() for action in _icon(tray).contextMenu().actions() if action.menu() is not None)
    lines = [action for action in cast("QMenu", menu).actions() if not action.isSeparator()]
    assert [line.text() for line in lines if line.isVisible()] == ["&Explain", "&翻译", "Actions…"]
    # THEN each asks for its own, and the clipboard only where there is one to come back
    for line in lines:
        line.trigger()
    assert heard == ["explain", "own-2", "clipboard", "settings"]
    tray.offer_clipboard(True)
    assert all(line.isVisible() for line in lines)


@pytest.mark.parametrize(
    ("reason", "heard"),
    [
        (Reason.Trigger, ["ask"]),
        (Reason.MiddleClick, ["open"]),
        (Reason.DoubleClick, ["open"]),
        (Reason.Context, []),
    ],
)
def test_a_click_asks_and_a_middle_or_double_click_opens(
    tray: Tray, panel: Panel, reason: Reason, heard: list[str]
) -> None:
    tray.start()
    panel.heard.clear()
    _icon(tray).activated.emit(reason)
    assert panel.heard == heard


def test_another_language_is_taken_by_menu_and_tooltip(qapp: QApplication, tray: Tray) -> None:
    tray.start()
    tray.set_state(CatState.AWAKE)
    change_language(qapp, "zh_CN")
    try:
        tray.say_again()
        lines = [action.text() for action in tray._menu.actions() if action.text()]
        assert "退出(&Q)" in lines and not any("&Quit" in line for line in lines)
        assert "醒着" in tray.tooltip
    finally:
        change_language(qapp, "en")
    tray.say_again()
    assert "awake" in tray.tooltip and "&Quit" in [action.text() for action in tray._menu.actions()]


def test_a_click_says_where(qtbot: QtBot, tray: Tray) -> None:
    tray.start()
    with qtbot.waitSignal(tray.askRequested) as asked:
        _icon(tray).activated.emit(Reason.Trigger)
    assert asked.args is not None
    assert isinstance(asked.args[0], QPoint)


def test_the_tail_moves_only_while_thinking_in_a_tray(qtbot: QtBot, tray: Tray, panel: Panel) -> None:
    panel.there = False
    tray.set_state(CatState.THINKING)
    assert not _animation(tray).isActive()
    panel.there = True
    tray.start()
    assert _animation(tray).isActive()
    _wait_until_settled(qtbot, tray)
    poses = []
    for _ in range(5):
        poses.append(_icon(tray).icon().cacheKey())
        _animation(tray).timeout.emit()
    assert len(set(poses)) == 3
    assert poses[1] == poses[3]
    assert poses[0] == poses[4]
    tray.set_state(CatState.AWAKE)
    assert not _animation(tray).isActive()


def test_the_tail_is_still_where_the_system_wants_it(qtbot: QtBot, tray: Tray, panel: Panel) -> None:
    # GIVEN a system that was told to keep things still, which takes a moment to find out
    panel.still = True
    tray.start()
    tray.set_state(CatState.THINKING)
    # THEN the tail comes to rest, and does not move again
    qtbot.waitUntil(lambda: not _animation(tray).isActive())
    tray.set_state(CatState.AWAKE)
    tray.set_state(CatState.THINKING)
    assert not _animation(tray).isActive()


def test_nothing_ticks_while_asleep(tray: Tray) -> None:
    tray.start()
    tray.set_state(CatState.THINKING)
    tray.set_state(CatState.ASLEEP)
    assert [timer for timer in _timers(tray) if timer.isActive()] == []


def test_memory_is_measured_when_the_state_changes_and_not_for_every_note(
    tray: Tray, panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.ui.tray.tray._MEMORY_S", 3600.0)
    tray.start()
    before = panel.measured
    panel.memory = 500_000_000
    tray.set_state(CatState.WAKING, "waking 1%")
    assert panel.measured == before + 1
    for percent in range(2, 100):
        tray.set_state(CatState.WAKING, f"waking {percent}%")
    assert panel.measured == before + 1
    assert tray.tooltip == "Catnap: waking 99% · 500 MB"


def test_a_pointer_resting_on_the_icon_measures_anew(
    qtbot: QtBot, tray: Tray, panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.ui.tray.tray._MEMORY_S", 0.0)
    tray.start()
    _wait_until_settled(qtbot, tray)
    panel.memory = 48_000_000
    QCoreApplication.sendEvent(_icon(tray), QEvent(QEvent.Type.ToolTip))
    assert _icon(tray).toolTip() == "Catnap: asleep · 48 MB"


def test_the_tray_may_come_later(qtbot: QtBot, tray: Tray, panel: Panel) -> None:
    panel.there = False
    tray.start()
    assert _icons(tray) == []
    assert panel.heard == []
    panel.there = True
    qtbot.waitUntil(lambda: panel.heard == ["tray"])
    assert tray.available
    assert _icon(tray).isVisible()
    assert not _retry(tray).isActive()


def test_it_stops_looking_after_a_minute(tray: Tray, panel: Panel) -> None:
    panel.there = False
    tray.start()
    waited = 0
    while _retry(tray).isActive():
        waited += _retry(tray).interval()
        _retry(tray).stop()
        _retry(tray).timeout.emit()
    assert waited == 60_000
    panel.there = True
    tray.set_state(CatState.WAKING)  # somebody uses the program: it looks again
    assert panel.heard == ["tray"]


def test_a_panel_that_goes_away_is_noticed_and_awaited(qtbot: QtBot, tray: Tray, panel: Panel) -> None:
    tray.start()
    panel.there = False
    tray.set_state(CatState.WAKING)
    assert panel.heard == ["tray", "no tray"]
    panel.there = True
    qtbot.waitUntil(lambda: panel.heard == ["tray", "no tray", "tray"])


def test_a_message_without_a_tray_is_harmless(tray: Tray, panel: Panel) -> None:
    panel.there = False
    tray.start()
    tray.show_message("title", "text")


def test_close_takes_the_icon_away(tray: Tray) -> None:
    tray.start()
    icon = _icon(tray)
    gone: list[str] = []
    icon.destroyed.connect(lambda: gone.append("icon"))
    tray.close()
    tray.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert gone
    assert _icons(tray) == []


def test_work_in_the_background_has_a_line_of_its_own(qapp: QApplication) -> None:
    del qapp
    # GIVEN a tray
    tray = Tray(lambda: 1_000_000, probe=lambda: False)
    asked: list[bool] = []
    tray.workRequested.connect(lambda: asked.append(True))
    assert "Smaller" not in tray.tooltip
    # WHEN something is worked at THEN it is in the tooltip, and a line of the menu leads to it
    tray.set_work("Smaller model: learning 40%\n& more")
    assert tray.tooltip.endswith("\nSmaller model: learning 40% & more")
    (line,) = [action for action in tray._menu.actions() if action.isVisible() and "Smaller" in action.text()]
    line.trigger()
    assert asked == [True]
    # WHEN it has ended THEN the line is gone
    tray.set_work("")
    assert not line.isVisible()
    assert "Smaller" not in tray.tooltip
    tray.close()
    tray.set_work("too late")
