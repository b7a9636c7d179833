"""What the tests of downloads share: a made-up model, timing, one call that downloads."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from desktop.models.download.downloader import DownloadControl, Downloader, http_source
from desktop.models.download.failover import Timing
from desktop.models.download.mirrors import Address
from desktop.models.download.responses import Body, Source
from desktop.models.types import DownloadProgress, DownloadState, MirrorKind, ModelSpec, Thinking
from tests.support.fault_server import FaultServer, serve
from tests.support.patience import PATIENCE_S

# Quick where the program waits by itself, and patient with servers: a busy machine is no reason to give one up. Whoever
# wants to see that done takes ``silence.quick_silence`` for a network.
FAST = Timing(connect=PATIENCE_S, stall=PATIENCE_S, stagger=PATIENCE_S, at_first=(0.01, 0.01), later=(0.01, 0.01, 0.01))
# For hosts of which the first does not answer.
NO_HEAD_START = replace(FAST, stagger=0.01)
FILE = "model.gguf"
PATH = f"/{FILE}"


def model_bytes(size: int = 1_500_000, seed: int = 1) -> bytes:
    """Returns bytes that begin like a model and repeat nowhere."""
    return b"GGUF\x03\x00\x00\x00" + random.Random(seed).randbytes(size - 8)


def spec_of(content: bytes, url: str | None, *, model_id: str = "model", file: str = FILE) -> ModelSpec:
    """Returns a catalogue entry for ``content``, downloaded from ``url`` or from the mirrors."""
    return ModelSpec(
        id=model_id,
        name="A model",
        summary_en="For tests.",
        summary_zh="测试用。",
        languages=("en",),
        licence="MIT",
        licence_must_be_shown=False,
        repo="owner/model-GGUF",
        revision="0123abc",
        file=file,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        kv_bytes_per_token=64,
        context_trained=512,
        thinking=Thinking.NO,
        quality=1,
        mirrors=(MirrorKind.HUGGING_FACE, MirrorKind.HF_MIRROR, MirrorKind.MODELSCOPE),
        url=url,
    )


def tell_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets downloads keep and tell every piece at once, so that nobody has to wait for the next one."""
    monkeypatch.setattr("desktop.models.download.failover._FLUSH_SECONDS", 0.0)
    monkeypatch.setattr("desktop.models.download.progress._INTERVAL", 0.0)


async def until(condition: Callable[[], bool]) -> None:
    """Waits until something holds that has no event of its own."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 (the server of the tests runs in threads, reports are plain calls)
            await asyncio.sleep(0.01)


@dataclass
class Run:
    """A download as a test starts it, and what it reported.

    Attributes:
        folder: The model folder.
        spec: What to download.
        options: Further arguments of the Downloader.
        stop_at: Bytes after which ``stop`` is called.
        stop: What to do then, with the control.
    """

    folder: Path
    spec: ModelSpec
    options: dict[str, Any] = field(default_factory=dict)
    stop_at: int | None = None
    stop: Callable[[DownloadControl], None] = DownloadControl.pause
    reports: list[DownloadProgress] = field(default_factory=list)

    @property
    def states(self) -> list[DownloadState]:
        """The states in order, each change once."""
        found: list[DownloadState] = []
        for report in self.reports:
            if not found or found[-1] is not report.state:
                found.append(report.state)
        return found

    def downloader(self) -> Downloader:
        return Downloader(self.folder, **({"timing": FAST} | self.options))

    def go(self) -> Path:
        """Downloads with a new Downloader in a new event loop."""
        return asyncio.run(self.download())

    async def download(self) -> Path:
        """Downloads in the running loop."""
        control = DownloadControl()

        def progress(report: DownloadProgress) -> None:
            self.reports.append(report)
            arrived = report.state is DownloadState.RUNNING and report.done
            if self.stop_at is not None and arrived >= self.stop_at:
                self.stop(control)

        return await self.downloader().download(self.spec, progress, control)

    def again(self, **changes: Any) -> Run:
        """Returns a fresh run of the same download, as after a restart of the program."""
        return replace(self, reports=[], **({"stop_at": None} | changes))


class Detour:
    """A network in which the hosts of the mirrors are servers of the test."""

    def __init__(self, inner: Source, bases: Mapping[str, str]) -> None:
        """
        Args:
            inner: The real one.
            bases: For the name of a host, the address to ask instead.
        """
        self._inner = inner
        self._bases = bases

    @contextlib.asynccontextmanager
    async def open(
        self, address: Address, spec: ModelSpec, offset: int, etag: str | None, limit: int | None = None
    ) -> AsyncIterator[Body]:
        url = self._bases[address.host] + address.url.removeprefix(f"https://{address.host}")
        async with self._inner.open(Address(url, address.host), spec, offset, etag, limit) as body:
            yield body

    async def aclose(self) -> None:
        await self._inner.aclose()


def detour(bases: Mapping[str, str], source: Callable[[Timing], Source] = http_source) -> Callable[[Timing], Source]:
    """Returns a ``source`` for a Downloader; see :class:`Detour`."""
    return lambda timing: Detour(source(timing), bases)


@contextlib.contextmanager
def serving(folder: Path, content: bytes) -> Iterator[FaultServer]:
    """Offers ``content`` as the model's file, from a folder made for it."""
    folder.mkdir()
    (folder / FILE).write_bytes(content)
    with serve(folder) as server:
        yield server


def run_for(folder: Path, content: bytes, server: FaultServer) -> Run:
    """Returns a download of what :func:`serving` offers."""
    return Run(folder, spec_of(content, server.url + PATH))
