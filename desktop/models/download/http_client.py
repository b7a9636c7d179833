"""The network of downloads: HTTP with httpx, through the proxies of the system. TLS is always verified.

Importing this takes some tenths of a second on an old machine, so it is done in a worker thread by the first download.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import platform
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import cast
from urllib.parse import urljoin, urlsplit

import httpx

import desktop
from desktop.common.credentials import without_credentials
from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError
from desktop.gguf.other_formats import MAGIC, not_gguf
from desktop.models.catalog import is_safe_url
from desktop.models.download.certificates import make_context, tls_error
from desktop.models.download.connection_errors import causes, is_page, why_unreachable
from desktop.models.download.mirrors import Address
from desktop.models.download.proxy.challenge import Challenge
from desktop.models.download.proxy.proxies import Proxies
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.models.download.proxy.proxy_errors import proxy_unusable
from desktop.models.download.proxy.system_proxies import read_proxies
from desktop.models.download.responses import (
    Body,
    Document,
    SourceError,
    check_links,
    cut,
    judge,
    signed_out,
    strong_etag,
)
from desktop.models.download.ways import Ways
from desktop.models.types import ModelSpec

_HOPS = 8
_REDIRECTS = (301, 302, 303, 307, 308)
_HEAD = 64  # bytes that are enough to tell what a file is
_QUOTED = 80  # characters of an answer that a sentence quotes
# What the pages to which networks send people before they have signed in have in their addresses.
_SIGN_IN = re.compile(r"log-?in|sign-?in|portal|captive|hotspot|wlan|wi-?fi|guest|auth|welcome|redirect", re.IGNORECASE)
_EXPECTED = (httpx.HTTPError, TimeoutError)
_OTHER_HOST = QT_TRANSLATE_NOOP("Errors", "Choose another place to download from in the settings.")
_KEPT = QT_TRANSLATE_NOOP("Errors", "Check the network connection and try again; what was downloaded is kept.")
_log = logging.getLogger(__name__)


def open_source(connect_seconds: float, stall_seconds: float, accounts: ProxyAccounts) -> HttpSource:
    """Returns the network, with the certificates and the proxies of the system. Takes a while: not on the GUI thread.

    Args:
        connect_seconds: Longest wait for a connection.
        stall_seconds: Longest silence in the middle of an answer.
        accounts: For proxies that want one.
    """
    ways = Ways(read_proxies(), accounts, make_context())
    client = httpx.AsyncClient(
        transport=ways,
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(stall_seconds, connect=connect_seconds),
        headers={
            "User-Agent": f"Catnap/{desktop.__version__} ({platform.system()})",
            "Accept": "*/*",
            # Bytes as they lie on the host's disk: ranges and sizes are about those.
            "Accept-Encoding": "identity",
        },
    )
    return HttpSource(client, ways, connect_seconds + stall_seconds)


class HttpSource:
    """A :class:`desktop.models.download.responses.Source`."""

    def __init__(self, client: httpx.AsyncClient, ways: Ways, answer_seconds: float) -> None:
        """
        Args:
            client: Used for every request, and closed with this.
            ways: Its transport, which knows the proxies.
            answer_seconds: Longest wait for the headers of an answer, all in all: a SOCKS proxy that falls silent has
                no limit of its own in httpcore, and headers may come a byte at a time.
        """
        self._client = client
        self._answer_seconds = answer_seconds
        self.ways = ways

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
            with self._named(host):
                start = judge(response.status_code, response.headers, spec, offset, host, redirected)
                body = Body(start, strong_etag(response.headers), self._chunks(response, host, start))
            yield body

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
            response = await self._send(url, host, {"Accept": "application/json"})
            try:
                target = response.headers.get("location")
                if response.status_code in _REDIRECTS and target:
                    url = _redirected(url, target, host)
                    continue
                content = await self._whole(response, host, most)
                if response.status_code == 511 or (response.status_code == 200 and is_page(content)):
                    raise signed_out(host)
                return Document(response.status_code, dict(response.headers), content, url)
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
            response = await self._send(url, host, headers)
            try:
                with self._named(host):
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

    async def _send(self, url: str, host: str, headers: dict[str, str]) -> httpx.Response:
        challenge = Challenge()
        with self._named(host):
            proxy = await self.ways.prepare(url)
            request = self._client.build_request("GET", url, headers=headers, extensions={"trace": challenge.listen})
            try:
                return await self.ways.answer(self._sent(request), proxy, challenge)
            except UserFacingError as problem:
                raise SourceError(problem, permanent=True) from problem

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        async with asyncio.timeout(self._answer_seconds):
            return await self._client.send(request, stream=True)

    @contextlib.contextmanager
    def _named(self, host: str) -> Iterator[None]:
        """Turns whatever goes wrong with the network into sentences about ``host``."""
        try:
            yield
        except (SourceError, UserFacingError, Cancelled):
            raise
        # Anything: what a server or proxy sends makes libraries raise what they do not name (ValueError for a number of
        # 5,000 digits, an assertion for a SOCKS answer cut in two), and the next host may do better.
        except Exception as problem:
            _log.info("%s: %s", host, type(problem).__name__, exc_info=not isinstance(problem, _EXPECTED))
            raise _failure(problem, host, self.ways.proxies) from problem

    async def _whole(self, response: httpx.Response, host: str, most: int) -> bytes:
        """Returns a body as it was before it was packed for the way, up to a limit."""
        content = bytearray()
        raw = cast(AsyncGenerator[bytes, None], response.aiter_bytes())
        try:
            with self._named(host):
                async for chunk in raw:
                    content += chunk
                    if len(content) > most:
                        title = QT_TRANSLATE_NOOP("Errors", "The server gave an unexpected answer.")
                        raise SourceError(UserFacingError(title, f"{host}: > {most:,} B.", _OTHER_HOST), permanent=True)
        finally:
            await response.aclose()  # see _chunks
            await raw.aclose()
        return bytes(content)

    async def _chunks(self, response: httpx.Response, host: str, start: int) -> AsyncGenerator[bytes, None]:
        """Yields the body as it arrives; a body from the file's beginning must begin like a model."""
        head = b""
        checked = start > 0
        raw = cast(AsyncGenerator[bytes, None], response.aiter_raw())
        try:
            with self._named(host):
                async for chunk in raw:
                    if checked:
                        yield chunk
                        continue
                    head += chunk
                    if len(head) >= _HEAD:
                        checked = True
                        yield _begins_like_a_model(head, host)
        finally:
            # WORKAROUND: when the body is not read to its end, the generators of httpx and httpcore close the
            # connection while they are collected, which needs a loop that knows of asynchronous generators, and Qt's
            # does not. With the response closed before, nothing is left to do for them.
            await response.aclose()
            await raw.aclose()
        if not checked:
            yield _begins_like_a_model(head, host)


def _begins_like_a_model(head: bytes, host: str) -> bytes:
    if not head:
        raise cut(host)
    if not head.startswith(MAGIC):
        raise signed_out(host) if is_page(head) else SourceError(not_gguf(head, f"{host}."), permanent=True)
    return head


def _redirected(url: str, target: str, host: str) -> str:
    new = ""
    try:
        new = urljoin(url, target)
        # From this machine to this machine plain http is as good as it was; from https it is never taken.
        if is_safe_url(new) and (urlsplit(url).scheme == "http" or urlsplit(new).scheme == "https"):
            return new
    except ValueError:
        pass  # no address at all
    if _SIGN_IN.search(new):
        raise signed_out(host)
    title = QT_TRANSLATE_NOOP("Errors", "The server sends the download over an insecure connection.")
    shown = without_credentials(target[:_QUOTED])
    raise SourceError(UserFacingError(title, f"{host}: {shown}.", _OTHER_HOST), permanent=True)


def _failure(problem: Exception, host: str, proxies: Proxies) -> SourceError:
    found = list(causes(problem))
    if any(isinstance(cause, ssl.SSLError) for cause in found):
        return SourceError(tls_error(found, host))
    if isinstance(problem, httpx.ProxyError):
        title = QT_TRANSLATE_NOOP("Errors", "The proxy of this system did not let the download through.")
        remedy = QT_TRANSLATE_NOOP("Errors", "Check the proxy in the system settings.")
        return SourceError(UserFacingError(title, f"{_via(host, proxies)}: {problem}.", remedy))
    if isinstance(problem, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return SourceError(_unreachable(why_unreachable(found), host, proxies))
    if isinstance(problem, httpx.TimeoutException | TimeoutError):
        title = QT_TRANSLATE_NOOP("Errors", "The download server has stopped sending.")
        return SourceError(UserFacingError(title, f"{host}.", _KEPT))
    if isinstance(problem, httpx.NetworkError | httpx.RemoteProtocolError):
        return cut(host)
    title = QT_TRANSLATE_NOOP("Errors", "The server gave an unexpected answer.")
    detail = str(problem) if isinstance(problem, httpx.HTTPError) else type(problem).__name__
    return SourceError(UserFacingError(title, f"{host}: {detail[:_QUOTED]}.", _OTHER_HOST), permanent=True)


def _unreachable(why: str, host: str, proxies: Proxies) -> UserFacingError:
    values = (_via(host, proxies),)
    if _is_proxied(host, proxies):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The proxy of this system cannot be reached."),
            why,
            QT_TRANSLATE_NOOP(
                "Errors",
                "Start it, or take it out of the system settings; what was downloaded is kept.",
            ),
            values=values,
        )
    if proxies.skipped or proxies.script:
        # Nothing is left: there is a proxy, it cannot be used, and without it nobody answers.
        return proxy_unusable(proxies, why.format(*values))
    title = QT_TRANSLATE_NOOP("Errors", "The download server cannot be reached.")
    return UserFacingError(title, why, _KEPT, values=values)


def _is_proxied(host: str, proxies: Proxies) -> bool:
    try:
        return proxies.for_url(f"https://{host}") is not None
    except ValueError:
        return False


def _via(host: str, proxies: Proxies) -> str:
    return f"{host}, {proxies.proxy.shown}" if proxies.proxy is not None and _is_proxied(host, proxies) else host
