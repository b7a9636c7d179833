"""What is said about models and memory, for machines made of files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.footprint import Fit
from desktop.gguf.header import read_header, read_header_if_possible
from desktop.lifecycle.memory_fit import Judgement, MemoryFit
from desktop.machine.memory import MemoryReader
from desktop.models.catalog import EMPTY_CATALOG, bundled_catalog_path, load_catalog
from desktop.models.types import Catalog, InstalledModel, ModelSpec
from desktop.settings.options import Settings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the machine is made of Linux' files in /proc")

GB = 10**9


class Machine:
    """A machine with an advisor on it; figures in bytes."""

    def __init__(self, folder: Path, catalog: Catalog, cores: int = 4) -> None:
        self._proc = folder / "proc"
        for process in ("self", "4711"):
            (self._proc / process).mkdir(parents=True)
        self.settings = replace(Settings(), n_ctx=2048)
        self.catalog = catalog
        self.has(4 * GB, 2.4 * GB)
        self.advice = MemoryFit(catalog, lambda: self.settings, MemoryReader(folder, lambda: 4711), cores)

    def has(self, total: float, available: float, engine: float = 0.0) -> None:
        kilobytes = [round(value / 1024) for value in (total, available)]
        meminfo = f"MemTotal: {kilobytes[0]} kB\nMemAvailable: {kilobytes[1]} kB\n"
        (self._proc / "meminfo").write_text(meminfo, encoding="utf-8")
        for process, own in (("self", 60e6), ("4711", engine)):
            held = round(own / 1024)
            status = f"VmRSS:\t{held} kB\nRssAnon:\t{held} kB\nRssShmem:\t0 kB\n"
            (self._proc / process / "status").write_text(status, encoding="utf-8")

    def fit(self, model_id: str) -> Fit:
        spec = self.catalog.get(model_id)
        assert spec is not None
        return self.advice.judge(spec).fit

    def needed(self, model_id: str) -> int:
        spec = self.catalog.get(model_id)
        assert spec is not None
        return self.advice.judge(spec).needed


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(bundled_catalog_path())


@pytest.fixture
def machine(tmp_path: Path, catalog: Catalog) -> Iterator[Machine]:
    yield Machine(tmp_path, catalog)


def test_the_same_model_fits_one_machine_and_not_the_other(machine: Machine) -> None:
    assert machine.fit("qwen2.5-0.5b") is Fit.COMFORTABLE
    machine.has(1 * GB, 0.4 * GB)
    assert machine.fit("qwen2.5-0.5b") is Fit.TIGHT
    assert machine.fit("qwen2.5-7b") is Fit.TOO_BIG


@pytest.mark.parametrize("total", [1, 2, 4, 8, 16])
def test_what_is_recommended_is_judged_to_fit_and_nothing_better_is(machine: Machine, total: int) -> None:
    machine.has(total * GB, total * GB * 0.6)
    chosen = machine.catalog.get(machine.advice.recommended() or "")
    assert chosen is not None
    assert machine.fit(chosen.id) is Fit.COMFORTABLE
    for spec in machine.catalog.models:
        suits = {"en", "zh"} <= set(spec.languages) and not spec.licence_must_be_shown
        pleasant = spec.size <= min(4 * 700_000_000, total * GB * 0.22)
        if spec.quality > chosen.quality and suits and pleasant:
            assert machine.fit(spec.id) is not Fit.COMFORTABLE, spec.id


@pytest.mark.parametrize(
    ("total", "cores", "chosen"),
    [
        (2, 2, "qwen3-0.6b"),
        (4, 2, "minicpm5-1b"),
        (8, 2, "qwen3.5-2b"),
        (8, 4, "qwen3.5-2b"),
        (16, 2, "qwen3.5-2b"),
        (16, 4, "qwen3.5-4b"),
    ],
)
def test_what_typical_laptops_are_advised(
    tmp_path: Path, catalog: Catalog, total: int, cores: int, chosen: str
) -> None:
    machine = Machine(tmp_path, catalog, cores)
    machine.has(total * GB, total * GB * 0.6)
    assert machine.advice.recommended() == chosen


def test_a_small_machine_gets_a_small_model_and_a_large_one_a_better(machine: Machine) -> None:
    ranks = []
    for total in (1, 2, 4, 8):
        machine.has(total * GB, total * GB * 0.6)
        spec = machine.catalog.get(machine.advice.recommended() or "")
        assert spec is not None
        ranks.append((spec.quality, spec.size))
    assert ranks == sorted(ranks)
    assert ranks[0] < ranks[-1]


def test_settings_change_what_is_needed(machine: Machine) -> None:
    plain = machine.needed("qwen3-0.6b")
    machine.settings = replace(machine.settings, n_ctx=8192)
    longer = machine.needed("qwen3-0.6b")
    assert longer - plain > 6000 * 114688
    machine.settings = replace(machine.settings, kv_type="q8_0")
    assert plain < machine.needed("qwen3-0.6b") < longer


def test_the_memory_of_the_model_in_use_counts_as_free(machine: Machine) -> None:
    # GIVEN a model awake, whose process holds 900 MB
    machine.has(4 * GB, 0.4 * GB, engine=0.9e9)
    awake = machine.advice.judge(machine.catalog.models[0]).free
    # WHEN the same machine is looked at with the model asleep
    machine.has(4 * GB, 1.3 * GB)
    asleep = machine.advice.judge(machine.catalog.models[0]).free
    assert abs(awake - asleep) < 5_000_000


def test_the_cost_of_an_installed_model_is_read_from_its_file(machine: Machine, tiny_model: Path) -> None:
    installed = InstalledModel("file:tiny", "tiny", tiny_model, tiny_model.stat().st_size)
    machine.advice.learn(installed, read_header(tiny_model))
    short = machine.advice.cost(replace(machine.settings, n_ctx=256), installed)
    long = machine.advice.cost(replace(machine.settings, n_ctx=512), installed)
    assert short is not None and long is not None
    assert short.file_bytes == tiny_model.stat().st_size
    assert 0 < short.kv_bytes < long.kv_bytes


def test_the_cost_of_a_model_not_yet_here_is_estimated(machine: Machine) -> None:
    chosen = replace(machine.settings, model="qwen2.5-0.5b")
    footprint = machine.advice.cost(chosen, None)
    assert footprint is not None
    assert footprint.kv_bytes == 2048 * 12288
    assert machine.advice.cost(replace(chosen, model="unheard-of"), None) is None


def test_a_load_is_judged_without_reading_a_file_that_the_catalogue_knows(machine: Machine) -> None:
    absent = InstalledModel("qwen2.5-7b", "Qwen", Path("/nowhere/qwen.gguf"), 4_683_073_184)
    judgement = machine.advice.judge_load(machine.settings, absent)
    assert judgement is not None
    assert judgement.fit is Fit.TOO_BIG
    assert judgement.needed == machine.needed("qwen2.5-7b")
    machine.has(16 * GB, 12 * GB)
    judgement = machine.advice.judge_load(machine.settings, absent)
    assert judgement is not None
    assert judgement.fit is Fit.COMFORTABLE


def test_a_load_of_an_own_file_is_judged_by_the_file(machine: Machine, tiny_model: Path) -> None:
    own = InstalledModel("file:tiny", "tiny", tiny_model, tiny_model.stat().st_size)
    machine.advice.learn(own, read_header(tiny_model))
    judgement = machine.advice.judge_load(machine.settings, own)
    footprint = machine.advice.cost(machine.settings, own)
    assert footprint is not None
    assert (judgement.fit, judgement.needed) == (Fit.COMFORTABLE, footprint.rss)


def test_an_own_file_that_was_not_read_yet_is_judged_by_its_size(machine: Machine) -> None:
    absent = InstalledModel("file:own", "own", Path("/nowhere/own.gguf"), 3 * GB)
    assert machine.advice.cost(machine.settings, absent) is None
    assert machine.advice.judge_load(machine.settings, absent).fit is Fit.TIGHT
    machine.has(2 * GB, 1.5 * GB)
    assert machine.advice.judge_load(machine.settings, absent).fit is Fit.TOO_BIG


def test_what_lies_on_a_graphics_processor_is_not_asked_of_the_computer(
    tmp_path: Path, machine: Machine, tiny_model: Path
) -> None:
    own = InstalledModel("file:own", "own", tiny_model, 6 * GB)
    machine.has(8 * GB, 3 * GB)
    layers = {"all": 1.0, "half": 0.5, "none": 0.0}

    def judged(where: str, *, own_memory: bool) -> Judgement:
        reader = MemoryReader(tmp_path, lambda: 4711)
        fit = MemoryFit(
            machine.catalog, lambda: machine.settings, reader, 4,
            on_gpu=lambda alone, _settings, _model: alone.on_gpu(layers[where], kv=True, own_memory=own_memory),
        )  # fmt: skip
        return fit.judge_load(machine.settings, own)

    # WHEN a model of 6 GB lies on a device with memory of its own THEN the computer's 3 GB need not hold it
    assert judged("none", own_memory=True).fit is Fit.TIGHT
    assert judged("all", own_memory=True).fit is Fit.COMFORTABLE
    assert judged("all", own_memory=True).needed < GB < 3 * GB < judged("half", own_memory=True).needed
    # AND WHEN the device takes the computer's memory THEN all of it is asked of that, and none can be had back
    shared = judged("all", own_memory=False)
    assert shared.fit is Fit.TOO_BIG and shared.needed == judged("none", own_memory=True).needed


def test_an_automatic_context_is_what_is_counted(machine: Machine) -> None:
    automatic = replace(machine.settings, n_ctx=0)
    assert machine.advice.automatic_context == 1024  # 2.4 GB are available
    assert machine.advice.context_of(automatic) == 1024
    assert machine.advice.context_of(replace(automatic, n_ctx=4096)) == 4096
    small = machine.advice.cost(replace(automatic, model="qwen2.5-0.5b"), None)
    assert small is not None
    assert small.kv_bytes == 1024 * 12288


def test_a_file_that_cannot_be_read_costs_nobody_knows_what(machine: Machine, tmp_path: Path, tiny_model: Path) -> None:
    file = tmp_path / "own.gguf"
    file.write_bytes(b"nothing")
    settings: Settings = machine.settings
    broken = InstalledModel("file:own", "own", file, 7)
    machine.advice.learn(broken, read_header_if_possible(file))
    assert machine.advice.cost(settings, broken) is None
    # WHEN the file is replaced by a good one THEN that one counts
    file.write_bytes(tiny_model.read_bytes())
    good = InstalledModel("file:own", "own", file, file.stat().st_size)
    assert not machine.advice.knows(good)
    machine.advice.learn(good, read_header_if_possible(file))
    assert machine.advice.cost(settings, good) is not None


def test_an_empty_catalogue_recommends_nothing(tmp_path: Path) -> None:
    assert Machine(tmp_path, EMPTY_CATALOG).advice.recommended() is None


# Where files lie


@pytest.fixture
def unsteady(tmp_path: Path, machine: Machine) -> MemoryFit:
    """The advice on the same machine about models on a stick."""
    reader = MemoryReader(tmp_path)
    return MemoryFit(machine.catalog, lambda: machine.settings, reader, 4, is_steady=lambda _model: False)


@pytest.mark.parametrize("faster", [False, True])
def test_weights_on_a_stick_are_read_which_has_its_price(
    machine: Machine, unsteady: MemoryFit, tiny_model: Path, faster: bool
) -> None:
    settings = replace(machine.settings, faster_answers=faster)
    own = InstalledModel("file:tiny", "tiny", tiny_model, tiny_model.stat().st_size)
    here = InstalledModel("qwen2.5-0.5b", "Qwen", Path("/stick/qwen.gguf"), 397_807_936)
    for advice in (machine.advice, unsteady):
        advice.learn(own, read_header(tiny_model))
    for model in (own, here):
        mapped = machine.advice.known_cost(replace(settings, faster_answers=False), model)
        read = unsteady.known_cost(settings, model)
        assert mapped is not None and read is not None
        # Repacked weights take the place of the others.
        assert read.anonymous == mapped.anonymous + mapped.file_bytes
        assert read.rss == mapped.rss
        assert (machine.advice.read_bytes(model), unsteady.read_bytes(model)) == (0, model.size)


def test_what_would_fit_mapped_may_be_too_big_to_be_read(machine: Machine, unsteady: MemoryFit) -> None:
    machine.has(4 * GB, 0.6 * GB)
    spec = machine.catalog.get("qwen2.5-1.5b")
    assert spec is not None
    assert machine.advice.judge(spec).fit is Fit.TIGHT
    assert unsteady.judge(spec).fit is Fit.TOO_BIG


def test_for_a_recommendation_the_folder_of_models_is_looked_at_once() -> None:
    looked: list[str] = []

    def is_steady(model: InstalledModel | ModelSpec) -> bool:
        looked.append(model.id)
        return True

    catalog = load_catalog(bundled_catalog_path())
    found = MemoryFit(catalog, Settings, MemoryReader(), 2, is_steady=is_steady).recommended()
    assert len(looked) == 1
    assert found == MemoryFit(catalog, Settings, MemoryReader(), 2).recommended()
