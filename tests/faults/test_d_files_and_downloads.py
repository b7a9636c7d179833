"""FAULTS, letter D: files and downloads. One test or more for each row, named after it, with the row's own input."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from desktop.app.single_instance import Refused, SingleInstance, decode_request
from desktop.common.errors import UserFacingError
from desktop.common.paths import Paths, resolve_paths
from desktop.engine.snapshots.store import Identity, SnapshotStore
from desktop.engine.threads.remembered import RememberedThreads
from desktop.engine.threads.tuner import Counts
from desktop.gguf.kind import ModelKind
from desktop.history.drafts import DraftFile
from desktop.machine.cpu import Processors
from desktop.models.catalog import bundled_catalog_path, load_catalog
from desktop.models.choice import ModelChoice
from desktop.models.download.downloader import Downloader
from desktop.models.events import ModelEvent, ModelTrouble, TrialEnded
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.service import ModelService
from desktop.models.trials import PlannedTrial
from desktop.models.types import Catalog, DownloadState
from desktop.settings.for_engine import sampling_of
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore
from tests.faults.conftest import Waits
from tests.support.certificate import MIRRORS
from tests.support.command_line import ROOT, catnap, environment
from tests.support.downloads import FILE, PATH, Run, model_bytes, run_for, serving, spec_of
from tests.support.engine_harness import Harness, config_for, user
from tests.support.fault_server import Fault, FaultServer, serve
from tests.support.gguf_files import write_gguf
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.patience import PATIENCE_S
from tests.support.proxy_server import all_names_lead_to, serve_proxy
from tests.support.split_models import split_model
from tests.support.start_and_quit import start_and_quit

_CONTENT = model_bytes(200_000)
_LOOP = "What is the capital of France and its neighbours?\n"
DEEP = "[" * 200_000


def test_d1_socks_without_a_kind_and_an_http_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN all_proxy=socks://127.0.0.1:7890 https_proxy=http://127.0.0.1:7890, as proxy programs set them
    with _mirrors(tmp_path, monkeypatch) as server, serve_proxy(server.host) as proxy:
        monkeypatch.setenv("all_proxy", f"socks://{proxy.host}")
        monkeypatch.setenv("https_proxy", f"http://{proxy.host}")
        # WHEN a model is downloaded THEN it comes through the proxy
        run = Run(tmp_path / "models", spec_of(_CONTENT, f"https://models.example.org/{FILE}"))
        assert run.go().read_bytes() == _CONTENT
        assert proxy.asked == ["models.example.org:443"]


@pytest.mark.parametrize("scheme", ["socks", "socks5"])
def test_d1_socks_is_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    with _mirrors(tmp_path, monkeypatch) as server, serve_proxy(server.host) as proxy:
        monkeypatch.setenv("all_proxy", f"{scheme}://{proxy.host}")
        run = Run(tmp_path / "models", spec_of(_CONTENT, f"https://models.example.org/{FILE}"))
        assert run.go().read_bytes() == _CONTENT


def test_d1_an_exception_in_brackets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _mirrors(tmp_path, monkeypatch) as server, serve_proxy(server.host) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "[::1]")
        run = Run(tmp_path / "models", spec_of(_CONTENT, f"https://models.example.org/{FILE}"))
        assert run.go().read_bytes() == _CONTENT
        assert len(proxy.asked) == 1


def test_d1_what_cannot_be_used_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _mirrors(tmp_path, monkeypatch) as server:
        monkeypatch.setenv("https_proxy", "socks4://127.0.0.1:7890")
        run = Run(tmp_path / "models", spec_of(_CONTENT, f"https://models.example.org/{FILE}"))
        run.options["source"] = all_names_lead_to(server.host)
        assert run.go().read_bytes() == _CONTENT


@pytest.mark.parametrize(
    "headers",
    [
        (("X-Linked-Size", "9" * 6000),),
        (("X-Linked-Size", "-5"),),
        (("X-Linked-Size", "+5"),),
        (("Retry-After", "1e999"),),
    ],
)
def test_d2_a_number_that_is_none_is_passed_over(tmp_path: Path, headers: tuple[tuple[str, str], ...]) -> None:
    with serving(tmp_path / "shared", _CONTENT) as server:
        server.always(PATH, Fault(headers=headers))
        assert run_for(tmp_path / "models", _CONTENT, server).go().read_bytes() == _CONTENT


@pytest.mark.parametrize(
    "fault",
    [
        Fault(headers=(("Content-Range", f"bytes 0-{'9' * 5000}/{'9' * 5000}"),)),
        Fault(headers=(("Content-Range", "bytes 0-99/-100"),)),
        Fault(headers=(("Content-Length", "9" * 6000),)),
        Fault(status=416, headers=(("Content-Range", f"bytes */{'9' * 5000}"),)),
        Fault(headers=tuple((f"X-{number}", "x" * 1000) for number in range(300))),
    ],
)
def test_d2_the_download_ends_with_a_sentence(tmp_path: Path, fault: Fault) -> None:
    # GIVEN a server whose headers make no sense
    with serving(tmp_path / "shared", _CONTENT) as server:
        server.always(PATH, fault)
        run = run_for(tmp_path / "models", _CONTENT, server)
        # WHEN a model is downloaded THEN there is a sentence, and the card does not stay at "waiting"
        with pytest.raises(UserFacingError) as caught:
            run.go()
        assert caught.value.title and caught.value.remedy
        assert run.states[-1] is DownloadState.FAILED


@pytest.mark.parametrize(
    ("architecture", "kind", "what"),
    [
        ("bert", "model", "embedding model"),
        ("clip", "mmproj", "projector"),
        ("llama", "adapter", "LoRA adapter"),
        ("", "imatrix", "importance matrix"),
    ],
)
def test_d3_what_cannot_chat_is_refused_by_name(tmp_path: Path, architecture: str, kind: str, what: str) -> None:
    # GIVEN an embedding model, a projector, a LoRA WHEN it is imported
    path = write_gguf(tmp_path / "x.gguf", architecture=architecture, kind=kind, template=False)
    app = _App(tmp_path)
    app.imports(path)
    # THEN what it is, is said, and nothing is switched to it or listed
    assert app.trouble is not None and what in app.trouble.title and app.trouble.remedy
    assert app.store.current.model == "" and app.choice.installed() == ()
    # AND so on the command line
    asked = catnap("ask", "hello", "--model", str(path), "--data-dir", str(tmp_path / "data"))
    assert (asked.code, asked.out) == (1, "") and what in asked.err and "damaged" not in asked.err


def test_d3_a_base_model_is_never_switched_to_unasked(tmp_path: Path) -> None:
    # GIVEN a file without a chat template WHEN it is imported
    app = _App(tmp_path)
    app.imports(write_gguf(tmp_path / "some-1b.gguf", template=False))
    # THEN it is there, with what it is, and was not chosen
    app.choice.outdate()
    (model,) = app.choice.installed()
    assert model.kind is ModelKind.BASE and not model.is_bad
    assert app.trouble is None and app.store.current.model == ""
    # WHEN the same is a chat model THEN it is
    app.imports(write_gguf(tmp_path / "other.gguf"))
    assert app.store.current.model == f"file:{tmp_path / 'other.gguf'}"


def test_d3_a_base_model_does_not_loop_until_the_context_is_full(tmp_path: Path) -> None:
    # GIVEN a base model that says "What is the capital of ..." over and over
    path = make_parrot(tmp_path / "base.gguf", _LOOP, endless=True, chat_template="")
    # WHEN it is asked THEN it ends after three rounds or so, and not after 2,039 tokens
    with Harness(config_for(path)) as engine:
        finished = engine.ask(user("What is the capital of France?"), sampling=sampling_of(Settings()))
    assert finished.stats.generated_tokens < 80
    assert _LOOP.strip() in engine.text(finished.request_id)


@pytest.mark.parametrize("given", [0, 1, 2])
def test_d3_any_part_of_three_is_the_model(tmp_path: Path, parrot_model: Path, given: int) -> None:
    # GIVEN a model in three files WHEN one of them is imported, or asked THEN it works as a whole
    parts = split_model(parrot_model, tmp_path / "parts")
    app = _App(tmp_path)
    app.imports(parts[given])
    assert app.trouble is None and app.store.current.model == f"file:{parts[0]}"
    asked = catnap("ask", "hello", "--model", str(parts[given]), "--data-dir", str(tmp_path / "data"))
    assert (asked.code, asked.out) == (0, PARROT_TEXT + "\n")


def test_d3_part_1_of_3_alone_names_the_others(tmp_path: Path, parrot_model: Path) -> None:
    parts = split_model(parrot_model, tmp_path / "parts")
    parts[1].unlink()
    parts[2].unlink()
    app = _App(tmp_path)
    app.imports(parts[0])
    assert app.trouble is not None and "missing" in app.trouble.title
    assert parts[1].name in app.trouble.detail and parts[2].name in app.trouble.detail
    asked = catnap("ask", "hello", "--model", str(parts[0]), "--data-dir", str(tmp_path / "data"))
    assert asked.code == 1 and parts[1].name in asked.err and "damaged" not in asked.err


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
    files += [paths.data / "verdicts.json", paths.data / "facts.json"]
    for file in files:
        file.write_text(DEEP)
    # WHEN the app starts THEN it does, and one sentence names all that was put aside, and where
    (sentence,) = start_and_quit(paths.data)
    assert sentence.startswith("A file of Catnap's could not be read")
    for file in files:
        (aside,) = file.parent.glob(f"{file.stem}.broken-*.json")
        assert aside.name in sentence and str(aside.parent) in sentence
        assert aside.read_text() == DEEP
    assert start_and_quit(paths.data) == []


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
    "a pipe": lambda lock: os.mkfifo(lock, 0o600),
    "without permissions": lambda lock: lock.touch(0),
}


@pytest.mark.skipif(os.name != "posix", reason="links, pipes and names of machines as Unix has them")
@pytest.mark.parametrize("put", LOCKS.values(), ids=LOCKS)
def test_d5_a_lock_that_nobody_holds_does_not_delay_the_start(
    qapp: object, paths: Paths, waits: Waits, put: Callable[[Path], object]
) -> None:
    put(paths.lock_file)
    instance = SingleInstance(paths)
    assert instance.acquire()
    assert waits.seconds < 2
    # THEN it is held: another start is the second one, and learns so
    other = SingleInstance(paths)
    assert not other.acquire(listen=False)
    instance.close()
    kept = [file.read_text() for file in paths.data.glob("catnap.broken-*/precious")]
    assert kept == (["kept"] if put is _folder else [])


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


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("file", "CON.gguf"),
        ("file", "a" * 295 + ".gguf"),
        ("url", "https://example.org/a.gguf\r\nHost: evil.example"),
        ("url", "https://anna:secret@example.org/a.gguf"),
    ],
)
def test_d7_a_bad_entry_is_left_out_and_the_others_stay(tmp_path: Path, field: str, value: str) -> None:
    # GIVEN the catalogue with an entry whose name or address is not safe
    document = json.loads(bundled_catalog_path().read_text(encoding="utf-8"))
    bad = document["models"][1]
    bad[field] = value
    path = tmp_path / "models.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    # WHEN it is read THEN that one is missing, and one sentence says so
    catalog = load_catalog(path)
    variants = {entry["id"] for entry in document["models"] if entry.get("variant_of") == bad["id"]}
    whole = {entry["id"] for entry in document["models"]}
    assert {spec.id for spec in catalog.models} == whole - {bad["id"]} - variants
    (problem,) = catalog.problems
    assert bad["id"] in problem.detail and field in problem.detail and problem.remedy
    assert "secret" not in str(problem)


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


def _mirrors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[FaultServer]:
    """Serves the model for models.example.org, with a certificate that is trusted."""
    certificate = tmp_path / "mirrors.pem"
    certificate.write_text(MIRRORS)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / FILE).write_bytes(_CONTENT)
    return serve(folder, certificate)


class _App:
    """The models of a running app, whose trials all end well."""

    def __init__(self, folder: Path) -> None:
        self.store = SettingsStore(folder / "settings.json")
        self.events: list[ModelEvent] = []
        self._ended = asyncio.Event()
        self.choice = ModelChoice(Catalog((), ""), folder, folder / "models", self.store, self._hear)

    def imports(self, path: Path) -> None:
        async def main() -> None:
            self.events.clear()
            self._ended = asyncio.Event()
            service = ModelService(
                Catalog((), ""), self.choice, lambda folder, _settings: Downloader(folder), self.store,
                self._hear, self._release, lambda *_: PlannedTrial(lambda _given_up: Verdict(Outcome.WORKS)),
            )  # fmt: skip
            service.import_file(path)
            async with asyncio.timeout(PATIENCE_S):
                await self._ended.wait()
            await service.shut_down()

        asyncio.run(main())

    async def _release(self) -> None:
        pass

    def _hear(self, event: ModelEvent) -> None:
        self.events.append(event)
        if isinstance(event, TrialEnded | ModelTrouble):
            self._ended.set()

    @property
    def trouble(self) -> UserFacingError | None:
        return next((event.error for event in self.events if isinstance(event, ModelTrouble)), None)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = resolve_paths(tmp_path / "data")
    made.create()
    return made


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
