"""Sends each request directly or through the proxy that is meant for its address."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Iterable, Sequence

import httpcore
import httpx

from desktop.common import detached
from desktop.common.errors import UserFacingError
from desktop.models.download.proxy.challenge import Challenge
from desktop.models.download.proxy.proxies import Account, Proxies, Proxy
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.models.download.proxy.proxy_errors import proxy_wants_account


class Ways(httpx.AsyncBaseTransport):
    """The transport of an httpx client; its connections are made when they are first needed.

    Attributes:
        proxies: The proxies in force when it was made.
    """

    def __init__(self, proxies: Proxies, accounts: ProxyAccounts, context: ssl.SSLContext) -> None:
        """
        Args:
            proxies: See the attribute.
            accounts: For those that want one.
            context: For every secure connection, also those to a proxy.
        """
        self.proxies = proxies
        self._accounts = accounts
        self._context = context
        self._direct = httpx.AsyncHTTPTransport(verify=context, trust_env=False)
        self._proxied: httpx.AsyncHTTPTransport | None = None
        self._used: Account | None = None
        self._making = asyncio.Lock()
        self._opened = _Opened()

    async def prepare(self, url: str) -> Proxy | None:
        """Gets ready for a request, which may take as long as a person takes to unlock the keyring.

        Returns:
            The proxy that will be used; None: none.
        """
        proxy = self.proxies.for_url(url)
        if proxy is not None:
            await self._transport(proxy)
        return proxy

    async def forget(self, proxy: Proxy) -> None:
        """Forgets the account that a proxy did not accept, and the connections made with it."""
        self._accounts.refused(proxy.shown)
        self._used = None
        if self._proxied is not None:
            old, self._proxied = self._proxied, None
            await old.aclose()

    async def answer(
        self, sending: Awaitable[httpx.Response], proxy: Proxy | None, challenge: Challenge
    ) -> httpx.Response:
        """Waits for the answer to a request; the account that a proxy does not accept for it is forgotten.

        Args:
            sending: Sends it.
            proxy: What :meth:`prepare` has returned for it.
            challenge: Has heard what the proxy said to it.

        Raises:
            UserFacingError: The proxy wants an account, or another one.
            Exception: Whatever ``sending`` raises.
        """
        try:
            response = await sending
        except httpx.ProxyError as problem:
            if proxy is None or not challenge.wants_account(problem):
                raise
            raise await self._locked_out(proxy, challenge.schemes) from problem
        if response.status_code == 407 and proxy is not None:
            await response.aclose()
            raise await self._locked_out(proxy, response.headers.get_list("proxy-authenticate"))
        return response

    async def _locked_out(self, proxy: Proxy, schemes: Sequence[str]) -> UserFacingError:
        used = self._used is not None
        await self.forget(proxy)
        return proxy_wants_account(proxy, schemes, refused=used)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Called by the client."""
        proxy = self.proxies.for_url(str(request.url))
        if proxy is None:
            return await self._direct.handle_async_request(request)
        transport = await self._transport(proxy)
        try:
            return await transport.handle_async_request(request)
        except BaseException:
            await self._opened.close()
            raise
        finally:
            self._opened.let_go()

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._direct.aclose()
        if self._proxied is not None:
            await self._proxied.aclose()

    async def _transport(self, proxy: Proxy) -> httpx.AsyncHTTPTransport:
        async with self._making:  # hosts are asked at the same time
            if self._proxied is None:
                # Detached: a program that ends does not wait for a keyring that hangs.
                known = await detached.run(lambda: self._accounts.find(proxy.shown), "proxy account")
                self._used = known or proxy.account
                self._proxied = self._make(proxy, self._used)
            return self._proxied

    def _make(self, proxy: Proxy, account: Account | None) -> httpx.AsyncHTTPTransport:
        server = httpx.Proxy(
            httpx.URL(scheme=proxy.scheme, host=proxy.host, port=proxy.port),
            auth=(account.user, account.password) if account is not None else None,
            ssl_context=self._context if proxy.scheme == "https" else None,
        )
        transport = httpx.AsyncHTTPTransport(verify=self._context, trust_env=False, proxy=server)
        transport._pool._network_backend = self._opened
        return transport


class _Opened(httpcore.AsyncNetworkBackend):
    """Knows the connections that the running task has opened to a proxy, so that they are closed if it fails.

    WORKAROUND(https://github.com/encode/httpcore/blob/1.0.9/httpcore/_async/socks_proxy.py): where a SOCKS proxy
    refuses, or says nonsense, httpcore forgets the connection without closing it. httpx takes no other backend.
    """

    def __init__(self) -> None:
        self._backend = httpcore.AnyIOBackend()
        self._streams: dict[asyncio.Task[object] | None, list[httpcore.AsyncNetworkStream]] = {}

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the signature of httpcore)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        stream = await self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        self._streams.setdefault(asyncio.current_task(), []).append(stream)
        return stream

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)

    async def close(self) -> None:
        """Closes what the running task has opened."""
        for stream in self._streams.pop(asyncio.current_task(), ()):
            with contextlib.suppress(Exception):
                await stream.aclose()

    def let_go(self) -> None:
        """Leaves what the running task has opened to whoever uses it."""
        self._streams.pop(asyncio.current_task(), None)
