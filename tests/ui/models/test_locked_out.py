"""Downloads that a proxy does not let through: the account is asked for, and they go on with it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from desktop.models.download.network_check import HostReport, NetworkReport
from desktop.models.download.proxy.proxies import Account
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.models.events import DownloadBroke, DownloadMoved, NetworkChecked
from desktop.models.network import NetworkService
from desktop.models.types import DownloadProgress, DownloadState
from desktop.ui.models.proxy_account import ProxyAccountPanel
from tests.support.widgets import child
from tests.ui.models.test_presenter import Bench

_PROXY = "http://proxy.example:3128"
_WANTED = ProxyAccountNeededError(_PROXY, refused=False)


class _Network:
    def __init__(self) -> None:
        self.entered: list[tuple[str, Account, bool]] = []
        self.checks = 0

    def check(self) -> None:
        self.checks += 1

    def enter_account(self, proxy: str, account: Account, *, keep: bool) -> None:
        self.entered.append((proxy, account, keep))


@pytest.fixture
def network() -> _Network:
    return _Network()


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path, network: _Network) -> Bench:
    bench = Bench(qtbot, tmp_path)
    bench.presenter._network = cast(NetworkService, network)
    return bench


def test_the_account_is_asked_for_and_the_download_goes_on(bench: Bench, network: _Network) -> None:
    bench.open()
    bench.presenter.on_event(DownloadBroke("small", _WANTED))
    panel = child(bench.dialog, ProxyAccountPanel)
    assert panel.isVisible()
    bench.dialog.proxyAccountEntered.emit(_PROXY, "anna", "secret", True)
    assert network.entered == [(_PROXY, Account("anna", "secret"), True)]
    assert ("download", "small") in bench.service.asked
    assert network.checks == 0


def test_it_is_asked_for_when_the_dialog_is_opened_later(bench: Bench) -> None:
    bench.presenter.on_event(DownloadBroke("small", _WANTED))
    assert bench.troubles == [_WANTED]
    bench.open()
    assert child(bench.dialog, ProxyAccountPanel).isVisible()


def test_it_is_not_asked_for_once_the_download_gets_anywhere(bench: Bench) -> None:
    bench.presenter.on_event(DownloadBroke("small", _WANTED))
    bench.presenter.on_event(DownloadMoved(DownloadProgress("small", DownloadState.RUNNING, 1, 2)))
    bench.open()
    assert not child(bench.dialog, ProxyAccountPanel).isVisible()


def test_a_check_may_bring_the_question_up_too(bench: Bench, network: _Network) -> None:
    bench.open()
    panel = child(bench.dialog, ProxyAccountPanel)
    host = HostReport("huggingface.co", _PROXY, problem=_WANTED)
    bench.presenter.on_event(NetworkChecked(NetworkReport((host,))))
    assert not panel.isVisible()
    bench.presenter.on_event(NetworkChecked(NetworkReport((host,), is_done=True)))
    assert panel.isVisible()
    bench.dialog.proxyAccountEntered.emit(_PROXY, "anna", "secret", False)
    assert network.checks == 1
