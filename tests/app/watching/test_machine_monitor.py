"""Looking at memory and battery, while there is a reason to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop.app.watching.machine_monitor import MachineMonitor
from desktop.engine.types import Asleep, Dozing, EngineEvent, SleepReason, Waking
from desktop.lifecycle.low_memory import LowMemoryUnloader
from desktop.lifecycle.model_state import ModelState
from desktop.machine.battery import Battery, PowerMonitor
from desktop.machine.memory_pressure import Pressure
from tests.support.fake_engine import FakeEngine

ON_BATTERY = (
    "On battery (64%): half of the processor cores at the most; the model dozes and sleeps after half the time."
)


class Bench:
    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.looks = 0
        self.battery: Battery | None = Battery(64.2, True)
        self.sparing = True
        self.shown: list[tuple[bool, str]] = []
        self.power = PowerMonitor(lambda: self.battery)
        self.state = ModelState()
        unloader = LowMemoryUnloader(self.engine, self.state, self, lambda: False)
        self.monitor = MachineMonitor(self.state, unloader, self.power, lambda: self.sparing)
        self.monitor.batteryChanged.connect(lambda visible, tip: self.shown.append((visible, tip)))

    def read(self) -> Pressure:
        self.looks += 1
        return Pressure.CRITICAL

    def hand(self, event: EngineEvent) -> None:
        self.state.on_engine_event(event)
        self.monitor.follow()


@pytest.fixture
def bench(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr("desktop.app.watching.machine_monitor.EVERY_SECONDS", 0.005)
    bench = Bench()
    yield bench
    bench.hand(Asleep(SleepReason.STOPPED))  # or its timer goes on


def test_it_looks_while_the_model_is_awake_and_no_longer(bench: Bench, qtbot: QtBot) -> None:
    assert not bench.monitor.is_running
    bench.hand(Waking(1, 0.0))
    assert bench.monitor.is_running
    qtbot.waitUntil(lambda: SleepReason.MEMORY in bench.engine.sleeps)
    bench.hand(Asleep(SleepReason.MEMORY))
    assert not bench.monitor.is_running


def test_the_sign_is_there_while_awake_on_battery(bench: Bench) -> None:
    bench.power.poll()
    assert bench.shown == []
    bench.hand(Waking(1, 0.0))
    bench.hand(Waking(1, 0.5))
    assert bench.shown == [(True, ON_BATTERY)]
    bench.monitor.say_again()
    assert bench.shown == [(True, ON_BATTERY)] * 2
    bench.hand(Asleep(SleepReason.IDLE))
    assert bench.shown[2:] == [(False, "")]


def test_a_dozing_model_is_looked_after_and_goes_when_memory_is_short(bench: Bench, qtbot: QtBot) -> None:
    bench.hand(Dozing())
    assert bench.monitor.is_running
    qtbot.waitUntil(lambda: SleepReason.MEMORY in bench.engine.sleeps)


def test_a_nearly_empty_battery_has_a_sentence_of_its_own(bench: Bench) -> None:
    bench.battery = Battery(12.0, True)
    bench.power.poll()
    bench.hand(Waking(1, 0.0))
    assert "12 %" in bench.shown[-1][1] and "sleeps where it would doze" in bench.shown[-1][1]


def test_the_sign_goes_with_the_plug_the_setting_or_the_battery(bench: Bench) -> None:
    bench.power.poll()
    bench.hand(Waking(1, 0.0))
    bench.sparing = False
    bench.monitor.refresh()
    assert bench.shown[-1] == (False, "")
    bench.sparing = True
    bench.monitor.refresh()
    assert bench.shown[-1] == (True, ON_BATTERY)
    bench.battery = Battery(64.2, False)
    bench.power.poll()
    bench.monitor.refresh()
    assert bench.shown[-1] == (False, "")


def test_a_plug_that_is_pulled_while_awake_is_noticed(bench: Bench, qtbot: QtBot) -> None:
    bench.battery = None
    bench.hand(Waking(1, 0.0))
    bench.battery = Battery(64.2, True)
    qtbot.waitUntil(lambda: bench.shown == [(True, ON_BATTERY)])
