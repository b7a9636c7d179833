"""Servers are added, changed and removed, each with its key: for the command line and for the window."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.servers.addresses import parse_address
from desktop.servers.keys import KeyPlace, ServerKeys, checked_key
from desktop.servers.registry import Findings, Server, ServerList, named


@dataclass(frozen=True)
class ServerEntry:
    """A server as somebody has written it down.

    Attributes:
        name: As its owner calls it.
        address: As it was typed or pasted.
        key: A new one; empty: the one that is kept already, where there is one.
        model: The one that is asked where none is named; empty: none was chosen.
        agreed: Whether words may go there; None: as it was for this address.
        through_proxy: See :attr:`desktop.servers.registry.Server.through_proxy`.
        without_key: The key that is kept goes.
    """

    name: str
    address: str
    key: str = ""
    model: str = ""
    agreed: bool | None = None
    through_proxy: bool = False
    without_key: bool = False


@dataclass(frozen=True)
class SavedServer:
    """A server as it is kept.

    Attributes:
        key_place: Where its new key has gone; None: there was no new one.
    """

    server: Server
    key_place: KeyPlace | None


def save_server(servers: ServerList, keys: ServerKeys, entry: ServerEntry) -> SavedServer:
    """Adds a server, or puts it in the place of the one of its name. Waits for a keyring: not on the GUI thread.

    Raises:
        UserFacingError: Its name, address or key cannot be used, or it cannot be kept.
    """
    address = parse_address(entry.address)
    key = checked_key(entry.key) if entry.key.strip() else None
    before = named(servers.all(), entry.name)
    if entry.without_key:
        keys.forget(address)
    has_key = key is not None or keys.find(address) is not None
    same_place = before is not None and before.address == address
    server = Server(
        entry.name,
        address,
        agreed=before.agreed if entry.agreed is None and before is not None and same_place else bool(entry.agreed),
        has_key=has_key,
        through_proxy=entry.through_proxy,
        model=entry.model,
        found=before.found if before is not None and same_place else Findings(),
    )
    added = servers.put(server, keeps_consent=False)
    place = keys.keep(address, key) if key is not None else None
    if before is not None and not same_place:
        _forget_unused_key(servers, keys, before)
    return SavedServer(added, place)


def remove_server(servers: ServerList, keys: ServerKeys, name: str) -> Server:
    """Removes a server, and its key where no other server needs it. Waits for a keyring: not on the GUI thread.

    Returns:
        What it was.

    Raises:
        UserFacingError: There is none of that name, or a file cannot be written.
    """
    gone = servers.remove(name)
    _forget_unused_key(servers, keys, gone)
    return gone


def _forget_unused_key(servers: ServerList, keys: ServerKeys, gone: Server) -> None:
    if gone.has_key and not any(each.address.root == gone.address.root for each in servers.all()):
        keys.forget(gone.address)
