"""One connection of a client: requests come in by HTTP/1.1, one after the other, and each is answered.

h11 reads and writes the protocol; when something is waited for, for how long, and how much of it is taken, is decided
here. Whoever sends a head and then nothing, or takes nothing of what he is sent, loses the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from http import HTTPStatus
from typing import Any, Final

import h11

from desktop.api.errors import SERVER, ApiError
from desktop.api.http.head import end_of_head, read_head
from desktop.api.http.types import Handler, Head, Limits
from desktop.common.json_file import to_json

_log = logging.getLogger(__name__)
_PIECE: Final = 65_536
# Of what a client sends while it waits for its answer; another request that comes early.
_EARLY: Final = 65_536
_END_OF_CHUNKS: Final = b"0\r\n\r\n"
_COMMON: Final = (("server", "catnap"), ("cache-control", "no-store"), ("x-content-type-options", "nosniff"))


class GoneError(ConnectionError):
    """The client takes or sends no more."""


class Connection:
    """One client. On the loop of the listener.

    Attributes:
        is_idle: No request is under way.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler, limits: Limits
    ) -> None:
        """
        Args:
            reader: What the client sends.
            writer: What it is sent.
            handler: Answers its requests.
            limits: What it may take.
        """
        self._reader, self._writer = reader, writer
        self._handler, self._limits = handler, limits
        self._received = bytearray()
        self._is_first = True
        self.is_idle = True

    async def run(self) -> None:
        """Answers requests until either side has enough."""
        try:
            while await self._serve_one():
                self._is_first = False
        except (ConnectionError, TimeoutError):
            self.abort()
        finally:
            self._writer.close()

    def abort(self) -> None:
        """Ends the connection at once."""
        self._writer.transport.abort()

    async def _serve_one(self) -> bool:
        """Answers the next request; returns whether another may follow."""
        self.is_idle = True
        protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=self._limits.head)
        response = _Response(self._writer, protocol, self._limits)
        head: Head | None = None
        try:
            head = await self._read_head(protocol)
            if head is None:
                return False
            self.is_idle = False
            response.is_bodyless = head.method == "HEAD"
            response.headers = self._handler.admit(head)
            body = await self._read_body(head, protocol, response)
            await self._answer(head, body, response)
        except ApiError as refusal:
            if response.is_begun:
                raise GoneError from refusal
            if head is not None and not head.has_body:
                protocol.next_event()  # its end: another request may follow
            await response.refuse(refusal)
        except (ConnectionError, TimeoutError, asyncio.CancelledError):
            raise
        except Exception:
            _log.exception("a request of another program could not be answered")
            if response.is_begun:
                raise GoneError from None
            await response.refuse(ApiError(500, "Something went wrong in Catnap; its log says what.", kind=SERVER))
        if protocol.our_state is h11.DONE and protocol.their_state is h11.DONE:
            return True
        await self._linger()
        return False

    async def _read_head(self, protocol: h11.Connection) -> Head | None:
        """Reads a head; None: the client has nothing to ask any more.

        Raises:
            ApiError: It is malformed, too long, or takes too long.
        """
        seconds = self._limits.head_s if self._is_first or self._received else self._limits.idle_s
        try:
            if not self._received:
                async with asyncio.timeout(seconds):
                    if not await self._receive():
                        return None
            async with asyncio.timeout(self._limits.head_s):
                if self._received.startswith(b"\r\n"):  # some send one too many behind a body
                    del self._received[:2]
                while (end := end_of_head(self._received, self._limits.head)) is None:
                    if not await self._receive():
                        return None
        except TimeoutError:
            if not self._received:
                return None
            raise ApiError(408, "The request did not come to its end in time.") from None
        raw = bytes(self._received[:end])
        del self._received[:end]
        return read_head(raw, protocol, self._limits)

    async def _read_body(self, head: Head, protocol: h11.Connection, response: _Response) -> bytes:
        """Reads a body.

        Raises:
            ApiError: It is too long, malformed, or takes too long.
        """
        limit = self._limits.body if head.method == "POST" else 0
        if (head.length or 0) > limit:
            raise _too_large(limit)
        if head.has_body and protocol.they_are_waiting_for_100_continue:
            await response.go_on()
        body, wanted, given = bytearray(), head.length, b""
        try:
            async with asyncio.timeout(self._limits.body_s):
                while True:
                    event = self._next_event(protocol)
                    if event is h11.NEED_DATA:
                        if not self._received and not await self._receive():
                            raise GoneError
                        taken = len(self._received) if wanted is None else min(wanted - len(body), len(self._received))
                        piece = bytes(self._received[:taken])
                        protocol.receive_data(piece)
                        given = given[-len(_END_OF_CHUNKS) :] + piece
                        del self._received[:taken]
                    elif isinstance(event, h11.Data):
                        body += event.data
                        if len(body) > limit:
                            raise _too_large(limit)
                    elif isinstance(event, h11.EndOfMessage):
                        trailing = protocol.trailing_data[0]
                        if wanted is None and not _ends_strictly(event, given, trailing):
                            raise _two_ends()
                        break
                    else:
                        raise GoneError
        except TimeoutError:
            raise ApiError(408, "The body of the request did not come to its end in time.") from None
        self._received[:0] = trailing  # of chunks nobody knows the end before
        return bytes(body)

    def _next_event(self, protocol: h11.Connection) -> Any:
        try:
            return protocol.next_event()
        except h11.RemoteProtocolError as problem:
            raise ApiError(400, f"The request is malformed: {problem}.") from None

    async def _answer(self, head: Head, body: bytes, response: _Response) -> None:
        """Has a request answered, unless the client goes away: then it is given up.

        Who closes his side only counts as gone: nobody can tell the one from the other before it is too late.
        """
        work = asyncio.ensure_future(self._handler.answer(head, body, response))
        gone = asyncio.ensure_future(self._until_gone())
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise GoneError
            work.result()
        finally:
            for task in (work, gone):
                task.cancel()
            await asyncio.gather(work, gone, return_exceptions=True)

    async def _until_gone(self) -> None:
        while len(self._received) < _EARLY:
            if not await self._receive():
                return
        await asyncio.Event().wait()  # it has sent enough for now; that it is gone will show when it is written to

    async def _receive(self) -> bool:
        data = await self._reader.read(_PIECE)
        self._received += data
        return bool(data)

    async def _linger(self) -> None:
        """Lets the client read why it was refused while it is still sending: what is not read would reset it."""
        with contextlib.suppress(OSError, TimeoutError):
            if self._writer.can_write_eof():
                self._writer.write_eof()
            async with asyncio.timeout(self._limits.linger_s):
                while await self._reader.read(_PIECE):
                    pass


class _Response:
    """Sends a response; implements :class:`~desktop.api.http.types.Responder`.

    Attributes:
        headers: That it has besides its own.
        is_begun: Something of it was sent.
        is_bodyless: Only the headers are wanted.
    """

    def __init__(self, writer: asyncio.StreamWriter, protocol: h11.Connection, limits: Limits) -> None:
        self._writer, self._protocol, self._limits = writer, protocol, limits
        self.headers: tuple[tuple[str, str], ...] = ()
        self.is_begun = self.is_bodyless = False

    async def send(self, status: int, document: Any, headers: tuple[tuple[str, str], ...] = ()) -> None:
        """See :class:`~desktop.api.http.types.Responder`."""
        content = b"" if document is None else to_json(document).encode()
        kind = () if document is None else (("content-type", "application/json"),)
        length = () if status == 204 else (("content-length", str(len(content))),)
        await self._start(status, (*kind, *length, *headers))
        if content and not self.is_bodyless:
            await self._write(h11.Data(content))
        await self._write(h11.EndOfMessage())

    async def refuse(self, refusal: ApiError) -> None:
        """Sends why a request is refused; the connection ends with it if the request was not read to its end."""
        unread = self._protocol.their_state is not h11.DONE
        closing = (("connection", "close"),) if unread else ()
        await self.send(refusal.status, refusal.document(), (*refusal.headers, *closing))

    async def begin(self) -> None:
        """See :class:`~desktop.api.http.types.Responder`."""
        await self._start(200, (("content-type", "text/event-stream; charset=utf-8"),))

    async def push(self, data: bytes) -> None:
        """See :class:`~desktop.api.http.types.Responder`."""
        await self._write(h11.Data(data))

    async def end(self) -> None:
        """See :class:`~desktop.api.http.types.Responder`."""
        await self._write(h11.EndOfMessage())

    async def go_on(self) -> None:
        """Tells a client that waits before it sends a body that it is welcome."""
        await self._write(h11.InformationalResponse(status_code=100, headers=[]))

    async def _start(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        self.is_begun = True
        every = [*_COMMON, *self.headers, *headers]
        await self._write(h11.Response(status_code=status, headers=every, reason=HTTPStatus(status).phrase))

    async def _write(self, event: Any) -> None:
        if self._writer.is_closing():
            raise GoneError
        data = self._protocol.send(event)
        if data:
            self._writer.write(data)
        try:
            async with asyncio.timeout(self._limits.write_s):
                await self._writer.drain()
        except TimeoutError:
            raise GoneError from None


def _ends_strictly(end: h11.EndOfMessage, given: bytes, trailing: bytes) -> bool:
    """Tells whether chunks end as everybody reads them: the library takes a line feed alone, and headers, for an end.

    Args:
        end: What the library says.
        given: What it was given last.
        trailing: Of that, what comes behind.
    """
    return not end.headers and given.removesuffix(trailing).endswith(_END_OF_CHUNKS)


def _two_ends() -> ApiError:
    message = "The request is malformed: what follows its chunks is more than their end."
    return ApiError(400, message, headers=(("connection", "close"),))  # nobody knows what would come next


def _too_large(limit: int) -> ApiError:
    if not limit:
        return ApiError(400, "A request of this kind has no body.")
    return ApiError(413, f"The body is longer than {limit} bytes.", code="request_too_large")
