"""Runs the end-to-end tests against the bundle as on a stranger's computer. Linux only.

No network but loopback (a network namespace of its own), no Python and no compiler on PATH (only the few programs of
the virtual desktop), a home folder that is empty for each test. The tests fail on any line that the bundle prints
unasked.

Usage:
    python packaging bundle.run_tests [FOLDER] [-- PYTEST ARGUMENTS]
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import os
import shlex
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from bundle.report import DEFAULT_FOLDER

ROOT = Path(__file__).parents[2]
TESTS = (
    "tests/e2e/test_scenario.py",
    "tests/e2e/test_doctor.py",
    "tests/bundle/bundle_verbs.py",
    "tests/bundle/bundle_bad_situations.py",
    "tests/bundle/bundle_install.py",
)

# What the desktop of the tests consists of, and what it starts in its turn.
_PROGRAMS = ("Xvfb", "xkbcomp", "openbox", "tint2", "xdotool", "xclip", "xwininfo", "xprop", "import", "sh")

_CLONE_NEWUSER = 0x10000000  # linux/sched.h
_CLONE_NEWNET = 0x40000000
_SIOCGIFFLAGS = 0x8913  # linux/sockios.h
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1


def leave_the_network() -> None:
    """Puts this process, and all that it starts, into a network that consists of loopback.

    Raises:
        OSError: The system does not let this user do that.
    """
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    flags = _CLONE_NEWNET if user == 0 else _CLONE_NEWNET | _CLONE_NEWUSER
    if libc.unshare(flags) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    if user != 0:
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh22x", b"lo", 0)
        flags = struct.unpack("16sh22x", fcntl.ioctl(control, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | _IFF_UP))


def is_cut_off() -> bool:
    """True when a packet to the outside has no way to go. The address is of a net that documents use (RFC 5737)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return True
    return False


def bare_path(folder: Path) -> str:
    """Fills ``folder`` with links to the programs of the desktop and returns it as PATH.

    Raises:
        FileNotFoundError: One of them is not installed.
    """
    for name in _PROGRAMS:
        found = shutil.which(name)
        if found is None:
            raise FileNotFoundError(f"{name} is not installed; `make test` names its package")
        (folder / name).symlink_to(found)
    return str(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=DEFAULT_FOLDER)
    parser.add_argument("arguments", nargs="*", help="handed to pytest")
    arguments = parser.parse_args()
    program = arguments.folder.absolute() / "catnap"
    if not program.is_file():
        print(f"bundle_alone: {program} is not there; `make build` makes it", file=sys.stderr)
        return 1
    try:
        leave_the_network()
        if not is_cut_off():
            raise OSError("the network can still be reached")
        with tempfile.TemporaryDirectory(prefix="catnap-path-") as folder:
            environment = {
                **os.environ,
                "PATH": bare_path(Path(folder)),
                "CATNAP_E2E_COMMAND": shlex.join([str(program)]),
            }
            command = [sys.executable, "-m", "pytest", *(arguments.arguments or TESTS)]
            return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode
    except OSError as problem:
        print(f"bundle_alone: the tests cannot be run on their own: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
