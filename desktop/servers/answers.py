"""Answers from servers, beside those of the local engine: an :class:`~desktop.engine.ports.AnswerPort`.

A thread of its own has an event loop, on which every answer is a task: several servers may answer at once, and Stop is
a cancelled task, whatever it waits for. What takes long to import, and the thread, come with the first question.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from desktop.common import detached
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.engine.routing import ServerModel, server_model
from desktop.engine.types import EngineEvent, Failed, Finished, FinishReason, Generation, Stats
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.servers.keys import ServerKeys
from desktop.servers.registry import Server, ServerList

if TYPE_CHECKING:
    from desktop.servers.answering import Answering
    from desktop.servers.client import Patience, ServerClient

_STOP_S: Final = 2.0
_log = logging.getLogger(__name__)


@dataclass
class _Running:
    """A request on its way; ``answering`` comes when what it needs is imported."""

    task: asyncio.Task[None]
    answering: Answering | None = None


@dataclass(frozen=True)
class _Way:
    """A client, and what it was made for."""

    server: Server
    key: str | None
    client: ServerClient


class ServerAnswers:
    """Implements :class:`~desktop.engine.ports.AnswerPort` for requests whose ``model_file`` is a model on a server.

    Every public method may be called from any thread. Each request ends in exactly one ``Finished`` or ``Failed``.
    """

    def __init__(
        self,
        post: Callable[[EngineEvent], None],
        servers: ServerList,
        keys: ServerKeys,
        accounts: ProxyAccounts,
        patience: Patience | None = None,
    ) -> None:
        """
        Args:
            post: Takes the events, on the thread of the answers; must return at once.
            servers: Which there are; read anew for each question.
            keys: Theirs.
            accounts: For proxies that want one.
            patience: How long servers are waited for; None: as usual.
        """
        self._post = post
        self._servers = servers
        self._keys = keys
        self._accounts = accounts
        self._patience = patience
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._is_closed = False
        # The thread's own.
        self._running: dict[int, _Running] = {}
        self._leaving: set[asyncio.Task[None]] = set()  # stopped, and closing their connections
        self._ways: dict[str, _Way] = {}

    def generate(self, request: Generation) -> None:
        """Asks a server; events follow. After :meth:`stop` it ends at once as stopped."""
        if not self._call(lambda: self._begin(request)):
            self._post(Finished(request.request_id, FinishReason.STOPPED, Stats()))

    def prepare(self, request: Generation) -> None:
        """Does nothing, and says that it is done: a server is told no word before it is sent."""
        self._post(Finished(request.request_id, FinishReason.COMPLETE, Stats()))

    def cancel(self, request_id: int) -> None:
        """Stops a request; an unknown or finished one is ignored."""
        if self._loop is not None:
            self._call(lambda: self._cancel(request_id))

    def stop(self, timeout: float = _STOP_S) -> bool:
        """Cancels everything and ends the thread. May be called again.

        Args:
            timeout: Seconds to wait for it.

        Returns:
            Whether it has ended; if not, it ends with the program.
        """
        with self._lock:
            self._is_closed = True
            loop, thread = self._loop, self._thread
            if loop is not None and not loop.is_closed():
                loop.call_soon_threadsafe(self._end, loop)
        if thread is None:
            return True
        thread.join(timeout)
        return not thread.is_alive()

    def is_alive(self) -> bool:
        """Tells whether requests are taken."""
        return not self._is_closed

    def _call(self, what: Callable[[], None]) -> bool:
        """Has something done on the thread, which is started with the first; False: it has ended."""
        with self._lock:
            if self._is_closed:
                return False
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._loop.set_default_executor(detached.DetachedExecutor())
                self._thread = threading.Thread(target=self._run, args=(self._loop,), name="servers", daemon=True)
                self._thread.start()
            self._loop.call_soon_threadsafe(what)
            return True

    # --- the thread

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
            loop.run_until_complete(self._tidy_up())
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()

    def _begin(self, request: Generation) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(request))
        self._running[request.request_id] = _Running(task)

    def _cancel(self, request_id: int) -> None:
        running = self._running.pop(request_id, None)
        if running is None:
            return
        # Told before anything that could take a moment.
        if running.answering is not None:
            running.answering.finish(FinishReason.STOPPED)
        else:
            self._post(Finished(request_id, FinishReason.STOPPED, Stats()))
        self._leaving.add(running.task)
        running.task.add_done_callback(self._leaving.discard)
        running.task.cancel()

    def _end(self, loop: asyncio.AbstractEventLoop) -> None:
        for request_id in list(self._running):
            self._cancel(request_id)
        loop.stop()

    async def _tidy_up(self) -> None:
        await asyncio.gather(*self._leaving, return_exceptions=True)
        for way in self._ways.values():
            await way.client.aclose()

    async def _answer(self, request: Generation) -> None:
        running = self._running[request.request_id]
        try:
            # On another thread: on an old machine it takes a second, in which Stop would not be heard.
            make = await detached.run(_answering_class, "server imports")
            running.answering = make(request, self._post)
            await self._ask(running.answering)
        except Exception as problem:  # whatever it was, whoever asked must hear of it
            error = problem if isinstance(problem, UserFacingError) else unexpected(problem)
            if running.answering is not None:
                running.answering.fail(error)
            else:
                self._post(Failed(request.request_id, error, Stats()))
        finally:
            self._running.pop(request.request_id, None)

    async def _ask(self, answering: Answering) -> None:
        from desktop.servers import capabilities, errors

        chosen = server_model(answering.request.model_file) or ServerModel("")
        server = self._servers.get(chosen.server)
        if not server.may_be_asked:
            raise errors.not_agreed(server.name, server.address)
        client = await self._client(server)
        model, found = chosen.model or server.model, server.found
        if not found.kind or not model:
            try:
                seen = await capabilities.look(client, model)
            except UserFacingError:
                if not model:
                    raise  # nothing can be asked; else the question itself says best what is wrong
            else:
                found = seen.findings(found)
                self._servers.note(server.name, server.address, found)
                model = model or capabilities.only_model(seen, client.address)
        try:
            await answering.run(client, model, found)
        finally:
            if answering.found != found:
                self._servers.note(server.name, server.address, answering.found)

    async def _client(self, server: Server) -> ServerClient:
        from desktop.servers.client import ServerClient

        key = None
        if server.has_key:
            key = await detached.run(lambda: self._keys.find(server.address), "server key")
        way = self._ways.get(server.name)
        same = replace(server, found=way.server.found, model=way.server.model) if way is not None else None
        if way is None or way.server != same or way.key != key:
            if way is not None:
                await way.client.aclose()
            make = partial(
                ServerClient,
                server.address,
                key,
                accounts=self._accounts,
                patience=self._patience,
                through_proxy=server.through_proxy,
            )
            client = await detached.run(make, "server client")  # it asks the system for its proxies
            way = self._ways[server.name] = _Way(server, key, client)
        return way.client


def unexpected(problem: BaseException) -> UserFacingError:
    """Returns what to say of something that nobody has thought of; the log has it in full."""
    _log.error("a server could not be asked", exc_info=problem)
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "Something went wrong while a server was asked."),
        f"log: {__name__}.",
        QT_TRANSLATE_NOOP("Errors", "Ask again. If it happens again, the log file says what happened."),
    )


def _answering_class() -> type[Answering]:
    from desktop.servers.answering import Answering

    return Answering
