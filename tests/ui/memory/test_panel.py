"""The memory panel: what it says and paints, and that it measures only while it is seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.engine.footprint import Footprint
from desktop.engine.types import Asleep, Awake, Dozing, EngineConfig, EngineEvent, SleepReason
from desktop.lifecycle.memory_history import MemoryHistory
from desktop.lifecycle.model_state import ModelState
from desktop.machine.memory import MemoryReading
from desktop.ui.memory.curve import engine_colour, file_colour, program_colour
from desktop.ui.memory.panel import MemoryPanel
from tests.support.widgets import children

MB = 1_000_000
AWAKE = Awake("Tiny", 512, 2, False, EngineConfig(Path("tiny.gguf")))


class Laptop:
    def __init__(self) -> None:
        self.time = 1000.0
        self.looks = 0
        self.figures = (90, 0, 0)
        self.state = ModelState(lambda: self.time)
        self.history = MemoryHistory(self.read, self.state, lambda: self.time, lambda: 1_700_000_000.0)

    def read(self) -> MemoryReading:
        self.looks += 1
        app, engine, mapped = (figure * MB for figure in self.figures)
        return MemoryReading(app + engine + mapped, app // 2 + engine, 4_000 * MB, 1_000 * MB, engine, engine + mapped)

    def happens(self, event: EngineEvent, *figures: int) -> None:
        self.figures = figures  # type: ignore[assignment]
        self.state.on_engine_event(event)
        self.history.on_engine_event(event)

    def passes(self, seconds: int) -> None:
        for _ in range(seconds):
            self.time += 1
            self.history.measure()


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


@pytest.fixture
def panel(qtbot: QtBot, laptop: Laptop) -> Iterator[MemoryPanel]:
    panel = MemoryPanel(laptop.history, lambda: Footprint(0, 24 * MB, 33 * MB, 0, 0))
    qtbot.addWidget(panel)
    yield panel
    panel.close()


def texts(panel: MemoryPanel) -> str:
    return "\n".join(label.text() for label in children(panel, QLabel))


def colours(image: QImage) -> set[int]:
    return {image.pixel(x, y) & 0xFFFFFF for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}


def test_the_parts_of_a_model_that_is_awake(panel: MemoryPanel, laptop: Laptop) -> None:
    laptop.happens(AWAKE, 90, 110, 300)
    panel.open_above(QPoint(600, 500))
    said = texts(panel)
    assert {"90 MB", "110 MB", "300 MB"} <= set(said.splitlines())
    assert "up to 24 MB for the conversation (context) and up to 33 MB for intermediate results" in said
    assert panel._sleep.isEnabled()
    # WHEN it dozes THEN what was predicted for one that is awake is not said any more
    laptop.happens(Dozing(), 90, 60, 2)
    panel.refresh()
    assert "up to 24 MB" not in texts(panel)
    assert "Dozed off: gave 348 MB back (500 MB → 152 MB)" in texts(panel)
    laptop.happens(Asleep(SleepReason.ASKED), 90, 0, 0)
    panel.refresh()
    assert "The model is not in memory, and the engine's process does not run." in texts(panel)
    assert not panel._sleep.isEnabled()


def test_a_program_that_has_just_started(panel: MemoryPanel, qtbot: QtBot) -> None:
    with qtbot.waitExposed(panel):
        panel.open_above(QPoint(600, 500))
    assert "No nap yet since Catnap started." in texts(panel)
    assert "took 90 MB to 90 MB" in panel._curve.accessibleName()
    assert [label.text() for label in children(panel, QLabel)].count("0 MB") == 2


def test_all_of_it_is_heard_with_what_has_the_keyboard(panel: MemoryPanel, laptop: Laptop, qtbot: QtBot) -> None:
    with qtbot.waitExposed(panel):
        panel.open_above(QPoint(600, 500))
    # asleep there is nothing to press
    assert panel.hasFocus()
    assert "Windows and conversations: 90 MB." in panel.accessibleDescription()
    assert "No nap yet since Catnap started." in panel.accessibleDescription()
    panel.close()
    laptop.happens(AWAKE, 90, 110, 300)
    laptop.happens(Dozing(), 90, 60, 2)
    panel.open_above(QPoint(600, 500))
    assert panel._sleep.hasFocus()
    assert "Dozed off: gave 348 MB back (500 MB → 152 MB)" in panel._sleep.accessibleDescription()


def test_areas_and_states_are_painted(panel: MemoryPanel, laptop: Laptop) -> None:
    laptop.passes(100)
    panel.refresh()
    panel.adjustSize()
    asleep = colours(panel._curve.grab().toImage())
    palette = panel.palette()
    assert program_colour(palette).rgb() & 0xFFFFFF in asleep
    assert engine_colour(palette).rgb() & 0xFFFFFF not in asleep
    laptop.happens(AWAKE, 90, 110, 300)
    laptop.passes(200)
    panel.refresh()
    awake = colours(panel._curve.grab().toImage())
    for colour in (program_colour, engine_colour, file_colour):
        assert colour(palette).rgb() & 0xFFFFFF in awake


def test_it_measures_only_while_it_is_seen(
    panel: MemoryPanel, laptop: Laptop, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel._timer.setInterval(1)
    panel.open_above(QPoint(600, 500))
    seen = laptop.looks
    qtbot.waitUntil(lambda: laptop.looks > seen + 2)
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert not panel._timer.isActive()


def test_it_stays_inside_the_screen(panel: MemoryPanel, qtbot: QtBot) -> None:
    area = panel.screen().availableGeometry()
    for corner in (area.topLeft(), area.bottomRight() + QPoint(500, 500), area.center()):
        panel.open_above(corner)
        assert area.contains(panel.geometry())


def test_on_a_low_screen_the_curve_is_lower_and_the_button_stays(panel: MemoryPanel, laptop: Laptop) -> None:
    laptop.happens(AWAKE, 92, 180, 390)
    laptop.passes(60)
    for event, reason in ((Dozing(), 60), (Asleep(SleepReason.IDLE), 0), (AWAKE, 180)):
        laptop.happens(event, 90, reason, reason)
        laptop.passes(30)
    panel.refresh()
    usual = panel.fitting(QSize(1366, 768))
    low = panel.fitting(QSize(683, 384))
    assert low.height() <= 384 < usual.height()
    panel.resize(low)
    panel.show()
    button = children(panel, QPushButton)[0]
    assert panel.rect().contains(button.geometry())
    assert panel.fitting(QSize(1366, 768)) == usual


def test_sleep_now(panel: MemoryPanel, laptop: Laptop, qtbot: QtBot) -> None:
    laptop.happens(AWAKE, 90, 110, 300)
    panel.open_above(QPoint(600, 500))
    with qtbot.waitSignal(panel.sleepRequested):
        QTest.mouseClick(panel._sleep, Qt.MouseButton.LeftButton)
