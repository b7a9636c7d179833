"""What makes answers slow, and what is said to change it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.engine.footprint import Fit
from desktop.lifecycle.memory_fit import Judgement
from desktop.lifecycle.slowness import Cause, Situation, find_causes
from desktop.machine.battery import Battery
from desktop.machine.memory_pressure import Pressure
from desktop.models.catalog import bundled_catalog_path, load_catalog
from desktop.models.types import InstalledModel
from desktop.settings.options import Settings, option_for

GB = 1_000_000_000
SMALL = load_catalog(bundled_catalog_path()).models[0]
LARGE = InstalledModel("file:/m/large.gguf", "Large", Path("/m/large.gguf"), 3 * GB)
USUAL = Situation(
    settings=Settings(),
    model=LARGE,
    judgement=Judgement(Fit.COMFORTABLE, GB, 3 * GB),
    recommended=SMALL,
    cores=2,
    features=("avx", "avx2", "f16c"),
    battery=None,
    pressure=Pressure.NONE,
    others=0.05,
    is_mapped=True,
    repacking_pays=None,
)


def causes(situation: Situation) -> list[Cause]:
    return [finding.cause for finding in find_causes(situation)]


def test_nothing_out_of_the_ordinary() -> None:
    assert causes(USUAL) == []
    assert causes(replace(USUAL, model=None, judgement=None, recommended=None)) == []
    assert causes(replace(USUAL, tokens_per_second=20.0, features=())) == []
    assert causes(replace(USUAL, settings=Settings(thinking=True))) == []  # this model cannot


@pytest.mark.parametrize(
    ("situation", "cause"),
    [
        (replace(USUAL, pressure=Pressure.SHORT), Cause.SHORT_OF_MEMORY),
        (replace(USUAL, judgement=Judgement(Fit.TIGHT, 3 * GB, 2 * GB)), Cause.TIGHT),
        (replace(USUAL, others=0.5), Cause.OTHER_PROGRAMS),
        (replace(USUAL, battery=Battery(60.0, True)), Cause.BATTERY),
        (replace(USUAL, settings=Settings(threads=1)), Cause.FEW_THREADS),
        (replace(USUAL, settings=Settings(threads=8)), Cause.MANY_THREADS),
        (replace(USUAL, settings=Settings(thinking=True), thinks=True), Cause.THINKING),
        (replace(USUAL, settings=Settings(keep_states=False)), Cause.FORGETS),
        (replace(USUAL, settings=Settings(states_budget=16)), Cause.FORGETS),
        (replace(USUAL, settings=Settings(sleep_minutes=0.5)), Cause.SHORT_REST),
        (replace(USUAL, is_mapped=False), Cause.DRIVE),
        (replace(USUAL, repacking_pays=True), Cause.FASTER_ANSWERS),
        (replace(USUAL, tokens_per_second=1.5), Cause.SMALLER_MODEL),
        (replace(USUAL, features=("avx",)), Cause.OLD_PROCESSOR),
    ],
    ids=lambda value: value.value if isinstance(value, Cause) else "",
)
def test_each_cause_is_found_alone(situation: Situation, cause: Cause) -> None:
    assert causes(situation) == [cause]
    (finding,) = find_causes(situation)
    if finding.setting:  # THEN what a button would do can be done
        option = option_for(finding.setting)
        if finding.value is not None:
            assert option.validate(finding.value) == finding.value
            assert finding.value != getattr(situation.settings, finding.setting)


def test_what_helps_most_comes_first() -> None:
    settings = Settings(thinking=True, threads=1)
    everything = replace(
        USUAL,
        settings=settings,
        thinks=True,
        pressure=Pressure.CRITICAL,
        others=1.0,
        tokens_per_second=0.4,
        features=("avx",),
    )
    assert causes(everything) == [
        Cause.SHORT_OF_MEMORY,
        Cause.OTHER_PROGRAMS,
        Cause.FEW_THREADS,
        Cause.THINKING,
        Cause.SMALLER_MODEL,
        Cause.OLD_PROCESSOR,
    ]
    assert find_causes(everything)[0].model == SMALL.id


def test_a_model_that_is_no_larger_is_not_blamed() -> None:
    small = replace(LARGE, size=SMALL.size)
    assert causes(replace(USUAL, model=small, tokens_per_second=1.0)) == []
    (finding,) = find_causes(replace(USUAL, model=small, pressure=Pressure.SHORT))
    assert finding.model == ""


def test_on_battery_without_sparing_it_the_battery_is_no_reason() -> None:
    situation = replace(USUAL, battery=Battery(60.0, True), settings=Settings(spare_battery=False))
    assert causes(situation) == []
    assert causes(replace(USUAL, battery=Battery(60.0, False))) == []
