"""What "faster answers" brings is remembered for a file, a processor, a backend and a number of threads."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from desktop.engine.repacking import RepackGain
from desktop.lifecycle.remembered_gains import RememberedGains
from desktop.machine.cpu import Processors

GOOD = RepackGain(1.4, 1.35, 310_000_000, "haswell")
BAD = RepackGain(0.7, 1.15, 600_000_000, "haswell")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "models" / "own.gguf"
    path.parent.mkdir()
    path.write_bytes(b"weights")
    return path


def gains(folder: Path, processor: str = "Some CPU", cores: int = 2) -> RememberedGains:
    return RememberedGains(folder / "repacking.json", processor, Processors(logical=cores, physical=cores))


def remember(found: RememberedGains, model: Path, gain: RepackGain, threads: int = 0) -> None:
    key = found.key(model, threads)
    assert key is not None
    found.put(key, gain)


def test_what_was_measured_is_known_in_the_next_run(tmp_path: Path, model: Path) -> None:
    # GIVEN nothing measured: the setting is believed
    first = gains(tmp_path)
    assert first.get(model, 0) is None
    assert first.pays(model, 0)

    # WHEN something is
    remember(first, model, BAD)

    # THEN this run and the next know it
    assert first.get(model, 0) == BAD
    assert gains(tmp_path).get(model, 0) == BAD
    assert not gains(tmp_path).pays(model, 0)


def test_a_file_that_was_moved_is_the_same_and_one_that_was_written_again_is_not(tmp_path: Path, model: Path) -> None:
    remember(gains(tmp_path), model, GOOD)
    moved = model.rename(tmp_path / model.name)
    assert gains(tmp_path).get(moved, 0) == GOOD
    os.utime(moved, ns=(1, 1))
    assert gains(tmp_path).get(moved, 0) is None


def test_it_holds_for_its_processor_its_threads_and_its_backend(tmp_path: Path, model: Path) -> None:
    known = gains(tmp_path)
    remember(known, model, GOOD)
    assert gains(tmp_path, processor="Another CPU").get(model, 0) is None
    assert known.get(model, 1) is None
    assert known.get(model, 2) == GOOD  # as many as "automatic" stands for
    # AND not for another backend, once that is known
    known.backend = "sandybridge"
    assert known.get(model, 0) is None
    known.backend = "haswell"
    assert known.get(model, 0) == GOOD


def test_where_nothing_can_be_rewritten_no_backend_matters(tmp_path: Path, model: Path) -> None:
    known = gains(tmp_path)
    remember(known, model, RepackGain())
    known.backend = "zen4"
    assert not known.pays(model, 0)


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"format": 1}',
        b'{"format": 99, "measured": []}',
        b'{"format": 1, "measured": [7, {"file": "own.gguf"}, null]}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_counts_as_not_measured(tmp_path: Path, model: Path, damaged: bytes) -> None:
    (tmp_path / "repacking.json").write_bytes(damaged)
    known = gains(tmp_path)
    assert known.get(model, 0) is None
    remember(known, model, GOOD)
    assert gains(tmp_path).get(model, 0) == GOOD


@pytest.mark.parametrize(
    ("key", "value"), [("memory", 10**400), ("reading", 1e300), ("generation", -1.0), ("memory", True)]
)
def test_a_number_that_cannot_be_shown_counts_as_not_measured(
    tmp_path: Path, model: Path, key: str, value: object
) -> None:
    remember(gains(tmp_path), model, GOOD)
    file = tmp_path / "repacking.json"
    document = json.loads(file.read_bytes())
    document["measured"][0][key] = value
    file.write_text(json.dumps(document))
    assert gains(tmp_path).get(model, 0) is None


def test_only_the_last_ones_are_kept(tmp_path: Path, model: Path) -> None:
    known = gains(tmp_path)
    remember(known, model, GOOD)
    for number in range(40):
        other = model.with_name(f"{number}.gguf")
        other.write_bytes(b"weights")
        remember(known, other, BAD)
    assert gains(tmp_path).get(model, 0) is None
    assert gains(tmp_path).get(model.with_name("39.gguf"), 0) == BAD


def test_a_file_that_cannot_be_written_is_remembered_until_the_end(tmp_path: Path, model: Path) -> None:
    (tmp_path / "repacking.json").mkdir()
    known = gains(tmp_path)
    remember(known, model, GOOD)
    assert known.get(model, 0) == GOOD


def test_a_model_that_is_gone_has_no_key(tmp_path: Path) -> None:
    assert gains(tmp_path).key(tmp_path / "gone.gguf", 0) is None
