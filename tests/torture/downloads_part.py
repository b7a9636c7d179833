"""Downloads from a hostile server, interrupted in every way, until the server is well: is the file whole in the end?

Survived: every try ends, in the file with the right sha256 or in a sentence with a remedy; a wrong file never takes the
model's place; what was safe on the disk is still there unless the server made a new beginning necessary; and the last
try, against a server that is well, brings the whole file.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from desktop.common.errors import Cancelled, UserFacingError
from desktop.models.download import failover, part_file
from desktop.models.download.downloader import DownloadControl, Downloader
from desktop.models.download.failover import Timing
from desktop.models.types import DownloadProgress, DownloadState, ModelSpec
from tests.support.downloads import FILE, PATH, model_bytes, serving, spec_of
from tests.support.fault_server import LOGIN_PAGE, Fault, FaultServer
from tests.torture.results import Outcome, Run
from tests.torture.small_disk import mounted, why_no_small_disk

SIZE: Final = 3_000_000
HASTY: Final = Timing(connect=2.0, stall=0.4, stagger=0.1, at_first=(0.01,), later=(0.01, 0.02))
_PATIENT: Final = Timing(connect=60.0, stall=60.0, at_first=(0.1, 0.3, 1.0), later=(0.1, 0.3, 1.0))
_TRY_S: Final = 60.0
_HALF: Final = SIZE // 2
_KILLED_AT: Final = 5_000_000  # bytes per second
_HOUR, _TEN_YEARS = 3600.0, 10 * 365 * 86400.0


@dataclass(frozen=True)
class _Case:
    """A fault of the server.

    Attributes:
        starts_over: It may make a new beginning necessary, so that fewer bytes may be there afterwards.
        corrupts: It sends wrong bytes.
    """

    name: str
    fault: Fault
    starts_over: bool = False
    corrupts: bool = False


def _cases(content: bytes) -> tuple[_Case, ...]:
    size, whole = str(SIZE), content
    return (
        _Case("well", Fault()),
        _Case("cut", Fault(cut_after=_HALF)),
        _Case("cut at once", Fault(cut_after=0)),
        _Case("reset", Fault(reset_after=_HALF)),
        _Case("falls silent", Fault(stall_after=_HALF)),
        _Case("silent from the start", Fault(stall_before=True)),
        _Case("drips", Fault(drip=0.05)),
        _Case("slow", Fault(bytes_per_second=8_000_000)),
        _Case("no length", Fault(no_length=True)),
        _Case("no length, cut", Fault(no_length=True, cut_after=_HALF)),
        _Case("longer than announced", Fault(headers=(("Content-Length", size),), body=whole + b"more"), corrupts=True),
        _Case(
            "shorter than announced", Fault(headers=(("Content-Length", size),), body=whole[:_HALF], cut_after=_HALF)
        ),
        _Case("another size", Fault(body=whole[:-1])),
        _Case("another size by HF", Fault(headers=(("X-Linked-Size", "17"),))),
        _Case("6,000 digits", Fault(headers=(("X-Linked-Size", "9" * 6000),))),
        _Case("range of 5,000 digits", Fault(content_range=f"bytes 0-{'9' * 5000}/{'9' * 5000}"), starts_over=True),
        _Case("range elsewhere", Fault(content_range="bytes 17-99/3000000"), starts_over=True),
        _Case("no range", Fault(no_content_range=True), starts_over=True),
        _Case("200 for a range", Fault(ignore_ranges=True), starts_over=True),
        _Case("200 for a range, cut", Fault(ignore_ranges=True, cut_after=_HALF), starts_over=True),
        _Case("ranges as ModelScope", Fault(range_as_200=True)),
        _Case("another ETag", Fault(etag='"other"', cut_after=_HALF), starts_over=True),
        _Case("ETag of control characters", Fault(etag='"\x01\x02"'), starts_over=True),
        _Case("bytes from elsewhere", Fault(send_from=64), starts_over=True, corrupts=True),
        _Case("a wrong byte", Fault(flip=_HALF + 7), corrupts=True),
        _Case("gzip", Fault(headers=(("Content-Encoding", "gzip"),))),
        _Case("a sign-in page", LOGIN_PAGE),
        _Case("a page as a file", Fault(body=b"<html>" + bytes(SIZE - 6))),
        _Case("a page without a length", Fault(body=b"<html>sign in</html>", no_length=True)),
        _Case("511", Fault(status=511)),
        _Case("to a sign-in page", Fault(redirect="http://login.example/portal")),
        _Case("round in circles", Fault(redirect=PATH)),
        _Case("to http", Fault(redirect="http://example.org/model.gguf")),
        _Case("to nowhere", Fault(redirect="https://[half/")),
        _Case("429", Fault(status=429, headers=(("Retry-After", "0"),))),
        _Case("Retry-After 1e999", Fault(status=503, headers=(("Retry-After", "1e999"),))),
        _Case(
            "Retry-After in the past", Fault(status=503, headers=(("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"),))
        ),
        *(
            _Case(str(status), Fault(status=status))
            for status in (304, 400, 403, 404, 407, 416, 451, 500, 502, 504, 599)
        ),
        _Case("300 KB of headers", Fault(headers=tuple((f"X-{at}", "x" * 1000) for at in range(300)))),
    )


@contextlib.contextmanager
def often_synced() -> Iterator[None]:
    """What has arrived reaches the disk every 100 KB, so that a kill finds something to go on with."""
    before, part_file._SYNC_BYTES = part_file._SYNC_BYTES, 100_000
    try:
        yield
    finally:
        part_file._SYNC_BYTES = before


@dataclass
class _Trial:
    """One fault and one interruption, with what they work on."""

    case: _Case
    spec: ModelSpec
    content: bytes
    folder: Path
    server: FaultServer
    random: random.Random

    @property
    def target(self) -> Path:
        return self.folder / FILE

    def safe(self) -> int:
        """Returns the bytes that have reached the disk."""
        try:
            return int(json.loads(part_file.info_path(self.target).read_text(encoding="utf-8"))["safe"])
        except (OSError, ValueError, KeyError):
            return 0

    def try_here(
        self,
        timing: Timing = HASTY,
        stop_at: int | None = None,
        stop: Callable[[DownloadControl], None] = DownloadControl.pause,
    ) -> str:
        """Downloads once in this process; returns how it ended.

        Raises:
            LostDownloadError: It did not end, or in no sentence.
        """
        control = DownloadControl()

        def progress(report: DownloadProgress) -> None:
            if stop_at is not None and report.state is DownloadState.RUNNING and report.done >= stop_at:
                stop(control)

        async def work() -> None:
            async with asyncio.timeout(_TRY_S):
                downloader = Downloader(self.folder, timing=timing, free_bytes=lambda _folder: 1 << 40)
                await downloader.download(self.spec, progress, control)

        try:
            asyncio.run(work())
        except Cancelled:
            return "stopped"
        except UserFacingError as problem:
            return self.judge_sentence(problem.title, problem.remedy)
        except TimeoutError:
            raise LostDownloadError(f"still at it after {_TRY_S:.0f} s") from None
        except Exception as bug:
            raise LostDownloadError(f"{type(bug).__name__}: {bug}") from bug
        return self.judge_whole()

    def try_elsewhere(
        self, *arguments: str, kill_after: float | None = None, prefix: tuple[str, ...] = (), folder: Path | None = None
    ) -> str:
        """Downloads once in a process of its own, which may be killed; returns how it ended."""
        command = [
            *prefix,
            sys.executable,
            "-m",
            "tests.torture.download_victim",
            str(folder or self.folder),
            self.spec.url or "",
        ]
        command += [self.spec.sha256, *arguments]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=Path(__file__).parents[2]
        ) as victim:
            assert victim.stdout is not None
            try:
                line = victim.stdout.readline()  # it is about to begin
                if kill_after is not None:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        victim.wait(kill_after)
                    victim.kill()
                    return "killed"
                line = victim.communicate(timeout=_TRY_S)[0]
            except subprocess.TimeoutExpired:
                victim.kill()
                raise LostDownloadError(f"still at it after {_TRY_S:.0f} s") from None
        try:
            said = json.loads(line.strip().splitlines()[-1])
        except (ValueError, IndexError):
            raise LostDownloadError(f"ended with {victim.returncode} and no word") from None
        if "bug" in said:
            raise LostDownloadError(said["bug"])
        return self.judge_sentence(said["title"], said["remedy"]) if "title" in said else self.judge_whole()

    def judge_sentence(self, title: str, remedy: str) -> str:
        if not (title and remedy):
            raise LostDownloadError(f"a sentence that helps nobody: {title!r}, {remedy!r}")
        return "sentence"

    def judge_whole(self) -> str:
        if hashlib.sha256(self.target.read_bytes()).hexdigest() != self.spec.sha256:
            raise LostDownloadError("a wrong file in the model's place")
        return "whole"

    def judge_part(self, before: int) -> None:
        """Looks at what is there after a try that did not bring the file."""
        if self.target.exists():
            self.judge_whole()
            return
        safe = self.safe()
        if self.case.corrupts:
            return
        if safe and part_file.part_path(self.target).read_bytes()[:safe] != self.content[:safe]:
            raise LostDownloadError(f"the first {safe} bytes are not those of the file")
        if safe < before and not self.case.starts_over:
            raise LostDownloadError(f"{before} bytes were safe, now {safe} are")


class LostDownloadError(Exception):
    """A download did something that it must not; says what."""


def _undisturbed(trial: _Trial) -> str:
    return trial.try_here()


def _killed(trial: _Trial) -> str:
    for _ in range(trial.random.randint(1, 3)):
        before = trial.safe()
        trial.try_elsewhere(kill_after=trial.random.uniform(0.0, SIZE / _KILLED_AT))
        trial.judge_part(before)
    return trial.try_here()


def _paused(trial: _Trial) -> str:
    for _ in range(trial.random.randint(1, 3)):
        before = trial.safe()
        trial.try_here(stop_at=trial.random.randrange(SIZE))
        trial.judge_part(before)
    return trial.try_here()


def _cancelled(trial: _Trial) -> str:
    if trial.try_here(stop_at=trial.random.randrange(SIZE), stop=DownloadControl.cancel) == "stopped":
        left = [path.name for path in trial.folder.iterdir() if not path.name.startswith(f"{FILE}.bad")]
        if left:
            raise LostDownloadError(f"left behind after it was cancelled: {', '.join(left)}")
    return trial.try_here()


def _put_clock(clock: object) -> None:
    for module in (failover, part_file):
        vars(module)["time"] = clock


def _no_larger_files(trial: _Trial) -> str:
    """Files may have so many bytes and no more."""
    before = trial.safe()
    trial.try_elsewhere(f"--room={trial.random.randrange(100_000, SIZE)}")
    trial.judge_part(before)
    return trial.try_here()


def _disk_full(trial: _Trial) -> str:
    """A small disk of its own; what is there when it is full is copied to a larger one, and the download goes on."""
    small = trial.folder.with_name(f"{trial.folder.name}-small")
    small.mkdir()
    prefix = mounted(small, trial.random.randrange(200_000, SIZE))
    trial.try_elsewhere(f"--rescue={trial.folder}", prefix=prefix, folder=small)
    trial.judge_part(0)
    return trial.try_here()


def _asleep(trial: _Trial) -> str:
    """The computer sleeps in the middle: both clocks jump."""
    jump = trial.random.choice((_HOUR, _TEN_YEARS))
    real = time.monotonic, time.time
    at = real[0]() + trial.random.uniform(0.0, 0.1)

    class Clock:
        def __getattr__(self, name: str) -> object:
            return getattr(time, name)

        def monotonic(self) -> float:
            now = real[0]()
            return now if now < at else now + jump

    _put_clock(Clock())
    try:
        return trial.try_here()
    finally:
        _put_clock(time)


_INTERRUPTIONS: Final[tuple[tuple[str, Callable[[_Trial], str], int], ...]] = (
    ("undisturbed", _undisturbed, 1),
    ("kill -9", _killed, 3),
    ("paused", _paused, 1),
    ("cancelled", _cancelled, 1),
    ("disk full", _disk_full, 1),
    ("file too large", _no_larger_files, 1),
    ("asleep", _asleep, 1),
)
# One fault of each kind.
_SHORT: Final = (
    "well",
    "cut",
    "reset",
    "falls silent",
    "200 for a range",
    "another ETag",
    "a wrong byte",
    "a sign-in page",
)


def run(run: Run) -> Iterator[Outcome]:
    """Tries every fault with every interruption: passing, with the server well after some requests, and lasting."""
    content = model_bytes(SIZE, run.seed)
    number = -1
    with serving(run.folder / "shared", content) as server, often_synced():
        for case in _cases(content):
            for name, interrupt, rounds in _INTERRUPTIONS:
                for lasts in (False, True):
                    for _ in range(1 if run.is_short else rounds):
                        number += 1
                        if run.only and number not in run.only:
                            continue
                        # In the short form each fault either passes or lasts.
                        if run.is_short and (case.name not in _SHORT or lasts != bool(number // 2 % 2)):
                            continue
                        if interrupt is _disk_full and (why := why_no_small_disk()):
                            yield Outcome("downloads", name, case.name, "skipped", skipped=why)
                            continue
                        trial = _Trial(
                            case, spec_of(content, server.url + PATH), content, run.folder / f"{number}", server,
                            random.Random(f"{run.seed} {number}"),
                        )  # fmt: skip
                        yield _tried(trial, name, interrupt, lasts, number)


def _tried(trial: _Trial, name: str, interrupt: Callable[[_Trial], str], lasts: bool, number: int) -> Outcome:
    server, case = trial.server, trial.case
    server.behave()
    fault = case.fault
    if interrupt is _killed:  # slow enough to be killed in the middle
        fault = replace(fault, bytes_per_second=_KILLED_AT)
        server.always(PATH, Fault(bytes_per_second=_KILLED_AT))
    if lasts:
        server.always(PATH, fault)
    else:
        server.script(PATH, *[fault] * trial.random.randint(1, 2))
    trial.folder.mkdir()
    what = f"{case.name}, {'lasting' if lasts else 'passing'}"
    outcome = Outcome("downloads", name, what, "", seconds=0.0)
    began = time.monotonic()
    try:
        before = trial.safe()
        ending = interrupt(trial)
        trial.judge_part(before)
        server.behave()
        if trial.try_here(_PATIENT) != "whole":
            raise LostDownloadError("not whole although the server was well in the end")
        if ending != "whole":
            ending = "whole after a sentence"
    except LostDownloadError as problem:
        again = f"--part downloads --only {number}"
        return replace(outcome, ending="lost", lost=str(problem), again=again, seconds=time.monotonic() - began)
    finally:
        shutil.rmtree(trial.folder)
    return replace(outcome, ending=ending, seconds=time.monotonic() - began)
