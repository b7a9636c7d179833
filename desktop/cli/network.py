"""``catnap models network``, and the question for a proxy's password that a download may bring up."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import TypeVar

from desktop.cli import common
from desktop.models.download.downloader import http_source
from desktop.models.download.mirrors import every_address, most_spread
from desktop.models.download.network_check import HostReport, NetworkReport, check_network
from desktop.models.download.proxy.proxies import Account
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.models.network import nothing_to_ask_for
from desktop.models.types import Catalog
from desktop.settings.options import Settings

_TRIES = 3
T = TypeVar("T")


def check(offer: Catalog, settings: Settings, accounts: ProxyAccounts, *, as_json: bool) -> int:
    """Prints which hosts answer; the exit code tells whether one does.

    Raises:
        UserFacingError: There is no model to ask for.
    """
    spec = most_spread(offer)
    if spec is None:
        raise nothing_to_ask_for()
    line = common.ProgressLine()

    def look() -> NetworkReport:
        try:
            return asyncio.run(
                check_network(
                    every_address(spec, settings.own_host),
                    spec,
                    lambda timing: http_source(timing, accounts),
                    lambda report: line.show(_so_far(report)),
                )
            )
        finally:
            line.clear()

    def checked() -> NetworkReport:
        report = look()
        if asking := [host.problem for host in report.hosts if isinstance(host.problem, ProxyAccountNeededError)]:
            raise asking[0]
        return report

    try:
        report = asking_for_account(checked, accounts)
    except ProxyAccountNeededError:
        report = look()
    if as_json:
        common.print_json(_record(report))
    else:
        for text in report.lines():
            common.say(text)
    return common.DONE if any(host.problem is None for host in report.hosts) else common.FAILED


def asking_for_account(work: Callable[[], T], accounts: ProxyAccounts) -> T:
    """Does ``work``; where a proxy wants an account and somebody sits at a terminal, asks for it and tries again.

    Raises:
        ProxyAccountNeededError: Nobody can be asked, or the answers were wrong.
    """
    for _ in range(_TRIES):
        try:
            return work()
        except ProxyAccountNeededError as wanted:
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                raise
            _ask(wanted, accounts)
    return work()


def _ask(wanted: ProxyAccountNeededError, accounts: ProxyAccounts) -> None:
    from getpass import getpass

    common.warn(f"{wanted.title} {wanted.detail}")
    user = _answer("User name: ")
    if not user:
        raise wanted
    try:
        account = Account(user, getpass("Password: ", sys.stderr))
    except EOFError:
        raise wanted from None
    accounts.enter(wanted.proxy, account)
    if _answer("Keep them in the system's keyring? [y/N] ").lower() in ("y", "yes") and not accounts.keep(wanted.proxy):
        common.warn("this system has no keyring that would keep them; they are used for this run")


def _answer(question: str) -> str:
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _so_far(report: NetworkReport) -> str:
    waiting = sum(host.problem is None and host.seconds is None for host in report.hosts)
    return f"asking {waiting} of {len(report.hosts)} hosts" if waiting else "measuring the speed"


def _record(report: NetworkReport) -> common.Json:
    return {
        "hosts": [_host(host) for host in report.hosts],
        "proxy_place": report.place or None,
        "skipped_proxies": [{"for": what, "reason": why} for what, why in report.skipped],
        "proxy_script": report.script,
    }


def _host(host: HostReport) -> common.Json:
    return {
        "host": host.host,
        "proxy": host.way or None,
        "answers": host.problem is None,
        "seconds": host.seconds,
        "bytes_per_second": round(host.speed) or None,
        "problem": str(host.problem) if host.problem is not None else None,
    }
