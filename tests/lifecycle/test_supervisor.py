"""How the engine is kept in step with settings, models and machine, and lets go of a file."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.common.file_identity import FileIdentity
from desktop.common.paths import Paths
from desktop.engine.footprint import Fit
from desktop.engine.repacking import RepackGain
from desktop.engine.types import (
    Asleep,
    Awake,
    Crashed,
    Dozing,
    EngineConfig,
    EngineEvent,
    Failed,
    Finished,
    FinishReason,
    Generation,
    GpuGivenUp,
    Message,
    Reading,
    Role,
    SleepReason,
    Stats,
    Waking,
    Work,
)
from desktop.gguf.header import read_header
from desktop.lifecycle.gpu.verdicts import gpu_key
from desktop.lifecycle.memory_fit import Judgement
from desktop.lifecycle.remembered_gains import RememberedGains
from desktop.lifecycle.supervisor import Machine, Supervisor
from desktop.machine.battery import Battery, PowerMonitor
from desktop.machine.file_systems import FileSystems
from desktop.machine.memory import MemoryReader
from desktop.machine.memory_pressure import Pressure
from desktop.models.choice import ModelChoice
from desktop.models.events import LibraryChanged
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.types import Catalog
from desktop.settings.store import SettingsStore
from tests.support.fake_engine import FakeEngine
from tests.support.gpu import GOOD, LIBRARY, READY, USE
from tests.support.patience import PATIENCE_S

RELEASED = Asleep(SleepReason.RELEASED)
PROBLEM = UserFacingError("It is broken.")


class Bench:
    """A supervisor between a fake engine and a real library, on a machine whose battery the test decides."""

    def __init__(self, paths: Paths, model: Path, patience: float = 5.0, files: FileSystems | None = None) -> None:
        self.engine = FakeEngine()
        self.store = SettingsStore(paths.settings_file)
        self.battery: Battery | None = None
        self.power = PowerMonitor(lambda: self.battery)
        catalog = Catalog((), "")
        self.choice = ModelChoice(catalog, paths.data, paths.models_dir, self.store, lambda _event: None)
        self.model = self.choice.library.import_file(model)
        self.store.change(model=self.model.id)
        self.choice.outdate()
        machine = Machine(MemoryReader(), self, self.power, 4, files or FileSystems())
        self.supervisor = Supervisor(self.engine, self.store, self.choice, paths, catalog, machine, patience)
        self._ids = iter(range(1, 100))

    def read(self) -> Pressure:
        return Pressure.NONE

    def request(self) -> Generation:
        return Generation(next(self._ids), "c", (Message(Role.USER, "Hello"),))

    def hand(self, *events: EngineEvent) -> None:
        for event in events:
            self.supervisor.on_engine_event(event)


@pytest.fixture
def model(tmp_path: Path, parrot_model: Path) -> Path:
    """A file that the test may delete."""
    return Path(shutil.copy(parrot_model, tmp_path / "own.gguf"))


@pytest.fixture
def bench(data_dir: Paths, model: Path) -> Bench:
    return Bench(data_dir, model)


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await work()

    asyncio.run(main())


# Configuration


def test_the_engine_is_told_only_what_is_new(bench: Bench, model: Path) -> None:
    bench.supervisor.update()
    bench.supervisor.update()
    assert [config.model_path for config in bench.engine.configs] == [model]
    bench.store.change(threads=1)
    assert [config.threads for config in bench.engine.configs] == [0, 1]
    bench.store.change(theme="dark")
    assert len(bench.engine.configs) == 2


def test_a_graphics_processor_that_was_found_good_computes_along_until_the_engine_dies_on_it(
    bench: Bench, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpu = bench.supervisor.gpu
    monkeypatch.setattr(gpu, "_look", lambda: READY)
    key = gpu_key(LIBRARY, bench.supervisor.wanted(), -1, kv=True)
    assert key is not None
    gpu._remembered.put(key, GOOD)
    bench.supervisor.update()
    assert bench.engine.configs[-1].gpu is None
    bench.store.change(gpu="auto")
    assert bench.engine.configs[-1].gpu == USE
    bench.hand(GpuGivenUp(USE, model, PROBLEM, has_died=True))
    assert bench.engine.configs[-1].gpu is None
    bench.supervisor.generate(bench.request())
    assert bench.engine.configs[-1].gpu is None


def test_layers_on_a_graphics_processor_are_not_asked_of_the_computers_memory(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpu, supervisor = bench.supervisor.gpu, bench.supervisor
    monkeypatch.setattr(gpu, "_look", lambda: READY)
    installed = bench.choice.ready()
    assert installed is not None
    supervisor.fit.learn(installed, read_header(installed.path))
    alone = supervisor.fit.judge_load(bench.store.current, installed)
    key = gpu_key(LIBRARY, supervisor.wanted(), -1, kv=True)
    assert key is not None
    gpu._remembered.put(key, GOOD)
    bench.store.change(gpu="on")
    settings = bench.store.current
    there = supervisor.fit.judge_load(settings, installed)
    known = supervisor.fit.known_cost(settings, installed)
    cost = supervisor.fit.cost(settings, installed)
    assert known is not None and cost is not None
    # THEN weights and cache are the device's, and the process may still take as much as without it
    assert alone.needed - there.needed == known.file_bytes + known.kv_bytes == cost.device_bytes
    assert supervisor.wanted().memory_limit == known.rss == alone.needed
    # AND a context that was not tried there would be loaded without
    other = replace(settings, n_ctx=1024 if settings.n_ctx != 1024 else 512)
    assert supervisor.fit.cost(other, installed) == supervisor.fit.known_cost(other, installed)


def test_a_request_is_answered_by_the_model_that_it_names(bench: Bench, tmp_path: Path, model: Path) -> None:
    # GIVEN another model that is known to work
    other = Path(shutil.copy(model, tmp_path / "other.gguf"))
    bench.choice.library.import_file(other)
    bench.choice.library.remember_verdict(FileIdentity.of(other), Verdict(Outcome.WORKS))
    bench.choice.outdate()
    for name, file in (("other.gguf", other), (None, model), ("gone.gguf", model), ("other.gguf", other)):
        # WHEN a request names it, none, or one that is gone THEN the engine is told before it gets the request
        bench.supervisor.generate(replace(bench.request(), model_file=name))
        assert bench.engine.configs[-1].model_path == file
    # AND what is read ahead is for the same
    bench.supervisor.prepare(bench.request())
    assert bench.engine.configs[-1].model_path == model


class Elsewhere(FileSystems):
    """File systems on which the model lies steady, or does not."""

    def __init__(self) -> None:
        super().__init__()
        self.unsteady: set[Path] = set()

    def is_steady(self, path: Path) -> bool:
        return path not in self.unsteady


def test_a_model_on_a_drive_that_may_go_is_read_instead_of_mapped(data_dir: Paths, model: Path) -> None:
    # GIVEN a model on a stick
    files = Elsewhere()
    files.unsteady.add(model)
    bench = Bench(data_dir, model, files=files)
    bench.supervisor.update()
    assert not bench.engine.configs[-1].use_mmap
    assert bench.supervisor.fit.read_bytes(bench.model) == bench.model.size
    # WHEN it is in memory and the stick is pulled out
    bench.hand(Awake("own", 2048, 1, False, bench.engine.configs[-1]))
    files.unsteady.clear()
    bench.supervisor.update()
    # THEN it stays there as it is
    assert not bench.engine.configs[-1].use_mmap
    # AND once it sleeps it is asked anew
    bench.hand(Asleep(SleepReason.IDLE))
    bench.supervisor.update()
    assert bench.engine.configs[-1].use_mmap


def test_a_change_of_the_library_reaches_the_engine(bench: Bench) -> None:
    bench.supervisor.update()
    bench.choice.is_withheld = True
    bench.supervisor.on_model_event(LibraryChanged())
    assert bench.engine.configs[-1].model_path is None


def test_the_machine_is_looked_at_before_each_request(bench: Bench) -> None:
    bench.battery = Battery(50.0, True)
    bench.supervisor.generate(bench.request())
    assert bench.engine.configs[-1].threads_limit == 2
    bench.battery = Battery(50.0, False)
    bench.supervisor.prepare(bench.request())
    assert bench.engine.configs[-1].threads_limit == 0
    assert len(bench.engine.requests) == len(bench.engine.prepared) == 1


def test_weights_are_not_rewritten_any_more_once_that_is_known_not_to_pay(data_dir: Paths, model: Path) -> None:
    # GIVEN "faster answers", which nobody has measured
    bench = Bench(data_dir, model)
    bench.store.change(faster_answers=True)
    assert bench.engine.configs[-1].repack

    # WHEN it was measured, and does not pay
    gains = RememberedGains(data_dir.repacking_file)
    key = gains.key(model, 0)
    assert key is not None
    gains.put(key, RepackGain(0.7, 1.15, 600_000_000, "haswell"))
    later = Bench(data_dir, model)
    later.supervisor.update()

    # THEN it is left out
    assert later.store.current.faster_answers
    assert not later.engine.configs[-1].repack


# Preloading


def test_the_model_is_loaded_ahead_where_that_is_welcome(bench: Bench) -> None:
    bench.supervisor.preloader.want("chat", bench.request)
    assert len(bench.engine.prepared) == 1
    assert bench.supervisor.preloader.is_running


@pytest.mark.parametrize("why", ["an answer is on its way", "no model", "an empty battery", "no memory"])
def test_the_model_is_not_loaded_ahead_where_it_is_not(bench: Bench, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    match why:
        case "an answer is on its way":
            bench.supervisor.generate(bench.request())
        case "no model":
            bench.model.path.unlink()
        case "an empty battery":
            bench.battery = Battery(10.0, True)
        case "no memory":
            monkeypatch.setattr(bench.supervisor.admission, "refusal", lambda: "too big")
    bench.supervisor.preloader.want("chat", bench.request)
    assert bench.engine.prepared == []


def test_a_model_that_has_crashed_twice_in_loading_is_not_loaded_ahead(bench: Bench, model: Path) -> None:
    bench.hand(Crashed(model, Work.LOADING), Asleep(SleepReason.CRASHED))
    bench.supervisor.preloader.want("chat", bench.request)
    assert len(bench.engine.prepared) == 1
    bench.hand(Failed(1, PROBLEM, Stats()), Crashed(model, Work.LOADING), Asleep(SleepReason.CRASHED))
    bench.supervisor.preloader.asked()
    # WHEN something is written THEN only a process without a model is there
    bench.supervisor.preloader.want("chat", bench.request)
    assert (len(bench.engine.prepared), bench.engine.attended) == (1, 1)
    # AND who asks is served
    bench.supervisor.generate(bench.request())
    assert len(bench.engine.requests) == 1
    # WHEN it loads THEN all is forgiven
    bench.hand(Awake("own", 512, 1, False, EngineConfig(model)), Finished(2, FinishReason.COMPLETE, Stats()))
    bench.hand(Asleep(SleepReason.IDLE))
    bench.supervisor.preloader.want("chat", bench.request)
    assert len(bench.engine.prepared) == 2


def test_a_low_battery_lets_it_sleep_where_it_would_doze(bench: Bench) -> None:
    bench.supervisor.update()
    assert (bench.engine.configs[-1].idle_seconds, bench.engine.configs[-1].sleep_seconds) == (300.0, 1800.0)
    bench.battery = Battery(10.0, True)
    bench.power.poll()
    assert (bench.engine.configs[-1].idle_seconds, bench.engine.configs[-1].sleep_seconds) == (150.0, 150.0)


def test_a_model_of_which_nothing_is_known_may_take_no_more_than_there_is(bench: Bench) -> None:
    total = MemoryReader().read().machine_total
    assert bench.supervisor.fit.known_cost(bench.store.current, bench.choice.ready() or pytest.fail("no model")) is None
    assert bench.supervisor.wanted().memory_limit == total


def test_a_dozing_model_keeps_its_context_size_and_is_asked_about_anew(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.supervisor.update()  # which chooses a size
    decided = []
    monkeypatch.setattr(bench.supervisor._context, "decide", lambda: decided.append(True))
    refusals = []

    def judge(*_arguments: object) -> Judgement:
        refusals.append(True)
        return Judgement(Fit.COMFORTABLE, 1, 2)

    monkeypatch.setattr(bench.supervisor.fit, "judge_load", judge)
    bench.hand(Waking(1, 0.0), Awake("own", 512, 1, False, bench.supervisor.wanted()))
    assert bench.supervisor.admission.refusal() is None
    assert refusals == [], "what is loaded is let in already"
    bench.hand(Dozing())
    assert bench.supervisor.admission.refusal() is None
    assert (refusals, decided) == ([True], []), "another size would cost the doze"


def test_a_plug_or_a_setting_lets_a_refused_preload_be_asked_for_again(bench: Bench) -> None:
    bench.battery = Battery(10.0, True)
    bench.supervisor.preloader.want("chat", bench.request)
    bench.battery = Battery(10.0, False)
    bench.supervisor.preloader.want("chat", bench.request)
    assert bench.engine.prepared == [], "nothing has said that something changed"
    bench.store.change(threads=1)
    bench.supervisor.preloader.want("chat", bench.request)
    assert len(bench.engine.prepared) == 1


# Letting go of a file


@pytest.mark.parametrize(
    "before",
    [
        (),
        (Asleep(SleepReason.IDLE),),
        (Waking(9, 0.5), Failed(9, PROBLEM, Stats()), Asleep(SleepReason.ASKED)),
        (Waking(9, 0.5), Awake("tiny", 512, 2, False, EngineConfig(None))),
        (Waking(9, 0.5), Reading(9, 10, 100)),
    ],
    ids=["never loaded", "asleep", "failed while waking", "awake", "reading ahead"],
)
def test_release_waits_for_the_engines_own_word(bench: Bench, before: tuple[EngineEvent, ...]) -> None:
    async def work() -> None:
        bench.supervisor.update()
        bench.hand(*before)
        bench.choice.is_withheld = True
        task = asyncio.create_task(bench.supervisor.release())
        await asyncio.sleep(0)
        # THEN the engine was told, and no nap of before is taken for the answer
        assert (bench.engine.configs[-1].model_path, bench.engine.sleeps) == (None, [SleepReason.RELEASED])
        bench.hand(Asleep(SleepReason.RECONFIGURED))
        await asyncio.sleep(0)
        assert not task.done()
        bench.hand(RELEASED)
        await task

    run(work)


def test_release_is_refused_while_the_engine_answers(bench: Bench) -> None:
    async def work() -> None:
        bench.supervisor.generate(bench.request())
        with pytest.raises(UserFacingError, match="answering"):
            await bench.supervisor.release()
        assert bench.engine.sleeps == []
        # AND not once the answer has ended
        bench.hand(Finished(1, FinishReason.COMPLETE, Stats()))
        task = asyncio.create_task(bench.supervisor.release())
        await asyncio.sleep(0)
        bench.hand(RELEASED)
        await task

    run(work)


def test_release_gives_up_when_an_answer_began_meanwhile(data_dir: Paths, model: Path) -> None:
    bench = Bench(data_dir, model, patience=0.01)

    async def work() -> None:
        bench.choice.is_withheld = True
        with pytest.raises(UserFacingError, match="answering"):
            await bench.supervisor.release()
        bench.choice.is_withheld = False
        bench.supervisor.update()

    run(work)
    assert bench.engine.configs[-1].model_path == model


def test_a_second_release_is_not_content_with_the_answer_to_the_first(bench: Bench) -> None:
    async def work() -> None:
        first = asyncio.create_task(bench.supervisor.release())
        await asyncio.sleep(0)
        bench.hand(RELEASED)
        await first
        second = asyncio.create_task(bench.supervisor.release())
        await asyncio.sleep(0)
        assert not second.done()
        bench.hand(RELEASED)
        await second

    run(work)


# What is done in the background


@pytest.mark.parametrize("who", ["asks", "writes", "wants it to sleep"])
def test_what_nobody_waits_for_gives_way(bench: Bench, who: str) -> None:
    behind = bench.request()
    bench.supervisor.generate_behind(behind)
    assert bench.engine.last is behind and not bench.supervisor.state.is_answering
    match who:
        case "asks":
            bench.supervisor.generate(bench.request())
        case "writes":
            bench.supervisor.prepare(bench.request())
        case _:
            bench.supervisor.sleep()
    assert bench.engine.cancelled == [behind.request_id]
    # WHEN it has ended THEN nobody stops it once more
    bench.hand(Finished(behind.request_id, FinishReason.STOPPED, Stats()))
    bench.supervisor.generate(bench.request())
    assert bench.engine.cancelled == [behind.request_id]


def test_it_does_not_keep_a_file_from_being_moved(bench: Bench) -> None:
    behind = bench.request()
    bench.supervisor.generate_behind(behind)

    async def release() -> None:
        waiting = asyncio.create_task(bench.supervisor.release())
        await asyncio.sleep(0)
        assert bench.engine.sleeps == [SleepReason.RELEASED]
        bench.hand(Finished(behind.request_id, FinishReason.STOPPED, Stats()), RELEASED)
        await waiting

    run(release)
    assert bench.engine.cancelled == [behind.request_id]
