"""A filter of system calls: a process of Linux gives up calls that it has no use for, for good.

After seccomp(2). The packages that wrap it want the system's libseccomp, which an old laptop may not have; the filter
is a short list, so it is written here as the kernel takes it: instructions of classic BPF. A refused call fails with
EPERM, as it would for want of permission. What is not refused is allowed: a new C library must not end the engine.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from typing import Final

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER = 1
# All threads of the process. And no filter is a reason for kernels before 5.16 to slow every load after a store down
# (spec_store_bypass_disable=seccomp): there is nobody else in this process whose secrets it could look for.
_FLAG_TSYNC, _FLAG_SPEC_ALLOW = 1 << 0, 1 << 2
_KILL, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000

# Classic BPF (linux/bpf_common.h): load a word of `struct seccomp_data`, jump if equal, if set, if not below; return.
_LOAD, _JUMP_EQUAL, _JUMP_SET, _JUMP_NOT_BELOW, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in `struct seccomp_data`
_X32 = 0x40000000  # x86-64: the same calls by another door

# Audit numbers of the architectures (linux/audit.h), with the number of the call seccomp itself.
_ARCHITECTURES: Final[Mapping[str, tuple[int, int]]] = {"x86_64": (0xC000003E, 317), "aarch64": (0xC00000B7, 277)}

# Call: its number on x86-64 and on aarch64 (asm/unistd_64.h, asm-generic/unistd.h); None: there is no such call.
_REFUSED: Final[Mapping[str, tuple[int, int | None]]] = {
    # other machines, and other programs on this one
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "semctl": (66, 191),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # starting programs
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
    # memory that no limit of the address space counts
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    # what Landlock does not know of: whose a file is and who may use it, names that are watched; the length of a file
    # it knows since its third revision
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
    "truncate": (76, 45),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    # looking into other processes, and disturbing them
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "process_mrelease": (448, 448),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setaffinity": (203, 122),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    "setrlimit": (160, 164),
    # the kernel's own large doors, where most of its faults were found
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_setup": (206, 0),
    "vmsplice": (278, 75),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "unshare": (272, 97),
    "setns": (308, 268),
    "personality": (135, 92),
    "modify_ldt": (154, None),
    "iopl": (172, None),
    "ioperm": (173, None),
    # the machine
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "open_tree_attr": (467, 467),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
}
# What threads that compute together call all the time, allowed before the list is gone through: futex, sched_yield.
_FREQUENT = ((202, 98), (24, 124))
# "There is no such call": the C library then uses clone(), whose flags stand in a register and can be looked at.
_CLONE3 = 435
_CLONE_THREAD, _CLONE_NAMESPACES = 0x00010000, 0x7E020000
_F_SETOWN, _F_SETOWN_EX, _PR_SET_PDEATHSIG = 8, 15, 1  # asm-generic/fcntl.h, linux/prctl.h
_SCHED_BATCH = 3  # linux/sched.h
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # asm-generic/ioctls.h: to type on a terminal, as if it were the person

# A condition: which 32 bits of the arguments (twice the argument's place, and one more for its upper half), how they
# are compared, with what, and whether that must be so or must not.
_Condition = tuple[int, int, int, bool]


def _conditional(pid: int) -> Sequence[tuple[tuple[int, int], tuple[_Condition, ...]]]:
    """Returns calls that are allowed if all conditions hold: number on x86-64 and aarch64, conditions."""
    itself = ((0, _JUMP_EQUAL, pid, True),)  # that is how a program ends itself: abort() does
    return (
        ((56, 220), ((0, _JUMP_SET, _CLONE_THREAD, True), (0, _JUMP_SET, _CLONE_NAMESPACES, False))),  # clone
        ((62, 129), itself),  # kill
        ((234, 131), itself),  # tgkill
        # prlimit64: another process may not be limited, and our own limits not be lifted, which root could
        ((302, 261), tuple((word, _JUMP_EQUAL, 0, True) for word in (0, 4, 5))),
        # sched_setscheduler: the threads that compute step back (ggml-cpu.c), and nobody steps forward
        ((144, 119), ((2, _JUMP_EQUAL, _SCHED_BATCH, True),)),
        # fcntl: whom a signal of a file goes to; a lease goes to this process of itself
        ((72, 25), tuple((2, _JUMP_EQUAL, command, False) for command in (_F_SETOWN, _F_SETOWN_EX))),
        ((16, 29), tuple((2, _JUMP_EQUAL, request, False) for request in (_TIOCSTI, _TIOCLINUX))),  # ioctl
        ((157, 167), ((0, _JUMP_EQUAL, _PR_SET_PDEATHSIG, False),)),  # prctl: it dies with the app
    )


class _Instruction(ctypes.Structure):
    """``struct sock_filter``."""

    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


def forbid_new_privileges() -> None:
    """Makes sure that nothing this thread or those it starts ever do raises their privileges; both walls need it.

    Raises:
        OSError: The kernel refused.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0))):
        code = ctypes.get_errno()
        raise OSError(code, f"no new privileges: {os.strerror(code)}")


def confine() -> bool:
    """Takes the calls away from every thread of this process. It cannot be undone.

    Returns:
        Whether the filter is in force; False: not on this system or processor.

    Raises:
        OSError: The kernel refused.
    """
    machine = _machine()
    if machine is None:
        return False
    instructions = _filter(machine, os.getpid())
    array = (_Instruction * len(instructions))(*instructions)
    program = _Program(len(instructions), array)
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    syscall.restype = ctypes.c_long
    _, number = _ARCHITECTURES[machine]
    for flags in (_FLAG_TSYNC | _FLAG_SPEC_ALLOW, _FLAG_TSYNC):  # kernels before 4.17 know the one only
        if not syscall(*map(ctypes.c_long, (number, _SET_MODE_FILTER, flags)), ctypes.byref(program)):
            return True
        code = ctypes.get_errno()
        if code != errno.EINVAL:
            break
    raise OSError(code, f"seccomp: {os.strerror(code)}")


def _machine() -> str | None:
    """Returns the architecture whose calls this process makes, if it is one of those known."""
    # A program of 32 bits may run on a kernel of 64, and the calls of another architecture would end it.
    known = sys.platform == "linux" and sys.maxsize > 2**32 and sys.byteorder == "little"
    machine = platform.machine()
    return machine if known and machine in _ARCHITECTURES else None


def _filter(machine: str, pid: int) -> list[_Instruction]:
    audit, _ = _ARCHITECTURES[machine]
    column = 0 if machine == "x86_64" else 1
    refuse, allow = _Instruction(_RETURN, 0, 0, _ERRNO | errno.EPERM), _Instruction(_RETURN, 0, 0, _ALLOW)
    program = [
        _Instruction(_LOAD, 0, 0, _ARCHITECTURE),
        _Instruction(_JUMP_EQUAL, 1, 0, audit),
        _Instruction(_RETURN, 0, 0, _KILL),
        _Instruction(_LOAD, 0, 0, _NUMBER),
    ]
    if column == 0:
        program += [_Instruction(_JUMP_NOT_BELOW, 0, 1, _X32), refuse]
    for calls in _FREQUENT:
        program += [_Instruction(_JUMP_EQUAL, 0, 1, calls[column]), allow]
    for numbers in _REFUSED.values():
        number = numbers[column]
        if number is not None:
            program += [_Instruction(_JUMP_EQUAL, 0, 1, number), refuse]
    program += [_Instruction(_JUMP_EQUAL, 0, 1, _CLONE3), _Instruction(_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    for calls, conditions in _conditional(pid):
        checks: list[_Instruction] = []
        for place, (word, comparison, value, wanted) in enumerate(conditions):
            otherwise = 2 * (len(conditions) - place) - 1  # over the checks that are left and `allow`
            jumps = (0, otherwise) if wanted else (otherwise, 0)
            checks += [_Instruction(_LOAD, 0, 0, _ARGUMENTS + 4 * word), _Instruction(comparison, *jumps, value)]
        program += [_Instruction(_JUMP_EQUAL, 0, len(checks) + 2, calls[column]), *checks, allow, refuse]
    return [*program, allow]
