"""``catnap servers``: models that run elsewhere, by an address, a name and perhaps a key."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import dataclass
from typing import Self

from desktop.cli import common
from desktop.cli.server_ask import keys_of, models, test
from desktop.common.errors import UserFacingError
from desktop.servers.addresses import ServerAddress
from desktop.servers.editing import ServerEntry, remove_server, save_server
from desktop.servers.keys import KeyPlace, checked_key
from desktop.servers.registry import Server, ServerList

_MOST_KEY = 10_000  # characters read of one


@dataclass(frozen=True)
class ServersRequest:
    """Arguments of the verb.

    Attributes:
        action: list, add, models, test, remove or discover.
        name: Of the server; empty: of all. With discover: the computer that is asked; empty: who announces himself.
        address: Where one is that is added.
        model: The one that is meant, or asked where none is named; empty: none is named.
        key_from_stdin: A key is read from stdin.
        agree: Questions may be sent there.
        through_proxy: See :attr:`desktop.servers.registry.Server.through_proxy`.
    """

    action: str
    name: str = ""
    address: str = ""
    model: str = ""
    key_from_stdin: bool = False
    agree: bool = False
    through_proxy: bool = False

    @classmethod
    def of(cls, parsed: Namespace) -> Self:
        """Returns what was written on the command line."""
        return cls(
            parsed.action,
            getattr(parsed, "target", None) or "",
            getattr(parsed, "address", ""),
            getattr(parsed, "model", None) or "",
            getattr(parsed, "key_from_stdin", False),
            getattr(parsed, "agree", False),
            getattr(parsed, "through_proxy", False),
        )


def run(places: common.Places, request: ServersRequest, *, as_json: bool) -> int:
    """Runs one action; see :mod:`desktop.cli.common` for what it raises."""
    if request.action == "discover":
        return _discover(request.name, as_json=as_json)
    places.paths.create()
    servers = ServerList(places.paths.servers_file)
    if request.action == "add":
        return _say((_add(places, servers, request),), "", as_json=as_json)
    if request.action == "models":
        return models(places, servers, servers.get(request.name), as_json=as_json)
    if request.action == "test":
        return test(places, servers.get(request.name), request.model, as_json=as_json)
    if request.action == "remove":
        gone = remove_server(servers, keys_of(places), request.name)
        return _say((), f"{gone.name} is forgotten, and so is its key.", as_json=as_json)
    there = servers.all()
    return _say(there, "" if there else "no servers; catnap servers add NAME ADDRESS", as_json=as_json)


def _add(places: common.Places, servers: ServerList, request: ServersRequest) -> Server:
    entry = ServerEntry(
        request.name,
        request.address,
        _read_key() if request.key_from_stdin else "",
        request.model,
        agreed=request.agree or None,
        through_proxy=request.through_proxy,
    )
    saved = save_server(servers, keys_of(places), entry)
    if saved.key_place is KeyPlace.FILE:
        common.warn(
            f"this system has no keyring that would keep the key; it lies in {places.paths.server_keys_file}, "
            "which only you can read"
        )
    _say_what_is_seen(saved.server.address, has_key=saved.server.has_key)
    return saved.server


def _say_what_is_seen(address: ServerAddress, *, has_key: bool) -> None:
    if address.is_open:
        what = "questions, answers and the key" if has_key else "questions and answers"
        common.warn(f"{address.place} is asked without encryption: on the way there others can read {what}")


def _read_key() -> str:
    if sys.stdin.isatty():
        from getpass import getpass

        return checked_key(getpass("Key: ", sys.stderr))
    try:
        return checked_key(sys.stdin.read(_MOST_KEY))
    except UnicodeDecodeError:
        raise UserFacingError("This is no key of a server.", "", "A key is one word; copy it once more.") from None


def _say(servers: tuple[Server, ...], note: str, *, as_json: bool) -> int:
    if as_json:
        common.print_json({"servers": [_record(each) for each in servers]})
        return common.DONE
    for each in servers:
        notes = [each.model] if each.model else []
        notes += ["with a key"] if each.has_key else []
        notes += [] if each.may_be_asked else ["not agreed to yet"]
        common.say("  ".join((each.name, each.address.url, *notes)))
    if note:
        common.say(note)
    return common.DONE


def _discover(computer: str, *, as_json: bool) -> int:
    from desktop.servers import discovery  # with what it listens with

    found = discovery.ask_usual_ports(computer) if computer else discovery.discover()
    if as_json:
        common.print_json(
            {
                "found": [
                    {"name": each.name, "address": each.address.url, "program": each.program, "key": each.wants_key}
                    for each in found
                ]
            }
        )
        return common.DONE
    for each in found:
        notes = [each.program] if each.program and each.program != each.name else []
        notes += ["wants a key"] if each.wants_key else []
        common.say("  ".join((each.name, each.address.url, *notes)))
    if found:
        common.warn("nobody has checked what this is; catnap servers add NAME ADDRESS adds one")
    elif computer:
        common.warn(f"{computer} answers at none of the ports that are usual for servers")
    else:
        common.warn(
            "nothing announces itself in this network, and most servers never do; "
            "catnap servers discover COMPUTER asks one computer at the usual ports"
        )
    return common.DONE


def _record(server: Server) -> common.Json:
    return {
        "name": server.name,
        "address": server.address.url,
        "model": server.model,
        "has_key": server.has_key,
        "agreed": server.may_be_asked,
        "through_proxy": server.through_proxy,
        "encrypted": server.address.scheme == "https",
        "kind": server.found.kind,
    }
