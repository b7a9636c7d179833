"""What is known of the battery."""

from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from desktop.machine.battery import Battery, PowerMonitor, read_battery


@pytest.mark.parametrize(
    ("percent", "plugged", "expected"),
    [
        (80, True, Battery(80.0, False)),
        (80, False, Battery(80.0, True)),
        (80, None, Battery(80.0, False)),  # not known: as if plugged in
    ],
)
def test_a_reading_of_the_system(
    monkeypatch: pytest.MonkeyPatch, percent: int, plugged: bool | None, expected: Battery
) -> None:
    reading = SimpleNamespace(percent=percent, secsleft=60, power_plugged=plugged)
    monkeypatch.setattr(psutil, "sensors_battery", lambda: reading, raising=False)
    assert read_battery() == expected


@pytest.mark.parametrize("problem", [None, OSError("gone"), NotImplementedError(), ValueError("odd figure")])
def test_a_machine_without_a_battery_that_can_be_read(
    monkeypatch: pytest.MonkeyPatch, problem: Exception | None
) -> None:
    def sensors() -> None:
        if problem is not None:
            raise problem

    monkeypatch.setattr(psutil, "sensors_battery", sensors, raising=False)
    assert read_battery() is None


@pytest.mark.skipif(not hasattr(psutil, "sensors_battery"), reason="this system has no such sensor")
def test_the_real_battery_can_be_asked_for() -> None:
    battery = read_battery()
    assert battery is None or 0 <= battery.percent <= 100


@pytest.mark.parametrize(
    ("battery", "low"),
    [(Battery(19.9, True), True), (Battery(20.0, True), False), (Battery(5.0, False), False)],
)
def test_low_is_below_a_fifth_and_unplugged(battery: Battery, low: bool) -> None:
    assert battery.is_low is low


def test_listeners_hear_of_the_plug_and_of_nothing_else() -> None:
    readings = [Battery(90, False), Battery(89, False), Battery(88, True), Battery(87, True), None]
    watch = PowerMonitor(lambda: readings.pop(0))
    heard: list[bool] = []
    watch.subscribe(lambda: heard.append(watch.unplugged))
    assert not watch.unplugged
    for _ in range(5):
        watch.poll()
    assert heard == [True, False]
