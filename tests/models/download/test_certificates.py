"""Certificates: the system's store and SSL_CERT_FILE decide, and what is wrong with one is said in words."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.models.types import DownloadState
from tests.support.certificate import EXPIRED, NOT_YET_VALID, SELF_SIGNED
from tests.support.downloads import FILE, PATH, Run, model_bytes, spec_of
from tests.support.fault_server import serve

_CONTENT = model_bytes(100_000)


def _download(tmp_path: Path, certificate: str) -> Path:
    file = tmp_path / "server.pem"
    file.write_text(certificate)
    folder = tmp_path / "shared"
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_bytes(_CONTENT)
    with serve(folder, file) as server:
        run = Run(tmp_path / "models", spec_of(_CONTENT, server.url + PATH))
        try:
            return run.go()
        finally:
            assert run.states[-1] in (DownloadState.DONE, DownloadState.FAILED)


def _failure(tmp_path: Path, certificate: str) -> UserFacingError:
    with pytest.raises(UserFacingError) as caught:
        _download(tmp_path, certificate)
    assert caught.value.remedy
    return caught.value


def test_a_companys_certificate_is_trusted_if_the_system_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    assert _download(tmp_path, SELF_SIGNED).read_bytes() == _CONTENT


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_a_variable_that_names_nothing_lets_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "none"))
    error = _failure(tmp_path, SELF_SIGNED)
    assert error.title == "The download server shows a certificate that this computer does not trust."
    assert "SSL_CERT_FILE" in error.remedy and "sign-in page" in error.remedy


@pytest.mark.skipif(sys.platform != "linux", reason="the variable comes on top of the store there, which says more")
@pytest.mark.parametrize("certificate", [EXPIRED, NOT_YET_VALID])
def test_a_certificate_out_of_its_time_is_about_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificate: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    error = _failure(tmp_path, certificate)
    assert error.title == "By this computer's clock the download server's certificate is not valid."
    assert "The clock shows 20" in error.detail
    assert "set date and time" in error.remedy
