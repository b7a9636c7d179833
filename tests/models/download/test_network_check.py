"""What "check my network" finds out, with real servers and proxies on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.models.download.downloader import http_source
from desktop.models.download.failover import Timing
from desktop.models.download.mirrors import Address, every_address, most_spread
from desktop.models.download.network_check import NetworkReport, check_network
from desktop.models.types import Catalog
from tests.support.certificate import MIRRORS
from tests.support.downloads import FILE, PATH, model_bytes, spec_of
from tests.support.fault_server import Fault, FaultServer, serve
from tests.support.proxy_server import serve_proxy

_CONTENT = model_bytes(3_000_000)
_PATIENT = Timing(connect=60.0, stall=60.0)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    certificate = tmp_path / "mirrors.pem"
    certificate.write_text(MIRRORS)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    folder = tmp_path / "shared"
    spec = spec_of(_CONTENT, None)
    for path in (f"{spec.repo}/resolve/{spec.revision}", f"models/{spec.repo}/resolve/master"):
        (folder / path).mkdir(parents=True)
        (folder / path / FILE).write_bytes(_CONTENT)
    (folder / FILE).write_bytes(_CONTENT)
    with serve(folder, certificate) as server:
        yield server


def _check(*addresses: Address) -> tuple[NetworkReport, list[NetworkReport]]:
    told: list[NetworkReport] = []
    report = asyncio.run(check_network(addresses, spec_of(_CONTENT, None), http_source, told.append, _PATIENT))
    return report, told


def test_which_mirror_answers_how_fast_and_by_which_way(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_of(_CONTENT, None)
    (hugging_face, hf_mirror, modelscope) = every_address(spec)
    server.always(f"/models/{spec.repo}/resolve/master/{FILE}", Fault(status=503))
    with serve_proxy(server.host) as proxy:
        monkeypatch.setenv("https_proxy", f"http://anna:secret@{proxy.host}")
        report, told = _check(hugging_face, hf_mirror, modelscope)
    assert report.is_done and told[-1] == report and not told[0].is_done
    assert [host.host for host in report.hosts] == ["huggingface.co", "hf-mirror.com", "modelscope.cn"]
    assert all(host.way == proxy.url for host in report.hosts)
    assert [host.problem is None for host in report.hosts] == [True, True, False]
    for host in report.hosts[:2]:
        assert host.seconds is not None and host.speed > 0
    assert report.place == "environment"
    text = "\n".join(report.lines())
    assert f"huggingface.co: answers through {proxy.url} after" in text and "busy or out of order" in text
    assert "secret" not in text


def test_directly(tmp_path: Path, server: FaultServer) -> None:
    with serve(tmp_path / "shared") as plain:
        report, _ = _check(Address(plain.url + PATH, plain.host), Address("http://127.0.0.1:1/x", "127.0.0.1:1"))
    good, bad = report.hosts
    assert good.way == "" and good.speed > 0
    assert bad.problem is not None and bad.problem.title == "The download server cannot be reached."
    assert f"{plain.host}: answers directly after" in report.lines()[0]


def test_what_cannot_be_used_is_named(tmp_path: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks4://127.0.0.1:1")
    with serve(tmp_path / "shared") as plain:
        report, _ = _check(Address(plain.url + PATH, plain.host))
    assert report.skipped == (("https_proxy", "socks4 proxies are not supported, only http, https and socks5"),)
    assert "socks4" in report.lines()[-1]


def test_the_model_that_is_asked_for() -> None:
    assert most_spread(Catalog((), "")) is None
    spec = spec_of(_CONTENT, None)
    assert most_spread(Catalog((spec,), spec.id)) == spec
    assert [address.host for address in every_address(spec, "https://models.example.org/hf")][
        -1
    ] == "models.example.org"
    assert len(every_address(spec, "nonsense")) == 3
    assert [address.host for address in every_address(spec_of(_CONTENT, "https://own.example/x"))] == ["own.example"]
