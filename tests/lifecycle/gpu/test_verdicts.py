"""What is remembered of trials, and of which."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop.engine.gpu.verdict import Outcome
from desktop.engine.types import EngineConfig, FlashAttention, KvType
from desktop.lifecycle.gpu.verdicts import GpuKey, RememberedVerdicts, gpu_key
from tests.support.gpu import GOOD, LIBRARY


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"weights")
    return path


def _key(model: Path, **other: Any) -> GpuKey:
    key = gpu_key(LIBRARY, replace(EngineConfig(model), **other), -1, kv=True)
    assert key is not None
    return key


def test_a_verdict_outlives_the_program(tmp_path: Path, model: Path) -> None:
    file = tmp_path / "gpu.json"
    RememberedVerdicts(file).put(_key(model), GOOD)
    assert RememberedVerdicts(file).get(_key(model)) == GOOD
    RememberedVerdicts(file).drop(_key(model))
    assert RememberedVerdicts(file).get(_key(model)) is None


def test_it_holds_for_one_model_one_build_and_one_way_to_load_it(tmp_path: Path, model: Path) -> None:
    remembered = RememberedVerdicts(tmp_path / "gpu.json")
    known = _key(model)
    remembered.put(known, GOOD)
    others = [
        _key(model, n_ctx=4096),
        _key(model, kv_type=KvType.Q8_0),
        _key(model, flash_attention=FlashAttention.OFF),
        gpu_key(replace(LIBRARY, sha256="11" * 32), EngineConfig(model), -1, kv=True),
        gpu_key(LIBRARY, EngineConfig(model), 10, kv=True),
        gpu_key(LIBRARY, EngineConfig(model), -1, kv=False),
    ]
    model.write_bytes(b"other weights")
    others.append(_key(model))
    assert [remembered.get(key) for key in others if key is not None] == [None] * 7
    assert remembered.get(known) == GOOD


def test_what_an_earlier_trial_came_to_is_found_out_anew(tmp_path: Path, model: Path) -> None:
    """It has looked at less: a device with one wrong matrix was good to it."""
    file = tmp_path / "gpu.json"
    RememberedVerdicts(file).put(_key(model), GOOD)
    content = json.loads(file.read_text())
    file.write_text(json.dumps({**content, "format": content["format"] - 1}))
    earlier = RememberedVerdicts(file)
    assert earlier.get(_key(model)) is None and earlier.look() is None


def test_a_model_that_is_gone_has_none(model: Path) -> None:
    model.unlink()
    assert gpu_key(LIBRARY, EngineConfig(model), -1, kv=True) is None
    assert gpu_key(LIBRARY, EngineConfig(None), -1, kv=True) is None


@pytest.mark.parametrize(
    "change",
    [{"outcome": "splendid"}, {"layers": "all"}, {"gain": None}, {"more": 1}, {"layers": 10**9}, {"of": {}}],
)
def test_an_entry_that_makes_no_sense_is_tried_again(tmp_path: Path, model: Path, change: dict[str, Any]) -> None:
    file = tmp_path / "gpu.json"
    RememberedVerdicts(file).put(_key(model), GOOD)
    document = json.loads(file.read_text())
    document["tried"][0] |= change
    file.write_text(json.dumps(document))
    remembered = RememberedVerdicts(file)
    assert remembered.get(_key(model)) is None
    assert remembered.look() is None


def test_a_file_that_is_none_is_said_and_does_no_harm(tmp_path: Path, model: Path) -> None:
    file = tmp_path / "gpu.json"
    file.write_text("{")
    remembered = RememberedVerdicts(file)
    assert remembered.look() is not None
    remembered.put(_key(model), replace(GOOD, outcome=Outcome.DIED, reason="SIGSEGV"))
    found = RememberedVerdicts(file).get(_key(model))
    assert found is not None and found.outcome is Outcome.DIED
