"""A model in several files at work: loaded from the first, read by the engine's process, watched in all its parts."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.loading.model_file import FileState, ModelFile
from desktop.engine.process.trial import Outcome, try_model
from desktop.engine.snapshots.store import model_identity
from desktop.engine.types import Failed, FinishReason
from tests.support.engine_harness import Harness, config_for, user
from tests.support.parrot import PARROT_TEXT
from tests.support.split_models import split_model


@pytest.fixture
def parts(tmp_path: Path, parrot_model: Path) -> tuple[Path, ...]:
    return split_model(parrot_model, tmp_path / "split")


def test_a_model_in_three_files_answers_as_the_whole_one_does(parts: tuple[Path, ...]) -> None:
    # GIVEN a model in three files, and an engine process that may read nothing but its model
    with Harness(config_for(parts[0])) as engine:
        # WHEN it is asked THEN it answers as the whole model would
        finished = engine.ask(user("hello"))
        assert finished.reason is FinishReason.COMPLETE
        assert engine.text(finished.request_id) == PARROT_TEXT


def test_a_trial_loads_all_parts(parts: tuple[Path, ...]) -> None:
    assert try_model(config_for(parts[0]), threading.Event()).outcome is Outcome.WORKS


def test_a_part_that_is_missing_is_named_by_the_engine(parts: tuple[Path, ...]) -> None:
    parts[1].unlink()
    with Harness(config_for(parts[0])) as engine:
        request_id = engine.send(user("hello"))
        end = engine.end_of(request_id)
    assert isinstance(end, Failed)
    error = end.error
    assert isinstance(error, UserFacingError)
    assert "missing" in error.title and parts[1].name in error.detail


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open is not replaced on Windows")
@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_write_to_any_part_spoils_the_model(parts: tuple[Path, ...], which: int) -> None:
    for part in parts:
        os.utime(part, ns=(0, 10**18))
    file = ModelFile(parts[0], is_mapped=True)
    file.open()
    try:
        assert file.state() is FileState.SAME and len(file.inodes) == 3
        parts[which].write_bytes(b"GGUF")
        assert file.is_spoilt and file.state() is FileState.CHANGED
    finally:
        file.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open is not replaced on Windows")
def test_another_part_in_the_place_of_one_takes_another_process(parts: tuple[Path, ...]) -> None:
    file = ModelFile(parts[0], is_mapped=True)
    file.open()
    try:
        new = parts[2].with_name("new")
        new.write_bytes(parts[2].read_bytes())
        new.replace(parts[2])
        assert file.is_another and file.state() is FileState.REPLACED and not file.is_spoilt
    finally:
        file.close()


def test_the_states_of_conversations_depend_on_every_part(parts: tuple[Path, ...]) -> None:
    before = model_identity(parts[0])
    os.utime(parts[2], ns=(0, 10**18))
    assert model_identity(parts[0]) != before
