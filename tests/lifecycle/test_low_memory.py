"""When the model goes because others need the memory."""

from __future__ import annotations

import pytest

from desktop.engine.types import Asleep, Awake, Dozing, EngineConfig, SleepReason, Waking
from desktop.lifecycle.low_memory import LowMemoryUnloader, SpareMemory
from desktop.lifecycle.model_state import ModelState
from desktop.machine.memory_pressure import Pressure
from tests.support.fake_engine import FakeEngine

AWAKE = Awake("tiny", 512, 2, False, EngineConfig(None))


class Bench:
    """A machine that the test decides."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.pressure = Pressure.NONE
        self.readings = 0
        self.busy = False
        self.now = 1000.0
        self.state = ModelState(lambda: self.now)
        self.unloader = LowMemoryUnloader(self.engine, self.state, self, lambda: self.busy, lambda: self.now)

    def read(self) -> Pressure:
        self.readings += 1
        return self.pressure

    def wake(self) -> None:
        self.state.on_engine_event(Waking(1, 0.0))
        self.state.on_engine_event(AWAKE)

    def poll(self, *pressures: Pressure) -> list[SleepReason]:
        """Polls once for each, a few seconds apart; returns what the engine was told."""
        self.engine.sleeps.clear()
        for self.pressure in pressures:
            self.now += 3
            self.unloader.poll()
        return self.engine.sleeps


SHORT, CRITICAL, NONE = Pressure.SHORT, Pressure.CRITICAL, Pressure.NONE


def test_asleep_nothing_is_read() -> None:
    bench = Bench()
    assert not bench.state.is_in_memory
    bench.poll(CRITICAL, CRITICAL)
    bench.wake()
    assert bench.state.is_in_memory
    bench.state.on_engine_event(Asleep(SleepReason.IDLE))
    assert not bench.state.is_in_memory
    bench.poll(CRITICAL, CRITICAL)
    assert bench.readings == 0
    assert bench.engine.sleeps == []


def test_an_idle_model_goes_when_memory_stays_short() -> None:
    bench = Bench()
    bench.wake()
    bench.now += 100
    assert bench.poll(NONE, SHORT, NONE, SHORT) == []
    assert bench.poll(NONE, SHORT, SHORT) == [SleepReason.MEMORY]
    # THEN it is said once, not with every poll until the engine has done it
    assert bench.poll(SHORT) == []


def test_a_dozing_model_goes_however_short_ago_it_was_woken() -> None:
    bench = Bench()
    bench.wake()
    assert bench.poll(SHORT, SHORT) == [], "whoever has just woken it wants it"
    bench.state.on_engine_event(Dozing())
    assert bench.poll(NONE) == []
    assert bench.poll(SHORT, SHORT) == [SleepReason.MEMORY]


@pytest.mark.parametrize("pressure", [SHORT, CRITICAL])
def test_never_during_an_answer_but_right_after_it(pressure: Pressure) -> None:
    bench = Bench()
    bench.wake()
    bench.now += 100
    bench.busy = True
    assert bench.poll(*[pressure] * 5) == []
    bench.busy = False
    assert bench.poll(pressure) == [SleepReason.MEMORY]


def test_what_was_woken_a_moment_ago_stays_a_minute() -> None:
    bench = Bench()
    bench.wake()
    assert bench.poll(*[SHORT] * 19) == []  # 57 s
    assert bench.poll(SHORT) == [SleepReason.MEMORY]
    # WHEN it is woken again THEN the minute begins anew
    bench.state.on_engine_event(Asleep(SleepReason.MEMORY))
    bench.wake()
    assert bench.poll(*[SHORT] * 19) == []


def test_unless_the_system_is_about_to_stop() -> None:
    bench = Bench()
    bench.wake()
    assert bench.poll(CRITICAL) == []
    assert bench.poll(CRITICAL) == [SleepReason.MEMORY]


def test_a_minute_of_answers_is_not_a_minute_since_waking() -> None:
    bench = Bench()
    bench.wake()
    bench.now += 55
    bench.state.on_engine_event(AWAKE)  # said again after each answer
    assert bench.poll(SHORT, SHORT) == [SleepReason.MEMORY]


def test_readings_of_the_model_before_do_not_count() -> None:
    bench = Bench()
    bench.wake()
    bench.now += 100
    assert bench.poll(SHORT) == []
    bench.state.on_engine_event(Asleep(SleepReason.IDLE))
    bench.wake()
    assert bench.poll(CRITICAL) == []
    assert bench.poll(CRITICAL) == [SleepReason.MEMORY]


class Spare:
    """What work that nobody waits for is told, on a machine that the test decides."""

    def __init__(self) -> None:
        self.pressure, self.now, self.readings = Pressure.NONE, 0.0, 0
        self.memory = SpareMemory(self, lambda: self.now)

    def read(self) -> Pressure:
        self.readings += 1
        return self.pressure

    def told(self, *pressures: Pressure, every: float = 3.0) -> list[bool]:
        found = []
        for self.pressure in pressures:
            self.now += every
            found.append(self.memory.is_there())
        return found


def test_there_is_none_to_spare_in_a_shortage_and_for_a_while_after_it() -> None:
    spare = Spare()
    # a program that takes memory for a moment is no shortage
    assert spare.told(NONE, SHORT, NONE, SHORT) == [True] * 4
    assert spare.told(SHORT, NONE, NONE) == [False] * 3
    # less than 30 s after the last short reading; each further one counts anew
    assert spare.told(*[NONE] * 6) == [False] * 6
    assert spare.told(SHORT, *[NONE] * 9) == [False] * 10
    assert spare.told(NONE, NONE) == [True, True]


def test_the_first_look_is_believed_and_looking_costs_little() -> None:
    spare = Spare()
    assert spare.told(CRITICAL) == [False]
    readings = spare.readings
    assert spare.told(*[NONE] * 5, every=0.5) == [False] * 5
    assert spare.readings == readings


def test_what_did_not_fit_waits_as_for_a_shortage() -> None:
    spare = Spare()
    assert spare.told(NONE) == [True]
    spare.memory.refuse()
    assert spare.told(*[NONE] * 9) == [False] * 9
    assert spare.told(NONE) == [True]
