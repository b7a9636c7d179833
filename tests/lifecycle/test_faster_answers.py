"""When it is measured what "faster answers" brings, and what becomes of that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.repacking import RepackGain
from desktop.engine.types import EngineConfig, Finished, FinishReason, Stats
from desktop.lifecycle.background_trial import Hindrance
from desktop.lifecycle.faster_answers import RepackAdvisor
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.lifecycle.remembered_gains import RememberedGains
from desktop.machine.battery import Battery, PowerMonitor
from desktop.machine.cpu import Processors
from desktop.machine.memory import MemoryReader, MemoryReading
from desktop.models.catalog import EMPTY_CATALOG
from desktop.models.types import InstalledModel
from desktop.settings.options import Settings
from tests.support.patience import PATIENCE_S
from tests.support.played_trial import PlayedTrial

GOOD = RepackGain(1.4, 1.35, 310_000_000, "haswell")
BAD = RepackGain(0.7, 1.15, 600_000_000, "haswell")
DONE = Finished(1, FinishReason.COMPLETE, Stats())


class Memory(MemoryReader):
    def __init__(self) -> None:
        super().__init__()
        self.available = 8_000_000_000

    def read(self) -> MemoryReading:
        return MemoryReading(0, 0, 8_000_000_000, self.available)


class Bench:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "own.gguf"
        self.path.write_bytes(b"weights")
        self.model: InstalledModel | None = InstalledModel("file:own", "Own one", self.path, 500_000_000)
        self.settings = Settings()
        self.battery: Battery | None = None
        self.memory = Memory()
        self.is_busy = False
        self.trials: list[PlayedTrial[EngineConfig, RepackGain]] = []
        self.gains = RememberedGains(folder / "repacking.json", "Some CPU", Processors(2, 2))
        fit = MemoryFit(EMPTY_CATALOG, lambda: self.settings, self.memory, cores=2)
        self.power = PowerMonitor(lambda: self.battery)
        self.advisor = RepackAdvisor(
            self.gains,
            lambda: self.settings,
            lambda: self.model,
            lambda: EngineConfig(self.path, threads_limit=1),
            fit,
            self.memory,
            self.power,
            lambda: self.is_busy,
            self._make,
        )
        self._changed = asyncio.Event()
        self.advisor.subscribe(self._changed.set)

    def _make(self, config: EngineConfig) -> PlayedTrial[EngineConfig, RepackGain]:
        self.trials.append(PlayedTrial(config))
        return self.trials[-1]

    @property
    def hindrance(self) -> Hindrance | None:
        advice = self.advisor.advice()
        assert advice is not None
        return advice.hindrance

    async def end(self, outcome: RepackGain | Exception) -> None:
        """Has the measurement under way end, and waits until that has been taken notice of."""
        self._changed.clear()
        self.trials[-1].ends(outcome)
        await asyncio.wait_for(self._changed.wait(), PATIENCE_S)


Scene = Callable[[Bench], Awaitable[None]]


@pytest.fixture
def play(tmp_path: Path) -> Callable[[Scene], None]:
    async def go(scene: Scene) -> None:
        bench = Bench(tmp_path)
        try:
            await scene(bench)
        finally:
            bench.advisor.end()

    return lambda scene: asyncio.run(go(scene))


def test_it_is_measured_once_when_somebody_looks(play: Callable[[Scene], None]) -> None:
    async def scene(bench: Bench) -> None:
        # GIVEN nobody looks
        bench.advisor.consider()
        assert not bench.trials

        # WHEN somebody does
        bench.advisor.watch()

        # THEN it is being measured, with all threads, as far as that holds
        advice = bench.advisor.advice()
        assert advice is not None
        assert advice.is_measuring
        assert advice.is_offered
        assert (bench.trials[0].order.threads, bench.trials[0].order.threads_limit) == (2, 0)

        # AND what is found is remembered and not measured again
        await bench.end(GOOD)
        advice = bench.advisor.advice()
        assert advice is not None
        assert (advice.gain, advice.is_measuring, advice.is_offered) == (GOOD, False, True)
        bench.advisor.watch()
        assert len(bench.trials) == 1

    play(scene)


def test_what_does_not_pay_is_not_offered(play: Callable[[Scene], None]) -> None:
    async def scene(bench: Bench) -> None:
        bench.advisor.watch()
        await bench.end(BAD)
        advice = bench.advisor.advice()
        assert advice is not None
        assert not advice.is_offered
        assert not bench.gains.pays(bench.path, 0)

    play(scene)


def test_an_answer_ends_the_measuring_and_it_begins_anew_afterwards(play: Callable[[Scene], None]) -> None:
    async def scene(bench: Bench) -> None:
        # GIVEN a measurement under way
        bench.advisor.watch()

        # WHEN something is asked
        bench.is_busy = True
        bench.advisor.cancel()

        # THEN it ends, and waits for the end of the answer
        assert bench.trials[0].was_cancelled
        assert bench.hindrance is Hindrance.ANSWERING
        bench.advisor.consider()
        assert len(bench.trials) == 1

        # AND then it is begun anew
        bench.is_busy = False
        bench.advisor.on_engine_event(DONE)
        assert len(bench.trials) == 2
        await bench.end(GOOD)
        assert bench.gains.get(bench.path, 0) == GOOD

    play(scene)


def test_not_on_battery_but_as_soon_as_it_is_plugged_in(play: Callable[[Scene], None]) -> None:
    async def scene(bench: Bench) -> None:
        bench.battery = Battery(80.0, unplugged=True)
        bench.advisor.watch()
        assert (bench.hindrance, bench.trials) == (Hindrance.BATTERY, [])
        bench.battery = Battery(80.0, unplugged=False)
        bench.power.poll()
        bench.advisor.consider()
        assert len(bench.trials) == 1

    play(scene)


def test_not_where_there_is_no_room_for_two_models(play: Callable[[Scene], None]) -> None:
    async def scene(bench: Bench) -> None:
        bench.memory.available = 1_200_000_000
        bench.advisor.watch()
        assert (bench.hindrance, bench.trials) == (Hindrance.MEMORY, [])

    play(scene)


def test_another_model_ends_the_measuring_of_the_one_before(play: Callable[[Scene], None]) -> None:
    async def scene(bench: Bench) -> None:
        bench.advisor.watch()
        other = bench.path.with_name("other.gguf")
        other.write_bytes(b"other weights")
        assert bench.model is not None
        bench.model = replace(bench.model, path=other)
        bench.advisor.consider()
        assert bench.trials[0].was_cancelled
        assert len(bench.trials) == 2
        # AND no model at all is no trouble
        bench.model = None
        bench.advisor.consider()
        assert bench.trials[1].was_cancelled
        assert bench.advisor.advice() is None

    play(scene)


def test_what_could_not_be_measured_is_tried_again_when_the_settings_are_opened_again(
    play: Callable[[Scene], None],
) -> None:
    async def scene(bench: Bench) -> None:
        bench.advisor.watch()
        await bench.end(UserFacingError("The computer is too busy to measure anything."))
        assert bench.hindrance is Hindrance.FAILED
        bench.advisor.consider()
        assert len(bench.trials) == 1
        bench.advisor.unwatch()
        bench.advisor.watch()
        assert len(bench.trials) == 2

    play(scene)


def test_a_file_that_is_to_be_moved_is_let_go_of(play: Callable[[Scene], None]) -> None:
    async def scene(bench: Bench) -> None:
        await bench.advisor.let_go()  # nothing is measured
        bench.advisor.watch()
        await bench.advisor.let_go()
        assert bench.trials[0].has_ended
        assert bench.gains.get(bench.path, 0) is None

    play(scene)


def test_the_end_of_the_program_ends_it(play: Callable[[Scene], None]) -> None:
    async def scene(bench: Bench) -> None:
        bench.advisor.watch()
        bench.advisor.end()
        assert bench.trials[0].was_cancelled
        bench.advisor.on_engine_event(DONE)
        assert len(bench.trials) == 1

    play(scene)
