"""A process that shuts itself in and then tries what it should not be able to do: ``python -m tests.support.caged``.

Run by tests/engine/cage; says on its standard output what came of it, as JSON.
"""

from __future__ import annotations

import ctypes
import errno
import faulthandler
import json
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from desktop.engine.cage import landlock, seccomp
from desktop.engine.cage.walls import _program, _writable, raise_walls
from desktop.engine.snapshots.store import Identity, SnapshotStore
from desktop.engine.types import EngineConfig

MEMORY_LIMIT = 64 * 1024 * 1024
TOO_MUCH = 1600 * 1024 * 1024  # more than the limit and the room together, and little enough to be promised anywhere

REFUSALS = (errno.EPERM, errno.EACCES, errno.EXDEV)  # the last: Landlock's word for a link to another place
# fcntl(2) and prctl(2); Python's fcntl knows the first two on some systems only.
_F_SETOWN, _F_SETSIG, _F_SETLEASE, _F_RDLCK = 8, 10, 1024, 0
_PR_SET_PDEATHSIG, _PTRACE_TRACEME, _TIOCSTI = 1, 0, 0x5412
_KEYCTL_GET_KEYRING_ID = 0
_ARM = os.uname().machine == "aarch64"


class Places:
    """What the probes are about, below one folder.

    Attributes:
        model: The model; ``beside``: a file next to it, which is not there.
        snapshots: The folder of the states.
        secret: A file of the user that is nobody's business.
        link: Lies among the states and leads to the secret.
    """

    def __init__(self, folder: Path) -> None:
        self.model = folder / "models" / "mine.gguf"
        self.beside = folder / "models" / "other.gguf"
        self.snapshots = folder / "cache" / "states"
        self.secret = folder / "home" / ".ssh" / "id"
        self.link = self.snapshots / "link.state"

    def make(self) -> None:
        """Puts everything there."""
        for file in (self.model, self.secret):
            file.parent.mkdir(parents=True)
            file.write_text("GGUF and nothing more")
        self.snapshots.mkdir(parents=True)
        self.link.symlink_to(self.secret)

    def config(self) -> EngineConfig:
        return EngineConfig(self.model, snapshots_dir=self.snapshots, memory_limit=MEMORY_LIMIT)


def _call(x86_64: int, aarch64: int, *arguments: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    result = int(libc.syscall(*map(ctypes.c_long, (aarch64 if _ARM else x86_64, *arguments))))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _fcntl(file: Path, command: int, argument: int) -> None:
    import fcntl

    with file.open("rb") as stream:
        fcntl.fcntl(stream, command, argument)


def _fork() -> None:
    if not (child := os.fork()):
        os._exit(0)
    os.waitpid(child, 0)


def _connect() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def _bind() -> None:
    socket.create_server(("127.0.0.1", 0)).close()


def _reach_abstract() -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(os.environ["CATNAP_TEST_ABSTRACT"].encode().replace(b"@", b"\0"))


def _type_on_a_terminal() -> None:
    import fcntl

    with Path(os.devnull).open("rb") as stream:
        _is_there(lambda: fcntl.ioctl(stream, _TIOCSTI, b"x"))


def _is_there(call: Callable[[], object]) -> None:
    """Makes a call that need not succeed, only not be refused."""
    try:
        call()
    except OSError as problem:
        if problem.errno in REFUSALS:
            raise


def _use_the_temporary_folder() -> None:
    with tempfile.NamedTemporaryFile(dir="/tmp") as file:
        file.write(b"x")


def _own_vm() -> None:
    _call(310, 270, os.getpid(), 0, 0, 0, 0, 0)


def _parent() -> int:
    return os.getppid()


# Refused by Landlock: files, and since later revisions more.
OF_FILES: Mapping[str, Callable[[Places], object]] = MappingProxyType(
    {
        "read a secret": lambda places: places.secret.read_text(),
        "list a folder of the user": lambda places: list(places.secret.parent.iterdir()),
        "read a secret by a link": lambda places: places.link.read_text(),
        "read the environment of the parent": lambda places: Path(f"/proc/{_parent()}/environ").read_bytes(),
        "read the users": lambda places: Path("/etc/passwd").read_text(),
        "write beside the model": lambda places: places.beside.write_text("x"),
        "overwrite the model": lambda places: places.model.write_text("x"),
        "append to the model": lambda places: places.model.open("a").close(),
        "shorten the model": lambda places: os.truncate(places.model, 1),
        "remove the model": lambda places: places.model.unlink(),
        "rename the model": lambda places: places.model.rename(places.beside),
        "write outside the folder of the states": lambda places: (places.snapshots.parent / "x").write_text("x"),
        "make a folder among the states": lambda places: (places.snapshots / "x").mkdir(),
        "make a link among the states": lambda places: (places.snapshots / "x").symlink_to(places.secret),
        "make a pipe among the states": lambda places: os.mkfifo(places.snapshots / "x"),
        "take a secret among the states": lambda places: (places.snapshots / "x").hardlink_to(places.secret),
        "write a secret": lambda places: places.secret.write_text("x"),
        "write into the temporary folder": lambda places: _use_the_temporary_folder(),
    }
)
OF_NETWORK: Mapping[str, Callable[[Places], object]] = MappingProxyType(
    {"connect by TCP": lambda places: _connect(), "offer a port": lambda places: _bind()}
)
OF_SCOPE: Mapping[str, Callable[[Places], object]] = MappingProxyType(
    {
        "signal the parent": lambda places: os.kill(_parent(), signal.SIGCONT),
        "reach an abstract socket": lambda places: _reach_abstract(),
    }
)
# Refused by the filter of system calls.
OF_CALLS: Mapping[str, Callable[[Places], object]] = MappingProxyType(
    {
        "open a socket": lambda places: socket.socket(socket.AF_INET).close(),
        "open a local socket": lambda places: socket.socket(socket.AF_UNIX).close(),
        "open a pair of sockets": lambda places: [each.detach() for each in socket.socketpair()],
        "fork": lambda places: _fork(),
        "start a program": lambda places: subprocess.run([sys.executable, "-S", "-c", ""], check=True),
        "spawn a program": lambda places: os.waitpid(
            os.posix_spawn(sys.executable, [sys.executable, "-S", "-c", ""], {}), 0
        ),
        "become another program": lambda places: os.execv(sys.executable, [sys.executable, "-c", "print('{}')"]),
        "signal the parent": lambda places: os.kill(_parent(), signal.SIGCONT),
        "signal all": lambda places: os.kill(0, 0),
        "signal a thread of the parent": lambda places: _call(234, 131, _parent(), _parent(), signal.SIGCONT),
        "hold the parent": lambda places: os.close(os.pidfd_open(_parent())),
        "have a file signal the parent": lambda places: _fcntl(places.model, _F_SETOWN, _parent()),
        "limit the parent": lambda places: resource.prlimit(_parent(), resource.RLIMIT_CORE),
        "lift its own limit": lambda places: resource.prlimit(0, resource.RLIMIT_CORE, (0, 0)),
        "slow the parent down": lambda places: os.setpriority(
            os.PRIO_PROCESS, _parent(), os.getpriority(os.PRIO_PROCESS, _parent())
        ),
        "tie the parent to a processor": lambda places: os.sched_setaffinity(
            _parent(), os.sched_getaffinity(_parent())
        ),
        "have the parent scheduled otherwise": lambda places: os.sched_setscheduler(
            _parent(), os.sched_getscheduler(_parent()), os.sched_getparam(_parent())
        ),
        "outlive the app": lambda places: _call(157, 167, _PR_SET_PDEATHSIG, 0, 0, 0, 0),
        "be traced": lambda places: _call(101, 117, _PTRACE_TRACEME, 0, 0, 0),
        "read memory of processes": lambda places: _own_vm(),
        "take memory that nobody counts": lambda places: os.close(os.memfd_create("x")),
        "ask for a keyring": lambda places: _is_there(lambda: _call(250, 219, _KEYCTL_GET_KEYRING_ID, -4, 1)),
        "change what it is": lambda places: _call(135, 92, 0xFFFFFFFF),
        "shared memory": lambda places: _call(29, 194, 0, 4096, 0o1600),
        "give a file to all": lambda places: places.model.chmod(0o644),
        "give a file to somebody": lambda places: os.chown(places.model, -1, -1),
        "mark a file": lambda places: _is_there(lambda: os.setxattr(places.model, "user.x", b"x")),
        "shorten by name": lambda places: os.truncate(places.model, places.model.stat().st_size),
        "watch names": lambda places: os.close(_call(294, 26, 0)),
        "type on a terminal": lambda places: _type_on_a_terminal(),
    }
)
OF_MEMORY: Mapping[str, Callable[[Places], object]] = MappingProxyType(
    {
        "take too much memory": lambda places: bytes(TOO_MUCH),
        "map too much memory": lambda places: mmap.mmap(-1, TOO_MUCH, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS),
    }
)


def _save_a_state(places: Places) -> None:
    store = SnapshotStore(places.snapshots, 1 << 20)
    identity = Identity("m", "b", 1, "f16", "auto", "t")

    def write(file: Path, _tokens: object) -> bool:
        return bool(file.write_bytes(b"x" * 100))

    assert store.save("c", identity, list(range(100)), write)
    assert store.restore("c", identity, lambda file, _tokens: file.read_bytes() == b"x" * 100) == tuple(range(100))
    store.erase("c")
    assert not [file for file in places.snapshots.iterdir() if not file.is_symlink()]


def _start_threads(_places: Places) -> None:
    done = [threading.Event() for _ in range(8)]
    threads = [threading.Thread(target=each.set) for each in done]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(each.is_set() for each in done)


def _hold_a_lease(places: Places) -> None:
    import fcntl

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
    with places.model.open("rb") as stream:
        fcntl.fcntl(stream, _F_SETSIG, signal.SIGRTMIN)
        fcntl.fcntl(stream, _F_SETLEASE, _F_RDLCK)
        os.kill(os.getpid(), signal.SIGRTMIN)
        assert signal.sigwait({signal.SIGRTMIN}) == signal.SIGRTMIN


def _map_and_let_go(places: Places) -> None:
    with places.model.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert mapped[:4] == b"GGUF"
        mapped.madvise(mmap.MADV_DONTNEED)
        assert mapped[:4] == b"GGUF"


def _say_where_it_is(_places: Places) -> None:
    with Path(os.devnull).open("wb") as nowhere:
        faulthandler.dump_traceback(nowhere, all_threads=True)


NEEDED: Mapping[str, Callable[[Places], object]] = MappingProxyType(
    {
        "read the model": lambda places: places.model.read_bytes(),
        "map the model": _map_and_let_go,
        "save a state": _save_a_state,
        "start threads": _start_threads,
        "hold a lease": _hold_a_lease,
        "say where it is": _say_where_it_is,
        "import what it has not yet": lambda places: __import__("wave"),
        "load a library": lambda places: ctypes.CDLL("libm.so.6"),
        "look at the processors": lambda places: Path("/proc/self/cgroup").read_text() + Path("/proc/stat").read_text(),
        "draw lots": lambda places: os.urandom(8) + os.getrandom(8),
        "step back": lambda places: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)),
        "ask for its limits": lambda places: resource.getrlimit(resource.RLIMIT_AS),
        "take the memory it may have": lambda places: bytes(MEMORY_LIMIT),
    }
)
_ENDS: Mapping[str, Callable[[Places], object]] = MappingProxyType(
    {
        "abort": lambda places: os.abort(),
        "end": lambda places: os._exit(7),
    }
)
PROBES = MappingProxyType(
    {
        **{f"calls: {name}": probe for name, probe in OF_CALLS.items()},
        **OF_FILES, **OF_NETWORK, **OF_SCOPE, **OF_MEMORY, **NEEDED, **_ENDS,
    }
)  # fmt: skip


def _raise(which: str, config: EngineConfig) -> list[str]:
    if which == "all":
        return list(raise_walls(config))
    if which == "none":
        return []
    seccomp.forbid_new_privileges()
    if which == "landlock":
        return [str(landlock.confine((*_program(), *filter(None, (config.model_path,))), _writable(config)))]
    return [str(seccomp.confine())]


def main() -> None:
    which, name, folder = sys.argv[1:]
    places = Places(Path(folder))
    walls = _raise(which, places.config())
    outcome, detail = "done", ""
    try:
        PROBES[name](places)
    except OSError as problem:
        outcome = "refused" if problem.errno in (*REFUSALS, errno.ENOMEM) else "failed"
        detail = errno.errorcode.get(problem.errno or 0, "") + f": {problem}"
    except MemoryError:
        outcome = "refused"
    except BaseException as problem:
        outcome, detail = "failed", repr(problem)
    print(json.dumps({"walls": walls, "outcome": outcome, "detail": detail}))


if __name__ == "__main__":
    main()
