"""Which servers there are: name, address, whether words may go there, and what was found out about them."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.file_lock import changing_alone
from desktop.common.json_file import FileFault, StateFile, is_count, not_saved
from desktop.common.printable import one_line
from desktop.servers.addresses import AddressError, ServerAddress, parse_address

_MOST_SERVERS: Final = 50
_MOST_NAME: Final = 60
_MOST_FOUND: Final = 200  # parameters, models
_LONGEST_MODEL: Final = 300
# They end the name in a choice, or in a sentence of the command line.
_NOT_IN_NAMES: Final = re.compile(r"[/:\\]")


@dataclass(frozen=True)
class Findings:
    """What was found out about a server, so that it is not asked for twice; all of it may be wrong by tomorrow.

    Attributes:
        kind: "llama.cpp", "vllm", "ollama", "sglang", "llama-cpp-python"; empty: unknown, any other.
        refused: Parameters that it does not take, as it names them.
        contexts: Tokens that a model takes, by its name.
        models: Names of those it has, in its order; not necessarily of all.
    """

    kind: str = ""
    refused: tuple[str, ...] = ()
    contexts: Mapping[str, int] = field(default_factory=dict, hash=False)
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class Server:
    """A server that can be asked.

    Attributes:
        name: As its owner calls it.
        agreed: The owner of this computer has agreed that words go there. Asked once for each address.
        has_key: A key is kept for it, see :mod:`desktop.servers.keys`.
        through_proxy: Ask it through the proxy of this system although it is in the own network.
        model: The one that is asked where none is named; empty: none was chosen.
        found: What was found out about it.
    """

    name: str
    address: ServerAddress
    agreed: bool = False
    has_key: bool = False
    through_proxy: bool = False
    model: str = ""
    found: Findings = field(default_factory=Findings)

    @property
    def may_be_asked(self) -> bool:
        """Whether words may go there: it is this computer, or its owner has agreed."""
        return self.agreed or self.address.is_here


class ServerList:
    """Which servers there are, in a file that the app and the command line share: it is read anew each time.

    Any thread: a question that has found something out about a server and a window that changes it do not undo each
    other's work.
    """

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: Its folder exists; not there while there is no server.
        """
        self._path = file
        self._lock = threading.RLock()  # held from reading to writing

    def look(self) -> FileFault | None:
        """Returns what is wrong with the file, to be said once; None: nothing."""
        with self._lock:
            file = self._file()
            file.read()
            return file.problem

    def all(self) -> tuple[Server, ...]:
        """Returns the servers in the order in which they came."""
        with self._lock:
            return self._file().read() or ()

    def get(self, name: str) -> Server:
        """Returns a server by its name, in whatever case.

        Raises:
            UserFacingError: There is none.
        """
        there = self.all()
        if (found := named(there, name)) is not None:
            return found
        names = ", ".join(each.name for each in there)
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "There is no such server."),
            f"{one_line(name)}; {names}." if names else f"{one_line(name)}.",
            QT_TRANSLATE_NOOP("Errors", "Add it with its address, or choose another model."),
        )

    def put(self, server: Server, *, keeps_consent: bool = True) -> Server:
        """Adds a server, or puts it in the place of the one of its name; returns it as it is kept.

        Args:
            server: What was agreed to and found out belongs to an address.
            keeps_consent: What was agreed to of this address before stays so; else it can be taken back.

        Raises:
            UserFacingError: Its name cannot be used, there are too many, or the file cannot be written.
        """
        name = one_line(server.name)
        if not name or len(name) > _MOST_NAME or _NOT_IN_NAMES.search(name):
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "A server cannot be called so."),
                f"{name[:_MOST_NAME]}." if name else "",
                QT_TRANSLATE_NOOP("Errors", "A name has 60 letters at the most, no slash and no colon."),
            )
        with self._changing():
            there = self.all()
            old = named(there, name)
            if old is None and len(there) >= _MOST_SERVERS:
                raise UserFacingError(
                    QT_TRANSLATE_NOOP("Errors", "There are as many servers as there can be."),
                    f"{_MOST_SERVERS}.",
                    QT_TRANSLATE_NOOP("Errors", "Remove one that is not used."),
                )
            kept = replace(server, name=name)
            if keeps_consent and old is not None and old.address == server.address:
                kept = replace(kept, agreed=kept.agreed or old.agreed)
            self._write(tuple(kept if each is old else each for each in there) if old else (*there, kept))
        return kept

    def note(self, name: str, address: ServerAddress, found: Findings) -> None:
        """Keeps what was found out, unless the server is gone by now or is elsewhere; a full disk is no matter."""
        with contextlib.suppress(UserFacingError), self._changing():
            there = self.all()
            changed = tuple(
                replace(each, found=found) if each.name == name and each.address == address else each for each in there
            )
            if changed != there:
                self._file().write(_document(changed))

    def remove(self, name: str) -> Server:
        """Removes a server; returns what it was.

        Raises:
            UserFacingError: There is none of that name, or the file cannot be written.
        """
        with self._changing():
            gone = self.get(name)
            self._write(tuple(each for each in self.all() if each.name != gone.name))
        return gone

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """From reading to writing: neither a thread nor another program comes in between."""
        try:
            with self._lock, changing_alone(self._path):
                yield
        except OSError as problem:
            title = QT_TRANSLATE_NOOP("Errors", "The list of servers could not be kept.")
            raise not_saved(title, self._path, problem) from problem

    def _file(self) -> StateFile[tuple[Server, ...]]:
        return StateFile(self._path, _stored)

    def _write(self, servers: tuple[Server, ...]) -> None:
        file = self._file()
        file.read()  # what will not do is put aside before it is written over
        if servers:
            file.write(_document(servers))
        else:
            file.remove()


def named(servers: tuple[Server, ...], name: str) -> Server | None:
    """Returns the server of a name, in whatever case, as it may be written to add one; None: there is none."""
    wanted = one_line(name).casefold()
    return next((each for each in servers if each.name.casefold() == wanted), None)


def _document(servers: tuple[Server, ...]) -> dict[str, Any]:
    return {
        "servers": [
            {
                "name": each.name,
                "address": each.address.url,
                "agreed": each.agreed,
                "has_key": each.has_key,
                "through_proxy": each.through_proxy,
                "model": each.model,
                "kind": each.found.kind,
                "refused": list(each.found.refused),
                "contexts": dict(each.found.contexts),
                "models": list(each.found.models),
            }
            for each in servers
        ]
    }


def _stored(document: dict[str, Any]) -> tuple[Server, ...]:
    entries = document["servers"]
    if not isinstance(entries, list):
        raise TypeError
    return tuple(_server(entry) for entry in entries[:_MOST_SERVERS])


def _server(entry: dict[str, Any]) -> Server:
    name, address = entry["name"], entry["address"]
    if not (isinstance(name, str) and name and isinstance(address, str)):
        raise TypeError
    try:
        place = parse_address(address)
    except AddressError as problem:
        raise ValueError from problem
    model, kind = entry.get("model"), entry.get("kind")
    refused, contexts = entry.get("refused"), entry.get("contexts")
    found = Findings(
        kind[:_MOST_NAME] if isinstance(kind, str) else "",
        _texts(refused),
        {k: v for k, v in list(contexts.items())[:_MOST_FOUND] if is_count(v)} if isinstance(contexts, dict) else {},
        tuple(each for each in _texts(entry.get("models")) if each.isprintable() and len(each) <= _LONGEST_MODEL),
    )
    return Server(
        one_line(name)[:_MOST_NAME],
        place,
        agreed=entry.get("agreed") is True,
        has_key=entry.get("has_key") is True,
        through_proxy=entry.get("through_proxy") is True,
        model=model[:_LONGEST_MODEL] if isinstance(model, str) else "",
        found=found,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for each in value[:_MOST_FOUND] if isinstance(each, str)) if isinstance(value, list) else ()
