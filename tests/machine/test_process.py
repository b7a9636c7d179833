"""Pages of a mapped file: given back, and fetched again at once."""

from __future__ import annotations

import mmap
import sys
from pathlib import Path

import pytest

from desktop.machine.process import fetch_mapped_pages, release_mapped_pages

_SIZE = 4 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not tell where a file is mapped")
def test_pages_that_were_given_back_are_fetched_in_one_call(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"\1" * _SIZE)
    with (
        file.open("rb") as stream,
        mmap.mmap(stream.fileno(), _SIZE, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ) as mapping,
    ):
        assert sum(mapping[:: mmap.PAGESIZE]) == _SIZE // mmap.PAGESIZE  # each page was touched
        inode = file.stat().st_ino
        release_mapped_pages(inode)
        assert _resident(file) == 0
        fetch_mapped_pages(inode)
        assert _resident(file) == _SIZE
        # AND what is not mapped is nobody's
        fetch_mapped_pages(inode + 1)


def _resident(file: Path) -> int:
    """Returns the bytes of a file that this process has in its memory, see proc_pid_smaps(5)."""
    found, counts = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split(" ", 1)[0]:
            counts = line.endswith(str(file))
        elif counts and line.startswith("Rss:"):
            found += int(line.split()[1]) * 1024
    return found
