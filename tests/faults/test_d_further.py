"""FAULTS D, files and downloads: more members of the kinds of D3, D5, D8 and D9 than the table names."""

from __future__ import annotations

import itertools
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop.app.single_instance import SingleInstance
from desktop.common.paths import Paths, resolve_paths
from desktop.gguf.kind import ModelKind
from tests.faults.conftest import Waits
from tests.faults.test_d_files_and_downloads import _App
from tests.support.command_line import ROOT, catnap, environment
from tests.support.gguf_files import write_gguf
from tests.support.parrot import PARROT_TEXT
from tests.support.split_models import split_model
from tests.support.start_and_quit import start_and_quit

# --- D3: what is no model to chat with is never chosen, and said by name

OTHERS = {
    "a reranker": ({"architecture": "bert", "extra": {"bert.pooling_type": 4}}, "reranking"),
    "an embedding model like a Qwen3": (
        {"architecture": "qwen3", "extra": {"qwen3.pooling_type": 3}},
        "embedding",
    ),
    "one that looks both ways": ({"architecture": "llama", "extra": {"llama.attention.causal": False}}, "embedding"),
    "a T5": ({"architecture": "t5"}, "T5"),
    "an encoder of a T5": ({"architecture": "t5encoder"}, "T5"),
    "a diffusion model": ({"architecture": "llada"}, "diffusion"),
    "a draft": ({"architecture": "eagle3"}, "helper"),
    "a control vector": ({"architecture": "controlvector"}, "control vector"),
    "speech": ({"architecture": "wavtokenizer-dec"}, "speech"),
    "pictures": ({"architecture": "flux"}, "pictures"),
    "eyes by their own keys": ({"architecture": "llama", "extra": {"clip.has_vision_encoder": True}}, "projector"),
    "an adapter by its own key": ({"architecture": "llama", "extra": {"adapter.type": "lora"}}, "LoRA"),
    "a type in capitals": ({"architecture": "llama", "kind": "MMPROJ"}, "projector"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_d3_what_cannot_chat_is_refused_by_name(tmp_path: Path, what: str) -> None:
    made, word = OTHERS[what]
    path = write_gguf(tmp_path / "x.gguf", **made)  # type: ignore[arg-type]
    app = _App(tmp_path)
    app.imports(path)
    assert app.trouble is not None and word in app.trouble.title and app.trouble.remedy
    assert app.store.current.model == "" and app.choice.installed() == ()


@pytest.mark.parametrize("what", ["a reranker", "a draft", "pictures"])
def test_d3_nor_is_it_asked_on_the_command_line(tmp_path: Path, what: str) -> None:
    made, word = OTHERS[what]
    path = write_gguf(tmp_path / "x.gguf", **made)  # type: ignore[arg-type]
    asked = catnap("ask", "hello", "--model", str(path), "--data-dir", str(tmp_path / "data"))
    assert (asked.code, asked.out) == (1, "") and word in asked.err and "damaged" not in asked.err


@pytest.mark.parametrize(
    ("name", "template", "kind"),
    [
        ("Qwen2.5-1.5B-Base", True, ModelKind.BASE),
        ("gemma-3-1b-pt", True, ModelKind.BASE),
        ("some-1b", False, ModelKind.BASE),
        ("foundation model", True, ModelKind.BASE),
        ("Llama-Base-Instruct", True, ModelKind.CHAT),
        ("zephyr-7b", False, ModelKind.CHAT),
    ],
)
def test_d3_a_base_model_is_known_by_what_it_says(tmp_path: Path, name: str, template: bool, kind: ModelKind) -> None:
    app = _App(tmp_path)
    path = write_gguf(tmp_path / "x.gguf", name=name, template=template)
    app.imports(path)
    app.choice.outdate()
    (model,) = app.choice.installed()
    assert model.kind is kind and app.trouble is None
    assert bool(app.store.current.model) is (kind is ModelKind.CHAT)


@pytest.mark.parametrize("named", ["in capitals", "with another beginning", "behind a link", "in two folders"])
def test_d3_parts_in_other_places_are_one_model_or_named(tmp_path: Path, parrot_model: Path, named: str) -> None:
    parts = split_model(parrot_model, tmp_path / "parts")
    asked, ok = parts[0], True
    if named == "in capitals":
        moved = [part.rename(part.with_name(part.name.upper().replace(".GGUF", ".gguf"))) for part in parts]
        asked, ok = moved[1], False  # under these the engine finds none of the others
    elif named == "with another beginning":
        parts[1].rename(parts[1].with_name(f"x-{parts[1].name}"))
        ok = False
    elif named == "behind a link":
        (tmp_path / "link").symlink_to(tmp_path / "parts")
        asked = tmp_path / "link" / parts[2].name
    else:
        (tmp_path / "other").mkdir()
        parts[2].rename(tmp_path / "other" / parts[2].name)
        ok = False
    done = catnap("ask", "hello", "--model", str(asked), "--data-dir", str(tmp_path / "data"))
    if ok:
        assert (done.code, done.out) == (0, PARROT_TEXT + "\n"), done.err
    else:
        word = "name does not say which" if named == "in capitals" else "missing"
        assert done.code == 1 and word in done.err and "damaged" not in done.err


# --- D5: whatever lies where the lock or the socket belong, the start is quick, and true


def _old(lock: Path) -> None:
    lock.write_text("1\nx\ny\n")
    os.utime(lock, (2_000_000_000, 2_000_000_000))


def _socket(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(place))


def _linked(lock: Path) -> None:
    (lock.parent / "precious").write_text("kept")
    lock.symlink_to(lock.parent / "precious")


def _two_names(lock: Path) -> None:
    (lock.parent / "precious").write_text("kept")
    os.link(lock.parent / "precious", lock)


LOCKS: dict[str, Callable[[Path], object]] = {
    "from 2033": _old,
    "a socket": _socket,
    "a link to a file": _linked,
    "a link to itself": lambda lock: lock.symlink_to(lock.name),
    "a link to a folder": lambda lock: lock.symlink_to("/usr"),
    "a link to /dev/zero": lambda lock: lock.symlink_to("/dev/zero"),
    "a file with two names": _two_names,
    "only to be read": lambda lock: lock.touch(0o400),
    "100 MB": lambda lock: os.truncate(os.open(lock, os.O_CREAT | os.O_RDWR, 0o600), 100_000_000),
    "of this very process": lambda lock: lock.write_text(f"{os.getpid()}\npython3.11\n{os.uname().nodename}\n"),
    "of the process that started it": lambda lock: lock.write_text(f"{os.getppid()}\nsh\n{os.uname().nodename}\n"),
    "UTF-16": lambda lock: lock.write_text("1\npython\nhere\n", "utf-16"),
    "pid -1": lambda lock: lock.write_text("-1\npython\nhere\n"),
    "pid 0": lambda lock: lock.write_text(f"0\npython\n{os.uname().nodename}\n"),
}


@pytest.mark.skipif(os.name != "posix", reason="links, pipes and names of machines as Unix has them")
@pytest.mark.parametrize("what", LOCKS)
def test_d5_a_lock_that_nobody_holds_does_not_delay_the_start(
    qapp: object, paths: Paths, waits: Waits, what: str
) -> None:
    del qapp
    LOCKS[what](paths.lock_file)
    instance = SingleInstance(paths)
    assert instance.acquire()
    assert waits.seconds < 2
    other = SingleInstance(paths)
    assert not other.acquire(listen=False)
    instance.close()
    if (paths.data / "precious").exists():
        assert (paths.data / "precious").read_text() == "kept"


SOCKETS: dict[str, Callable[[Path], object]] = {
    "a file": lambda place: place.write_text("x"),
    "a socket that nobody listens on": _socket,
    "a dangling link": lambda place: place.symlink_to("/nowhere/at/all"),
    "a link to itself": lambda place: place.symlink_to(place.name),
    "a pipe": os.mkfifo,
}


@pytest.mark.skipif(os.name != "posix", reason="pipes have other names")
@pytest.mark.parametrize("what", SOCKETS)
def test_d5_what_lies_where_the_socket_belongs_delays_nothing(
    qapp: object, short: Paths, waits: Waits, what: str
) -> None:
    del qapp
    SOCKETS[what](Path(short.instance_name))
    instance = SingleInstance(short)
    assert instance.acquire()
    assert waits.seconds < 2
    assert not SingleInstance(short).acquire(listen=False)
    instance.close()


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("how", ["killed", "at once"])
def test_d5_two_starts_at_once_and_one_after_a_kill(paths: Paths, waits: Waits, how: str) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom desktop.common.paths import resolve_paths\n"
        "from desktop.app.single_instance import SingleInstance\n"
        "one = SingleInstance(resolve_paths(Path(sys.argv[1])))\n"
        "print(one._take_lock(), flush=True)\ntime.sleep(1000)\n"
    )
    command = [sys.executable, "-c", code, str(paths.data)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
    assert first.stdout is not None and first.stdout.readline().strip() == "True"
    if how == "killed":
        first.kill()
        first.communicate()
        instance = SingleInstance(paths)
        assert instance.acquire(listen=False) and waits.seconds < 2
        instance.close()
        return
    lock = paths.lock_file.read_bytes()
    assert not SingleInstance(paths)._lock.tryLock(0)
    assert paths.lock_file.read_bytes() == lock
    first.kill()
    first.communicate()


# --- D8: long paths, odd folders for sockets, and other users


@pytest.mark.skipif(os.name != "posix", reason="pipes have other names")
@pytest.mark.parametrize("length", [60, 78, 79, 80, 90, 91, 108, 200])
@pytest.mark.parametrize("letter", ["x", "\u0436", "\u732b"])
def test_d8_the_program_is_reached_however_long_its_path_is(
    qapp: object, waits: Waits, monkeypatch: pytest.MonkeyPatch, length: int, letter: str
) -> None:
    del qapp
    with _runtime() as runtime:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
        room = length - len(str(runtime)) - 1
        made = _filled(runtime, letter, room)
        _is_reached(resolve_paths(made), waits)


@pytest.mark.skipif(os.name != "posix", reason="pipes have other names")
@pytest.mark.parametrize(
    "folder",
    [
        *("", "relative", "/nowhere/at/all", "open to all", "a file", "a dangling link", "very long", "/"),
        "with a slash/",
    ],
)
def test_d8_a_session_s_folder_may_be_anything(
    qapp: object, tmp_path: Path, waits: Waits, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    del qapp
    with _runtime() as runtime:
        given = runtime / "given"
        if folder == "open to all":
            given.mkdir()
            given.chmod(0o777)
        elif folder == "a file":
            given.touch()
        elif folder == "a dangling link":
            given.symlink_to("/nowhere/at/all")
        elif folder == "very long":
            given = _filled(runtime, "y", 120)
            given.mkdir(mode=0o700, parents=True)
        elif folder == "with a slash/":
            given.mkdir(mode=0o700)
        is_made = given.exists() or given.is_symlink()
        end = "/" if folder.endswith("slash/") else ""
        monkeypatch.setenv("XDG_RUNTIME_DIR", f"{given}{end}" if is_made else folder)
        monkeypatch.setattr("tempfile.tempdir", str(runtime))
        _is_reached(resolve_paths(tmp_path / ("x" * 100)), waits)


@pytest.mark.skipif(os.name != "posix", reason="pipes have other names")
@pytest.mark.parametrize("what", ["a file", "a dangling link", "a folder open to all", "a link to a folder", "a pipe"])
def test_d8_whatever_has_our_name_in_tmp_is_passed_over(
    qapp: object, tmp_path: Path, waits: Waits, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    del qapp
    with _runtime() as runtime:
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        monkeypatch.setattr("tempfile.tempdir", str(runtime))
        name = runtime / f"catnap-{os.getuid()}"
        if what == "a file":
            name.touch()
        elif what == "a dangling link":
            name.symlink_to("/nowhere/at/all")
        elif what == "a link to a folder":
            (runtime / "elsewhere").mkdir()
            name.symlink_to(runtime / "elsewhere")
        elif what == "a pipe":
            os.mkfifo(name)
        else:
            name.mkdir()
            name.chmod(0o777)
        paths = resolve_paths(tmp_path / ("x" * 100))
        folder = _is_reached(paths, waits)
        assert folder.stat().st_mode & 0o777 == 0o700 and not folder.is_symlink()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="any bytes make a name there")
@pytest.mark.parametrize(
    "name", [b"caf\xe9", b"new\nline", b"'quotes\"", b"a?b#c%20d", b" ", b"~", b"-x", "\u732b".encode() * 30]
)
def test_d8_the_app_starts_in_a_folder_of_any_name(tmp_path: Path, name: bytes) -> None:
    data = tmp_path / os.fsdecode(name)
    assert start_and_quit(data) == []
    assert (data / "history.sqlite3").is_file()


# --- D9: other Pythons


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        *(((2, 7), False), ((3, 9), False), ((3, 10), False), ((3, 11), True), ((3, 12), True)),
        *(((3, 13), True), ((3, 14), True), ((3, 15), False), ((4, 0), False)),
    ],
)
def test_d9_which_pythons_will_do_is_said_in_one_way_everywhere(version: tuple[int, int], fits: bool) -> None:
    import tomllib

    from packaging.specifiers import SpecifierSet
    from setup.venv import version_complaint

    assert (version_complaint(version) == "") is fits
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert SpecifierSet(project["requires-python"]).contains(f"{version[0]}.{version[1]}.0") is fits
    named = re.search(r"CANDIDATES := (.*)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert named is not None
    assert (f"python{version[0]}.{version[1]}" in named[1].split()) is fits


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("lock", ["run", "dev", "build"])
@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_d9_each_package_has_one_release_for_each_python(version: str, lock: str, system: str) -> None:
    from packaging.requirements import Requirement

    here = {"python_version": version, "python_full_version": f"{version}.0", "sys_platform": system}
    here["platform_system"] = {"linux": "Linux", "win32": "Windows", "darwin": "Darwin"}[system]
    here["implementation_name"], here["platform_python_implementation"] = "cpython", "CPython"
    text = (ROOT / "packaging" / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    pins = [Requirement(line.rstrip(" \\")) for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    taken = [pin.name for pin in pins if pin.marker is None or pin.marker.evaluate(here)]
    assert taken and len(taken) == len(set(taken))
    # What has several releases, by the Python, has one for each.
    several = {pin.name for pin in pins if sum(one.name == pin.name for one in pins) > 1}
    assert several <= set(taken)


# --- what the tests above use


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = resolve_paths(tmp_path / "data")
    made.create()
    return made


@pytest.fixture
def short() -> Iterator[Paths]:
    with _runtime() as folder:
        made = resolve_paths(folder / "data")
        made.create()
        yield made


_numbers = itertools.count()


@contextmanager
def _runtime() -> Iterator[Path]:
    """Makes a folder with a short name, and removes it."""
    import shutil

    folder = Path(f"/tmp/c-{os.getpid()}-{next(_numbers)}")
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _filled(folder: Path, letter: str, size: int) -> Path:
    """Returns a path below a folder that is about so many bytes longer, in names of no more than 200 bytes."""
    count = max(1, size // len(letter.encode()))
    names = [letter * min(60, count - at) for at in range(0, count, 60)]
    return folder.joinpath(*names)


def _is_reached(paths: Paths, waits: Waits) -> Path:
    """Makes sure that a program with these folders starts and a second start finds it; returns the socket's folder."""
    paths.create()
    instance = SingleInstance(paths)
    try:
        assert instance.acquire()
        place = next(Path(name) for name in paths.instance_names if Path(name).is_socket())
        assert not SingleInstance(paths).acquire(listen=False)
        assert waits.seconds < 2
        return place.parent
    finally:
        instance.close()
