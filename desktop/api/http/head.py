"""The head of a request, read more strictly than the library does: what can be read in two ways is refused.

h11 takes single line feeds for ends of lines, and folded headers; it prefers one of two lengths. Each is the beginning
of request smuggling where something else stands between, so none of it comes through.
"""

from __future__ import annotations

import re
from typing import Final

import h11

from desktop.api.errors import ApiError, invalid
from desktop.api.http.types import Head, Limits

_END: Final = b"\r\n\r\n"
_BARE: Final = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)|\x00")
_FOLDED: Final = re.compile(rb"\n[ \t]")
# Two of these mean something else to everybody who reads one of them.
_ONCE: Final = frozenset(
    {
        *("host", "content-length", "transfer-encoding", "authorization", "content-type", "origin"),
        *("content-encoding", "expect", "access-control-request-method", "access-control-request-headers"),
    }
)
_DIGITS: Final = re.compile("[0-9]{1,15}")
_PATH: Final = re.compile(r"/[!-~]*")


def end_of_head(received: bytes | bytearray, limit: int) -> int | None:
    """Returns where a head ends in what was received; None: not yet.

    Raises:
        ApiError: It is longer than it may be, or broken.
    """
    found = received.find(_END)
    if _BARE.search(received if found < 0 else received[: found + len(_END)]):
        raise invalid("The request is malformed: its lines do not end in CR LF.")
    if (len(received) if found < 0 else found) > limit:
        raise ApiError(431, f"The headers are longer than {limit} bytes.")
    return None if found < 0 else found + len(_END)


def read_head(raw: bytes, connection: h11.Connection, limits: Limits) -> Head:
    """Returns what a head says.

    Args:
        raw: Up to the empty line, which :func:`end_of_head` has found.
        connection: Of this request alone; gets the head.
        limits: How many headers there may be.

    Raises:
        ApiError: It is malformed, or can be read in two ways.
    """
    if _FOLDED.search(raw):
        raise invalid("The request is malformed: a header goes on in another line.")
    if raw.count(b"\n") - 2 > limits.headers:
        raise ApiError(431, f"There are more than {limits.headers} headers.")
    try:
        connection.receive_data(raw)
        event = connection.next_event()
    except h11.RemoteProtocolError as problem:
        raise invalid(f"The request is malformed: {problem}.") from None
    if not isinstance(event, h11.Request):
        raise invalid("The request is malformed.")
    if event.http_version not in (b"1.0", b"1.1"):
        raise ApiError(505, "This version of HTTP is not known.")
    # As they were sent: h11 makes one length of two that are the same.
    lines = [line.decode("latin-1").partition(":") for line in raw.split(b"\r\n")[1:-2]]
    names = [name.lower() for name, _, _ in lines]
    if twice := next((name for name in names if name in _ONCE and names.count(name) > 1), None):
        raise invalid(f"The request is malformed: there are two headers {twice}.")
    if any(name.lower() == "content-length" and not _DIGITS.fullmatch(value.strip()) for name, _, value in lines):
        raise invalid("The request is malformed: its length is no number.")
    headers: dict[str, str] = {}
    for raw_name, raw_value in event.headers:
        name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    method, target = event.method.decode("ascii"), event.target.decode("latin-1")
    if method == "CONNECT" or not _PATH.fullmatch(target):  # a proxy's forms, "*"
        raise ApiError(405 if method in ("CONNECT", "OPTIONS") else 400, "This is no proxy; ask for a path.")
    is_old = event.http_version != b"1.1"
    return Head(method, target.partition("?")[0], headers, _length(headers, is_old=is_old))


def _length(headers: dict[str, str], *, is_old: bool) -> int | None:
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is not None:
        if length is not None:
            raise invalid("The request is malformed: it has both a length and chunks.")
        if coding.lower() != "chunked" or is_old:
            raise ApiError(501, "This transfer encoding is not known.")
        return None
    return int(length) if length is not None else 0
