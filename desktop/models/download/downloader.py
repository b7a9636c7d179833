"""Downloads models: goes on where it stopped, checks the sha256, changes the host when one fails.

Coroutines for the GUI thread's loop: they never block it, the disk and the hashing are left to worker threads.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import QT_TRANSLATE_NOOP, Cancelled, UserFacingError
from desktop.common.set_aside import rename_bad
from desktop.models.disk import SPARE, Write, disk_error, write_raw
from desktop.models.download import part_file
from desktop.models.download.failover import Failover, Timing, in_thread
from desktop.models.download.mirrors import AUTO, MirrorMemory, addresses
from desktop.models.download.part_file import PartFile
from desktop.models.download.progress import Meter
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.models.download.responses import Source
from desktop.models.remembered.checksums import hash_file, is_noted, note_path, write_note
from desktop.models.types import DownloadProgress, DownloadState, ModelPiece, ModelSpec

_log = logging.getLogger(__name__)


class _Intent(Enum):
    PAUSE = "pause"
    CANCEL = "cancel"


class DownloadControl:
    """The handle of one download; used on the thread of its loop."""

    def __init__(self) -> None:
        self._intent: _Intent | None = None
        self._stop: Callable[[], object] | None = None

    @property
    def stopped(self) -> bool:
        return self._intent is not None

    @property
    def discards(self) -> bool:
        """True when the bytes are to be removed."""
        return self._intent is _Intent.CANCEL

    def pause(self) -> None:
        """Stops the download and keeps its bytes; ``download`` raises Cancelled."""
        self._end(_Intent.PAUSE)

    def cancel(self) -> None:
        """Stops the download and removes its bytes; ``download`` raises Cancelled."""
        self._end(_Intent.CANCEL)

    def attach(self, stop: Callable[[], object]) -> None:
        """Calls ``stop`` when the user stops the download, at once if that has happened already."""
        self._stop = stop
        if self._intent is not None:
            stop()

    def _end(self, intent: _Intent) -> None:
        self._intent = intent
        if self._stop is not None:
            self._stop()


def http_source(timing: Timing, accounts: ProxyAccounts | None = None) -> Source:
    """Makes the network for real use; called in a worker thread, since loading httpx takes its time.

    Args:
        timing: How patient to be.
        accounts: For proxies that want one; None: nothing is known.
    """
    from desktop.models.download.http_client import open_source

    return open_source(timing.connect, timing.stall, accounts or ProxyAccounts())


class Downloader:
    """Downloads into a folder."""

    def __init__(
        self,
        folder: Path,
        *,
        mirror: str = AUTO,
        own_host: str = "",
        memory: MirrorMemory | None = None,
        timing: Timing | None = None,
        source: Callable[[Timing], Source] = http_source,
        free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
        write: Write = write_raw,
    ) -> None:
        """
        Args:
            folder: The model folder; made if need be.
            mirror: Value of the setting ``mirror``.
            own_host: Value of the setting ``own_host``.
            memory: Which host answered; share one among all downloaders of a program.
            timing: How patient to be.
            source: Makes the network; called in a worker thread.
            free_bytes: Room left on the disk of a folder.
            write: Writes to the part file.
        """
        self._folder = folder
        self._mirror = mirror
        self._own_host = own_host
        self._memory = memory or MirrorMemory()
        self._timing = timing or Timing()
        self._source = source
        self._free_bytes = free_bytes
        self._write = write

    def partial(self, spec: ModelSpec) -> int:
        """Returns the bytes on disk of an unfinished download of ``spec``, finished files of it among them."""
        if len(spec.files) == 1:
            return part_file.bytes_on_disk(self._folder / spec.file)
        whole = [self._is_whole(piece) for piece in spec.files]
        if all(whole):
            return 0
        return sum(
            piece.size if is_whole else part_file.bytes_on_disk(self._folder / piece.file)
            for piece, is_whole in zip(spec.files, whole, strict=True)
        )

    def _is_whole(self, piece: ModelPiece) -> bool:
        return is_noted(self._folder / piece.file, piece.sha256)

    def discard(self, spec: ModelSpec) -> None:
        """Removes the bytes of an unfinished download.

        Raises:
            UserFacingError: They cannot be removed.
        """
        finished = [piece for piece in spec.files if self._is_whole(piece)] if len(spec.files) > 1 else []
        for piece in spec.files:
            part_file.discard(self._folder / piece.file)
        if len(finished) < len(spec.files):  # else the model is whole, and nothing of it is unfinished
            for piece in finished:
                _delete(self._folder / piece.file)

    async def download(
        self, spec: ModelSpec, progress: Callable[[DownloadProgress], None], control: DownloadControl
    ) -> Path:
        """Downloads ``spec``, going on with what is there of it, and returns the file; of several the first.

        Args:
            spec: The model.
            progress: Called in the loop's thread, for every change of state and at most five times a second in between.
            control: To stop it.

        Raises:
            Cancelled: It was stopped through ``control``.
            UserFacingError: It failed; what was downloaded is kept.
        """
        if len(spec.files) == 1:
            return await self._download(spec, progress, control)
        await in_thread(self._check_room, spec, self.partial(spec))
        done = 0
        try:
            for single in spec.singles:
                report = _Share(spec, done, progress, is_last=single.file == spec.files[-1].file)
                await self._download(single, report.tell, control)
                done += single.size
                if control.stopped:  # while the last bytes of a file were checked
                    raise Cancelled
        except Cancelled:
            if control.discards:
                await in_thread(self.discard, spec)
            raise
        return self._folder / spec.file

    async def _download(
        self, spec: ModelSpec, progress: Callable[[DownloadProgress], None], control: DownloadControl
    ) -> Path:
        meter = Meter(spec, progress, time.monotonic)
        work = asyncio.ensure_future(self._work(spec, meter, control))
        control.attach(work.cancel)
        try:
            return await work
        except (asyncio.CancelledError, Cancelled):
            if not control.stopped:
                raise  # the loop is being shut down; what is there stays
            if control.discards:
                await in_thread(self.discard, spec)
            else:
                meter.enter(DownloadState.PAUSED, self.partial(spec))
            raise Cancelled from None
        except Exception:  # also one that nobody has thought of: whoever shows the download must see that it ended
            meter.enter(DownloadState.FAILED, self.partial(spec))
            raise

    async def _work(self, spec: ModelSpec, meter: Meter, control: DownloadControl) -> Path:
        meter.enter(DownloadState.WAITING, self.partial(spec))
        target = self._folder / spec.file
        if await in_thread(_is_there, target, spec, lambda: control.stopped):
            meter.enter(DownloadState.DONE, spec.size)
            return target
        hosts = addresses(spec, self._mirror, self._own_host)
        part = PartFile(self._folder, spec, self._write)
        try:
            await in_thread(part.open)
            await in_thread(part.rehash, lambda: control.stopped)
            await in_thread(self._check_room, spec, part.size)
            if part.size < spec.size:
                source = await in_thread(self._source, self._timing)
                try:
                    await Failover(spec, part, source, meter, self._memory, self._timing).run(hosts)
                finally:
                    await source.aclose()
            meter.enter(DownloadState.VERIFYING, part.size)
            await in_thread(part.finish)
        finally:
            await in_thread(part.close)
        meter.enter(DownloadState.DONE, spec.size)
        return target

    def _check_room(self, spec: ModelSpec, there: int) -> None:
        needed = spec.size - there + SPARE
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            free = self._free_bytes(self._folder)
        except OSError as problem:
            raise disk_error(self._folder, problem) from problem
        if free < needed:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "There is not enough room on the disk for this model."),
                f"{self._folder}: {format_bytes(free)} free, {format_bytes(needed)} needed.",
                QT_TRANSLATE_NOOP("Errors", "Free some space, or choose another model folder in the settings."),
            )


@dataclass(frozen=True)
class _Share:
    """Tells how far one file of several is as how far all of them are.

    Attributes:
        whole: The model.
        before: Bytes of the files before.
        progress: Takes the reports.
        is_last: No file comes after it.
    """

    whole: ModelSpec
    before: int
    progress: Callable[[DownloadProgress], None]
    is_last: bool

    def tell(self, state: DownloadProgress) -> None:
        done, total = self.before + state.done, self.whole.size
        eta = (total - done) / state.speed if state.speed > 0 else None
        now = DownloadState.WAITING if state.state is DownloadState.DONE and not self.is_last else state.state
        self.progress(replace(state, model_id=self.whole.id, state=now, done=done, total=total, eta=eta))


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
        note_path(path).unlink(missing_ok=True)
    except OSError as problem:
        raise disk_error(path, problem) from problem


def _is_there(target: Path, spec: ModelSpec, stopped: Callable[[], bool]) -> bool:
    """True when the file lies in its place and is right; one that is wrong is set aside."""
    try:
        if target.stat().st_size != spec.size:
            return False
        if is_noted(target, spec.sha256):
            return True
        if hash_file(target, None, stopped) == spec.sha256:
            write_note(target, spec.sha256)
            return True
        aside = rename_bad(target)
        _log.warning("%s was not the published file; it is now %s", target, aside)
    except FileNotFoundError:
        pass
    except OSError as problem:
        raise disk_error(target, problem) from problem
    return False
