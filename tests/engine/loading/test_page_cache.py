from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled
from desktop.engine.llama.bindings import AbortFlag
from desktop.engine.loading.page_cache import needs_warming, warm
from tests.support.patience import wait_for


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(os.urandom(1 << 20) * 12)
    return path


def test_reads_everything_and_says_how_far_it_is(file: Path) -> None:
    seen: list[float] = []
    warm((file,), seen.append, AbortFlag())

    assert len(seen) == 3
    assert seen == sorted(seen) and 0 < seen[0] < 1 and seen[-1] == 1.0


@pytest.mark.parametrize("pieces", [3, 1])
def test_stops_when_asked(file: Path, pieces: int) -> None:
    os.truncate(file, pieces << 22)
    flag = AbortFlag()
    seen: list[float] = []

    def progress(fraction: float) -> None:
        seen.append(fraction)
        flag.set()

    with pytest.raises(Cancelled):
        warm((file,), progress, flag)
    assert len(seen) == 1


def test_what_was_just_written_is_in_memory(file: Path) -> None:
    assert needs_warming(file) is False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is in its page cache")
def test_what_is_only_on_the_disk_is_noticed(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        buffer = bytearray(4096)
        try:
            os.preadv(stream.fileno(), [buffer], 0, os.RWF_NOWAIT)
        except BlockingIOError:
            on_disk = True
        except OSError:
            on_disk = False  # this file system cannot tell
        else:
            on_disk = False  # it keeps everything in memory

        def is_noticed() -> bool:
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            return needs_warming(file)

        # The look above makes the kernel read ahead, sometimes the whole file, and for a while: until that is over,
        # what is sent back to the disk comes again.
        if on_disk:
            wait_for("what is on the disk to be noticed", is_noticed)
        else:
            assert not is_noticed()
    warm((file,), lambda fraction: None, AbortFlag())
    assert needs_warming(file) is False


def test_a_missing_file_needs_nothing(tmp_path: Path) -> None:
    assert needs_warming(tmp_path / "missing.gguf") is False
