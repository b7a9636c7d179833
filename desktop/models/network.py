"""The network as the app shows it: checks it, and takes the account that a proxy wants. GUI thread, no Qt."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from desktop.common import detached
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.models.download.downloader import http_source
from desktop.models.download.failover import Timing
from desktop.models.download.mirrors import every_address, most_spread
from desktop.models.download.network_check import CHECK_TIMING, check_network
from desktop.models.download.proxy.proxies import Account
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.models.download.responses import Source
from desktop.models.events import ModelEvent, ModelTrouble, NetworkChecked
from desktop.models.types import Catalog
from desktop.settings.options import Settings


class NetworkService:
    """See the module. Every method is called from the GUI thread, with an asyncio loop running.

    Attributes:
        accounts: For proxies; shared by whoever uses the network.
    """

    def __init__(
        self,
        catalog: Catalog,
        settings: Callable[[], Settings],
        accounts: ProxyAccounts,
        notify: Callable[[ModelEvent], None],
        source: Callable[[Timing, ProxyAccounts], Source] = http_source,
        timing: Timing = CHECK_TIMING,
    ) -> None:
        """
        Args:
            catalog: A model of it is asked for.
            settings: Returns the settings in force, for the own host.
            accounts: See the attribute.
            notify: Receives events, on the GUI thread.
            source: Makes the network; called on a thread of its own.
            timing: How patient a check is.
        """
        self._catalog = catalog
        self._settings = settings
        self.accounts = accounts
        self._notify = notify
        self._source = source
        self._timing = timing
        self._check: asyncio.Task[None] | None = None
        self._keeping: set[asyncio.Task[None]] = set()

    def check(self) -> None:
        """Finds out which hosts answer; ``NetworkChecked`` follows again and again. Does nothing while it runs."""
        if self._check is None or self._check.done():
            self._check = asyncio.get_running_loop().create_task(self._checked())

    def enter_account(self, proxy: str, account: Account, *, keep: bool) -> None:
        """Takes the account that a proxy has asked for, for this run.

        Args:
            proxy: As the question named it.
            account: What was typed.
            keep: Keep it in the keyring of the system as well; where that fails, ``ModelTrouble`` says so.
        """
        self.accounts.enter(proxy, account)
        if keep:
            task = asyncio.get_running_loop().create_task(self._keep(proxy))
            self._keeping.add(task)
            task.add_done_callback(self._keeping.discard)

    async def shut_down(self) -> None:
        """Gives up what is under way; idempotent."""
        tasks = [*self._keeping, *((self._check,) if self._check is not None else ())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _checked(self) -> None:
        spec = most_spread(self._catalog)
        if spec is None:
            self._notify(ModelTrouble(nothing_to_ask_for()))
            return
        addresses = every_address(spec, self._settings().own_host)
        with contextlib.suppress(asyncio.CancelledError):
            await check_network(
                addresses,
                spec,
                lambda timing: self._source(timing, self.accounts),
                lambda report: self._notify(NetworkChecked(report)),
                self._timing,
            )

    async def _keep(self, proxy: str) -> None:
        if not await detached.run(lambda: self.accounts.keep(proxy), "keyring"):
            self._notify(ModelTrouble(not_kept(proxy)))


def nothing_to_ask_for() -> UserFacingError:
    """Returns what to tell where there is no model to ask the hosts for."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The network cannot be checked, since the list of models is empty."),
        "",
        QT_TRANSLATE_NOOP("Errors", "Install Catnap again; models already downloaded stay usable."),
    )


def not_kept(proxy: str) -> UserFacingError:
    """Returns what to tell where the keyring did not take an account."""
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "This system has no keyring that would keep the proxy's password."),
        f"{proxy}.",
        QT_TRANSLATE_NOOP("Errors", "It is used until Catnap ends; then it will be asked for again."),
    )
