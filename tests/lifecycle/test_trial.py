"""Whether a model is tried at all, and with what."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.process import trial as process
from desktop.engine.types import EngineConfig
from desktop.gguf.header import read_header
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.lifecycle.trial import TrialPlanner
from desktop.machine.memory import MemoryReader
from desktop.models.catalog import EMPTY_CATALOG
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.trials import PlannedTrial
from desktop.models.types import InstalledModel
from desktop.settings.options import Settings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the machine is made of Linux' files in /proc")

ENGINE = 77
MB = 10**6


class Bench:
    """A planner on a machine made of files; trials end as the test says."""

    def __init__(self, folder: Path, file: Path) -> None:
        self._proc = folder / "proc"
        for process_id in ("self", str(ENGINE)):
            (self._proc / process_id).mkdir(parents=True)
        self.model = InstalledModel(f"file:{file}", "tiny", file, file.stat().st_size)
        self.header = read_header(file)
        self.tried: list[EngineConfig] = []
        self.found = process.Verdict(process.Outcome.WORKS)
        self.fit = MemoryFit(EMPTY_CATALOG, Settings, MemoryReader(folder, engine=lambda: ENGINE), 2)
        self.planner = TrialPlanner(self.fit, Settings, lambda path: EngineConfig(path, n_ctx=512), self._try)

    def has(self, available: int, engine: int = 0) -> None:
        """The machine has 4 GB, of which so much is free and so much taken by the engine's process."""
        meminfo = f"MemTotal: 4000000 kB\nMemAvailable: {available // 1024} kB\n"
        (self._proc / "meminfo").write_text(meminfo, encoding="utf-8")
        for process_id, taken in (("self", 50 * MB), (str(ENGINE), engine)):
            status = f"VmRSS:\t{taken // 1024} kB\nRssAnon:\t{taken // 1024} kB\nRssShmem:\t0 kB\n"
            (self._proc / process_id / "status").write_text(status, encoding="utf-8")

    def plan(self) -> PlannedTrial | Verdict:
        return self.planner(self.model, self.header)

    def _try(self, config: EngineConfig, given_up: threading.Event) -> process.Verdict:
        assert not given_up.is_set()
        self.tried.append(config)
        return self.found


@pytest.fixture
def bench(tmp_path: Path, tiny_model: Path) -> Bench:
    return Bench(tmp_path, tiny_model)


def test_a_model_that_fits_is_tried_as_it_would_be_loaded_with_a_limit_on_memory(bench: Bench) -> None:
    bench.has(2000 * MB)
    plan = bench.plan()
    assert isinstance(plan, PlannedTrial)
    assert not plan.needs_room
    assert bench.tried == [], "it only begins when it is run"
    assert plan.run(threading.Event()) == Verdict(Outcome.WORKS)
    (config,) = bench.tried
    assert (config.model_path, config.n_ctx) == (bench.model.path, 512)
    assert config.memory_limit == bench.fit.judge_load(Settings(), bench.model).needed
    assert bench.fit.knows(bench.model)


def test_a_model_that_does_not_fit_is_not_tried_and_that_is_said(bench: Bench) -> None:
    bench.has(1 * MB)
    verdict = bench.plan()
    assert isinstance(verdict, Verdict)
    assert verdict.outcome is Outcome.UNTRIED
    assert not verdict.is_bad
    assert verdict.problem is not None
    assert "tiny.gguf: it needs" in verdict.problem.detail
    assert bench.tried == []


def test_a_model_that_fits_only_without_the_one_that_is_loaded_needs_room(bench: Bench) -> None:
    bench.has(1 * MB, engine=1000 * MB)
    plan = bench.plan()
    assert isinstance(plan, PlannedTrial)
    assert plan.needs_room


@pytest.mark.parametrize("outcome", [each for each in process.Outcome if each is not process.Outcome.WORKS])
def test_what_was_found_is_handed_on_with_its_words(bench: Bench, outcome: process.Outcome) -> None:
    problem = UserFacingError("It died.", "{0}: {1}.", "Take another.", values=("a", "b"))
    bench.found = process.Verdict(outcome, problem)
    bench.has(2000 * MB)
    plan = bench.plan()
    assert isinstance(plan, PlannedTrial)
    verdict = plan.run(threading.Event())
    assert verdict.outcome.value == outcome.value
    # What the machine had no memory or no time for speaks against no file.
    assert verdict.is_bad == (outcome not in (process.Outcome.NO_MEMORY, process.Outcome.UNDECIDED))
    assert str(verdict.problem) == str(problem)
