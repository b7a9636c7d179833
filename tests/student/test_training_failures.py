"""What keeps a process from training is put into words, and what is a fault of ours is not hidden."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.student.training.inside.__main__ import _in_words


@pytest.mark.parametrize(
    ("problem", "title"),
    [
        (UserFacingError("No."), "No."),
        (MemoryError(), "There is not enough memory to train."),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full."),
        (FileNotFoundError(errno.ENOENT, "No such file", "/p/job.json"), "A file of the training cannot be used."),
    ],
)
def test_what_goes_wrong_is_a_sentence(problem: Exception, title: str, tmp_path: Path) -> None:
    said = _in_words(problem, tmp_path)
    assert said is not None and said.title == title


def test_a_disk_that_is_full_is_known_where_pytorch_does_not_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = RuntimeError("PytorchStreamWriter failed writing file data/12")
    assert _in_words(failed, tmp_path) is None
    monkeypatch.setattr("desktop.student.training.inside.__main__.has_no_room", lambda _folder: True)
    said = _in_words(failed, tmp_path)
    assert said is not None and said.title == "The disk is full."
