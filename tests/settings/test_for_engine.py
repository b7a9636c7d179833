"""From settings to the engine's configuration."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.paths import Paths
from desktop.engine.types import EngineConfig, FlashAttention, KvType
from desktop.settings.for_engine import Conditions, engine_config, sampling_of
from desktop.settings.options import OPTIONS, Settings

MODEL = Path("/models/tiny.gguf")


def config(data_dir: Paths, conditions: Conditions | None = None, /, **values: object) -> EngineConfig:
    settings: Settings = replace(Settings(), **values)  # type: ignore[arg-type]
    return engine_config(settings, MODEL, data_dir, conditions or Conditions())


def test_the_defaults_are_those_of_the_engine(data_dir: Paths) -> None:
    assert config(data_dir) == EngineConfig(MODEL, snapshots_dir=data_dir.snapshots_dir)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"n_ctx": 1024}, {"n_ctx": 1024}),
        ({"n_batch": 64}, {"n_batch": 64}),
        ({"threads": 3}, {"threads": 3}),
        ({"idle_minutes": 1.5}, {"idle_seconds": 90.0}),
        ({"idle_minutes": 0.0}, {"idle_seconds": None}),
        ({"sleep_minutes": 2.0}, {"sleep_seconds": 120.0}),  # sooner than it would doze: it simply sleeps
        ({"sleep_minutes": 0.0}, {"sleep_seconds": None}),
        ({"keep_states": False}, {"snapshots_budget": 0}),
        ({"states_budget": 100}, {"snapshots_budget": 100 * 1024 * 1024}),
        ({"faster_answers": True}, {"repack": True}),
        ({"kv_type": "q8_0"}, {"kv_type": KvType.Q8_0}),
        ({"flash_attention": "off"}, {"flash_attention": FlashAttention.OFF}),
        # llama.cpp refuses this pair; the choice that saves memory wins.
        ({"kv_type": "q4_0", "flash_attention": "off"}, {"kv_type": KvType.Q4_0}),
    ],
)
def test_each_setting_reaches_the_engine(
    data_dir: Paths, values: dict[str, object], expected: dict[str, object]
) -> None:
    assert config(data_dir, **values) == replace(config(data_dir), **expected)  # type: ignore[arg-type]


def test_weights_are_rewritten_only_where_that_pays(data_dir: Paths) -> None:
    assert not config(data_dir, Conditions(repacking_pays=False), faster_answers=True).repack
    assert not config(data_dir, Conditions(repacking_pays=True), faster_answers=False).repack


@pytest.mark.parametrize(("n_ctx", "automatic", "expected"), [(0, 1024, 1024), (0, 2048, 2048), (4096, 1024, 4096)])
def test_an_automatic_context_follows_the_machine(data_dir: Paths, n_ctx: int, automatic: int, expected: int) -> None:
    assert config(data_dir, Conditions(context=automatic), n_ctx=n_ctx).n_ctx == expected


@pytest.mark.parametrize(("cores", "limit"), [(1, 1), (2, 1), (3, 1), (4, 2), (8, 4)])
def test_on_battery_half_the_cores_work_and_the_nap_comes_sooner(data_dir: Paths, cores: int, limit: int) -> None:
    unplugged = Conditions(unplugged=True, physical_cores=cores)
    sparing = config(data_dir, unplugged)
    assert (sparing.threads_limit, sparing.idle_seconds, sparing.sleep_seconds) == (limit, 150.0, 900.0)
    # but not where it is not wanted, nor with the plug in, and "never" stays never
    assert config(data_dir, unplugged, spare_battery=False) == config(data_dir)
    assert config(data_dir, Conditions(physical_cores=cores)) == config(data_dir)
    assert config(data_dir, unplugged, idle_minutes=0.0).idle_seconds is None


def test_what_lies_on_a_drive_that_may_go_is_read_and_cannot_doze(data_dir: Paths) -> None:
    read = config(data_dir, Conditions(reads_weights=True))
    assert read == replace(config(data_dir), use_mmap=False)
    assert not read.can_doze


def test_on_a_nearly_empty_battery_it_sleeps_where_it_would_doze(data_dir: Paths) -> None:
    low = Conditions(unplugged=True, battery_low=True)
    assert config(data_dir, low).sleep_seconds == config(data_dir, low).idle_seconds == 150.0
    assert config(data_dir, low, sleep_minutes=0.0).sleep_seconds == 150.0
    assert config(data_dir, low, sleep_minutes=2.0).sleep_seconds == 60.0
    # but "never doze" is no word about sleep, and who does not spare is not spared
    assert config(data_dir, low, idle_minutes=0.0).sleep_seconds == 900.0
    assert config(data_dir, low, spare_battery=False) == config(data_dir)


def test_without_a_model_there_is_no_path(data_dir: Paths) -> None:
    assert engine_config(Settings(), None, data_dir, Conditions()).model_path is None


def test_every_choice_of_the_options_is_known_to_the_engine(data_dir: Paths) -> None:
    for option in OPTIONS:
        if option.key in ("kv_type", "flash_attention"):
            assert option.choices
            for choice in option.choices:
                config(data_dir, **{option.key: choice.value})


def test_sampling_takes_the_settings_special_values() -> None:
    sampling = sampling_of(Settings())
    assert sampling.seed is None
    assert sampling.max_tokens is None
    assert (sampling.temperature, sampling.repeat_penalty) == (0.7, 1.1)
