"""``catnap models network``, and a proxy that wants a password from somebody at a terminal."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.models.catalog import load_catalog
from tests.support.certificate import MIRRORS
from tests.support.command_line import catnap, start, write_catalog
from tests.support.fault_server import Fault, FaultServer, serve
from tests.support.patience import PATIENCE_S
from tests.support.proxy_server import ProxyFault, ProxyServer, serve_proxy

_PATH = "/parrot.gguf"


@pytest.fixture
def server(tmp_path: Path, parrot_model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    certificate = tmp_path / "mirrors.pem"
    certificate.write_text(MIRRORS)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    folder = tmp_path / "served"
    folder.mkdir()
    shutil.copy(parrot_model, folder / "parrot.gguf")
    with serve(folder, certificate) as running:
        yield running


@pytest.fixture
def proxy(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProxyServer]:
    with serve_proxy(server.host) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        yield proxy


@pytest.fixture
def common(tmp_path: Path, parrot_model: Path) -> list[str]:
    catalog = write_catalog(tmp_path / "models.json", parrot_model, "https://models.example.org")
    return ["--data-dir", str(tmp_path / "data"), "--catalog", str(catalog)]


def test_who_answers(common: list[str], server: FaultServer, proxy: ProxyServer) -> None:
    done = catnap("models", "network", *common)
    assert (done.code, done.err) == (0, "")
    assert f"models.example.org: answers through {proxy.url} after" in done.out
    (host,) = catnap("models", "network", "--json", *common).json["hosts"]
    assert (host["host"], host["proxy"], host["answers"]) == ("models.example.org", proxy.url, True)
    assert host["seconds"] > 0
    server.always(_PATH, Fault(status=503))
    refused = catnap("models", "network", *common)
    assert refused.code == 1 and "busy or out of order" in refused.out


def test_without_a_terminal_nobody_is_asked(common: list[str], proxy: ProxyServer) -> None:
    proxy.fault = ProxyFault(account=("anna", "secret"))
    done = catnap("models", "download", "parrot", *common)
    assert done.code == 1
    assert "wants a name and a password" in done.err
    assert "wants a name and a password" in catnap("models", "network", *common).out


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_at_a_terminal_somebody_is_asked(
    tmp_path: Path, common: list[str], proxy: ProxyServer, parrot_model: Path
) -> None:
    import pty

    proxy.fault = ProxyFault(account=("anna", "s3cret"))
    own, theirs = pty.openpty()
    process = start(["models", "download", "parrot", *common], stdin=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    said = b""
    try:
        for question, answer in ((b"User name: ", b"anna"), (b"Password: ", b"s3cret"), (b"keyring? [y/N] ", b"n")):
            while question not in said:
                said += os.read(own, 1000)
            os.write(own, answer + b"\n")
        out, _ = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
        process.wait()
        os.close(own)
    assert process.returncode == 0, said
    assert b"is installed" in out
    assert b"s3cret" not in said
    catalog = load_catalog(tmp_path / "models.json")
    assert (tmp_path / "data" / "models" / catalog.models[0].file).read_bytes() == parrot_model.read_bytes()
