"""The network of downloads: HTTP with httpx. TLS is always verified, by the certificates of the system.

Importing this takes some tenths of a second on an old machine, so it is done in a worker thread by the first download.
"""

from __future__ import annotations

import contextlib
import errno
import platform
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import cast
from urllib.parse import urljoin, urlsplit

import httpx
import truststore

import desktop
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.gguf.other_formats import MAGIC, not_gguf
from desktop.models.catalog import LOOPBACK, is_safe_url
from desktop.models.download.mirrors import Address
from desktop.models.download.responses import Body, Document, SourceError, check_links, cut, judge, strong_etag
from desktop.models.types import ModelSpec

_HOPS = 8
_REDIRECTS = (301, 302, 303, 307, 308)
_HEAD = 64  # bytes that are enough to tell what a file is
_OTHER_HOST = QT_TRANSLATE_NOOP("Errors", "Choose another place to download from in the settings.")
_KEPT = QT_TRANSLATE_NOOP("Errors", "Check the network connection and try again; what was downloaded is kept.")


def make_client(connect_seconds: float, stall_seconds: float) -> httpx.AsyncClient:
    """Returns a client with the certificates and the proxies of the system. Takes a while: not on the GUI thread.

    Args:
        connect_seconds: Longest wait for a connection.
        stall_seconds: Longest silence in the middle of an answer.

    Raises:
        UserFacingError: The proxy of the system is of a kind that cannot be used.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # A server on this very machine is never behind a proxy, whatever the environment says.
    direct = {f"all://{f'[{host}]' if ':' in host else host}": None for host in LOOPBACK}
    try:
        return httpx.AsyncClient(
            verify=context,
            follow_redirects=False,
            mounts=direct,
            timeout=httpx.Timeout(stall_seconds, connect=connect_seconds),
            headers={
                "User-Agent": f"Catnap/{desktop.__version__} ({platform.system()})",
                "Accept": "*/*",
                # Bytes as they lie on the host's disk: ranges and sizes are about those.
                "Accept-Encoding": "identity",
            },
        )
    except (ImportError, ValueError, httpx.InvalidURL) as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The proxy of this system cannot be used."),
            f"{problem}.",
            QT_TRANSLATE_NOOP("Errors", "Set an http proxy in the system settings or the environment, or none."),
        ) from problem


class HttpSource:
    """A :class:`desktop.models.download.responses.Source`."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        """
        Args:
            client: Used for every request, and closed with this.
        """
        self._client = client

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._client.aclose()

    @contextlib.asynccontextmanager
    async def open(
        self, address: Address, spec: ModelSpec, offset: int, etag: str | None, limit: int | None = None
    ) -> AsyncIterator[Body]:
        """See :meth:`desktop.models.download.responses.Source.open`."""
        headers = {}
        if offset or limit is not None:
            headers["Range"] = f"bytes={offset}-{offset + limit - 1 if limit is not None else ''}"
        if offset and etag:
            headers["If-Range"] = etag
        async with self._follow(address, spec, headers) as (response, host, redirected):
            start = judge(response.status_code, response.headers, spec, offset, host, redirected)
            yield Body(start, strong_etag(response.headers), _chunks(response, host, start))

    async def document(self, url: str, most: int) -> Document:
        """Asks for a text such as JSON; redirects within what is safe are followed.

        Args:
            url: Where it is.
            most: Bytes that are taken of it.

        Raises:
            SourceError: The host cannot be reached, or sends more.
        """
        asked = host = urlsplit(url).netloc
        for _ in range(_HOPS):
            host = urlsplit(url).netloc
            with _named(host):
                request = self._client.build_request("GET", url, headers={"Accept": "application/json"})
                response = await self._client.send(request, stream=True)
            try:
                target = response.headers.get("location")
                if response.status_code in _REDIRECTS and target:
                    url = _redirected(url, target, host)
                    continue
                return Document(response.status_code, dict(response.headers), await _whole(response, host, most), url)
            finally:
                await response.aclose()
        title = QT_TRANSLATE_NOOP("Errors", "The server sends the download round in circles.")
        raise SourceError(UserFacingError(title, f"{asked}.", _OTHER_HOST), permanent=True)

    @contextlib.asynccontextmanager
    async def _follow(
        self, address: Address, spec: ModelSpec, headers: dict[str, str]
    ) -> AsyncIterator[tuple[httpx.Response, str, bool]]:
        """Follows redirects by hand: https never becomes http, and each hop may tell what file it is."""
        url = address.url
        for hop in range(_HOPS):
            host = urlsplit(url).netloc
            with _named(host):
                request = self._client.build_request("GET", url, headers=headers)
                response = await self._client.send(request, stream=True)
            try:
                check_links(response.headers, spec, host)
                target = response.headers.get("location")
                if response.status_code not in _REDIRECTS or not target:
                    yield response, host, hop > 0
                    return
                url = _redirected(url, target, host)
            finally:
                await response.aclose()
        title = QT_TRANSLATE_NOOP("Errors", "The server sends the download round in circles.")
        raise SourceError(UserFacingError(title, f"{address.host}.", _OTHER_HOST), permanent=True)


async def _whole(response: httpx.Response, host: str, most: int) -> bytes:
    """Returns a body as it was before it was packed for the way, up to a limit."""
    content = bytearray()
    raw = cast(AsyncGenerator[bytes, None], response.aiter_bytes())
    try:
        with _named(host):
            async for chunk in raw:
                content += chunk
                if len(content) > most:
                    title = QT_TRANSLATE_NOOP("Errors", "The server gave an unexpected answer.")
                    raise SourceError(UserFacingError(title, f"{host}: > {most:,} B.", _OTHER_HOST), permanent=True)
    finally:
        await response.aclose()  # see _chunks
        await raw.aclose()
    return bytes(content)


async def _chunks(response: httpx.Response, host: str, start: int) -> AsyncGenerator[bytes, None]:
    """Yields the body as it arrives; a body from the file's beginning must begin like a model."""
    head = b""
    checked = start > 0
    raw = cast(AsyncGenerator[bytes, None], response.aiter_raw())
    try:
        with _named(host):
            async for chunk in raw:
                if checked:
                    yield chunk
                    continue
                head += chunk
                if len(head) >= _HEAD:
                    checked = True
                    yield _begins_like_a_model(head, host)
    finally:
        # WORKAROUND: when the body is not read to its end, the generators of httpx and httpcore close the connection
        # while they are collected, which needs a loop that knows of asynchronous generators, and Qt's does not. With
        # the response closed before, nothing is left to do for them.
        await response.aclose()
        await raw.aclose()
    if not checked:
        yield _begins_like_a_model(head, host)


def _begins_like_a_model(head: bytes, host: str) -> bytes:
    if not head:
        raise cut(host)
    if not head.startswith(MAGIC):
        raise SourceError(not_gguf(head, f"{host}."), permanent=True)
    return head


def _redirected(url: str, target: str, host: str) -> str:
    try:
        new = urljoin(url, target)
        # From this machine to this machine plain http is as good as it was; from https it is never taken.
        if is_safe_url(new) and (urlsplit(url).scheme == "http" or urlsplit(new).scheme == "https"):
            return new
    except ValueError:
        pass  # no address at all
    title = QT_TRANSLATE_NOOP("Errors", "The server sends the download over an insecure connection.")
    raise SourceError(UserFacingError(title, f"{host}: {target[:80]}.", _OTHER_HOST), permanent=True)


@contextlib.contextmanager
def _named(host: str) -> Iterator[None]:
    """Turns the exceptions of httpx into sentences about ``host``."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as problem:
        raise _failure(problem, host) from problem


def _failure(problem: Exception, host: str) -> SourceError:
    causes = list(_causes(problem))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        title = QT_TRANSLATE_NOOP("Errors", "The secure connection to the download server failed.")
        remedy = QT_TRANSLATE_NOOP(
            "Errors", "Check the date and time of this computer; a filter in the network may also be in the way."
        )
        return SourceError(UserFacingError(title, f"{host}: {_last_words(causes)}.", remedy))
    if isinstance(problem, httpx.ProxyError):
        title = QT_TRANSLATE_NOOP("Errors", "The proxy of this system did not let the download through.")
        remedy = QT_TRANSLATE_NOOP("Errors", "Check the proxy in the system settings.")
        return SourceError(UserFacingError(title, f"{host}: {problem}.", remedy))
    if isinstance(problem, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        title = QT_TRANSLATE_NOOP("Errors", "The download server cannot be reached.")
        return SourceError(UserFacingError(title, f"{host}: {_why_unreachable(causes)}.", _KEPT))
    if isinstance(problem, httpx.TimeoutException):
        title = QT_TRANSLATE_NOOP("Errors", "The download server has stopped sending.")
        return SourceError(UserFacingError(title, f"{host}.", _KEPT))
    if isinstance(problem, httpx.NetworkError | httpx.RemoteProtocolError):
        return cut(host)
    title = QT_TRANSLATE_NOOP("Errors", "The server gave an unexpected answer.")
    return SourceError(UserFacingError(title, f"{host}: {problem}.", _OTHER_HOST), permanent=True)


def _why_unreachable(causes: list[BaseException]) -> str:
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return "its name is not found"
        if isinstance(cause, OSError) and cause.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
            return "no network"
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
    return "no answer"


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """Yields an exception and everything that led to it, groups unpacked."""
    yield problem
    if isinstance(problem, BaseExceptionGroup):
        for inner in problem.exceptions:
            yield from _causes(inner)
    if cause := problem.__cause__ or problem.__context__:
        yield from _causes(cause)


def _last_words(causes: list[BaseException]) -> str:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_message:
            return str(cause.verify_message)
    return str(causes[0])
