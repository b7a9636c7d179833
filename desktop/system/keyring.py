"""The system's keyring: Credential Manager, Keychain, and the Secret Service of GNOME, KDE and KeePassXC.

On Windows and macOS by the ``keyring`` library. On Linux that library brings ``cryptography`` along, 15 MB for one
password, to encrypt it on the way to a service on this very machine; so there the service is asked directly, by jeepney
(200 KB), over the session bus, which nobody else listens to. Its protocol:
https://specifications.freedesktop.org/secret-service-spec/latest/

Every call may take long and raise anything; none is for the GUI thread.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

_LABEL = "Catnap"
_BUS_S = 5.0  # an answer that needs no person
_PERSON_S = 50.0  # one that does: the keyring wants to be unlocked
_SECRETS = "org.freedesktop.secrets"
_PATH = "/org/freedesktop/secrets"
_SERVICE = "org.freedesktop.Secret.Service"
_COLLECTION = "org.freedesktop.Secret.Collection"
_DEFAULT = "/org/freedesktop/secrets/aliases/default"


class NoKeyringError(Exception):
    """This system has none, or it was not unlocked."""


class SystemKeyring(Protocol):
    """What :func:`open_keyring` returns."""

    def read(self, name: str) -> str | None:
        """Returns a secret; None: there is none of that name."""

    def write(self, name: str, secret: str) -> None:
        """Keeps a secret in place of the one before."""

    def remove(self, name: str) -> None:
        """Removes a secret; does nothing where there is none."""


def open_keyring() -> SystemKeyring:
    """Returns the keyring of this system.

    Raises:
        Exception: There is none.
    """
    if sys.platform == "linux":
        return SecretService()
    return _Library()


class _Library:
    """By the keyring library. Its backend is named, since looking for one needs package metadata the bundle lacks."""

    def __init__(self) -> None:
        if sys.platform == "win32":
            from keyring.backends.Windows import WinVaultKeyring as Backend
        else:
            from keyring.backends.macOS import Keyring as Backend

        self._backend = Backend()

    def read(self, name: str) -> str | None:
        found: str | None = self._backend.get_password(_LABEL, name)
        return found

    def write(self, name: str, secret: str) -> None:
        self._backend.set_password(_LABEL, name, secret)

    def remove(self, name: str) -> None:
        from keyring.errors import PasswordDeleteError

        with contextlib.suppress(PasswordDeleteError):
            self._backend.delete_password(_LABEL, name)


class SecretService:
    """By the session bus. Each call opens a connection of its own, so that calls from several threads are no matter."""

    def read(self, name: str) -> str | None:
        """See :class:`SystemKeyring`; has a locked item unlocked, which its owner is asked for."""
        with _connect() as bus:
            unlocked, locked = _call(bus, _PATH, _SERVICE, "SearchItems", "a{ss}", (_attributes(name),))
            items = [*unlocked, *(_unlock(bus, locked) if locked and not unlocked else ())]
            if not items:
                return None
            _, session = _call(bus, _PATH, _SERVICE, "OpenSession", "sv", ("plain", ("s", "")))
            (secrets,) = _call(bus, _PATH, _SERVICE, "GetSecrets", "aoo", (items[:1], session))
            return next((bytes(secret[2]).decode("utf-8") for secret in secrets.values()), None)

    def write(self, name: str, secret: str) -> None:
        """See :class:`SystemKeyring`."""
        with _connect() as bus:
            _, session = _call(bus, _PATH, _SERVICE, "OpenSession", "sv", ("plain", ("s", "")))
            _unlock(bus, [_DEFAULT])
            properties = {
                "org.freedesktop.Secret.Item.Label": ("s", f"{_LABEL}: {name}"),
                "org.freedesktop.Secret.Item.Attributes": ("a{ss}", _attributes(name)),
            }
            value = (session, b"", secret.encode("utf-8"), "text/plain; charset=utf8")
            _, prompt = _call(bus, _DEFAULT, _COLLECTION, "CreateItem", "a{sv}(oayays)b", (properties, value, True))
            _answer(bus, prompt)

    def remove(self, name: str) -> None:
        """See :class:`SystemKeyring`."""
        with _connect() as bus:
            unlocked, locked = _call(bus, _PATH, _SERVICE, "SearchItems", "a{ss}", (_attributes(name),))
            for item in (*unlocked, *locked):
                (prompt,) = _call(bus, item, "org.freedesktop.Secret.Item", "Delete", None, ())
                _answer(bus, prompt)


def _attributes(name: str) -> dict[str, str]:
    return {"application": "catnap", "name": name, "xdg:schema": "org.freedesktop.Secret.Generic"}


def _connect() -> DBusConnection:
    from jeepney.io.blocking import open_dbus_connection

    return open_dbus_connection(bus="SESSION")


def _call(bus: DBusConnection, path: str, interface: str, method: str, signature: str | None, body: Any) -> Any:
    from jeepney import DBusAddress, new_method_call
    from jeepney.wrappers import unwrap_msg

    address = DBusAddress(path, bus_name=_SECRETS, interface=interface)
    return unwrap_msg(bus.send_and_get_reply(new_method_call(address, method, signature, body), timeout=_BUS_S))


def _unlock(bus: DBusConnection, paths: list[str]) -> list[str]:
    unlocked, prompt = _call(bus, _PATH, _SERVICE, "Unlock", "ao", (paths,))
    _answer(bus, prompt)
    return list(unlocked) if prompt == "/" else paths


def _answer(bus: DBusConnection, prompt: str) -> None:
    """Has the service ask its owner, and waits for the answer.

    Raises:
        NoKeyringError: It was dismissed.
    """
    if prompt == "/":
        return
    from jeepney import MatchRule, message_bus
    from jeepney.io.blocking import Proxy

    rule = MatchRule(type="signal", interface="org.freedesktop.Secret.Prompt", member="Completed", path=prompt)
    Proxy(message_bus, bus, timeout=_BUS_S).AddMatch(rule)
    with bus.filter(rule) as answers:
        _call(bus, prompt, "org.freedesktop.Secret.Prompt", "Prompt", "s", ("",))
        dismissed, _ = bus.recv_until_filtered(answers, timeout=_PERSON_S).body
    if dismissed:
        raise NoKeyringError
