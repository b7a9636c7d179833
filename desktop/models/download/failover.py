"""One download: asks the hosts in turn until all bytes are there."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.models.download.mirrors import Address, MirrorMemory
from desktop.models.download.part_file import PartFile
from desktop.models.download.progress import Meter
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.models.download.responses import Source, SourceError, crawling, cut, wrong_size
from desktop.models.types import DownloadState, ModelSpec

_BLOCK = 1 << 20  # bytes handed to the disk at once
_FLUSH_SECONDS = 0.2
# A host that gives this many bytes before it fails has earned another try without being counted down.
_WORTH_IT = 64 * 1024
# Fewer bytes than this within the longest silence are as good as none: half a gigabyte would take half a year.
_CRAWL = 1024
_PROBE = 64  # bytes asked for to see who answers

_log = logging.getLogger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True)
class Timing:
    """How patient a download is; all in seconds.

    Attributes:
        connect: Longest wait for a connection.
        stall: Longest silence in the middle of a file.
        stagger: Head start of each host over the next, when it is found out who answers.
        at_first: Pauses between the rounds of all hosts while nothing has arrived: a person is watching.
        later: The same after bytes have arrived: a network that was there tends to come back.
    """

    connect: float = 15.0
    stall: float = 30.0
    stagger: float = 1.0
    at_first: tuple[float, ...] = (1.0, 3.0)
    later: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


class Failover:
    """One download: asks the hosts in turn until all bytes are there."""

    def __init__(
        self, spec: ModelSpec, part: PartFile, source: Source, meter: Meter, memory: MirrorMemory, timing: Timing
    ) -> None:
        self._spec = spec
        self._part = part
        self._source = source
        self._meter = meter
        self._memory = memory
        self._timing = timing
        self._order: deque[Address] = deque()
        self._problems: dict[str, SourceError] = {}
        self._failures = 0  # in a row, without anything gained
        self._best = part.size  # the most bytes that ever were there
        self._whole_only: set[str] = set()  # hosts that do not continue files

    async def run(self, hosts: tuple[Address, ...]) -> None:
        """Returns when all bytes are there.

        Raises:
            UserFacingError: Every host failed, or the disk did.
        """
        self._order = deque(await self._sorted(hosts))
        while self._part.size < self._spec.size:
            address, before = self._order[0], self._best
            try:
                await self._transfer(address)
            except SourceError as problem:
                _log.info("download of %s: %s", self._spec.id, problem)
                self._problems[address.host] = problem
                self._best = max(self._best, self._part.size)
                self._meter.enter(DownloadState.WAITING, self._part.size, address.host)
                await self._plan(address, problem, gained=self._best - before)

    async def _plan(self, address: Address, problem: SourceError, gained: int) -> None:
        """Decides after a failure who is asked next, and waits until it is time.

        ``gained`` is measured against the most that ever was there, so that a host which always starts over and always
        breaks is not asked for ever.
        """
        if problem.permanent:
            self._memory.forget(address.host)
            self._order.popleft()
            if not self._order:
                raise _summary(self._problems)
            return
        pauses = self._timing.later if self._best else self._timing.at_first
        if problem.lied and address.host not in self._whole_only:
            self._whole_only.add(address.host)
            self._order.rotate(-1)
            return
        if gained >= _WORTH_IT:
            self._failures = 0
            await asyncio.sleep(max(pauses[0], problem.retry_after))
            return
        self._memory.forget(address.host)
        self._order.rotate(-1)
        self._failures += 1
        rounds, rest = divmod(self._failures, len(self._order))
        if rest == 0:  # every host has had its turn
            if rounds > len(pauses):
                raise _summary(self._problems)
            await asyncio.sleep(max(pauses[rounds - 1], problem.retry_after))

    async def _sorted(self, hosts: tuple[Address, ...]) -> tuple[Address, ...]:
        """Returns ``hosts`` with one in front that is known to answer, if there is any."""
        hosts = self._memory.sort(hosts)
        if len(hosts) == 1 or self._memory.knows(hosts[0]):
            return hosts
        tasks = [asyncio.ensure_future(self._probe(host, place)) for place, host in enumerate(hosts)]
        try:
            for first in asyncio.as_completed(tasks):
                try:
                    self._memory.remember((await first).host)
                    break
                except SourceError as problem:
                    _log.info("does not answer: %s", problem)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self._memory.sort(hosts)

    async def _probe(self, address: Address, place: int) -> Address:
        await asyncio.sleep(place * self._timing.stagger)
        async with (
            self._source.open(address, self._spec, 0, None, _PROBE) as body,
            aclosing(body.chunks) as chunks,
        ):
            await anext(chunks)
        return address

    async def _transfer(self, address: Address) -> None:
        """Takes what ``address`` gives of the missing bytes."""
        part, spec = self._part, self._spec
        offset = 0 if address.host in self._whole_only else part.size
        async with self._source.open(address, spec, offset, part.etag(address.host)) as body:
            if body.start < part.size and address.host not in self._whole_only and self._others(address):
                # It sends all of the file again. Another host may spare us that.
                title = QT_TRANSLATE_NOOP("Errors", "The server cannot continue the download where it stopped.")
                raise SourceError(UserFacingError(title, f"{address.host}."), lied=True)
            block, flushed, pace = bytearray(), time.monotonic(), _Pace(self._timing.stall)
            begun = False
            try:
                async with aclosing(body.chunks) as chunks:
                    async for chunk in chunks:
                        # Not before something comes that looks like a model: a page in its place must not cost what
                        # is there.
                        if not begun:
                            await in_thread(part.begin, address.host, body.etag, body.start)
                            begun = True
                            self._memory.remember(address.host)
                            self._meter.enter(DownloadState.RUNNING, part.size, address.host)
                        if part.size + len(block) + len(chunk) > spec.size:
                            raise wrong_size(address.host, part.size + len(block) + len(chunk), spec)
                        if pace.crawls(len(chunk)):
                            raise crawling(address.host)
                        block += chunk
                        if len(block) >= _BLOCK or time.monotonic() - flushed >= _FLUSH_SECONDS:
                            data, block, flushed = bytes(block), bytearray(), time.monotonic()
                            await in_thread(part.append, data)
                            self._meter.update(part.size)
            finally:
                # Also when the connection breaks or the user stops it: every byte that came is kept.
                if block:
                    await in_thread(part.append, bytes(block))
        if part.size < spec.size:
            raise cut(address.host)

    def _others(self, address: Address) -> bool:
        """True when another host may still continue the file."""
        return any(other.host not in self._whole_only for other in self._order if other != address)


class _Pace:
    """Notices a body that never falls silent and never gets anywhere."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since = time.monotonic()
        self._count = 0

    def crawls(self, count: int) -> bool:
        """Counts bytes that have come; True: those of the last while were hardly any."""
        self._count += count
        now = time.monotonic()
        if now - self._since < self._seconds:
            return False
        slow = self._count < _CRAWL
        self._since, self._count = now, 0
        return slow


def _summary(problems: dict[str, SourceError]) -> UserFacingError:
    """Returns the failure of the host that said most, with what each of them said."""
    telling = sorted(problems.values(), key=lambda problem: not problem.permanent)
    if asking := [problem.error for problem in telling if isinstance(problem.error, ProxyAccountNeededError)]:
        return asking[0]  # somebody can be asked
    first = telling[0].error
    if len(telling) == 1:
        return first  # with its values, which can be translated
    patterns = {(problem.error.title, problem.error.pattern) for problem in telling}
    if len(patterns) == 1 and first.pattern and all(len(problem.error.values) == 1 for problem in telling):
        hosts = ", ".join(dict.fromkeys(problem.error.values[0] for problem in telling))  # they all failed alike
        return UserFacingError(first.title, first.pattern, first.remedy, values=(hosts,))
    details = " ".join(dict.fromkeys(problem.error.detail for problem in telling))
    return UserFacingError(first.title, details, first.remedy)


async def in_thread(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Runs ``work`` in a worker thread. When this is cancelled it waits for the thread: it must not write behind us."""
    running = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            try:
                await asyncio.wait({running})
            except asyncio.CancelledError:
                continue
        raise
