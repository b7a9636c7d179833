"""The library that was built, on a graphics processor made of software (Mesa's lavapipe), with real weights.

``make test-gpu`` runs these, since each takes a minute or two of a processor: lavapipe compiles every program of the
device anew, and computes sixty times as slowly as the processor itself.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import gguf
import numpy as np
import pytest

from desktop.engine.backends import GpuDevice, GpuKind, GpuLibrary, GpuUse
from desktop.engine.gpu.library import find_library, known_libraries, library_folder
from desktop.engine.gpu.messages import Try
from desktop.engine.gpu.trial import GpuTrial
from desktop.engine.gpu.verdict import Outcome
from desktop.engine.types import Awake, EngineConfig, GpuGivenUp
from tests.support.engine_harness import GREEDY, Harness, config_for, user
from tests.support.weights import smollm2

_NAMED = os.environ.get("CATNAP_TEST_GPU", "")
_DATA = Path(_NAMED).resolve()
pytestmark = pytest.mark.skipif(not _NAMED, reason="`make test-gpu` runs them")

# Few layers on the device take as much of its code as many, and less time.
_FEW = 2
_Q4_1_BLOCK = 20  # bytes: scale and minimum as f16, then 32 numbers of 4 bits


@pytest.fixture(autouse=True)
def _software_counts_as_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GGML_VK_VISIBLE_DEVICES", "0")  # else ggml passes it over


@cache
def _library() -> GpuLibrary:
    found = find_library(known_libraries(library_folder()), _DATA / "gpu")
    assert found.library is not None, found
    return found.library


@cache
def _device() -> GpuDevice:
    trial = GpuTrial(Try(_library(), EngineConfig(None)))
    assert trial.run().outcome is Outcome.GOOD
    (device,) = trial.devices
    return device


def _order(weights_of_gpu: Path | None = None) -> Try:
    config = config_for(smollm2(), n_ctx=512)
    return Try(_library(), config, _FEW, kv=True, memory=700_000_000, weights_of_gpu=weights_of_gpu)


def _used(layers: int, *, kv: bool = True) -> EngineConfig:
    use = GpuUse(_library(), _device().name, _device().driver, layers, kv)
    return replace(config_for(smollm2(), n_ctx=512), gpu=use, memory_limit=400_000_000)


def _scaled(target: Path, tensor: str, factor: float) -> Path:
    """Writes the model with one tensor multiplied."""
    shutil.copyfile(smollm2(), target)
    reader = gguf.GGUFReader(target, "r+")
    found = next(each for each in reader.tensors if each.name == tensor)
    assert found.tensor_type == gguf.GGMLQuantizationType.Q4_1
    blocks = found.data.view(np.uint8).reshape(-1, _Q4_1_BLOCK)
    scales = blocks[:, :4].copy().view(np.float16).astype(np.float32) * factor
    blocks[:, :4] = scales.astype(np.float16).view(np.uint8)
    reader.data.flush()
    return target


def test_it_is_found_behind_the_walls_and_is_told_from_a_real_one() -> None:
    trial = GpuTrial(Try(_library(), EngineConfig(None), memory=0))
    assert trial.run().outcome is Outcome.GOOD
    (device,) = trial.devices
    assert device.kind is GpuKind.SOFTWARE and "llvmpipe" in device.description
    assert device.driver.startswith("vulkan 10005:0000")
    walls = "; ".join(trial.walls)
    assert "memory" in walls and "the graphics processor (Landlock" in walls and "seccomp" in walls


def test_it_computes_rightly_and_automatic_does_without_it_since_it_is_slow() -> None:
    verdict = GpuTrial(_order()).run()
    assert verdict.outcome is Outcome.SLOW, verdict
    assert 0 < verdict.divergence < 0.0128
    assert verdict.gain < 0.5
    assert (verdict.layers, verdict.of_layers) == (_FEW, 30)


@pytest.mark.parametrize(
    ("tensor", "factor", "reason"),
    [
        ("blk.28.ffn_down.weight", 2.0, "are rounding"),
        # So little that the next word is as likely as before: of 210 matrices one is a tenth too large, or too small.
        ("blk.28.ffn_down.weight", 1.1, "ffn_out-28 of"),
        ("blk.29.attn_q.weight", 0.9, "Qcur-29 of"),
    ],
)
def test_a_device_that_has_one_tensor_wrong_is_refused(tmp_path: Path, tensor: str, factor: float, reason: str) -> None:
    verdict = GpuTrial(_order(weights_of_gpu=_scaled(tmp_path / "broken.gguf", tensor, factor))).run()
    assert verdict.outcome is Outcome.WRONG, verdict
    assert reason in verdict.reason


# The shorter question is a near tie to this model: the processor itself answers it otherwise without flash attention.
_QUESTION = "What is the capital of France? Tell me two facts about it."


@pytest.mark.parametrize("layers", [0, 10, -1])
def test_greedy_answers_are_sensible_whatever_part_is_on_the_device(layers: int) -> None:
    with Harness(_used(layers)) as engine:
        end = engine.ask(user(_QUESTION), sampling=replace(GREEDY, max_tokens=12))
        text = engine.text(end.request_id)
    assert "Paris" in text
    assert engine.of(Awake)[0].gpu == _device().description
    assert not engine.of(GpuGivenUp)


def test_another_driver_than_the_one_that_was_tried_is_not_used() -> None:
    config = _used(-1)
    assert config.gpu is not None
    with Harness(replace(config, gpu=replace(config.gpu, driver="of last week"))) as engine:
        end = engine.ask(user(_QUESTION), sampling=replace(GREEDY, max_tokens=12))
        assert "Paris" in engine.text(end.request_id)
    (given_up,) = engine.of(GpuGivenUp)
    assert "another driver" in given_up.problem.title and given_up.is_lasting
    assert engine.of(Awake)[-1].gpu == ""
