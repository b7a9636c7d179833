"""Keys through the desktop: a portal to which a program names what it can do, and the user gives it keys.

https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.GlobalShortcuts.html. No key is grabbed and
no other key is seen: the desktop says which shortcut was pressed. One connection to the session's bus and one thread,
which sleeps until then.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection
    from jeepney.low_level import Message

_log = logging.getLogger(__name__)
_NAME: Final = "org.freedesktop.portal.Desktop"
_PATH: Final = "/org/freedesktop/portal/desktop"
_INTERFACE: Final = "org.freedesktop.portal.GlobalShortcuts"
_REQUEST: Final = "org.freedesktop.portal.Request"
_SESSION: Final = "org.freedesktop.portal.Session"
_BUS_S: Final = 5.0  # for an answer of a program; a dialog with a person has no limit
_LONGEST_ID: Final = 200


@dataclass(frozen=True)
class Shortcut:
    """Something that may get a key.

    Attributes:
        id: Comes back when its key is pressed; the desktop remembers the key by it.
        description: For the desktop's dialog, translated.
    """

    id: str
    description: str


@dataclass(frozen=True)
class Bound:
    """What the desktop has given: keys in its own words, by id; those without a key are not there."""

    keys: Mapping[str, str]


class NoShortcutsError(Exception):
    """There is no portal, or the user wants none of it."""


def offers_shortcuts() -> bool:
    """Tells whether this session has the portal; asks the bus, so for a thread of its own."""
    from jeepney import DBusAddress, Properties
    from jeepney.io.blocking import open_dbus_connection
    from jeepney.wrappers import DBusErrorResponse, unwrap_msg

    try:
        with open_dbus_connection(bus="SESSION") as bus:
            address = DBusAddress(_PATH, bus_name=_NAME, interface=_INTERFACE)
            question = Properties(address).get("version")
            ((_, version),) = unwrap_msg(bus.send_and_get_reply(question, timeout=_BUS_S))
    except (OSError, KeyError, ValueError, TypeError, DBusErrorResponse) as problem:
        _log.info("no portal for keys: %s", problem)
        return False
    return isinstance(version, int) and version >= 1


class PortalShortcuts:
    """A session of the portal, for as long as it is wanted. :meth:`start` and :meth:`stop` from one thread."""

    def __init__(
        self,
        shortcuts: Sequence[Shortcut],
        pressed: Callable[[str, str], None],
        told: Callable[[Bound | None], None],
        app_id: str,
    ) -> None:
        """
        Args:
            shortcuts: What may get a key.
            pressed: Called on the session's thread with an id and an activation token, which may be empty.
            told: Called there with what was given; None: nothing, or no longer.
            app_id: Name of the desktop file, without its suffix, by which the desktop knows the program.
        """
        self._shortcuts, self._pressed, self._told = tuple(shortcuts), pressed, told
        self._app_id = app_id
        self._lock = threading.Lock()
        self._bus: DBusConnection | None = None
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, name="portal-keys", daemon=True)

    def start(self) -> None:
        """Begins; the desktop may ask the user which keys it shall be."""
        self._thread.start()

    def stop(self) -> None:
        """Gives the keys back; the connection's end closes the session. May be repeated."""
        with self._lock:
            self._is_stopped = True
            if self._bus is not None:
                try:
                    self._bus.sock.shutdown(socket.SHUT_RDWR)
                except OSError as problem:
                    _log.info("portal for keys already gone: %s", problem)

    def join(self, seconds: float) -> bool:
        """Waits until the thread has ended; returns whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        from jeepney.wrappers import DBusErrorResponse

        try:
            self._serve()
        except (OSError, EOFError, KeyError, ValueError, TypeError, NoShortcutsError, DBusErrorResponse) as problem:
            if not self._is_stopped:
                _log.info("no keys through the portal: %s", problem or type(problem).__name__)
        if not self._is_stopped:
            self._told(None)

    def _serve(self) -> None:
        from jeepney import MatchRule, message_bus
        from jeepney.io.blocking import Proxy, open_dbus_connection

        with open_dbus_connection(bus="SESSION") as bus:
            with self._lock:
                if self._is_stopped:
                    return
                self._bus = bus
            try:
                self._introduce(bus)
                proxy = Proxy(message_bus, bus, timeout=_BUS_S)
                for interface in (_INTERFACE, _REQUEST, _SESSION):
                    proxy.AddMatch(MatchRule(type="signal", sender=_NAME, interface=interface))
                owner = str(proxy.GetNameOwner(_NAME)[0])
                given = self._ask(bus, owner, "CreateSession", "a{sv}", (_options(session="catnap"),))
                session = str(given["session_handle"][1])
                wanted = [(each.id, {"description": ("s", each.description)}) for each in self._shortcuts]
                body = (session, wanted, "", _options())
                given = self._ask(bus, owner, "BindShortcuts", "oa(sa{sv})sa{sv}", body)
                self._told(Bound(_keys_in(given)))
                while self._take(bus.receive(), session, owner):
                    pass
            finally:
                with self._lock:
                    self._bus = None

    def _introduce(self, bus: DBusConnection) -> None:
        """Says which program this is: outside of a sandbox the portal would have to guess it."""
        from jeepney import DBusAddress, new_method_call

        address = DBusAddress(_PATH, bus_name=_NAME, interface="org.freedesktop.host.portal.Registry")
        message = new_method_call(address, "Register", "sa{sv}", (self._app_id, {}))
        bus.send_and_get_reply(message, timeout=_BUS_S)  # older portals do not know it, and guess

    def _ask(self, bus: DBusConnection, owner: str, method: str, signature: str, body: tuple[Any, ...]) -> Any:
        """Calls a method whose answer comes as a signal of the portal's owner; returns what came.

        Raises:
            NoShortcutsError: The user has declined.
        """
        from jeepney import DBusAddress, HeaderFields, MatchRule, new_method_call
        from jeepney.wrappers import unwrap_msg

        address = DBusAddress(_PATH, bus_name=_NAME, interface=_INTERFACE)
        rule = MatchRule(type="signal", sender=owner, interface=_REQUEST, member="Response")
        with bus.filter(rule, bufsize=16) as answers:
            call = new_method_call(address, method, signature, body)
            (handle,) = unwrap_msg(bus.send_and_get_reply(call, timeout=_BUS_S))
            while True:  # a person may sit before a dialog
                answer = bus.recv_until_filtered(answers)
                if answer.header.fields.get(HeaderFields.path) == handle:
                    break
        code, given = answer.body
        if code != 0:
            raise NoShortcutsError(f"{method}: declined ({code})")
        return given

    def _take(self, message: Message, session: str, owner: str) -> bool:
        """Takes what the portal says; returns False when the session is over."""
        from jeepney import HeaderFields, MessageType

        fields = message.header.fields
        if message.header.message_type is not MessageType.signal or fields.get(HeaderFields.sender) != owner:
            return True  # anybody on the bus may send something to anybody
        member = fields.get(HeaderFields.member)
        if member == "Closed" and fields.get(HeaderFields.path) == session:
            return False
        if member == "Activated" and message.body[0] == session:
            _, shortcut, _time, options = message.body
            kind, token = options.get("activation_token", ("s", ""))
            if any(each.id == shortcut for each in self._shortcuts):
                self._pressed(shortcut, token if kind == "s" else "")
        elif member == "ShortcutsChanged" and message.body[0] == session:
            self._told(Bound(_keys_in({"shortcuts": ("a(sa{sv})", message.body[1])})))
        return True


def _options(session: str = "") -> dict[str, tuple[str, str]]:
    options = {"handle_token": ("s", "catnap")}
    return {**options, "session_handle_token": ("s", session)} if session else options


def _keys_in(given: Mapping[str, Any]) -> dict[str, str]:
    """Returns keys by id, of what a portal has sent."""
    _, shortcuts = given.get("shortcuts", ("", ()))
    keys: dict[str, str] = {}
    for name, facts in shortcuts:
        _, trigger = facts.get("trigger_description", ("s", ""))
        if isinstance(trigger, str) and trigger and len(name) <= _LONGEST_ID:
            keys[str(name)] = trigger[:_LONGEST_ID]
    return keys
