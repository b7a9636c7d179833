"""Leases, held by another process: in this one nothing holds the signal back."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.machine.file_lease import ReadLease
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux'")

HOLDER = """
import os, sys
from desktop.machine.file_lease import ReadLease, hold_back_signal, wait_for_signal
hold_back_signal()
handle = os.open(sys.argv[1], os.O_RDONLY)
lease = ReadLease(handle)
print("held", flush=True)
for line in sys.stdin:
    match line.strip():
        case "wait":
            wait_for_signal()
        case "close":
            os.close(handle)
            print("closed", flush=True)
            continue
    print("held" if lease.is_in_force else "wanted", flush=True)
"""


class Holder:
    """A process with a lease on a file."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

        assert self._answer() == "held"

    def tell(self, command: str) -> str:
        """Has it ask for its lease, wait for the signal or close the file; returns what it says then."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    with path.open("rb") as probe:
        try:
            ReadLease(probe.fileno())
        except OSError as problem:
            pytest.skip(f"no leases here: {problem}")
    return path


@pytest.fixture
def holder(file: Path) -> Iterator[Holder]:
    made = Holder(file)
    yield made
    made.end()


@pytest.mark.parametrize("how", ["open", "truncate"])
def test_who_would_write_waits_until_the_holder_has_closed_the_file(file: Path, holder: Holder, how: str) -> None:
    # GIVEN a program that would write
    done = threading.Event()

    def write() -> None:
        if how == "open":
            os.close(os.open(file, os.O_WRONLY))
        else:
            os.truncate(file, 0)
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    # WHEN the holder hears of it
    assert holder.tell("wait") == "wanted"
    # THEN that program has not gone on, until the file is closed
    assert not done.is_set()
    assert holder.tell("close") == "closed"
    thread.join(PATIENCE_S)
    assert done.is_set()


def test_readers_and_new_names_disturb_nobody(file: Path, holder: Holder) -> None:
    second = Holder(file)
    file.read_bytes()
    os.utime(file)
    file.chmod(0o600)
    new = file.with_name("new")
    new.write_bytes(b"new")
    new.replace(file)
    file.unlink()
    assert (holder.tell("ask"), second.tell("ask")) == ("held", "held")
    second.end()


def test_there_is_no_lease_on_a_file_that_somebody_writes_to(file: Path) -> None:
    with file.open("r+b"), file.open("rb") as reader, pytest.raises(BlockingIOError):
        ReadLease(reader.fileno())
