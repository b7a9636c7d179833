"""The judge of the downloads: that it notices what it is there for."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.models.download.part_file import info_path, part_path
from tests.support.downloads import FILE, PATH, model_bytes, serving, spec_of
from tests.support.fault_server import Fault
from tests.torture.downloads_part import _PATIENT, SIZE, LostDownloadError, _Case, _Trial, often_synced

_CONTENT = model_bytes(SIZE)


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[_Trial]:
    (tmp_path / "models").mkdir()
    with serving(tmp_path / "shared", _CONTENT) as server, often_synced():
        case = _Case("cut", Fault(cut_after=SIZE // 2))
        yield _Trial(
            case, spec_of(_CONTENT, server.url + PATH), _CONTENT, tmp_path / "models", server, random.Random(1)
        )


def test_what_goes_well_is_whole(trial: _Trial) -> None:
    assert trial.try_here(_PATIENT) == "whole"
    assert trial.try_elsewhere() == "whole"


def test_a_kill_leaves_something_to_go_on_with(trial: _Trial) -> None:
    trial.server.always(PATH, Fault(bytes_per_second=1_000_000, stall_after=SIZE // 2))
    trial.try_elsewhere(kill_after=1.0)
    trial.judge_part(0)
    trial.server.behave()
    asked = len(trial.server.requests)
    there = trial.safe()
    assert trial.try_here(_PATIENT) == "whole"
    assert there == 0 or trial.server.requests[asked].range == f"bytes={there}-"


def test_a_wrong_file_in_the_models_place_is_lost(trial: _Trial) -> None:
    (trial.folder / FILE).write_bytes(b"GGUF")
    with pytest.raises(LostDownloadError, match="wrong file"):
        trial.judge_part(0)


def test_bytes_that_are_gone_are_lost(trial: _Trial) -> None:
    trial.server.always(PATH, Fault(cut_after=SIZE // 2))
    assert trial.try_here(stop_at=SIZE // 3) in ("stopped", "sentence")
    before = trial.safe()
    assert before > 0
    trial.judge_part(before)
    part = part_path(trial.target)
    part.write_bytes(bytes(before))
    with pytest.raises(LostDownloadError, match="are not those"):
        trial.judge_part(before)
    info = json.loads(info_path(trial.target).read_text())
    info_path(trial.target).write_text(json.dumps(info | {"safe": 0}))
    with pytest.raises(LostDownloadError, match="were safe"):
        trial.judge_part(before)
