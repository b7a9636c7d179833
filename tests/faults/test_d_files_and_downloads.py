"""FAULTS, letter D: files and downloads. One test or more for each row, named after it, with the row's own input."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.models.catalog import bundled_catalog_path, load_catalog
from desktop.models.types import DownloadState
from tests.support.certificate import MIRRORS
from tests.support.downloads import FILE, PATH, Run, model_bytes, run_for, serving, spec_of
from tests.support.fault_server import Fault, FaultServer, serve
from tests.support.proxy_server import all_names_lead_to, serve_proxy

_CONTENT = model_bytes(200_000)


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
