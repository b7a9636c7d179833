"""A Secret Service on a private session bus, for tests of the keyring: just what Catnap asks of it, in memory."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection
from jeepney.low_level import Message

_NAME = "org.freedesktop.secrets"
_ITEM = "/org/freedesktop/secrets/collection/login/"


class SecretServer:
    """See the module; made by :func:`serve_secrets`.

    Attributes:
        items: What is kept: (attributes, secret) by path.
        locked: Items must be unlocked by a prompt first.
        dismisses: Its prompts are dismissed.
        hangs: It never answers.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.items: dict[str, tuple[dict[str, str], bytes]] = {}
        self.locked = False
        self.dismisses = False
        self.hangs = False
        self._bus: DBusConnection = open_dbus_connection(bus=address)
        Proxy(message_bus, self._bus).RequestName(_NAME)
        self._thread = threading.Thread(target=self._serve, name="test secrets")
        self._thread.start()

    def close(self) -> None:
        """Ends it; its bus is gone by then."""
        self._thread.join()
        self._bus.close()

    def _serve(self) -> None:
        with contextlib.suppress(EOFError, OSError):  # the bus is gone
            while True:
                message = self._bus.receive()
                if message.header.message_type is MessageType.method_call and not self.hangs:
                    self._bus.send(self._reply(message))
                    if message.header.fields[HeaderFields.member] == "Prompt":
                        self._complete(message.header.fields[HeaderFields.path])

    def _reply(self, message: Message) -> Message:
        member, body = message.header.fields[HeaderFields.member], message.body
        answer = getattr(self, f"_on_{member.lower()}", None)
        if answer is None:
            return new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "s", (member,))
        signature, values = answer(message.header.fields[HeaderFields.path], *body)
        return new_method_return(message, signature, values)

    def _on_opensession(self, _path: str, algorithm: str, _input: Any) -> tuple[str, Any]:
        assert algorithm == "plain"
        return "vo", (("s", ""), "/org/freedesktop/secrets/session/1")

    def _on_searchitems(self, _path: str, attributes: dict[str, str]) -> tuple[str, Any]:
        found = [path for path, (own, _) in self.items.items() if attributes.items() <= own.items()]
        return "aoao", (([], found) if self.locked else (found, []))

    def _on_unlock(self, _path: str, paths: list[str]) -> tuple[str, Any]:
        return "aoo", (([], f"{_ITEM}prompt") if self.locked else (paths, "/"))

    def _on_prompt(self, _path: str, _window: str) -> tuple[str, Any]:
        return "", ()

    def _complete(self, path: str) -> None:
        self.locked = self.locked and self.dismisses
        prompt = DBusAddress(path, interface="org.freedesktop.Secret.Prompt")
        self._bus.send(new_signal(prompt, "Completed", "bv", (self.dismisses, ("s", ""))))

    def _on_getsecrets(self, _path: str, paths: list[str], session: str) -> tuple[str, Any]:
        return "a{o(oayays)}", ({path: (session, b"", self.items[path][1], "text/plain") for path in paths},)

    def _on_createitem(self, _path: str, properties: dict[str, Any], secret: Any, replace: bool) -> tuple[str, Any]:
        attributes = dict(properties["org.freedesktop.Secret.Item.Attributes"][1])
        same = [path for path, (own, _) in self.items.items() if own == attributes]
        path = same[0] if same and replace else f"{_ITEM}{len(self.items) + 1}"
        self.items[path] = (attributes, bytes(secret[2]))
        return "oo", (path, "/")

    def _on_delete(self, path: str) -> tuple[str, Any]:
        del self.items[path]
        return "o", ("/",)


@contextlib.contextmanager
def session_bus() -> Iterator[str]:
    """Runs a message bus and yields its address; nothing on it keeps secrets."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stdout is not None
        try:
            yield daemon.stdout.readline().strip()
        finally:
            daemon.terminate()


@contextlib.contextmanager
def serve_secrets() -> Iterator[SecretServer]:
    """Runs a bus and a service on it until the block ends."""
    server: SecretServer | None = None
    try:
        with session_bus() as address:
            server = SecretServer(address)
            yield server
    finally:
        if server is not None:
            server.close()


def has_bus() -> bool:
    """Tells whether this machine has a message bus to run."""
    return any(Path(folder, "dbus-daemon").exists() for folder in ("/usr/bin", "/bin", "/usr/local/bin"))
