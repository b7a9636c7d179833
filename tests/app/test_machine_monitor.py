"""Looking at memory and battery, while there is a reason to."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from desktop.app.machine_monitor import MachineMonitor
from desktop.engine.types import Asleep, EngineEvent, SleepReason, Waking
from desktop.lifecycle.low_memory import LowMemoryUnloader
from desktop.machine.battery import Battery, PowerMonitor
from desktop.machine.memory_pressure import Pressure
from tests.support.fake_engine import FakeEngine

ON_BATTERY = "On battery (64 %): half of the processor cores at the most, and a nap after half the time."


class Bench:
    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.looks = 0
        self.battery: Battery | None = Battery(64.2, True)
        self.sparing = True
        self.shown: list[tuple[bool, str]] = []
        self.power = PowerMonitor(lambda: self.battery)
        self.manners = LowMemoryUnloader(self.engine, self, lambda: False)
        self.watch = MachineMonitor(self.manners, self.power, lambda: self.sparing)
        self.watch.batteryChanged.connect(lambda visible, tip: self.shown.append((visible, tip)))

    def read(self) -> Pressure:
        self.looks += 1
        return Pressure.CRITICAL

    def hand(self, event: EngineEvent) -> None:
        self.manners.on_engine_event(event)
        self.watch.on_engine_event(event)


@pytest.fixture
def bench(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr("desktop.app.machine_monitor.EVERY_SECONDS", 0.005)
    return Bench()


def test_it_looks_while_the_model_is_awake_and_no_longer(bench: Bench, qtbot: QtBot) -> None:
    assert not bench.watch.is_running
    bench.hand(Waking(1, 0.0))
    assert bench.watch.is_running
    qtbot.waitUntil(lambda: bench.engine.sleeps == [SleepReason.MEMORY])
    bench.hand(Asleep(SleepReason.MEMORY))
    assert not bench.watch.is_running
    looks = bench.looks
    qtbot.wait(50)
    assert bench.looks == looks


def test_the_sign_is_there_while_awake_on_battery(bench: Bench) -> None:
    bench.power.look()
    assert bench.shown == []
    bench.hand(Waking(1, 0.0))
    bench.hand(Waking(1, 0.5))
    assert bench.shown == [(True, ON_BATTERY)]
    bench.watch.say_again()
    assert bench.shown == [(True, ON_BATTERY)] * 2
    bench.hand(Asleep(SleepReason.IDLE))
    assert bench.shown[2:] == [(False, "")]


def test_the_sign_goes_with_the_plug_the_setting_or_the_battery(bench: Bench) -> None:
    bench.power.look()
    bench.hand(Waking(1, 0.0))
    bench.sparing = False
    bench.watch.refresh()
    assert bench.shown[-1] == (False, "")
    bench.sparing = True
    bench.watch.refresh()
    assert bench.shown[-1] == (True, ON_BATTERY)
    bench.battery = Battery(64.2, False)
    bench.power.look()
    bench.watch.refresh()
    assert bench.shown[-1] == (False, "")


def test_a_plug_that_is_pulled_while_awake_is_noticed(bench: Bench, qtbot: QtBot) -> None:
    bench.battery = None
    bench.hand(Waking(1, 0.0))
    bench.battery = Battery(64.2, True)
    qtbot.waitUntil(lambda: bench.shown == [(True, ON_BATTERY)])
