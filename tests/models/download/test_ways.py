"""Downloads through real proxies on loopback: which way they go, accounts, and proxies that misbehave."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.models.download.downloader import http_source
from desktop.models.download.proxy.proxies import Account
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.models.types import DownloadState
from tests.support.certificate import MIRRORS
from tests.support.downloads import FAST, FILE, Run, model_bytes, spec_of
from tests.support.fault_server import Fault, FaultServer, serve
from tests.support.proxy_server import ProxyFault, ProxyServer, all_names_lead_to, serve_proxy

_URL = f"https://models.example.org/{FILE}"
_SECRET = "p@ss/w0rd:ü"
_QUOTED = "p%40ss%2Fw0rd%3A%C3%BC"
# No proxy hangs for as long as tests wait for what must happen.
_HASTY = replace(FAST, connect=0.3, stall=0.3)


@pytest.fixture(scope="module")
def content() -> bytes:
    return model_bytes(300_000)


@pytest.fixture
def server(tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    certificate = tmp_path / "mirrors.pem"
    certificate.write_text(MIRRORS)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / FILE).write_bytes(content)
    with serve(tmp_path / "shared", certificate) as server:
        yield server


@pytest.fixture
def proxy(server: FaultServer) -> Iterator[ProxyServer]:
    with serve_proxy(server.host) as proxy:
        yield proxy


@pytest.fixture
def run(tmp_path: Path, content: bytes) -> Run:
    return Run(tmp_path / "models", spec_of(content, _URL))


def _failure(run: Run) -> UserFacingError:
    with pytest.raises(UserFacingError) as caught:
        run.go()
    assert run.states[-1] is DownloadState.FAILED
    assert caught.value.remedy
    return caught.value


def _with(run: Run, accounts: ProxyAccounts) -> None:
    run.options["source"] = lambda timing: http_source(timing, accounts)


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        *(("https_proxy", "http"), ("HTTPS_PROXY", "http"), ("all_proxy", "http"), ("ALL_PROXY", "socks")),
        *(("all_proxy", "socks5"), ("all_proxy", "socks5h"), ("HTTPS_PROXY", "SOCKS5"), ("socks_proxy", "socks5")),
    ],
)
def test_every_spelling_of_a_proxy(
    run: Run, proxy: ProxyServer, content: bytes, monkeypatch: pytest.MonkeyPatch, name: str, scheme: str
) -> None:
    monkeypatch.setenv(name, f"{scheme}://{proxy.host}")
    assert run.go().read_bytes() == content
    assert proxy.asked == ["models.example.org:443"]


def test_an_address_without_a_scheme(
    run: Run, proxy: ProxyServer, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"{proxy.host}/")
    assert run.go().read_bytes() == content


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_an_account_in_the_address(
    run: Run,
    proxy: ProxyServer,
    content: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    scheme: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    proxy.fault = ProxyFault(account=("anna", _SECRET))
    monkeypatch.setenv("all_proxy", f"{scheme}://anna:{_QUOTED}@{proxy.host}")
    assert run.go().read_bytes() == content
    assert _QUOTED not in caplog.text and _SECRET not in caplog.text


@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_an_account_that_is_entered_when_it_is_asked_for(
    run: Run, proxy: ProxyServer, content: bytes, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    proxy.fault = ProxyFault(account=("anna", _SECRET))
    monkeypatch.setenv("all_proxy", f"{scheme}://{proxy.host}")
    accounts = ProxyAccounts()
    _with(run, accounts)
    # GIVEN nothing, the proxy's wish is told
    error = _failure(run)
    assert isinstance(error, ProxyAccountNeededError) and not error.refused
    assert error.proxy == f"{scheme}://{proxy.host}"
    # WHEN something wrong is entered, THEN it is told apart, and forgotten
    accounts.enter(error.proxy, Account("anna", "wrong-secret"))
    error = _failure(run)
    assert isinstance(error, ProxyAccountNeededError) and error.refused
    assert "wrong-secret" not in str(error)
    assert accounts.find(error.proxy) is None
    # WHEN the right one is entered, THEN the download goes through
    accounts.enter(error.proxy, Account("anna", _SECRET))
    assert run.go().read_bytes() == content


def test_a_sign_in_that_is_not_known(run: Run, proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy.fault = ProxyFault(account=("anna", "x"), schemes=("Negotiate", "NTLM"))
    monkeypatch.setenv("https_proxy", proxy.url)
    error = _failure(run)
    assert "kind of sign-in" in error.title and "negotiate, ntlm" in error.detail


@pytest.mark.parametrize(
    "no_proxy",
    [
        *(
            "*",
            "example.org",
            ".example.org",
            "*.example.org",
            "models.example.org:443",
            "MODELS.EXAMPLE.ORG",
            "a, ,b ,*,",
        ),
        *("models.example.org.", "[::1],models.example.org", "https://models.example.org/"),
    ],
)
def test_no_proxy_is_heeded(
    run: Run, server: FaultServer, proxy: ProxyServer, content: bytes, monkeypatch: pytest.MonkeyPatch, no_proxy: str
) -> None:
    monkeypatch.setenv("https_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", no_proxy)
    run.options["source"] = all_names_lead_to(server.host)
    assert run.go().read_bytes() == content
    assert proxy.attempts == 0


@pytest.mark.parametrize("scheme", ["http", "socks5"])
@pytest.mark.parametrize(
    ("fault", "title"),
    [
        (ProxyFault(hangs=True), "The download server has stopped sending."),
        (ProxyFault(answer=b""), ""),
        (ProxyFault(answer=b"\x05"), ""),
        (ProxyFault(answer=b"\x05\x00\x05"), ""),
        (ProxyFault(answer=b"\x05\x02"), ""),
        (ProxyFault(answer=b"HTTP/1.1 200"), ""),
        (ProxyFault(answer=b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: " + b"9" * 6000 + b"\r\n\r\n"), ""),
        (ProxyFault(answer=b"\xff" * 70_000), ""),
        (ProxyFault(refuses=5), ""),
    ],
)
def test_a_proxy_that_misbehaves(
    run: Run, proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch, scheme: str, fault: ProxyFault, title: str
) -> None:
    proxy.fault = replace(fault, refuses=503) if fault.refuses and scheme == "http" else fault
    monkeypatch.setenv("all_proxy", f"{scheme}://{proxy.host}")
    run.options["timing"] = _HASTY
    error = _failure(run)
    assert error.title == title or not title
    assert list(run.folder.iterdir()) == []


def test_a_proxy_that_is_not_there(run: Run, proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy.close()
    monkeypatch.setenv("https_proxy", f"http://anna:{_QUOTED}@{proxy.host}")
    error = _failure(run)
    assert error.title == "The proxy of this system cannot be reached."
    assert proxy.host in error.detail and _QUOTED not in str(error)


def test_a_kind_that_cannot_be_used_is_named_if_nothing_is_left(
    run: Run, proxy: ProxyServer, content: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # GIVEN nothing but a proxy of a kind that cannot be used
    monkeypatch.setenv("https_proxy", "socks4://anna:secret@127.0.0.1:1")
    run.options["source"] = all_names_lead_to("127.0.0.1:1")
    error = _failure(run)
    assert error.title == "The proxy of this system cannot be used."
    assert "socks4" in error.detail and "secret" not in str(error) + caplog.text
    # WHEN there is another one beside it, THEN that is used and the log says why
    monkeypatch.setenv("all_proxy", proxy.url)
    assert run.go().read_bytes() == content
    assert "socks4" in caplog.text


def test_a_server_on_this_machine_is_never_behind_a_proxy(
    tmp_path: Path, proxy: ProxyServer, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", proxy.url)
    with serve(tmp_path / "shared") as plain:
        plain.always("/loop.gguf", Fault(redirect=f"/{FILE}"))
        assert Run(tmp_path / "m", spec_of(content, f"{plain.url}/loop.gguf")).go().read_bytes() == content
    assert proxy.attempts == 0
