"""What is remembered of the memory: ten minutes, and the last naps."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.engine.types import Asleep, Awake, Dozing, EngineConfig, EngineEvent, SleepReason
from desktop.lifecycle.memory_history import KEPT_SECONDS, MemoryHistory, Rest, stretches
from desktop.lifecycle.model_state import ModelState
from desktop.machine.memory import MemoryReading

MB = 1_000_000
AWAKE = Awake("Tiny", 512, 2, False, EngineConfig(Path("tiny.gguf")))


def reading(app: int, engine: int = 0, mapped: int = 0) -> MemoryReading:
    rss, anonymous = (app + engine + mapped) * MB, (app // 2 + engine) * MB
    return MemoryReading(rss, anonymous, 4_000 * MB, 1_000 * MB, engine * MB, (engine + mapped) * MB)


class Laptop:
    """A clock, a model and a memory, all told by the test."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.reading = reading(90)
        self.state = ModelState(lambda: self.time)
        self.history = MemoryHistory(lambda: self.reading, self.state, lambda: self.time, lambda: 1_700_000_000.0)

    def happens(self, event: EngineEvent, after: MemoryReading) -> None:
        self.reading = after
        self.state.on_engine_event(event)
        self.history.on_engine_event(event)

    def passes(self, seconds: float) -> None:
        self.time += seconds
        self.history.measure()


@pytest.fixture
def laptop() -> Laptop:
    return Laptop()


def test_a_reading_tells_its_parts() -> None:
    parts = reading(90, 120, 300)
    assert (parts.app, parts.engine, parts.mapped) == (90 * MB, 120 * MB, 300 * MB)
    assert parts.app + parts.engine + parts.mapped == parts.rss
    assert parts.machine_used == 3_000 * MB


def test_ten_minutes_are_kept_and_what_held_when_they_began(laptop: Laptop) -> None:
    for _ in range(1000):
        laptop.passes(1)
    samples = laptop.history.samples()
    assert len(samples) <= KEPT_SECONDS + 2
    assert laptop.time - samples[0].at >= KEPT_SECONDS > laptop.time - samples[1].at
    # AND after an hour without a look, the last one is still there: it held all the while
    laptop.time += 3600
    (last,) = laptop.history.samples()
    assert last.reading == reading(90)


def test_measurements_close_together_are_one(laptop: Laptop) -> None:
    for _ in range(50):
        laptop.passes(0.1)
    assert len(laptop.history.samples()) < 10


def test_a_model_that_wakes_and_dozes_all_the_time_fills_nothing(laptop: Laptop) -> None:
    for _ in range(2000):
        laptop.time += 0.05
        laptop.happens(AWAKE, reading(95, 120, 300))
        laptop.happens(Dozing(), reading(95, 60, 5))
    assert len(laptop.history.samples()) <= 1000
    assert len(laptop.history.naps()) == 5


def test_naps_say_what_they_gave_back(laptop: Laptop) -> None:
    laptop.happens(AWAKE, reading(95, 120, 300))
    laptop.passes(5)
    laptop.happens(Dozing(), reading(95, 60, 5))
    laptop.passes(100)
    laptop.happens(Asleep(SleepReason.IDLE), reading(93))
    slept, dozed = laptop.history.naps()
    assert (dozed.rest, dozed.reason, dozed.given_back) == (Rest.DOZING, None, 355 * MB)
    assert (slept.rest, slept.reason, slept.given_back) == (Rest.ASLEEP, SleepReason.IDLE, 67 * MB)
    assert dozed.at == 1_700_000_000.0


def test_what_was_no_nap_is_none(laptop: Laptop) -> None:
    laptop.history.measure()
    laptop.happens(Asleep(SleepReason.RECONFIGURED), reading(90))  # it had no model
    laptop.happens(AWAKE, reading(95, 120, 300))
    laptop.happens(Dozing(), reading(95, 60, 5))
    laptop.happens(Dozing(), reading(95, 60, 5))  # said twice
    assert [nap.rest for nap in laptop.history.naps()] == [Rest.DOZING]


def test_a_nap_that_took_memory_gave_nothing_back(laptop: Laptop) -> None:
    laptop.happens(AWAKE, reading(95, 20, 1))
    laptop.happens(Dozing(), reading(120, 20, 1))
    assert laptop.history.naps()[0].given_back == 0


def test_only_the_last_naps_are_kept(laptop: Laptop) -> None:
    for number in range(12):
        laptop.happens(AWAKE, reading(95, 120, 300 + number))
        laptop.happens(Dozing(), reading(95, 60, 5))
    assert len(laptop.history.naps()) == 5
    assert laptop.history.naps()[0].before == reading(95, 120, 311).rss


def test_stretches_of_rest(laptop: Laptop) -> None:
    laptop.history.measure()
    laptop.passes(10)
    laptop.happens(AWAKE, reading(95, 120, 300))
    laptop.passes(20)
    laptop.happens(Dozing(), reading(95, 60, 5))
    laptop.time += 30
    found = [(rest, round(end - start)) for rest, start, end in stretches(laptop.history.samples(), laptop.time)]
    assert found == [(Rest.ASLEEP, 10), (Rest.AWAKE, 20), (Rest.DOZING, 30)]
    assert list(stretches((), 5.0)) == []
