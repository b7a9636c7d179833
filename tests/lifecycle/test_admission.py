"""What is said before a model is loaded that does not fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.footprint import Fit
from desktop.engine.types import Asleep, Awake, EngineConfig, KvType, SleepReason
from desktop.lifecycle.admission import AdmissionCheck, Refusal, Relief, Way
from desktop.lifecycle.memory_fit import Judgement, MemoryFit
from desktop.lifecycle.model_state import ModelState
from desktop.models.types import InstalledModel
from desktop.settings.options import Settings

MODEL = InstalledModel("big", "Big 7B", Path("/models/big.gguf"), 4_000_000_000)
SHORTER, EIGHT = Relief(Way.SHORTER_CONTEXT, 1024), Relief(Way.EIGHT_BITS, "q8_0")


class Prediction(MemoryFit):
    """Needs 1,000 and 1 for each token of context, half of that with 8 bits."""

    def __init__(self) -> None:
        self.free = 10_000

    @property
    def automatic_context(self) -> int:
        return 2048

    def judge_load(self, settings: Settings, installed: InstalledModel) -> Judgement:
        cache = self.context_of(settings) // (1 if settings.kv_type == "f16" else 2)
        needed = 1000 + cache
        return Judgement(Fit.TOO_BIG if needed > self.free else Fit.TIGHT, needed, self.free)


class Bench:
    def __init__(self) -> None:
        self.fit = Prediction()
        self.settings = Settings()
        self.model: InstalledModel | None = MODEL
        self.observed = 0
        self.state = ModelState()
        self.admission = AdmissionCheck(
            self.fit, lambda: self.settings, lambda: self.model, self.wanted, self.state, self._observe
        )

    def wanted(self) -> EngineConfig:
        settings = self.settings
        n_ctx, kv_type = settings.n_ctx or 2048, KvType(settings.kv_type)
        return EngineConfig(
            MODEL.path, n_ctx, threads=settings.threads, repack=settings.faster_answers, kv_type=kv_type
        )

    def refusal(self, free: int) -> Refusal | None:
        self.fit.free = free
        return self.admission.refusal()

    def _observe(self) -> None:
        self.observed += 1


def test_what_fits_is_not_refused() -> None:
    bench = Bench()
    assert bench.refusal(10_000) is None
    assert bench.refusal(3048) is None  # to the byte
    assert bench.observed == 2


def test_what_does_not_is_told_with_figures() -> None:
    refusal = Bench().refusal(3047)
    assert refusal is not None
    assert (refusal.model, refusal.needed, refusal.free) == ("Big 7B", 3048, 3047)


@pytest.mark.parametrize(
    ("free", "reliefs"),
    [
        (3000, (SHORTER, EIGHT)),
        (2050, (SHORTER, EIGHT)),
        (1900, (Relief(Way.SHORTER_CONTEXT, 512),)),
        (1400, (Relief(Way.SHORTER_CONTEXT, 512), EIGHT)),  # only together
        (1100, ()),
    ],
)
def test_the_ways_out_are_those_that_help(free: int, reliefs: tuple[Relief, ...]) -> None:
    refusal = Bench().refusal(free)
    assert refusal is not None
    assert refusal.reliefs == reliefs


def test_what_is_in_force_already_is_no_way_out() -> None:
    bench = Bench()
    bench.settings = replace(bench.settings, kv_type="q8_0", n_ctx=1024)
    refusal = bench.refusal(1300)
    assert refusal is not None
    assert refusal.reliefs == (Relief(Way.SHORTER_CONTEXT, 512),)
    bench.settings = replace(bench.settings, n_ctx=512)
    assert bench.refusal(1200) == Refusal("Big 7B", 1256, 1200, ())


def test_a_model_in_memory_is_not_refused_until_it_sleeps_or_another_load_is_wanted() -> None:
    bench = Bench()
    bench.state.on_engine_event(Awake("big", 2048, 2, False, bench.wanted()))
    assert bench.refusal(100) is None
    bench.settings = replace(bench.settings, n_ctx=4096)
    assert bench.refusal(100) is not None
    bench.settings = replace(bench.settings, n_ctx=0)
    assert bench.refusal(100) is None
    bench.state.on_engine_event(Asleep(SleepReason.IDLE))
    assert bench.refusal(100) is not None


def test_what_is_accepted_is_not_asked_again_until_it_is_something_else() -> None:
    bench = Bench()
    bench.admission.accept()
    assert bench.refusal(100) is None
    bench.settings = replace(bench.settings, threads=1)
    assert bench.refusal(100) is None
    bench.settings = replace(bench.settings, faster_answers=True)
    assert bench.refusal(100) is not None


def test_without_a_model_nothing_is_in_the_way() -> None:
    bench = Bench()
    bench.model = None
    assert bench.refusal(100) is None
