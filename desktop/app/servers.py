"""Servers as the app has them: nothing of it is imported, and no thread runs, before there is one."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop.common.json_file import FileFault
from desktop.common.paths import Paths
from desktop.engine.routing import ServerModel, server_model
from desktop.engine.types import EngineEvent, Finished, FinishReason, Generation, Stats
from desktop.history.records import model_on
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.system.keyring import open_keyring

if TYPE_CHECKING:
    from desktop.servers.answers import ServerAnswers
    from desktop.servers.keys import ServerKeys
    from desktop.servers.registry import Server, ServerList

_STOP_S = 2.0


class Servers:
    """Implements :class:`~desktop.engine.ports.AnswerPort` for what names a model on a server.

    The port may be used from any thread, the rest on the GUI thread; only ``keys`` must not be asked there for a key.
    """

    def __init__(self, paths: Paths, post: Callable[[EngineEvent], None], accounts: ProxyAccounts) -> None:
        """
        Args:
            paths: Where the list of servers lies, and keys that no keyring takes.
            post: Takes the events of answers, on any thread.
            accounts: For proxies that want one.
        """
        self._paths = paths
        self._post = post
        self.accounts = accounts
        self._receivers: list[Callable[[], None]] = []
        self._list: ServerList | None = None
        self._keys: ServerKeys | None = None
        self._answers: ServerAnswers | None = None
        self._known: tuple[tuple[int, int, int], tuple[Server, ...]] | None = None
        self._is_closed = False

    # --- which there are

    @property
    def list(self) -> ServerList:
        """The list, made when it is needed first."""
        if self._list is None:
            from desktop.servers.registry import ServerList

            self._list = ServerList(self._paths.servers_file)
        return self._list

    @property
    def keys(self) -> ServerKeys:
        """Their keys, likewise."""
        if self._keys is None:
            from desktop.servers.keys import ServerKeys

            self._keys = ServerKeys(self._paths.server_keys_file, open_keyring)
        return self._keys

    def all(self) -> tuple[Server, ...]:
        """Returns the servers; read again only where the file, which the command line writes too, is another one."""
        try:
            state = self._paths.servers_file.stat()
        except OSError:  # there is none, or what is wrong with it was said at the start
            self._known = None
            return ()
        mark = (state.st_ino, state.st_mtime_ns, state.st_size)
        if self._known is None or self._known[0] != mark:
            self._known = mark, self.list.all()
        return self._known[1]

    def of(self, choice: str | None) -> Server | None:
        """Returns the server that a choice names; None: it is gone, or the choice means a file or nothing."""
        chosen = server_model(choice)
        if chosen is None:
            return None
        wanted = chosen.server.casefold()
        return next((each for each in self.all() if each.name.casefold() == wanted), None)

    def place_of(self, choice: str | None) -> str:
        """Returns the host of the server that a choice names; empty: it names none, or one that is gone."""
        server = self.of(choice)
        return server.address.place if server is not None else ""

    def model_of(self, choice: str | None) -> str:
        """Returns the name of the model that answers where a choice names a server; empty: nobody knows it yet."""
        chosen, server = server_model(choice) or ServerModel(""), self.of(choice)
        only = server.found.models[0] if server is not None and len(server.found.models) == 1 else ""
        return chosen.model or (server.model if server is not None else "") or only

    def name_of(self, choice: str) -> str:
        """Returns how an answer names who gave it; see :func:`desktop.history.records.model_on`."""
        chosen, server = server_model(choice) or ServerModel(""), self.of(choice)
        who = self.model_of(choice) or chosen.server
        return model_on(who, server.address.place) if server is not None else who

    def context_of(self, choice: str | None) -> int:
        """Returns the context in tokens of the model that a choice names; 0: the server does not say."""
        server = self.of(choice)
        return server.found.contexts.get(self.model_of(choice), 0) if server is not None else 0

    def agree(self, choice: str) -> None:
        """Keeps that words may go to the server that a choice names.

        Raises:
            UserFacingError: It is gone, or that cannot be kept.
        """
        from dataclasses import replace

        chosen = server_model(choice) or ServerModel("")
        self.list.put(replace(self.list.get(chosen.server), agreed=True))
        self.changed()

    def subscribe(self, receiver: Callable[[], None]) -> None:
        """Calls ``receiver`` when the list has changed here."""
        self._receivers.append(receiver)

    def changed(self) -> None:
        """Says that the list has become another."""
        self._known = None
        for receiver in self._receivers:
            receiver()

    def look(self) -> tuple[FileFault | None, ...]:
        """Returns what is wrong with the files, to be said once; nothing is imported where there are none."""
        found: list[FileFault | None] = []
        if os.path.lexists(self._paths.servers_file):
            found.append(self.list.look())
        if os.path.lexists(self._paths.server_keys_file):
            found.append(self.keys.look())
        return tuple(found)

    # --- answers

    def generate(self, request: Generation) -> None:
        """See :meth:`desktop.engine.ports.AnswerPort.generate`. The first one starts the thread."""
        if self._answers is None and not self._is_closed:
            from desktop.servers.answers import ServerAnswers

            self._answers = ServerAnswers(self._post, self.list, self.keys, self.accounts)
        if self._answers is None:
            self._post(Finished(request.request_id, FinishReason.STOPPED, Stats()))
        else:
            self._answers.generate(request)

    def prepare(self, request: Generation) -> None:
        """Does nothing, and says that it is done: a server is told no word before it is sent."""
        self._post(Finished(request.request_id, FinishReason.COMPLETE, Stats()))

    def cancel(self, request_id: int) -> None:
        """Stops a request; an unknown or finished one is ignored."""
        if self._answers is not None:
            self._answers.cancel(request_id)

    def end(self, timeout: float = _STOP_S) -> bool:
        """Cancels everything and ends the thread; nothing is asked from now on. May be called again.

        Args:
            timeout: Seconds to wait for it.

        Returns:
            Whether it has ended; if not, it ends with the program.
        """
        self._is_closed = True
        return self._answers is None or self._answers.stop(timeout)
