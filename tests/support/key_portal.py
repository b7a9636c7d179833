"""A portal for keys on a private session bus: just what Catnap asks of it, as the real one is documented."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection
from jeepney.low_level import Message

from tests.support.secret_service import session_bus

_NAME = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
SESSION = f"{PATH}/session/1_2/catnap"


class Portal:
    """Gives every shortcut the key Meta and its first letter."""

    def __init__(self, address: str) -> None:
        self.declines = self.is_old = False
        self.registered: list[str] = []
        self.asked: list[Any] = []
        self._requests = 0
        self._bus: DBusConnection = open_dbus_connection(bus=address)
        Proxy(message_bus, self._bus).RequestName(_NAME)
        self._thread = threading.Thread(target=self._serve, name="test portal")
        self._thread.start()

    def close(self) -> None:
        """Ends it; its bus is gone by then."""
        self._thread.join()
        self._bus.close()

    def press(self, shortcut: str, session: str = SESSION) -> None:
        body = (session, shortcut, 0, {"activation_token": ("s", "token-1")})
        self._signal(PATH, SHORTCUTS, "Activated", "osta{sv}", body)

    def change(self, shortcut: str, key: str) -> None:
        body = (SESSION, [(shortcut, {"trigger_description": ("s", key)})])
        self._signal(PATH, SHORTCUTS, "ShortcutsChanged", "oa(sa{sv})", body)

    def end_session(self) -> None:
        self._signal(SESSION, "org.freedesktop.portal.Session", "Closed", "", ())

    def _signal(self, path: str, interface: str, member: str, signature: str, body: Any) -> None:
        self._bus.send(new_signal(DBusAddress(path, interface=interface), member, signature, body))

    def _serve(self) -> None:
        with contextlib.suppress(EOFError, OSError):  # the bus is gone
            while True:
                message = self._bus.receive()
                if message.header.message_type is MessageType.method_call:
                    self._answer(message)

    def _answer(self, message: Message) -> None:
        member, body = message.header.fields[HeaderFields.member], message.body
        if member == "Register" and not self.is_old:
            self.registered.append(body[0])
            self._bus.send(new_method_return(message))
        elif member == "Get":
            self._bus.send(new_method_return(message, "v", (("u", 1),)))
        elif member in ("CreateSession", "BindShortcuts"):
            self._requests += 1
            handle = f"{PATH}/request/1_2/catnap{self._requests}"
            self._bus.send(new_method_return(message, "o", (handle,)))
            self._signal(f"{handle}x", "org.freedesktop.portal.Request", "Response", "ua{sv}", (2, {}))  # another's
            self._signal(handle, "org.freedesktop.portal.Request", "Response", "ua{sv}", self._given(member, body))
        else:
            self._bus.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "s", (str(member),)))

    def _given(self, member: str, body: Any) -> Any:
        if member == "CreateSession":
            return 0, {"session_handle": ("s", SESSION)}
        self.asked.append(body[1])
        if self.declines:
            return 1, {}
        keys = [(name, {"trigger_description": ("s", f"Meta+{name[0].upper()}")}) for name, _ in body[1]]
        return 0, {"shortcuts": ("a(sa{sv})", keys)}


@contextlib.contextmanager
def serve_portal() -> Iterator[tuple[str, Portal]]:
    """Runs a bus and a portal on it until the block ends; yields the bus's address and the portal."""
    made: Portal | None = None
    try:
        with session_bus() as address:
            made = Portal(address)
            yield address, made
    finally:
        if made is not None:
            made.close()
