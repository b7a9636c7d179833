"""Shuts the engine's process in: one model to read, one folder to write states in, the processor, and nothing else.

The process that reads a document is shut in by the same walls (:func:`shut_in`), and needs nothing but the file that it
has open.

Whoever makes model files may have found a fault in llama.cpp that nobody knows of. What such a file could do with the
process is bounded here, as far as each system lets a program bound itself:

* Linux: no new privileges; Landlock (5.13 and later) for files, TCP (6.7) and signals (6.12); a filter of system calls
  (x86-64 and ARM of 64 bits) against sockets of every kind, other programs, other processes and new owners of files; a
  limit on memory; no core dumps. Where a kernel has no Landlock, files can be read and written as the user can.
* Windows: a job that ends with the app, one process in it, a limit on memory; the app makes it, since it has to end
  the process (see :mod:`desktop.engine.cage.job`). Files and network are as the user has them.
* macOS: no core dumps. Its sandbox is for apps that are signed with entitlements, as a whole: the engine's process
  would need an identity of its own (App Sandbox, XPC service), and there is no public call for less. It keeps to no
  limit of the address space (setrlimit(2)). The process ends with the app because its pipe does; one that was stopped,
  or taken over, does not.
"""

from __future__ import annotations

import contextlib
import logging
import os
import platform
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

from desktop.engine.cage import gpu_devices, landlock, seccomp
from desktop.engine.types import EngineConfig
from desktop.gguf.parts import part_paths
from desktop.machine.process import address_space

_log = logging.getLogger(__name__)

# Bytes of address space beyond the prediction: stacks and arenas of the threads, which are reserved and hardly touched,
# a conversation's text, and a prediction that is wrong.
_ROOM = 768 * 1024 * 1024
# And for a driver of a graphics processor: its compiler, its threads, what it maps of the device beside the model.
_GPU_ROOM = 2 * 1024 * 1024 * 1024
# What the C library and Python look up while they run, and what this machine is.
_SYSTEM = (
    *("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo", "/etc/localtime"),
    *("/proc/self", "/proc/stat", "/proc/meminfo", "/proc/cpuinfo", "/sys/devices/system/cpu", "/sys/fs/cgroup"),
    "/dev/urandom",
)


def raise_walls(config: EngineConfig) -> tuple[str, ...]:
    """Shuts the engine's process in for good; to be called once, on its only thread, before a model is touched.

    Args:
        config: Names the model, the folder of the states, and how much memory may be taken.

    Returns:
        See :func:`shut_in`.
    """
    memory = None if config.memory_limit is None else config.memory_limit + _ROOM
    model = () if config.model_path is None else part_paths(config.model_path)
    if config.gpu is None:
        return shut_in("its model and its states", model, _writable(config), memory)
    return shut_in(
        "its model and its states, the graphics processor",
        (*model, *gpu_files(config.gpu.library.path)),
        _writable(config),
        None if memory is None else with_gpu_room(memory),
        devices=gpu_devices.device_files(),
    )


def gpu_files(library: Path) -> tuple[Path, ...]:
    """Returns what is to be read where a graphics processor is used.

    Args:
        library: The code for it.
    """
    return (library, *gpu_devices.about_devices())


def with_gpu_room(memory: int) -> int:
    """Returns the address space of a process whose driver maps the device's memory as well.

    Args:
        memory: What it may take without.
    """
    return 2 * memory + _GPU_ROOM


def shut_in(
    files: str,
    readable: Iterable[Path],
    writable: Iterable[Path],
    memory: int | None,
    cpu_seconds: int | None = None,
    devices: Iterable[Path] = (),
) -> tuple[str, ...]:
    """Shuts this process in for good; to be called once, on its only thread, before foreign data is touched.

    Args:
        files: What it may read and write, in words.
        readable: Files that may be read, beside those of the program and the system.
        writable: Folders in which files may be made.
        memory: Bytes of address space that may be taken beyond what is taken now; None: any number.
        cpu_seconds: Time of the processor after which the system ends the process; None: any time. Linux and macOS.
        devices: Files of devices that it may talk to.

    Returns:
        The walls that stand, in words. One that the system refuses is logged and left out: an old kernel is no reason
        not to answer.
    """
    walls: list[str] = []
    if sys.platform != "win32":
        _limit_core()
        if cpu_seconds is not None:
            _limit_processor(cpu_seconds)
    if sys.platform != "linux":
        return ()
    # First, since the filter takes the call away.
    if memory is not None and _limit_memory(memory):
        walls.append("memory: as predicted, with room")
    with _logged("no new privileges"):
        seccomp.forbid_new_privileges()
        walls.append("no new privileges")
    with _logged("files"):
        if revision := landlock.confine((*_program(), *readable), writable, devices):
            walls.append(f"files: {files} (Landlock {revision})")
        else:
            _log.warning("no wall for files: this kernel has no Landlock")
    with _logged("system calls"):
        if seccomp.confine():
            walls.append("system calls: no sockets, no programs, no other processes (seccomp)")
        else:
            _log.warning("no wall for system calls: they are not known for %s", platform.machine())
    return tuple(walls)


def _program() -> Iterator[Path]:
    """Yields where the program and what it needs of the system lie."""
    yield from map(Path, _SYSTEM)
    if hasattr(sys, "_MEIPASS"):  # set by PyInstaller
        yield Path(sys.executable).parent
        return
    yield Path(__file__).parents[2]  # the package itself, which may lie in a checkout
    for name in ("stdlib", "platstdlib", "purelib", "platlib"):
        yield Path(sysconfig.get_path(name))


def _writable(config: EngineConfig) -> Iterator[Path]:
    yield Path(os.devnull)
    if config.snapshots_dir is not None:
        # Now, since a folder that is not there cannot be granted, and later it could not be made.
        with contextlib.suppress(OSError):
            config.snapshots_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield config.snapshots_dir


def _limit_core() -> None:
    import resource

    with _logged("core dumps"):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # it would hold what people have written


def _limit_processor(seconds: int) -> None:
    import resource

    with _logged("time of the processor"):
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def _limit_memory(memory: int) -> bool:
    import resource

    with _logged("memory"):
        limit = address_space() + memory
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        return True
    return False


@contextlib.contextmanager
def _logged(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as problem:
        _log.warning("no wall for %s: %s", what, problem)
