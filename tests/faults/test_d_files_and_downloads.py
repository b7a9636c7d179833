"""FAULTS D, downloads, files and the start: each test is named after its row and uses the input that stands there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.app.single_instance import Refused, SingleInstance, decode_request
from desktop.common.paths import Paths, resolve_paths
from desktop.engine.snapshots.store import Identity, SnapshotStore
from desktop.engine.threads.remembered import RememberedThreads
from desktop.engine.threads.tuner import Counts
from desktop.history.drafts import DraftFile
from desktop.machine.cpu import Processors
from tests.support.command_line import ROOT, catnap, environment
from tests.support.patience import PATIENCE_S

DEEP = "[" * 200_000


# --- D4: nested 200,000 deep


def test_d4_drafts_that_are_no_json_are_put_aside_and_said(tmp_path: Path) -> None:
    file = tmp_path / "drafts.json"
    file.write_text(DEEP)
    drafts = DraftFile(file)
    assert drafts.load() == {}
    assert drafts.load_problem is not None and drafts.load_problem.kept_aside is not None
    assert drafts.load_problem.kept_aside.read_text() == DEEP
    assert str(drafts.load_problem.kept_aside) in drafts.load_problem.as_error().detail


def test_d4_remembered_threads_that_are_no_json_are_put_aside(tmp_path: Path) -> None:
    file = tmp_path / "pace.json"
    file.write_text(DEEP)
    memory = RememberedThreads(file)
    assert memory.load(Processors(2, 2)) == Counts()
    memory.save(Processors(2, 2), Counts(2, 2))
    assert memory.load(Processors(2, 2)) == Counts(2, 2)
    assert DEEP in [path.read_text() for path in tmp_path.iterdir()]


def test_d4_a_snapshot_s_header_that_is_no_json_is_dropped(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path, 1 << 20)
    (header,) = [path for path in store._files("c") if path.suffix == ".json"]
    header.write_text(DEEP)
    identity = Identity(**dict.fromkeys(Identity.__dataclass_fields__, ""))  # type: ignore[arg-type]
    assert store.peek("c", identity) is None
    assert not header.exists()


def test_d4_the_socket_refuses_a_thousand_brackets() -> None:
    with pytest.raises(Refused):
        decode_request(b"[" * 1000)


def test_d4_all_json_is_read_in_one_place() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "desktop").rglob("*.py")
        if "json.load" in path.read_text(encoding="utf-8")
    ]
    assert readers == ["desktop/common/json_file.py"]


def test_d4_the_app_starts_and_says_it_once_for_all_files(tmp_path: Path) -> None:
    # GIVEN a disk that has damaged everything
    paths = resolve_paths(tmp_path / "data")
    paths.create()
    files = [paths.drafts_file, paths.crash_marks_file, paths.repacking_file, paths.threads_file]
    files.append(paths.data / "verdicts.json")
    for file in files:
        file.write_text(DEEP)
    # WHEN the app starts THEN it does, and one sentence names all that was put aside
    (sentence,) = _problems_at_start(paths.data)
    assert sentence.startswith("A file of Catnap's could not be read")
    for file in files:
        (aside,) = file.parent.glob(f"{file.stem}.broken-*.json")
        assert str(aside) in sentence
        assert aside.read_text() == DEEP
    assert _problems_at_start(paths.data) == []


# --- D5: what may lie in the place of the lock


def _folder(lock: Path) -> None:
    lock.mkdir()
    (lock / "precious").write_text("kept")


LOCKS: dict[str, Callable[[Path], object]] = {
    "fresh and empty": lambda lock: lock.touch(),
    "garbage": lambda lock: lock.write_bytes(bytes(range(256)) * 4),
    "a folder": _folder,
    "a dangling link": lambda lock: lock.symlink_to("/nowhere/at/all"),
    "a number of 6,000 digits": lambda lock: lock.write_text("9" * 6000),
    "of a pid that is gone": lambda lock: lock.write_text(f"4194303\npython\n{os.uname().nodename}\n"),
    "of a pid that is another program": lambda lock: lock.write_text(f"1\npython3.11\n{os.uname().nodename}\n"),
    "of another machine": lambda lock: lock.write_text("1\npython3.11\nelsewhere\n"),
    "a pipe": os.mkfifo,
    "without permissions": lambda lock: lock.touch(0),
}


@pytest.mark.skipif(os.name != "posix", reason="links, pipes and names of machines as Unix has them")
@pytest.mark.parametrize("put", LOCKS.values(), ids=LOCKS)
def test_d5_a_lock_that_nobody_holds_does_not_delay_the_start(
    qapp: object, paths: Paths, put: Callable[[Path], object]
) -> None:
    put(paths.lock_file)
    began = time.monotonic()
    instance = SingleInstance(paths)
    assert instance.acquire()
    assert time.monotonic() - began < 2
    # THEN it is held: another start is the second one, and learns so
    other = SingleInstance(paths)
    assert not other.acquire(listen=False)
    instance.close()
    kept = [file.read_text() for file in paths.data.glob("catnap.broken-*/precious")]
    assert kept == (["kept"] if put is _folder else [])


# --- D6: shells and folders that take things away


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a name that is no text")
def test_d6_a_name_that_is_no_text_can_be_imported(tmp_path: Path, parrot_model: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9.gguf")
    odd.write_bytes(parrot_model.read_bytes())
    data = ("--data-dir", str(tmp_path / "data"))
    done = catnap("models", "import", os.fspath(odd), *data)
    assert done.code == 0, done.err
    listed = catnap("models", "list", "--json", *data).json
    (row,) = [row for row in listed["models"] if row["id"].startswith("file:")]
    assert row["path"] == str(odd), "as JSON spells it, nothing is lost"
    assert catnap("ask", "hi", "--model", row["id"], *data).code == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
@pytest.mark.parametrize("verb", [["ask", "hi"], ["ask", "hi", "--json"], ["models", "list"], ["doctor"], ["--help"]])
def test_d6_a_full_disk_behind_stdout_is_a_sentence(tmp_path: Path, parrot_model: Path, verb: list[str]) -> None:
    done = _shell('"$@" > /dev/full', verb, tmp_path, parrot_model)
    assert (done.returncode, done.stderr) == (1, "catnap: The output cannot be written. No space left on device.\n")


@pytest.mark.skipif(os.name != "posix", reason="a shell")
@pytest.mark.parametrize("verb", [["ask", "hi"], ["models", "list"]])
def test_d6_a_closed_stdout_is_a_sentence(tmp_path: Path, parrot_model: Path, verb: list[str]) -> None:
    done = _shell('"$@" >&-', verb, tmp_path, parrot_model)
    assert (done.returncode, done.stderr) == (1, "catnap: The output cannot be written. It is closed.\n")


@pytest.mark.skipif(os.name != "posix", reason="a shell")
@pytest.mark.parametrize(
    ("line", "code"),
    [('"$@" 2>&-', 0), ('"$@" 2>/dev/full', 0), ('"$@" <&-', 0), ('"$@" | head -c 1', 0), ('"$@" | :', 0)],
)
def test_d6_what_nobody_reads_is_no_reason_for_a_word(tmp_path: Path, parrot_model: Path, line: str, code: int) -> None:
    done = _shell(line, ["models", "list"], tmp_path, parrot_model)
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.skipif(os.name != "posix", reason="a folder in use cannot be deleted on Windows")
@pytest.mark.parametrize("verb", [["ask", "hi"], ["models", "list"], ["bench"], ["--quit"], ["models", "import", "x"]])
def test_d6_a_relative_folder_below_one_that_is_gone_is_a_sentence(tmp_path: Path, verb: list[str]) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    line = f'cd {gone} && rmdir {gone} && exec {sys.executable} -m desktop "$@"'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *verb, "--data-dir", "relative"]
        if verb[0] != "--quit"
        else ["sh", "-c", line, "sh", "--data-dir", "relative", *verb],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("catnap: The folder that Catnap was started in is no longer there. relative")
    assert done.stderr.count("\n") == 1


# --- D8: a long path, and another user who owns the name in /tmp


@pytest.mark.skipif(os.name != "posix", reason="pipes have other names")
def test_d8_a_long_path_has_its_socket_where_nobody_else_can_be(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a data path of more than 79 bytes, and a folder for sockets as a session has it
    runtime = Path(f"/tmp/catnap-test-{os.getpid()}")
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    paths = resolve_paths(tmp_path / ("x" * 90))
    paths.create()
    try:
        instance = SingleInstance(paths)
        assert instance.acquire()
        assert Path(paths.instance_name).parent == runtime
        assert Path(paths.instance_name).is_socket()
        # THEN a start without that variable finds it all the same, or says at least that it is running
        assert not SingleInstance(paths).acquire(listen=False)
        instance.close()
    finally:
        for left in runtime.iterdir():
            left.unlink()
        runtime.rmdir()


@pytest.mark.skipif(os.name != "posix", reason="pipes have other names")
def test_d8_a_folder_in_tmp_that_is_another_user_s_is_passed_over(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN no folder of the session, and a stranger who has taken the name that comes first
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr("desktop.common.instance_address._is_private", lambda _folder: False)
    taken = Path(f"/tmp/catnap-{os.getuid()}")
    real = os.path.lexists
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    monkeypatch.setattr("os.path.lexists", lambda path: Path(path) == taken or real(path))
    own = __import__("desktop.common.instance_address", fromlist=["_is_own"])._is_own
    monkeypatch.setattr("desktop.common.instance_address._is_own", lambda folder: folder != taken and own(folder))
    paths = resolve_paths(tmp_path / ("x" * 90))
    paths.create()
    # THEN the socket lies in the next one, which is ours alone
    instance = SingleInstance(paths)
    assert instance.acquire()
    folder = Path(paths.instance_name).parent
    assert folder.name == f"catnap-{os.getuid()}-2"
    assert folder.stat().st_mode & 0o777 == 0o700
    instance.close()
    folder.rmdir()


# --- D9: a machine whose only Python is 3.14


def test_d9_python_3_14_is_accepted_and_has_its_own_pyside() -> None:
    from setup.venv import version_complaint

    from packaging.requirements import Requirement

    assert version_complaint((3, 14)) == ""
    assert version_complaint((3, 15))
    lock = (ROOT / "packaging" / "requirements" / "run.txt").read_text(encoding="utf-8")
    pinned = [Requirement(line.rstrip(" \\")) for line in lock.splitlines() if line.startswith("pyside6-essentials")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [each for each in map(Requirement, project["dependencies"]) if each.name == "PySide6-Essentials"]
    for version, release in (("3.11", "6.8.3"), ("3.13", "6.8.3"), ("3.14", "6.10.3")):
        here = {"python_version": version, "python_full_version": f"{version}.0"}
        (pin,) = [each for each in pinned if each.marker is None or each.marker.evaluate(here)]
        (asked,) = [each for each in wanted if each.marker is None or each.marker.evaluate(here)]
        assert str(pin.specifier) == f"=={release}", version
        assert release in asked.specifier, version


# --- what the tests above use


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = resolve_paths(tmp_path / "data")
    made.create()
    return made


def _problems_at_start(data: Path) -> list[str]:
    """Starts the app and ends it; returns what it had to say."""
    code = (
        "import json, sys\n"
        "from desktop.app import run\n"
        "build = run.build\n"
        "def built(*given):\n"
        "    program = build(*given)\n"
        "    print(json.dumps([str(problem) for problem in program.services.problems]), flush=True)\n"
        "    program.request_quit()\n"
        "    return program\n"
        "run.build = built\n"
        "from desktop.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--data-dir", str(data), "--hidden"],
        env=environment({"QT_QPA_PLATFORM": "offscreen"}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    problems: list[str] = json.loads(done.stdout)
    return problems


def _shell(line: str, verb: list[str], folder: Path, model: Path) -> subprocess.CompletedProcess[str]:
    """Runs the program in a line of the shell, where it is ``"$@"``."""
    words = [sys.executable, "-m", "desktop", *verb]
    if not verb[0].startswith("-"):
        words += ["--data-dir", str(folder / "data")]
    if verb[0] == "ask":
        words += ["--model", str(model)]
    return subprocess.run(
        ["sh", "-c", line, "sh", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=PATIENCE_S,
        check=False,
    )
