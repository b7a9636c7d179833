"""The way to one server: httpx, through the proxies of the system where it is not near, with the system's certificates.

For one event loop. Importing this takes some tenths of a second on an old machine, so it is done on the thread of the
answers by the first question.
"""

from __future__ import annotations

import asyncio
import contextlib
import platform
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urljoin, urlsplit

import httpx

import desktop
from desktop.common.errors import UserFacingError
from desktop.common.json_file import JsonError, parse_json, to_json
from desktop.models.download.certificates import make_context
from desktop.models.download.connection_errors import is_page
from desktop.models.download.proxy.challenge import Challenge
from desktop.models.download.proxy.proxies import Proxies
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.models.download.proxy.system_proxies import read_proxies
from desktop.models.download.ways import Ways
from desktop.servers import errors
from desktop.servers.addresses import ServerAddress

_HOPS: Final = 3
_KEPT_METHOD: Final = (307, 308)
_REDIRECTS: Final = (301, 302, 303, *_KEPT_METHOD)
_MOST_ERROR: Final = 64_000  # bytes read of the body of an error
_MOST_DOCUMENT: Final = 4_000_000
_ERROR_S: Final = 5.0  # for the body of an error
_SECURE: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for, in seconds.

    Attributes:
        connect: For a connection.
        silence: Without a byte, after which an answer is given up: long texts are read for minutes.
        told: Without a byte, after which that is said, again and again.
        document: For what is small, all in all.
    """

    connect: float = 10.0
    silence: float = 600.0
    told: float = 15.0
    document: float = 20.0


class RefusedError(Exception):
    """A server has refused a request.

    Attributes:
        status: Of HTTP.
        headers: Of its answer, keys in lower case.
        content: Its body, as far as it was read, without the key where it quotes that.
    """

    def __init__(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        super().__init__(str(status))
        self.status = status
        self.headers = headers
        self.content = content


@dataclass(frozen=True)
class Stream:
    """An answer on its way.

    Attributes:
        kind: Its content type, without parameters, in lower case.
        chunks: Its bytes, as they arrive.
    """

    kind: str
    chunks: AsyncGenerator[bytes, None]


class ServerClient:
    """See the module."""

    def __init__(
        self,
        address: ServerAddress,
        key: str | None,
        *,
        accounts: ProxyAccounts,
        patience: Patience | None = None,
        through_proxy: bool = False,
    ) -> None:
        """
        Args:
            address: Where the server is.
            key: Sent to that host and port, and to no other; None: there is none.
            accounts: For a proxy that wants one.
            patience: How long it is waited for; None: as usual.
            through_proxy: Through the proxy of the system although it is in the own network.
        """
        self.address = address
        self._key = key
        self.patience = patience or Patience()
        proxies = read_proxies() if through_proxy or not address.is_near else Proxies()
        self._ways = Ways(proxies, accounts, make_context())
        self._client = httpx.AsyncClient(
            transport=self._ways,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(self.patience.silence, connect=self.patience.connect),
            headers={
                "User-Agent": f"Catnap/{desktop.__version__} ({platform.system()})",
                # What is packed could unpack to anything; and each event is to come at once.
                "Accept-Encoding": "identity",
                **({"Authorization": f"Bearer {key}"} if key else {}),
            },
        )

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._client.aclose()

    async def document(self, path: str, body: Mapping[str, Any] | None = None, *, at_root: bool = False) -> Any:
        """Asks for a small document of JSON.

        Args:
            path: Behind the path of the address, or behind its root.
            body: What is sent; None: nothing is.
            at_root: It lies beside the common interface.

        Raises:
            RefusedError: The server does not give it.
            UserFacingError: The server cannot be reached, or gives something else.
        """
        url = (self.address.root if at_root else self.address.url) + path
        try:
            async with asyncio.timeout(self.patience.document), self._open(url, body) as response:
                content = await self._content(response, _MOST_DOCUMENT)
        except TimeoutError as problem:
            raise errors.connection_error(problem, self.address) from problem
        if is_page(content):
            raise errors.page_came(self.address)
        try:
            return parse_json(content)
        except JsonError as problem:
            raise errors.no_answer(self.address) from problem

    @contextlib.asynccontextmanager
    async def stream(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[Stream]:
        """Asks for an answer that comes piece by piece.

        Raises:
            RefusedError: The server does not give one.
            UserFacingError: The server cannot be reached; what the chunks raise is httpx's.
        """
        async with self._open(self.address.url + path, body) as response:
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            chunks = cast(AsyncGenerator[bytes, None], response.aiter_raw())
            try:
                yield Stream(kind, chunks)
            finally:
                await response.aclose()
                await chunks.aclose()

    @contextlib.asynccontextmanager
    async def _open(self, url: str, body: Mapping[str, Any] | None) -> AsyncIterator[httpx.Response]:
        """Sends a request, also after the server to another place on itself, and yields what is no error."""
        for _ in range(_HOPS):
            response = await self._send(url, body)
            try:
                target = response.headers.get("location", "")
                # What is sent is sent again only where that is meant: elsewhere it would become a GET.
                kept = _REDIRECTS if body is None else _KEPT_METHOD
                if response.status_code in kept and (there := self._same_place(url, target)):
                    url = there
                    continue
                if response.status_code >= 300:
                    raise RefusedError(
                        response.status_code, dict(response.headers), await self._error_content(response)
                    )
                if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
                    raise errors.no_answer(self.address)
                yield response
                return
            finally:
                await response.aclose()
        raise RefusedError(310, {}, b"")

    async def _send(self, url: str, body: Mapping[str, Any] | None) -> httpx.Response:
        via, challenge = "", Challenge()
        try:
            proxy = await self._ways.prepare(url)
            via = proxy.shown if proxy is not None else ""
            content = None if body is None else to_json(body).encode()
            kind = {} if content is None else {"Content-Type": "application/json"}
            accept = "application/json" if body is None or not body.get("stream") else "text/event-stream"
            request = self._client.build_request(
                "GET" if content is None else "POST",
                url,
                content=content,
                headers={"Accept": accept, **kind},
                extensions={"trace": challenge.listen},
            )
            return await self._ways.answer(self._sent(request), proxy, challenge)
        except UserFacingError:
            raise
        # Anything: what a server or proxy sends makes libraries raise what they do not name.
        except Exception as problem:
            raise errors.connection_error(problem, self.address, via) from problem

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._client.send(request, stream=True)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            # A connection of an earlier question, which the server has closed meanwhile; httpx finds out too late.
            return await self._client.send(request, stream=True)

    def _same_place(self, url: str, target: str) -> str:
        """Returns where a redirect leads within the same host, where the key may go as well; empty: elsewhere."""
        try:
            new = urljoin(url, target)
            old, parts = urlsplit(url), urlsplit(new)
            same = (old.hostname, old.port or _SECURE[old.scheme]) == (
                parts.hostname,
                parts.port or _SECURE[parts.scheme],
            )
        except (ValueError, KeyError):
            return ""
        return new if target and same and parts.scheme == old.scheme and "@" not in parts.netloc else ""

    async def _error_content(self, response: httpx.Response) -> bytes:
        content = b""
        with contextlib.suppress(TimeoutError, UserFacingError):
            async with asyncio.timeout(_ERROR_S):
                content = await self._content(response, _MOST_ERROR, cut=True)
        if self._key:  # some quote it
            content = re.sub(re.escape(self._key.encode()), b"***", content)
        return content

    async def _content(self, response: httpx.Response, most: int, *, cut: bool = False) -> bytes:
        content = bytearray()
        chunks = cast(AsyncGenerator[bytes, None], response.aiter_raw())
        try:
            async for chunk in chunks:
                content += chunk
                if len(content) > most:
                    if cut:
                        break
                    raise errors.too_much(self.address)
        except httpx.HTTPError as problem:
            if not cut:
                raise errors.connection_error(problem, self.address) from problem
        finally:
            await response.aclose()
            await chunks.aclose()
        return bytes(content[:most])
