"""Which mirror answers, how fast, and by which way: what "check my network" finds out. For the GUI thread's loop."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from desktop.common import detached
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.models.download.failover import Timing
from desktop.models.download.mirrors import Address
from desktop.models.download.proxy.proxies import Proxies
from desktop.models.download.proxy.system_proxies import read_proxies
from desktop.models.download.responses import Source, SourceError, cut
from desktop.models.types import ModelSpec

# A person is waiting; a host that needs longer is not one to download from.
CHECK_TIMING: Final = Timing(connect=8.0, stall=8.0)
_SAMPLE = 2 << 20  # bytes that are enough to tell a speed
_SAMPLE_S = 4.0  # and how long they may take
_FIRST = 64


@dataclass(frozen=True)
class HostReport:
    """What was found out about one host.

    Attributes:
        way: The proxy, without its account; empty: it is asked directly.
        seconds: Until the first bytes came; None: none have, yet.
        speed: Bytes per second; 0: not measured.
        problem: Why it gave none; None: it did, or was not asked yet.
    """

    host: str
    way: str = ""
    seconds: float | None = None
    speed: float = 0.0
    problem: UserFacingError | None = None


@dataclass(frozen=True)
class NetworkReport:
    """What was found out so far.

    Attributes:
        place: Where the proxy is set; empty: there is none.
        skipped: Proxies that cannot be used: (what and where, why).
        script: Whether the system finds its proxy by a script, which cannot be run.
        is_done: Nothing more will come.
    """

    hosts: tuple[HostReport, ...]
    place: str = ""
    skipped: tuple[tuple[str, str], ...] = ()
    script: bool = False
    is_done: bool = False

    def lines(self) -> tuple[str, ...]:
        """Returns it in English, for a terminal and for reports; no line holds a password."""
        found = []
        for host in self.hosts:
            way = f"through {host.way}" if host.way else "directly"
            if host.problem is not None:
                found.append(f"{host.host}: {host.problem.title} {host.problem.detail}".strip())
            elif host.seconds is None:
                found.append(f"{host.host}: asking {way}")
            else:
                speed = f", {format_bytes(round(host.speed))}/s" if host.speed else ""
                found.append(f"{host.host}: answers {way} after {host.seconds:.1f} s{speed}")
        if self.place:
            found.append(f"proxy set in: {self.place}")
        found += [f"proxy for {what} is not used: {why}" for what, why in self.skipped]
        if self.script:
            found.append("a script that chooses proxies (PAC) is set, which Catnap cannot run")
        return tuple(found)


async def check_network(
    addresses: Sequence[Address],
    spec: ModelSpec,
    open_source: Callable[[Timing], Source],
    tell: Callable[[NetworkReport], object],
    timing: Timing = CHECK_TIMING,
) -> NetworkReport:
    """Asks every host for the beginning of a file, and those that answer for more; returns what came of it.

    Args:
        addresses: Where ``spec`` can be had.
        spec: A model.
        open_source: Makes the network; called on a thread of its own.
        tell: Takes what is known so far, whenever that is more.
        timing: How patient to be.
    """
    proxies = await detached.run(read_proxies, "proxies")
    report = NetworkReport(
        tuple(HostReport(address.host, _way(proxies, address)) for address in addresses),
        proxies.place, proxies.skipped, bool(proxies.script),
    )  # fmt: skip
    tell(report)

    def put(at: int, host: HostReport) -> None:
        nonlocal report
        report = replace(report, hosts=(*report.hosts[:at], host, *report.hosts[at + 1 :]))
        tell(report)

    source = await detached.run(lambda: open_source(timing), "network")
    try:

        async def ask(at: int) -> None:
            put(at, await _first_bytes(source, addresses[at], spec, report.hosts[at]))

        await asyncio.gather(*(ask(at) for at in range(len(addresses))))
        for at, address in enumerate(addresses):  # one after the other: they share the line
            if report.hosts[at].problem is None:
                put(at, await _speed(source, address, spec, report.hosts[at]))
    finally:
        await source.aclose()
    report = replace(report, is_done=True)
    tell(report)
    return report


def _way(proxies: Proxies, address: Address) -> str:
    with contextlib.suppress(ValueError):
        if proxy := proxies.for_url(address.url):
            return proxy.shown
    return ""


async def _first_bytes(source: Source, address: Address, spec: ModelSpec, host: HostReport) -> HostReport:
    began = time.monotonic()
    try:
        async with source.open(address, spec, 0, None, _FIRST) as body, aclosing(body.chunks) as chunks:
            async for _ in chunks:
                return replace(host, seconds=time.monotonic() - began)
    except SourceError as problem:
        return replace(host, problem=problem.error)
    return replace(host, problem=cut(address.host).error)


async def _speed(source: Source, address: Address, spec: ModelSpec, host: HostReport) -> HostReport:
    count, began, first = 0, 0.0, 0
    with contextlib.suppress(SourceError, TimeoutError):
        async with (
            asyncio.timeout(_SAMPLE_S),
            source.open(address, spec, 0, None, min(_SAMPLE, spec.size)) as body,
            aclosing(body.chunks) as chunks,
        ):
            async for chunk in chunks:
                if not count:  # from the first bytes on: what came before is not the line's speed
                    began, first = time.monotonic(), len(chunk)
                count += len(chunk)
                if count >= _SAMPLE:
                    break
    took = time.monotonic() - began
    return replace(host, speed=(count - first) / took if count > first and took > 0 else 0.0)
