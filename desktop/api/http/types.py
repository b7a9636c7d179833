"""What the protocol and those who answer requests say to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

KILOBYTE: Final = 1024


@dataclass(frozen=True)
class Limits:
    """What a client may take. Times in seconds.

    Attributes:
        connections: At once; of those that are idle the oldest goes when another comes.
        head: Bytes of a request line and headers together.
        headers: Their number.
        body: Bytes of what follows them.
        head_s: From the first byte of a request, or from the connection, to the end of its headers.
        idle_s: Between two requests.
        body_s: For the body.
        write_s: Without a byte taken of what is sent.
        linger_s: For the client to read why it was refused, before the connection goes.
    """

    connections: int = 128
    head: int = 16 * KILOBYTE
    headers: int = 64
    body: int = 1024 * KILOBYTE
    head_s: float = 10.0
    idle_s: float = 60.0
    body_s: float = 30.0
    write_s: float = 30.0
    linger_s: float = 1.0


USUAL_LIMITS: Final = Limits()


@dataclass(frozen=True)
class Head:
    """A request without its body.

    Attributes:
        path: Without the query, as it was sent: nothing in it is decoded.
        headers: By name in lower case; what may come once only came once, others are joined by commas.
        length: Of the body in bytes; None: it comes in chunks, and nobody knows.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = 0

    @property
    def has_body(self) -> bool:
        """Whether there is one."""
        return self.length is None or self.length > 0


class Responder(Protocol):
    """Sends one response. Each method raises ConnectionError where nobody takes it any more."""

    async def send(self, status: int, document: Any, headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Sends a JSON document, or nothing but the headers for None."""

    async def begin(self) -> None:
        """Begins a stream of events."""

    async def push(self, data: bytes) -> None:
        """Sends a part of it."""

    async def end(self) -> None:
        """Ends it."""


class Handler(Protocol):
    """Answers requests."""

    def admit(self, head: Head) -> tuple[tuple[str, str], ...]:
        """Looks at a request before its body is read; returns headers that its response has.

        Raises:
            ApiError: It is refused.
        """

    async def answer(self, head: Head, body: bytes, responder: Responder) -> None:
        """Answers; is cancelled when the client has gone.

        Raises:
            ApiError: It is refused; nothing was sent.
        """
