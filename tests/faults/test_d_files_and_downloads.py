"""FAULTS, letter D: files and downloads. One test or more for each row, named after it, with the row's own input."""

from __future__ import annotations

import asyncio
import json
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.gguf.kind import ModelKind
from desktop.models.catalog import bundled_catalog_path, load_catalog
from desktop.models.choice import ModelChoice
from desktop.models.download.downloader import Downloader
from desktop.models.events import ModelEvent, ModelTrouble, TrialEnded
from desktop.models.service import ModelService
from desktop.models.trials import PlannedTrial
from desktop.models.types import Catalog, DownloadState
from desktop.models.verdicts import Outcome, Verdict
from desktop.settings.store import SettingsStore
from tests.support.certificate import MIRRORS
from tests.support.command_line import catnap
from tests.support.downloads import FILE, PATH, Run, model_bytes, run_for, serving, spec_of
from tests.support.engine_harness import Harness, config_for, user
from tests.support.fault_server import Fault, FaultServer, serve
from tests.support.gguf_files import write_gguf
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.patience import PATIENCE_S
from tests.support.proxy_server import all_names_lead_to, serve_proxy
from tests.support.split_models import split_model

_CONTENT = model_bytes(200_000)
_LOOP = "What is the capital of France and its neighbours?\n"


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
        finished = engine.ask(user("What is the capital of France?"))
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
