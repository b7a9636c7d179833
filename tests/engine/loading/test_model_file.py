from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.common import detached
from desktop.common.errors import UserFacingError
from desktop.common.regular_file import NotAFileError
from desktop.engine import errors
from desktop.engine.llama.bindings import AbortFlag
from desktop.engine.loading.model_file import FileState, ModelFile, fingerprint, look
from desktop.engine.loading.page_cache import warm
from desktop.engine.types import Failed
from tests.support.engine_harness import Harness, config_for, user
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a file that is open is not replaced on Windows")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF and more")
    os.utime(path, ns=(0, 10**18))
    return path


@pytest.fixture(params=[True, False], ids=["mapped", "read"])
def file(path: Path, request: pytest.FixtureRequest) -> Iterator[ModelFile]:
    made = ModelFile(path, is_mapped=request.param)
    made.open()
    yield made
    made.close()


def test_nothing_has_become_of_a_file_that_nobody_touched(file: ModelFile, path: Path) -> None:
    path.read_bytes()
    assert file.state() is FileState.SAME
    assert not file.is_spoilt and not file.is_another


def test_a_deleted_file_is_gone(file: ModelFile, path: Path) -> None:
    path.unlink()
    assert file.state() is FileState.GONE
    assert not file.is_spoilt


def test_another_file_in_its_place_spoils_nothing(file: ModelFile, path: Path) -> None:
    new = path.with_name("new.gguf")
    new.write_bytes(b"GGUF of another kind")
    new.replace(path)
    assert file.state() is FileState.REPLACED
    assert file.is_another
    assert not file.is_spoilt


@pytest.mark.parametrize("is_mapped", [True, False])
def test_a_write_spoils_what_is_mapped_and_only_that(path: Path, is_mapped: bool) -> None:
    file = ModelFile(path, is_mapped=is_mapped)
    file.open()
    path.write_bytes(b"GGUF")
    assert file.is_spoilt is is_mapped
    assert file.state() is (FileState.CHANGED if is_mapped else FileState.REPLACED)
    assert not file.is_another
    file.close()


def test_the_same_content_under_another_number_matters_only_where_it_is_mapped(file: ModelFile, path: Path) -> None:
    # GIVEN a drive that was pulled out and put back: another inode, or another device
    copy = path.with_name("copy.gguf")
    copy.write_bytes(path.read_bytes())
    os.utime(copy, ns=(0, 10**18))
    copy.replace(path)
    # THEN weights that were read are still those of this file
    assert file.state() is (FileState.SAME if not file.inodes else FileState.REPLACED)


def test_a_file_that_was_not_there_yet_is_another(tmp_path: Path) -> None:
    file = ModelFile(tmp_path / "late.gguf", is_mapped=True)
    assert not file.is_another
    file.path.write_bytes(b"GGUF")
    assert file.is_another


def test_opened_anew_it_is_taken_as_it_is_then(file: ModelFile, path: Path) -> None:
    path.write_bytes(b"GGUF again")
    file.open()
    assert file.state() is FileState.SAME


def test_a_file_system_that_does_not_answer_is_not_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    it_answers = threading.Event()

    def stat(_path: Path) -> os.stat_result:
        it_answers.wait()
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", stat)
        assert look(path, 0.01) is None
        it_answers.set()


def test_fingerprints_differ_where_identities_do(path: Path) -> None:
    before = fingerprint(look(path))
    assert before == fingerprint(look(path))
    path.write_bytes(b"GGUF")
    assert before != fingerprint(look(path))
    assert fingerprint(None) == ""


def test_a_pipe_in_the_model_s_place_is_never_waited_for(tmp_path: Path, tiny_model: Path) -> None:
    # GIVEN a model that was looked at, and then replaced by a pipe that nobody writes to
    path = tmp_path / "mine.gguf"
    shutil.copyfile(tiny_model, path)
    file = ModelFile(path, is_mapped=True)
    path.unlink()
    os.mkfifo(path)

    # THEN nobody waits in open()
    with pytest.raises(NotAFileError):
        detached.start(file.open, "open").result(PATIENCE_S)
    for opens in (lambda: errors.check_file(path), lambda: warm((path,), lambda _done: None, AbortFlag())):
        with pytest.raises((UserFacingError, NotAFileError)):
            detached.start(opens, "open").result(PATIENCE_S)

    # AND whoever asks it a question is told what is there
    with Harness(config_for(path)) as engine:
        end = engine.end_of(engine.send(user("hello")))
        assert isinstance(end, Failed)
        assert end.error.title == "This is not a file." and str(path) in end.error.detail
