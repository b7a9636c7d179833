"""Keys through the portal, with a portal on a private bus that does just what the real one is documented to do."""

from __future__ import annotations

import queue
from collections.abc import Iterator

import pytest
from jeepney import DBusAddress, HeaderFields, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection

from desktop.system.global_shortcuts import Bound, PortalShortcuts, Shortcut, offers_shortcuts
from tests.support.key_portal import PATH, SESSION, SHORTCUTS, Portal, serve_portal
from tests.support.patience import PATIENCE_S
from tests.support.secret_service import has_bus, session_bus

pytestmark = pytest.mark.skipif(not has_bus(), reason="needs dbus-daemon")


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    with serve_portal() as (address, made):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield made


class Heard:
    """A session, and what is heard of it."""

    def __init__(self) -> None:
        self.pressed: queue.Queue[tuple[str, str]] = queue.Queue()
        self.told: queue.Queue[Bound | None] = queue.Queue()
        self.session = PortalShortcuts(
            (Shortcut("explain", "Explain"), Shortcut("own-1", "变短")),
            lambda name, token: self.pressed.put((name, token)),
            self.told.put,
            "catnap",
        )

    def start(self) -> Bound | None:
        self.session.start()
        return self.told.get(timeout=PATIENCE_S)


@pytest.fixture
def heard() -> Iterator[Heard]:
    made = Heard()
    yield made
    made.session.stop()
    if made.session._thread.ident is not None:
        assert made.session.join(PATIENCE_S)


def test_the_portal_is_found_where_it_is(portal: Portal) -> None:
    assert offers_shortcuts()


def test_without_a_portal_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with session_bus() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        assert not offers_shortcuts()
    assert not offers_shortcuts(), "no bus either"


def test_keys_are_given_and_heard(portal: Portal, heard: Heard) -> None:
    assert heard.start() == Bound({"explain": "Meta+E", "own-1": "Meta+O"})
    assert portal.registered == ["catnap"]
    assert portal.asked == [[("explain", {"description": ("s", "Explain")}), ("own-1", {"description": ("s", "变短")})]]
    # WHEN a key of another session, one that nobody asked for, and ours are pressed
    portal.press("explain", f"{PATH}/session/1_3/other")
    portal.press("format-disk")
    portal.press("own-1")
    # THEN only ours is heard
    assert heard.pressed.get(timeout=PATIENCE_S) == ("own-1", "token-1")
    assert heard.pressed.empty()
    # AND a key that the user changes in the desktop's settings is known
    portal.change("explain", "Meta+X")
    assert heard.told.get(timeout=PATIENCE_S) == Bound({"explain": "Meta+X"})


def test_a_stranger_on_the_bus_presses_nothing(portal: Portal, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    heard.start()
    with open_dbus_connection(bus="SESSION") as stranger:
        assert heard.session._bus is not None
        signal = new_signal(
            DBusAddress(PATH, interface=SHORTCUTS), "Activated", "osta{sv}", (SESSION, "explain", 0, {})
        )
        signal.header.fields[HeaderFields.destination] = heard.session._bus.unique_name
        stranger.send(signal)
        Proxy(message_bus, stranger).GetId()  # the bus has passed it on by now
    portal.press("own-1")
    assert heard.pressed.get(timeout=PATIENCE_S) == ("own-1", "token-1")


def test_an_older_portal_that_knows_no_register_is_used_all_the_same(portal: Portal, heard: Heard) -> None:
    portal.is_old = True
    assert heard.start() is not None


def test_who_declines_has_no_keys(portal: Portal, heard: Heard) -> None:
    portal.declines = True
    assert heard.start() is None


def test_a_session_that_the_desktop_ends_is_said(portal: Portal, heard: Heard) -> None:
    heard.start()
    portal.end_session()
    assert heard.told.get(timeout=PATIENCE_S) is None


def test_stopping_ends_the_thread_and_says_nothing(portal: Portal, heard: Heard) -> None:
    heard.start()
    heard.session.stop()
    assert heard.session.join(PATIENCE_S)
    assert heard.told.empty()
    heard.session.stop()
