"""The filter of system calls as the kernel reads it, for both processors."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from desktop.engine.cage import seccomp

_PID = 4711
_ALLOW, _KILL, _REFUSE, _NO_SUCH_CALL = 0x7FFF0000, 0x80000000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
_MACHINES = ("x86_64", "aarch64")
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_I386 = 0x40000003
_HEADERS = {
    "x86_64": (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm/unistd_64.h")),
    "aarch64": (Path("/usr/include/asm-generic/unistd.h"),),
}
# What llama.cpp, Python and the C library cannot do without: number on x86-64 and on aarch64.
_NEEDED = {
    "read": (0, 63), "write": (1, 64), "openat": (257, 56), "close": (3, 57), "fstat": (5, 80), "mmap": (9, 222),
    "munmap": (11, 215), "mprotect": (10, 226), "madvise": (28, 233), "brk": (12, 214), "futex": (202, 98),
    "rt_sigaction": (13, 134), "rt_sigtimedwait": (128, 137), "rt_sigreturn": (15, 139), "exit": (60, 93),
    "exit_group": (231, 94), "gettid": (186, 178), "getpid": (39, 172), "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123), "clock_gettime": (228, 113), "clock_nanosleep": (230, 115), "unlinkat": (263, 35),
    "renameat": (264, 38), "utimensat": (280, 88), "fsync": (74, 82), "getrandom": (318, 278), "poll": (7, None),
    "ppoll": (271, 73), "pread64": (17, 67), "preadv2": (327, 286), "rseq": (334, 293), "set_robust_list": (273, 99),
    "fadvise64": (221, 223),
}  # fmt: skip


def _judge(machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    """Returns what the filter says of a call: a small machine for classic BPF, after linux/filter.h."""
    program = seccomp._filter(machine, _PID)
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, audit or _AUDIT[machine], 0, *(each & (2**64 - 1) for each in padded))
    accumulator, at = 0, 0
    while True:
        instruction = program[at]
        at += 1
        match instruction.code:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, instruction.k)
            case 0x06:
                return int(instruction.k)
            case 0x15 | 0x35 | 0x45 as code:
                holds = {
                    0x15: accumulator == instruction.k,
                    0x35: accumulator >= instruction.k,
                    0x45: bool(accumulator & instruction.k),
                }[code]
                at += instruction.yes if holds else instruction.no
            case other:
                pytest.fail(f"instruction {other:#x}")


def _column(machine: str) -> int:
    return _MACHINES.index(machine)


@pytest.mark.parametrize("machine", _MACHINES)
def test_what_is_on_the_list_is_refused_and_what_is_needed_is_not(machine: str) -> None:
    refused = {name: numbers[_column(machine)] for name, numbers in seccomp._REFUSED.items()}
    assert {_judge(machine, number) for number in refused.values() if number is not None} == {_REFUSE}
    needed = {name: numbers[_column(machine)] for name, numbers in _NEEDED.items()}
    assert {name: _judge(machine, number) for name, number in needed.items() if number is not None} == dict.fromkeys(
        (name for name, number in needed.items() if number is not None), _ALLOW
    )


@pytest.mark.parametrize("machine", _MACHINES)
def test_a_new_thread_is_no_new_process(machine: str) -> None:
    clone, clone3 = (56, 220)[_column(machine)], 435
    of_a_thread = 0x3D0F00  # what glibc passes for pthread_create
    assert _judge(machine, clone, of_a_thread) == _ALLOW
    assert _judge(machine, clone, 17) == _REFUSE, "fork: SIGCHLD and nothing more"
    assert _judge(machine, clone, 0x4111) == _REFUSE, "vfork"
    assert _judge(machine, clone, of_a_thread | 0x00020000) == _REFUSE, "a thread with mounts of its own"
    assert _judge(machine, clone3, 0) == _NO_SUCH_CALL, "its flags lie in memory; the C library then uses clone"


@pytest.mark.parametrize("machine", _MACHINES)
def test_signals_go_to_itself_only(machine: str) -> None:
    for call in ((62, 129), (234, 131)):  # kill, tgkill
        assert _judge(machine, call[_column(machine)], _PID, 6, 6) == _ALLOW
        for other in (_PID - 1, _PID + 1, 1, 0, -1, -_PID):
            assert _judge(machine, call[_column(machine)], other, 6, 6) == _REFUSE


@pytest.mark.parametrize("machine", _MACHINES)
def test_limits_can_be_asked_for_and_no_more(machine: str) -> None:
    prlimit = (302, 261)[_column(machine)]
    assert _judge(machine, prlimit, 0, 9, 0, 0x7FFF_0000_0000) == _ALLOW
    assert _judge(machine, prlimit, _PID - 1, 9, 0, 0x7FFF_0000_0000) == _REFUSE
    for pointer in (0x1000, 0x7FFF_0000_0000):  # with nothing in its lower half too
        assert _judge(machine, prlimit, 0, 9, pointer, 0) == _REFUSE


@pytest.mark.parametrize("machine", _MACHINES)
def test_single_requests_are_told_apart(machine: str) -> None:
    fcntl, ioctl, prctl, policy = ((72, 25), (16, 29), (157, 167), (144, 119))
    allowed = (
        (fcntl, (3, 1)),
        (fcntl, (3, 10, 34)),
        (fcntl, (3, 1024, 0)),
        (ioctl, (1, 0x5401)),
        (prctl, (15,)),
        (policy, (1, 3)),
    )
    refused = (
        (fcntl, (3, 8, 1)),
        (fcntl, (3, 15)),
        (ioctl, (0, 0x5412)),
        (ioctl, (0, 0x541C)),
        (prctl, (1, 0)),
        (policy, (1, 0)),
    )
    for call, arguments in allowed:
        assert _judge(machine, call[_column(machine)], *arguments) == _ALLOW, (call, arguments)
    for call, arguments in refused:
        assert _judge(machine, call[_column(machine)], *arguments) == _REFUSE, (call, arguments)


def test_the_calls_of_another_architecture_are_no_way_round() -> None:
    socket, socket_of_x32 = 41, 0x40000000 | 41
    assert _judge("x86_64", socket, audit=_I386) == _KILL
    assert _judge("x86_64", 359, audit=_I386) == _KILL, "socket as i386 numbers it"
    assert _judge("x86_64", socket_of_x32) == _REFUSE
    assert _judge("x86_64", 0x40000000) == _REFUSE
    assert _judge("aarch64", 0, audit=_AUDIT["x86_64"]) == _KILL


@pytest.mark.parametrize("machine", _MACHINES)
def test_the_numbers_are_those_of_the_kernel(machine: str) -> None:
    header = next((file for file in _HEADERS[machine] if file.exists()), None)
    if header is None:
        pytest.skip("the kernel's headers are not installed")
    found = re.findall(r"#define\s+__NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())
    known = {name: int(number) for name, number in found}
    table = {**seccomp._REFUSED, **_NEEDED}
    ours = {name: numbers[_column(machine)] for name, numbers in table.items()}
    newest = max(known.values())
    wrong = {
        name: (number, known.get(name))
        for name, number in ours.items()
        # What is newer than the header is not in it.
        if number != known.get(name) and not (number is not None and number > newest)
    }
    assert not wrong
    assert len([number for number in ours.values() if number is not None and number <= newest]) > 100


@pytest.mark.parametrize(
    ("machine", "maxsize", "known"),
    [
        ("x86_64", 2**63 - 1, True),
        ("aarch64", 2**63 - 1, True),
        ("x86_64", 2**31 - 1, False),  # a program of 32 bits on a kernel of 64
        ("armv7l", 2**31 - 1, False),
        ("riscv64", 2**63 - 1, False),
    ],
)
def test_a_processor_that_is_not_known_gets_no_filter(
    monkeypatch: pytest.MonkeyPatch, machine: str, maxsize: int, known: bool
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("sys.maxsize", maxsize)
    monkeypatch.setattr("sys.platform", "linux")
    assert (seccomp._machine() is not None) == known
    if not known:
        assert seccomp.confine() is False
