"""What holds for every test: a home of its own, no traffic beyond loopback, no thread left behind.

``--shuffle-files`` runs the files in another order, since no test may need what another one has left behind.
"""

from __future__ import annotations

import gc
import ipaddress
import itertools
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings

from desktop.common.paths import Paths, resolve_paths
from desktop.ui.widgets.overrides import guard_overrides
from tests.support.patience import PATIENCE_S
from tests.support.surroundings import colour_wish, take_nothing_over

pytest_plugins = ["tests.support.fixtures"]

# Hypothesis takes a busy machine for a test that makes its inputs too slowly.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

_CHECKOUT = Path(__file__).parents[1]
_REAL_HOME = Path.home().resolve()
_REAL_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or _REAL_HOME / ".cache")
# The llama.cpp source with its vocabularies lies there (setup/llama_wheel.py); the tests may make models in it.
_BUILD_CACHE = Path(os.environ.get("CATNAP_BUILD_CACHE") or _REAL_CACHE / "catnap-build")
_WRITABLE = tuple(
    path.resolve() for path in (_CHECKOUT, _BUILD_CACHE, Path(tempfile.gettempdir()), Path(sys.prefix), Path("/dev"))
)
# Of linters, builds and coverage, in the folder that they are run in.
_OF_TOOLS = ("build", "dist", "__pycache__", "htmlcov")
# Before anything makes a QApplication. The end-to-end tests give their processes a virtual display of their own.
_COLOUR_WISH = colour_wish(os.environ)
take_nothing_over()
# Before any class of the interface, as the program does it.
guard_overrides()

_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_THREAD_GRACE_S = PATIENCE_S
_EXIT_STATUS = pytest.StashKey[int]()
_GARBAGE = 20_000  # new objects since the last collection


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shuffle-files",
        nargs="?",
        type=int,
        const=random.SystemRandom().randrange(1_000_000),
        metavar="SEED",
        help="run the files in random order; the seed is shown, and the same one gives the same order again",
    )
    parser.addoption(
        "--share",
        default="1/1",
        metavar="N/COUNT",
        help="run every COUNT-th file only, from the N-th on: for processes that run side by side",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.option.color == "auto":
        config.option.color = _COLOUR_WISH


def pytest_report_header(config: pytest.Config) -> str | None:
    seed = config.option.shuffle_files
    return None if seed is None else f"files in random order: --shuffle-files={seed}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Takes a share of the files, and shuffles them; within a file the order stays, and what its tests share."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    share, count = map(int, config.option.share.split("/"))
    order = list(files)[share - 1 :: count]
    if config.option.shuffle_files is not None:
        random.Random(config.option.shuffle_files).shuffle(order)
    config.hook.pytest_deselected(items=[item for file in files if file not in set(order) for item in files[file]])
    items[:] = [item for file in order for item in files[file]]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[_EXIT_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends a process that had windows here, where all is told.

    WORKAROUND(PySide6 6.8.3): what Python had made Qt deletes after Python's end, and a process of hundreds of windows
    may die of it. How the program itself ends is tested from outside, in ``tests/e2e`` and ``tests/app``.
    """
    status = config.stash.get(_EXIT_STATUS, None)
    if status is not None and "PySide6.QtWidgets" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


class ForbiddenError(Exception):
    """A test reached out of its sandbox."""


class Sandbox:
    """Watches what the interpreter opens and connects to; installed once, since an audit hook cannot be removed.

    Args:
        home: Nothing may change in it.
        writable: Folders, in it too, in which everything may.
    """

    def __init__(self, home: Path = _REAL_HOME, writable: tuple[Path, ...] = _WRITABLE) -> None:
        self.violations: list[str] = []
        self.shared: set[Path] = set()  # files of wider fixtures, which the next test reads too: nobody may change them
        self._home = home
        self._writable = writable

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Called by the interpreter for every audited event, in any thread."""
        match event:
            case "socket.connect":
                self._check_address(arguments[1])
            case "socket.getaddrinfo":
                self._check_host(arguments[0])
            case "open":
                if isinstance(arguments[2], int) and arguments[2] & _WRITE_FLAGS:
                    self._check_path(arguments[0])
            case "os.mkdir" | "os.remove" | "os.rmdir" | "os.truncate" | "sqlite3.connect":
                self._check_path(arguments[0])
            case "os.rename":
                self._check_path(arguments[0])
                self._check_path(arguments[1])

    def _check_address(self, address: object) -> None:
        if isinstance(address, tuple):  # AF_INET and AF_INET6; a Unix socket's address is a path
            self._check_host(address[0])

    def _check_host(self, host: object) -> None:
        name = host.decode() if isinstance(host, bytes) else host
        if not name or name == "localhost":
            return
        try:
            allowed = ipaddress.ip_address(str(name)).is_loopback
        except ValueError:
            allowed = False
        if not allowed:
            self._refuse(f"a test tried to reach {name}; only loopback is allowed")

    def _check_path(self, path: object) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # a file descriptor: its path was checked when it was opened
        target = Path(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 (resolve() would touch the disk again)
        if target.is_relative_to(self._home) and not any(target.is_relative_to(folder) for folder in self._writable):
            self._refuse(f"a test tried to change {target} in the real home folder")
        if target in self.shared:
            self._refuse(f"a test tried to change {target}, which others read too: it has to change a copy")

    def _refuse(self, what: str) -> None:
        self.violations.append(what)
        raise ForbiddenError(what)


_SANDBOX = Sandbox()
sys.addaudithook(_SANDBOX.audit)


@pytest.fixture(scope="session")
def shared() -> Callable[[Path], Path]:
    """Returns what keeps a file of a wider fixture from being changed, and gives back its path."""

    def keep(path: Path) -> Path:
        _SANDBOX.shared.add(path)
        return path

    return keep


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Returns the home folders of the tests, which are not made yet, one after the other.

    Each of ``mktemp`` looks through all folders that it made before: thousands, at the end of the suite.
    """
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def sandbox(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Gives the test a home folder of its own and fails it if it reached out, even if it swallowed the exception."""
    home = next(homes)
    home.mkdir()
    monkeypatch.setenv("CATNAP_BUILD_CACHE", str(_BUILD_CACHE))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    _SANDBOX.violations.clear()
    yield _SANDBOX
    if _SANDBOX.violations:
        pytest.fail("\n".join(_SANDBOX.violations))


def names_in(checkout: Path) -> frozenset[str]:
    """Returns what lies in the folder that tests are run in, but what tools keep there."""
    names = (path.name for path in checkout.iterdir())
    return frozenset(name for name in names if not name.startswith(".") and name not in _OF_TOOLS)


@pytest.fixture(autouse=True, scope="session")
def no_silent_end() -> Iterator[None]:
    """Fails a test that would end this process at once: all others would be gone with it, without a word."""
    real, here = os._exit, os.getpid()

    def refuse(status: int) -> NoReturn:
        if os.getpid() == here:
            pytest.fail(f"the process of the tests would have been ended at once, with status {status}")
        real(status)

    os._exit = refuse
    yield
    os._exit = real


@pytest.fixture(autouse=True)
def nothing_left_in_checkout(sandbox: Sandbox) -> Iterator[None]:
    """Fails a test that leaves a file where it was started: one whose name was taken for a path, as ":memory:" was."""
    before = names_in(_CHECKOUT)
    yield
    if left := names_in(_CHECKOUT) - before:
        pytest.fail(f"left in {_CHECKOUT}: {', '.join(sorted(left))}")


@pytest.fixture(autouse=True)
def patient_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has whoever looks at the model folder wait for the answer, however busy this machine is."""
    for module in ("choice", "downloads"):
        monkeypatch.setattr(f"desktop.models.{module}.LOOK_SECONDS", PATIENCE_S)


@pytest.fixture(autouse=True)
def collected_here(sandbox: Sandbox) -> Iterator[None]:
    """Collects garbage between tests and on the main thread only, as the app does (desktop/app/garbage.py)."""
    gc.disable()
    yield
    # Most tests make no windows and little garbage; a full collection after each would double the time of the suite.
    gc.collect(2 if "PySide6.QtWidgets" in sys.modules and gc.get_count()[0] > _GARBAGE else 1)


@pytest.fixture(autouse=True)
def no_thread_left(sandbox: Sandbox) -> Iterator[None]:
    """Fails a test that leaves a thread running. Threads of wider fixtures started before and do not count."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + _THREAD_GRACE_S
    left = [thread for thread in threading.enumerate() if thread not in before and not _is_foreign(thread)]
    for thread in left:
        thread.join(max(0.0, deadline - time.monotonic()))
    alive = [thread.name for thread in left if thread.is_alive()]
    if alive:
        pytest.fail(f"threads left running: {', '.join(alive)}")


@pytest.fixture(autouse=True)
def no_button_left(sandbox: Sandbox) -> Iterator[None]:
    """Fails a test that leaves a button of the mouse pressed: whatever the next ones move it over believes it."""
    yield
    gui = sys.modules.get("PySide6.QtGui")
    if gui is not None and (pressed := gui.QGuiApplication.mouseButtons()).value:
        pytest.fail(f"left pressed: {pressed}")


def _is_foreign(thread: threading.Thread) -> bool:
    """True for a thread that native code made and Python only saw pass by; nobody can join it."""
    return isinstance(thread, threading._DummyThread)


@pytest.fixture
def data_dir(tmp_path: Path) -> Paths:
    """Folders of one Catnap, made and empty."""
    paths = resolve_paths(tmp_path / "catnap")
    paths.create()
    return paths
