"""The job of Windows, with calls that are noted down: their order, their flags, the sizes of what they take."""

from __future__ import annotations

import ctypes
import struct
from typing import Any

import pytest

from desktop.engine.cage import job
from desktop.engine.cage.job import Job, confine

_POINTER = struct.calcsize("P")
_JOB, _PROCESS, _PID = 0x40, 0x44, 4711
# winnt.h
_ACTIVE_PROCESS, _PROCESS_MEMORY, _JOB_MEMORY, _DIE, _KILL = 0x8, 0x100, 0x200, 0x400, 0x2000
_BREAKAWAY_OK, _SILENT_BREAKAWAY_OK = 0x800, 0x1000


class Noted:
    """Takes the place of kernel32.dll; ``fails`` names the call that Windows refuses."""

    def __init__(self, fails: str = "") -> None:
        self.calls: list[str] = []
        self.limits: list[job._ExtendedLimits] = []
        self.restrictions: list[int] = []
        self.closed: list[int] = []
        self.access = 0
        self._fails = fails

    def CreateJobObjectW(self, attributes: None, name: None) -> int:  # noqa: N802
        given: tuple[object, object] = (attributes, name)
        assert given == (None, None), "no handle that others inherit, no name that others find"
        return self._note("create", _JOB)

    def OpenProcess(self, access: int, inherit: int, pid: int) -> int:  # noqa: N802
        assert (inherit, pid) == (0, _PID)
        self.access = access
        return self._note("open", _PROCESS)

    def AssignProcessToJobObject(self, handle: int, process: int) -> int:  # noqa: N802
        assert (handle, process) == (_JOB, _PROCESS)
        return self._note("assign", 1)

    def SetInformationJobObject(self, handle: int, kind: int, information: Any, size: int) -> int:  # noqa: N802
        assert handle == _JOB
        if kind == 9:
            pointer = ctypes.cast(information, ctypes.POINTER(job._ExtendedLimits))
            assert size == ctypes.sizeof(job._ExtendedLimits)
            copy = job._ExtendedLimits.from_buffer_copy(pointer.contents)
            self.limits.append(copy)
            return self._note("limit", 1)
        assert (kind, size) == (4, 4)
        self.restrictions.append(ctypes.cast(information, ctypes.POINTER(ctypes.c_uint32)).contents.value)
        return self._note("restrict", 1)

    def CloseHandle(self, handle: int) -> int:  # noqa: N802
        self.closed.append(handle)
        return self._note("close", 1)

    def _note(self, call: str, result: int) -> int:
        self.calls.append(call)
        return 0 if call == self._fails else result


def test_the_structures_are_as_large_as_windows_has_them() -> None:
    basic, io, extended = job._BasicLimits, job._IoCounters, job._ExtendedLimits
    sizes = tuple(map(ctypes.sizeof, (basic, io, extended)))
    assert sizes == ((64, 48, 144) if _POINTER == 8 else (48, 48, 112))
    places = (basic.flags.offset, basic.active_processes.offset, extended.io.offset, extended.process_memory.offset)
    assert places == ((16, 40, 64, 112) if _POINTER == 8 else (16, 28, 48, 96))


def test_the_process_is_in_the_job_with_its_limits_in_force() -> None:
    kernel32 = Noted()
    Job(kernel32, lambda: 5, _PID)

    assert kernel32.calls == ["create", "limit", "open", "assign", "close", "restrict"]
    limits = kernel32.limits[0]
    assert limits.basic.flags == _KILL | _DIE | _ACTIVE_PROCESS
    assert limits.basic.active_processes == 1
    assert kernel32.access == 0x101, "to end it and to limit it, and nothing else"
    assert kernel32.restrictions == [0xFF]
    assert kernel32.closed == [_PROCESS], "the job's own handle stays open: closing it ends the process"


def test_the_memory_is_limited_once_it_is_known_and_the_rest_stays_in_force() -> None:
    kernel32 = Noted()
    Job(kernel32, lambda: 5, _PID).limit_memory(1_000_000_000)

    limits = kernel32.limits[-1]
    assert limits.basic.flags == _KILL | _DIE | _ACTIVE_PROCESS | _PROCESS_MEMORY | _JOB_MEMORY
    assert not limits.basic.flags & (_BREAKAWAY_OK | _SILENT_BREAKAWAY_OK)
    assert limits.basic.active_processes == 1
    assert limits.process_memory == limits.job_memory == 1_000_000_000 + 512 * 1024 * 1024


def test_closing_ends_it_once() -> None:
    kernel32 = Noted()
    made = Job(kernel32, lambda: 5, _PID)
    made.close()
    made.close()

    assert kernel32.closed == [_PROCESS, _JOB]


@pytest.mark.parametrize("fails", ["create", "limit", "open", "assign"])
def test_a_refusal_is_an_error_that_leaves_no_handle(fails: str) -> None:
    kernel32 = Noted(fails)
    with pytest.raises(OSError, match="error 5"):
        Job(kernel32, lambda: 5, _PID)

    opened = [handle for call, handle in (("create", _JOB), ("open", _PROCESS)) if call in kernel32.calls]
    assert sorted(kernel32.closed) == [handle for handle in opened if (fails, handle) not in _NEVER_OPENED]


_NEVER_OPENED = (("create", _JOB), ("open", _PROCESS))


def test_a_job_within_a_job_goes_without_the_limits_that_windows_refuses_there() -> None:
    kernel32 = Noted(fails="restrict")
    Job(kernel32, lambda: 5, _PID).limit_memory(1)

    assert kernel32.calls[-2:] == ["restrict", "limit"]


def test_elsewhere_there_is_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert confine(_PID) is None


def test_a_refusal_is_logged_and_no_reason_not_to_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr(ctypes, "get_last_error", lambda: 5, raising=False)
    monkeypatch.setattr(job, "_kernel32", lambda: Noted("assign"))
    assert confine(_PID) is None
    assert "no job" in caplog.text and "AssignProcessToJobObject: error 5" in caplog.text

    monkeypatch.setattr(job, "_kernel32", Noted)
    assert confine(_PID) is not None
