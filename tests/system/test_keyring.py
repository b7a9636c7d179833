"""The keyring of Linux: a Secret Service on a bus of the test's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from desktop.models.download.proxy.proxies import Account
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.system.keyring import NoKeyringError, open_keyring

if sys.platform != "linux":
    pytest.skip("other systems have other keyrings", allow_module_level=True)

from tests.support.secret_service import SecretServer, has_bus, serve_secrets, session_bus

pytestmark = pytest.mark.skipif(not has_bus(), reason="needs dbus-daemon")
_PROXY = "http://proxy.example:3128"


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretServer]:
    with serve_secrets() as server:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", server.address)
        yield server


def test_what_is_kept_is_found_in_another_run(secrets: SecretServer) -> None:
    accounts = ProxyAccounts(open_keyring)
    assert accounts.find(_PROXY) is None
    accounts.enter(_PROXY, Account("anna", "gehe:im@ü"))
    assert accounts.keep(_PROXY)
    assert ProxyAccounts(open_keyring).find(_PROXY) == Account("anna", "gehe:im@ü")
    assert ProxyAccounts(open_keyring).find("http://other.example:3128") is None


def test_the_last_one_kept_counts(secrets: SecretServer) -> None:
    for password in ("old", "new"):
        open_keyring().write(_PROXY, password)
    assert len(secrets.items) == 1
    assert open_keyring().read(_PROXY) == "new"
    open_keyring().remove(_PROXY)
    open_keyring().remove(_PROXY)
    assert open_keyring().read(_PROXY) is None


def test_a_locked_one_asks_its_owner(secrets: SecretServer) -> None:
    open_keyring().write(_PROXY, "secret")
    secrets.locked = True
    assert open_keyring().read(_PROXY) == "secret"
    secrets.locked = secrets.dismisses = True
    with pytest.raises(NoKeyringError):
        open_keyring().read(_PROXY)
    assert ProxyAccounts(open_keyring).find(_PROXY) is None


def test_one_that_hangs_is_given_up(secrets: SecretServer) -> None:
    secrets.hangs = True
    accounts = ProxyAccounts(open_keyring, patience=0.1)
    assert accounts.find(_PROXY) is None
    accounts.enter(_PROXY, Account("anna", "secret"))
    assert not accounts.keep(_PROXY)
    assert accounts.find(_PROXY) == Account("anna", "secret")


def test_a_bus_on_which_nobody_keeps_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    with session_bus() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        accounts = ProxyAccounts(open_keyring)
        accounts.enter(_PROXY, Account("anna", "secret"))
        assert not accounts.keep(_PROXY)


def test_no_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    accounts = ProxyAccounts(open_keyring)
    assert accounts.find(_PROXY) is None
    accounts.enter(_PROXY, Account("anna", "secret"))
    assert not accounts.keep(_PROXY)
