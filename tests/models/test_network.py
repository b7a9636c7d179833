"""The network as the app shows it: events, accounts, and a keyring that hangs."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from desktop.models.download.downloader import http_source
from desktop.models.download.failover import Timing
from desktop.models.download.proxy.proxies import Account
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.models.events import ModelEvent, ModelTrouble, NetworkChecked
from desktop.models.network import NetworkService
from desktop.models.types import Catalog
from desktop.settings.options import Settings
from desktop.system.patient_keyring import Keyring
from tests.support.downloads import PATH, model_bytes, serving, spec_of, until
from tests.support.memory_keyring import MemoryKeyring

_CONTENT = model_bytes(300_000)
_PROXY = "http://proxy.example:3128"


def _service(catalog: Catalog, accounts: ProxyAccounts, events: list[ModelEvent]) -> NetworkService:
    timing = Timing(connect=60.0, stall=60.0)
    return NetworkService(catalog, Settings, accounts, events.append, http_source, timing)


def test_a_check_tells_more_and_more(tmp_path: Path) -> None:
    events: list[ModelEvent] = []
    with serving(tmp_path / "shared", _CONTENT) as server:
        spec = spec_of(_CONTENT, server.url + PATH)

        async def work() -> None:
            service = _service(Catalog((spec,), spec.id), ProxyAccounts(), events)
            service.check()
            service.check()  # one at a time
            await until(lambda: any(isinstance(event, NetworkChecked) and event.report.is_done for event in events))
            await service.shut_down()

        asyncio.run(work())
    reports = [event.report for event in events if isinstance(event, NetworkChecked)]
    assert [report.is_done for report in reports].count(True) == 1
    assert reports[-1].hosts[0].problem is None


def test_without_models_there_is_a_sentence() -> None:
    events: list[ModelEvent] = []

    async def work() -> None:
        _service(Catalog((), ""), ProxyAccounts(), events).check()
        await until(lambda: bool(events))

    asyncio.run(work())
    assert isinstance(events[0], ModelTrouble) and "list of models is empty" in events[0].error.title


def test_an_account_is_kept_if_that_is_wished() -> None:
    events: list[ModelEvent] = []
    keyring = MemoryKeyring()
    accounts = ProxyAccounts(lambda: keyring)

    async def work() -> None:
        service = _service(Catalog((), ""), accounts, events)
        service.enter_account(_PROXY, Account("anna", "one"), keep=False)
        assert keyring.kept == {}
        service.enter_account(_PROXY, Account("anna", "two"), keep=True)
        await until(lambda: bool(keyring.kept))
        await service.shut_down()

    asyncio.run(work())
    assert ProxyAccounts(lambda: keyring).find(_PROXY) == Account("anna", "two")
    assert events == []


@pytest.mark.parametrize("damage", ["", "{}", "[1, 2]", '["anna"]', "[" * 100_000, '["a", "b", "c"]'])
def test_what_lies_in_a_keyring_is_not_trusted(damage: str) -> None:
    keyring = MemoryKeyring()
    keyring.kept[_PROXY] = damage
    assert ProxyAccounts(lambda: keyring).find(_PROXY) is None


def test_a_keyring_that_hangs_holds_nobody_up() -> None:
    events: list[ModelEvent] = []
    asked, hung = threading.Event(), threading.Event()

    def hang() -> Keyring:
        asked.set()
        hung.wait()
        raise OSError

    accounts = ProxyAccounts(hang, patience=0.05)

    async def work() -> None:
        service = _service(Catalog((), ""), accounts, events)
        service.enter_account(_PROXY, Account("anna", "secret"), keep=True)
        # THEN the account is known at once, and it is said that it could not be kept
        assert accounts.find(_PROXY) == Account("anna", "secret")
        await until(lambda: bool(events))
        await service.shut_down()

    asyncio.run(work())
    assert asked.is_set()
    assert isinstance(events[0], ModelTrouble) and "no keyring" in events[0].error.title
    hung.set()
