"""Pages of a mapped file: given back, and fetched again at once; one heap for all threads."""

from __future__ import annotations

import ctypes
import mmap
import sys
from pathlib import Path

import pytest

from desktop.machine.process import release_mapped_pages
from tests.support.command_line import python

_SIZE = 4 << 20
# Has three threads take memory, and prints how many heaps the C library has made, see malloc_info(3).
_HEAPS = """
import ctypes, sys, threading
from desktop.machine.process import share_heap

libc = ctypes.CDLL(None)
libc.fopen.restype = libc.malloc.restype = ctypes.c_void_p
if sys.argv[1:] == ["shared"]:
    share_heap()
met = threading.Barrier(4)

def take():
    libc.malloc(10_000)
    met.wait()

for _ in range(3):
    threading.Thread(target=take).start()
met.wait()
file = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not tell where a file is mapped")
def test_pages_of_a_mapped_file_are_given_back_and_come_back_when_touched(tmp_path: Path) -> None:
    file = tmp_path / "weights"
    file.write_bytes(b"\1" * _SIZE)
    with (
        file.open("rb") as stream,
        mmap.mmap(stream.fileno(), _SIZE, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ) as mapping,
    ):
        assert sum(mapping[:: mmap.PAGESIZE]) == _SIZE // mmap.PAGESIZE  # each page was touched
        inode = file.stat().st_ino
        # WHEN those of another file are given back
        release_mapped_pages(inode + 1)
        assert _resident(file) == _SIZE
        release_mapped_pages(inode)
        assert _resident(file) == 0
        assert sum(mapping[:: mmap.PAGESIZE]) == _SIZE // mmap.PAGESIZE


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_info"), reason="only glibc makes many heaps"
)
def test_threads_share_one_heap_where_the_c_library_would_make_many() -> None:
    assert python(_HEAPS).out.count("<heap nr=") > 1
    assert python(_HEAPS, "shared").out.count("<heap nr=") == 1


def _resident(file: Path) -> int:
    """Returns the bytes of a file that this process has in its memory, see proc_pid_smaps(5)."""
    found, counts = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split(" ", 1)[0]:
            counts = line.endswith(str(file))
        elif counts and line.startswith("Rss:"):
            found += int(line.split()[1]) * 1024
    return found
