"""When a graphics processor is tried, when it is used, and what becomes of its deaths."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.backends import GpuUse
from desktop.engine.footprint import Footprint
from desktop.engine.gpu.messages import Try
from desktop.engine.gpu.verdict import FoundLibrary, GpuVerdict, Outcome, Presence
from desktop.engine.types import EngineConfig, Finished, FinishReason, GpuGivenUp, Stats
from desktop.lifecycle.background_trial import Hindrance
from desktop.lifecycle.gpu.advisor import GpuAdvisor
from desktop.lifecycle.gpu.verdicts import RememberedVerdicts
from desktop.machine.battery import Battery, PowerMonitor
from desktop.machine.memory import MemoryReading
from desktop.settings.options import Settings
from tests.support.gpu import DEVICE, GOOD, LIBRARY, READY
from tests.support.patience import PATIENCE_S
from tests.support.played_trial import PlayedTrial

DONE = Finished(1, FinishReason.COMPLETE, Stats())
USED = GpuUse(LIBRARY, DEVICE.name, DEVICE.driver, -1, True)


class Bench:
    def __init__(self, folder: Path) -> None:
        path = folder / "mine.gguf"
        path.write_bytes(b"weights")
        self.config = EngineConfig(path)
        self.settings = Settings(gpu="auto")
        self.battery: Battery | None = None
        self.found: FoundLibrary = READY
        self.is_busy = False
        self.available = 8_000_000_000
        self.trials: list[PlayedTrial[Try, GpuVerdict]] = []
        self.changes = 0
        self.file = folder / "gpu.json"
        self.power = PowerMonitor(lambda: self.battery)
        self.advisor = self.make()

    def make(self) -> GpuAdvisor:
        """Makes the advisor, as a start of the program does."""
        advisor = GpuAdvisor(
            RememberedVerdicts(self.file),
            self.file.parent,
            lambda: self.settings,
            lambda: self.config,
            self.power,
            lambda: self.is_busy,
            2,
            lambda: MemoryReading(0, 0, 16_000_000_000, self.available),
            look=lambda: self.found,
            make_trial=self._begin,
        )
        advisor.subscribe(self._on_change)
        return advisor

    def _begin(self, order: Try) -> PlayedTrial[Try, GpuVerdict]:
        self.trials.append(PlayedTrial(order))
        return self.trials[-1]

    def _on_change(self) -> None:
        self.changes += 1

    async def comes_to(self, outcome: GpuVerdict | Exception) -> None:
        """Lets the trial end, and waits until that is known."""
        self.trials[-1].ends(outcome)
        task = self.advisor._trial._task
        assert task is not None
        await asyncio.wait_for(task, PATIENCE_S)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def run(script: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await script()

    asyncio.run(whole())


def test_nothing_is_looked_for_or_tried_while_it_is_off(bench: Bench) -> None:
    bench.settings = Settings()
    bench.found = FoundLibrary(Presence.NOT_INSTALLED)

    def look() -> FoundLibrary:
        raise AssertionError("looked for")

    bench.advisor._look = look

    async def script() -> None:
        bench.advisor.consider()
        bench.advisor.on_engine_event(DONE)
        assert bench.advisor.use(bench.config) is None

    run(script)
    assert not bench.trials


def test_it_is_tried_once_and_used_once_it_is_known_to_be_good(bench: Bench) -> None:
    async def script() -> None:
        assert bench.advisor.use(bench.config) is None
        bench.advisor.consider()
        assert bench.advisor.advice().is_trying
        bench.advisor.consider()
        await bench.comes_to(GOOD)
        assert bench.advisor.use(bench.config) == USED
        assert bench.advisor.advice().is_used
        bench.advisor.consider()

    run(script)
    assert len(bench.trials) == 1
    order = bench.trials[0].order
    assert (order.layers, order.kv, order.threads) == (-1, True, 2)
    assert order.config.snapshots_dir is None
    assert bench.make().use(bench.config) == USED  # after another start


@pytest.mark.parametrize(
    ("outcome", "auto", "on"),
    [
        (Outcome.GOOD, True, True),
        (Outcome.SLOW, False, True),
        (Outcome.WRONG, False, False),
        (Outcome.DIED, False, False),
        (Outcome.HUNG, False, False),
        (Outcome.REFUSED, False, False),
    ],
)
def test_only_what_computes_rightly_is_used_and_unasked_only_what_is_faster(
    bench: Bench, outcome: Outcome, auto: bool, on: bool
) -> None:
    async def script() -> None:
        bench.advisor.consider()
        await bench.comes_to(replace(GOOD, outcome=outcome))

    run(script)
    assert (bench.advisor.use(bench.config) is not None) is auto
    bench.settings = Settings(gpu="on")
    assert (bench.advisor.use(bench.config) is not None) is on


def test_as_many_layers_are_used_as_fitted_in_the_trial(bench: Bench) -> None:
    async def script() -> None:
        bench.advisor.consider()
        await bench.comes_to(replace(GOOD, layers=13))

    run(script)
    assert bench.advisor.use(bench.config) == replace(USED, layers=13)


def test_what_is_used_takes_its_own_memory_and_not_the_computers(bench: Bench) -> None:
    alone = Footprint(file_bytes=2900, kv_bytes=290, compute_bytes=50, anonymous=400, rss=3300)
    assert bench.advisor.footprint(alone) == alone

    async def script() -> None:
        bench.advisor.consider()
        await bench.comes_to(GOOD)

    run(script)
    assert bench.advisor.footprint(alone) == alone.on_gpu(1.0, kv=True)
    bench.settings = Settings()
    assert bench.advisor.footprint(alone) == alone


def test_what_has_no_memory_of_its_own_takes_the_computers_for_good(bench: Bench) -> None:
    alone = Footprint(file_bytes=2900, kv_bytes=290, compute_bytes=50, anonymous=400, rss=3300)

    async def script() -> None:
        bench.advisor.consider()
        await bench.comes_to(replace(GOOD, layers=14, has_own_memory=False))

    run(script)
    found = bench.advisor.footprint(alone)
    assert (found.rss, found.device_bytes, found.anonymous) == (3300, 0, 400 + 1400)


def test_other_settings_are_reckoned_by_what_was_tried_with_them(bench: Bench) -> None:
    alone = Footprint(file_bytes=2900, kv_bytes=290, compute_bytes=50, anonymous=400, rss=3300)

    async def script() -> None:
        bench.advisor.consider()
        await bench.comes_to(GOOD)

    run(script)
    # A context that was never tried there is loaded without, until it was.
    other = replace(bench.config, n_ctx=4096)
    assert bench.advisor.reckon(alone, bench.config, bench.settings).device_bytes == 3190
    assert bench.advisor.reckon(alone, other, bench.settings) == alone
    assert bench.advisor.reckon(alone, bench.config, replace(bench.settings, gpu="off")) == alone


def test_an_answer_comes_first_and_the_trial_begins_anew(bench: Bench) -> None:
    async def script() -> None:
        bench.advisor.consider()
        bench.advisor.cancel()
        bench.is_busy = True
        bench.advisor.consider()
        assert bench.advisor.advice().hindrance is Hindrance.ANSWERING
        bench.is_busy = False
        bench.advisor.on_engine_event(DONE)
        await bench.comes_to(GOOD)

    run(script)
    assert [trial.was_cancelled for trial in bench.trials] == [True, False]
    assert bench.advisor.use(bench.config) == USED


def test_the_battery_is_spared(bench: Bench) -> None:
    bench.battery = Battery(0.5, unplugged=True)
    bench.power.poll()

    async def script() -> None:
        bench.advisor.consider()

    run(script)
    assert not bench.trials
    assert bench.advisor.advice().hindrance is Hindrance.BATTERY


def test_it_waits_for_memory_for_both_sides(bench: Bench) -> None:
    bench.config = replace(bench.config, memory_limit=4_000_000_001)

    async def script() -> None:
        bench.advisor.consider()
        assert bench.advisor.advice().hindrance is Hindrance.MEMORY
        bench.available += 2
        bench.advisor.on_engine_event(DONE)
        await bench.comes_to(GOOD)

    run(script)
    assert bench.advisor.use(bench.config) == USED


def test_after_a_death_the_processor_answers_also_after_another_start_until_somebody_asks(bench: Bench) -> None:
    async def script() -> None:
        bench.advisor.consider()
        await bench.comes_to(GOOD)
        problem = UserFacingError("It died.", "SIGSEGV.")
        bench.advisor.on_engine_event(GpuGivenUp(USED, bench.config.model_path, problem, has_died=True))
        assert bench.advisor.use(bench.config) is None
        bench.advisor.on_engine_event(DONE)
        assert len(bench.trials) == 1
        verdict = bench.make().advice().verdict
        assert verdict is not None and (verdict.outcome, verdict.reason) == (Outcome.DIED, "SIGSEGV.")
        bench.advisor.try_again()
        await bench.comes_to(GOOD)

    run(script)
    assert bench.advisor.use(bench.config) == USED


def test_another_driver_is_tried_by_itself(bench: Bench) -> None:
    async def script() -> None:
        bench.advisor.consider()
        await bench.comes_to(GOOD)
        problem = UserFacingError("Another driver.")
        bench.advisor.on_engine_event(GpuGivenUp(USED, bench.config.model_path, problem))
        assert bench.advisor.use(bench.config) is None
        bench.advisor.on_engine_event(DONE)
        await bench.comes_to(replace(GOOD, driver="driver 2"))

    run(script)
    assert len(bench.trials) == 2
    assert bench.advisor.use(bench.config) == replace(USED, driver="driver 2")


def test_memory_that_was_full_for_once_is_no_verdict(bench: Bench) -> None:
    async def script() -> None:
        bench.advisor.consider()
        await bench.comes_to(GOOD)
        problem = UserFacingError("No room.")
        bench.advisor.on_engine_event(GpuGivenUp(USED, bench.config.model_path, problem, is_lasting=False))

    run(script)
    assert bench.advisor.use(bench.config) == USED


def test_what_could_not_be_tried_is_not_tried_over_and_over(bench: Bench) -> None:
    async def script() -> None:
        bench.advisor.consider()
        await bench.comes_to(UserFacingError("No process."))
        bench.advisor.on_engine_event(DONE)
        assert bench.advisor.advice().hindrance is Hindrance.FAILED

    run(script)
    assert len(bench.trials) == 1


def test_a_library_that_was_put_there_since_is_found_when_somebody_looks(bench: Bench) -> None:
    bench.found = FoundLibrary(Presence.NOT_INSTALLED)

    async def script() -> None:
        bench.advisor.consider()
        assert bench.advisor.advice().library.presence is Presence.NOT_INSTALLED
        bench.found = READY
        bench.advisor.look_again()
        await bench.comes_to(GOOD)

    run(script)
    assert bench.advisor.use(bench.config) == USED


def test_nothing_is_begun_once_the_program_ends(bench: Bench) -> None:
    async def script() -> None:
        bench.advisor.consider()
        await asyncio.sleep(0)
        bench.advisor.end()
        bench.advisor.on_engine_event(DONE)

    run(script)
    assert [trial.was_cancelled for trial in bench.trials] == [True]


def test_the_model_is_let_go(bench: Bench) -> None:
    async def script() -> None:
        bench.advisor.consider()
        await asyncio.wait_for(bench.advisor.let_go(), PATIENCE_S)

    run(script)
    assert bench.trials[0].was_cancelled
