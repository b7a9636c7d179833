"""Downloads that end well: in one go, in pieces, after a pause, after a restart, from another host."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from desktop.common.errors import Cancelled, UserFacingError
from desktop.models.download.downloader import DownloadControl
from desktop.models.download.part_file import PartFile
from desktop.models.remembered.checksums import is_noted
from desktop.models.types import DownloadProgress, DownloadState
from tests.support.downloads import FILE, PATH, Run, model_bytes, run_for, serving, spec_of, tell_everything, until
from tests.support.fault_server import Fault, FaultServer
from tests.support.silence import quick_silence

# Never whole: whoever waits for its end waits in vain.
PART = Fault(stall_after=600_000)


@pytest.fixture(scope="module")
def content() -> bytes:
    return model_bytes()


@pytest.fixture
def server(tmp_path: Path, content: bytes) -> Iterator[FaultServer]:
    with serving(tmp_path / "shared", content) as server:
        yield server


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    tell_everything(monkeypatch)


@pytest.fixture
def run(tmp_path: Path, server: FaultServer, content: bytes) -> Run:
    return run_for(tmp_path / "models", content, server)


def _only_the_model(run: Run, content: bytes) -> None:
    assert sorted(path.name for path in run.folder.iterdir()) == [f".{FILE}.verified", FILE]
    assert (run.folder / FILE).read_bytes() == content
    assert is_noted(run.folder / FILE, run.spec.sha256)


def test_in_one_go(run: Run, server: FaultServer, content: bytes) -> None:
    assert run.go() == run.folder / FILE
    _only_the_model(run, content)
    assert run.states == [
        DownloadState.WAITING,
        DownloadState.RUNNING,
        DownloadState.VERIFYING,
        DownloadState.DONE,
    ]
    assert run.reports[-1].done == run.reports[-1].total == len(content)
    assert {report.model_id for report in run.reports} == {"model"}
    assert len(server.requests) == 1


def test_asks_for_plain_bytes_and_says_who_it_is_but_not_where_from(run: Run, server: FaultServer) -> None:
    run.go()
    headers = server.requests[0].headers
    assert headers["accept-encoding"] == "identity"
    assert headers["user-agent"].startswith("Catnap/")
    assert "referer" not in headers and "range" not in headers and "cookie" not in headers


def test_a_model_that_is_there_is_not_asked_for(run: Run, server: FaultServer) -> None:
    run.go()
    again = run.again()
    assert again.go() == run.folder / FILE
    assert len(server.requests) == 1
    assert again.states == [DownloadState.WAITING, DownloadState.DONE]


def test_a_model_dropped_in_by_hand_is_hashed_instead(run: Run, server: FaultServer, content: bytes) -> None:
    run.folder.mkdir()
    (run.folder / FILE).write_bytes(content)
    run.go()
    assert server.requests == []
    _only_the_model(run, content)


def test_a_wrong_file_of_the_right_size_is_set_aside(run: Run, content: bytes) -> None:
    run.folder.mkdir()
    (run.folder / FILE).write_bytes(model_bytes(seed=2))
    run.go()
    assert (run.folder / FILE).read_bytes() == content
    assert (run.folder / f"{FILE}.bad-1").read_bytes() == model_bytes(seed=2)


class Clock:
    """Each look at it takes a twentieth of a second."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 0.05
        return self.now


def test_progress_comes_in_bearable_doses(
    run: Run, server: FaultServer, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    for module in ("downloader", "failover"):
        monkeypatch.setattr(f"desktop.models.download.{module}.time", clock)
    told: list[tuple[float, DownloadProgress]] = []
    asyncio.run(run.downloader().download(run.spec, lambda report: told.append((clock.now, report)), DownloadControl()))
    times, running = zip(*[one for one in told if one[1].state is DownloadState.RUNNING], strict=True)
    assert all(later - earlier >= 0.2 for earlier, later in pairwise(times)), "at most five a second"
    assert len(running) >= 3
    counts = [report.done for report in running]
    assert counts == sorted(counts)
    assert any(report.speed > 0 and report.eta is not None for report in running)
    assert {report.host for report in running} == {server.host}


@pytest.mark.usefixtures("told")
def test_pause_keeps_the_bytes_and_a_new_downloader_goes_on(run: Run, server: FaultServer, content: bytes) -> None:
    server.script(PATH, PART)
    run.stop_at = 400_000
    with pytest.raises(Cancelled):
        run.go()
    assert run.states[-1] is DownloadState.PAUSED
    kept = run.downloader().partial(run.spec)
    assert 400_000 <= kept < len(content)
    assert run.reports[-1].done == kept
    assert not (run.folder / FILE).exists()
    assert (run.folder / f"{FILE}.part").read_bytes() == content[:kept]

    again = run.again()
    again.go()
    assert server.requests[1].range == f"bytes={kept}-"
    assert server.requests[1].if_range
    assert again.reports[0].done == kept
    _only_the_model(run, content)


@pytest.mark.usefixtures("told")
def test_cancel_removes_the_bytes(run: Run, server: FaultServer) -> None:
    server.script(PATH, PART)
    run.stop_at, run.stop = 400_000, DownloadControl.cancel
    with pytest.raises(Cancelled):
        run.go()
    assert list(run.folder.iterdir()) == []
    assert run.downloader().partial(run.spec) == 0


def test_pause_before_anything_happened(run: Run, server: FaultServer) -> None:
    async def work() -> None:
        control = DownloadControl()
        control.pause()
        await run.downloader().download(run.spec, run.reports.append, control)

    with pytest.raises(Cancelled):
        asyncio.run(work())
    assert server.requests == []


def test_pause_in_the_middle_of_silence(run: Run, server: FaultServer) -> None:
    server.always(PATH, Fault(stall_before=True))

    async def work() -> None:
        control = DownloadControl()
        task = asyncio.ensure_future(run.downloader().download(run.spec, run.reports.append, control))
        await until(lambda: bool(server.requests))
        control.pause()
        await task

    with pytest.raises(Cancelled):
        asyncio.run(work())


@pytest.mark.usefixtures("told")
def test_the_end_of_the_loop_keeps_the_bytes(run: Run, server: FaultServer, content: bytes) -> None:
    """Ctrl+C on the command line cancels the task from outside."""
    server.script(PATH, PART)

    async def work() -> None:
        task = asyncio.ensure_future(run.download())
        await until(lambda: any(report.done > 100_000 for report in run.reports))
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work())
    kept = run.downloader().partial(run.spec)
    assert kept > 100_000
    run.again().go()
    assert server.requests[1].range == f"bytes={kept}-"


@pytest.mark.usefixtures("told")
def test_discard(run: Run, server: FaultServer) -> None:
    server.script(PATH, PART)
    run.stop_at = 100_000
    with pytest.raises(Cancelled):
        run.go()
    downloader = run.downloader()
    downloader.discard(run.spec)
    downloader.discard(run.spec)
    assert list(run.folder.iterdir()) == []


def test_a_cut_connection_is_taken_up_where_it_broke(run: Run, server: FaultServer, content: bytes) -> None:
    server.script(PATH, Fault(cut_after=300_000), Fault(cut_after=200_001), Fault(cut_after=100_000))
    run.go()
    assert [request.range for request in server.requests] == [
        None,
        "bytes=300000-",
        "bytes=500001-",
        "bytes=600001-",
    ]
    _only_the_model(run, content)


def test_a_stall_is_noticed(run: Run, server: FaultServer, content: bytes) -> None:
    server.script(PATH, Fault(stall_after=300_000))
    run.options["source"] = quick_silence(server)
    run.go()
    assert server.requests[1].range == "bytes=300000-"
    _only_the_model(run, content)


def test_an_answer_that_just_ends_is_taken_up(run: Run, server: FaultServer, content: bytes) -> None:
    server.script(PATH, Fault(cut_after=300_000, no_length=True))
    run.go()
    assert server.requests[1].range == "bytes=300000-"
    _only_the_model(run, content)


def test_out_of_order_then_well(run: Run, server: FaultServer, content: bytes) -> None:
    server.script(PATH, Fault(status=503), Fault(status=500))
    run.go()
    assert len(server.requests) == 3
    _only_the_model(run, content)


def test_a_range_as_200_with_content_range_is_appended(run: Run, server: FaultServer, content: bytes) -> None:
    server.script(PATH, Fault(cut_after=300_000), Fault(range_as_200=True))
    run.go()
    assert len(server.requests) == 2
    _only_the_model(run, content)


@pytest.mark.parametrize(
    "lie",
    [
        Fault(ignore_ranges=True),
        Fault(content_range="bytes 0-1499999/1500000", send_from=0),
        Fault(content_range="bytes 300001-1499999/1500000", send_from=300_001),
        Fault(content_range="bytes 300000-1500000/1500000"),
        Fault(content_range="nonsense"),
        Fault(no_content_range=True),
        Fault(status=416),
    ],
)
def test_lies_about_ranges_start_over(run: Run, server: FaultServer, content: bytes, lie: Fault) -> None:
    server.script(PATH, Fault(cut_after=300_000), lie)
    run.go()
    _only_the_model(run, content)


def test_a_changed_etag_starts_over(run: Run, server: FaultServer, content: bytes) -> None:
    server.script(PATH, Fault(etag='"old"', cut_after=300_000))
    run.go()
    assert server.requests[1].if_range == '"old"'
    assert run.spec.size == len(content)
    _only_the_model(run, content)


def test_a_weak_etag_is_not_used_as_a_condition(run: Run, server: FaultServer, content: bytes) -> None:
    server.script(PATH, Fault(etag='W/"weak"', cut_after=300_000), Fault(etag='W/"weak"'))
    run.go()
    assert server.requests[1].range == "bytes=300000-"
    assert server.requests[1].if_range is None
    _only_the_model(run, content)


def test_a_resume_asks_the_first_host_again(run: Run, server: FaultServer, content: bytes) -> None:
    """Signed addresses behind a redirect expire: 403 there is no refusal."""
    (server.folder / "signed.gguf").write_bytes(content)
    server.always(PATH, Fault(redirect="/signed.gguf"))
    server.script("/signed.gguf", Fault(cut_after=300_000), Fault(status=403))
    run.go()
    assert [request.path for request in server.requests] == [PATH, "/signed.gguf"] * 3
    _only_the_model(run, content)


def test_bytes_of_another_file_are_not_built_upon(run: Run, server: FaultServer) -> None:
    server.script(PATH, Fault(cut_after=300_000), Fault(status=404))
    with pytest.raises(UserFacingError):
        run.go()
    assert run.downloader().partial(run.spec) == 300_000
    other = model_bytes(seed=3)
    (server.folder / FILE).write_bytes(other)
    fresh = run.again(spec=spec_of(other, run.spec.url))
    fresh.go()
    assert server.requests[-1].range is None
    _only_the_model(fresh, other)


@pytest.mark.parametrize("damage", ["", "{}", '{"version": 9}', "[]", '{"version": 1, "sha256": 5}'])
def test_bytes_that_nobody_knows_are_not_built_upon(run: Run, server: FaultServer, content: bytes, damage: str) -> None:
    run.folder.mkdir()
    (run.folder / f"{FILE}.part").write_bytes(content[:500_000])
    (run.folder / f"{FILE}.part.json").write_text(damage)
    run.go()
    assert server.requests[0].range is None
    _only_the_model(run, content)


@pytest.mark.usefixtures("told")
def test_after_a_power_cut_only_what_reached_the_disk_counts(run: Run, server: FaultServer, content: bytes) -> None:
    server.script(PATH, PART)
    run.stop_at = 400_000
    with pytest.raises(Cancelled):
        run.go()
    part, info = run.folder / f"{FILE}.part", run.folder / f"{FILE}.part.json"
    safe = json.loads(info.read_text())["safe"]
    with part.open("ab") as stream:
        stream.write(bytes(200_000))  # what a file system leaves where it had promised data
    run.again().go()
    assert server.requests[1].range == f"bytes={safe}-"
    _only_the_model(run, content)


def test_all_bytes_were_there_but_not_the_name(run: Run, server: FaultServer, content: bytes) -> None:
    part = PartFile(run.folder, run.spec)
    part.open()
    part.begin("host", None, 0)
    part.append(content)
    part.close()
    run.go()
    assert server.requests == []
    _only_the_model(run, content)


@pytest.mark.usefixtures("told")
def test_two_at_once(run: Run, server: FaultServer, content: bytes) -> None:
    server.script(PATH, Fault(hold_after=600_000))

    async def work() -> UserFacingError:
        first = asyncio.ensure_future(run.download())
        await until(lambda: any(report.done for report in run.reports))
        with pytest.raises(UserFacingError) as caught:
            await run.again().download()
        server.go_on()
        await first
        return caught.value

    assert asyncio.run(work()).title == "Another Catnap is downloading this model already."
    assert len(server.requests) == 1
    _only_the_model(run, content)


def test_the_loop_is_not_blocked(run: Run, server: FaultServer) -> None:
    """Hashing and writing happen in threads: the loop's own thread never opens the model."""
    opened: list[str] = []
    listening = True
    loop_thread = threading.get_ident()

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        if not listening or event != "open" or threading.get_ident() != loop_thread:
            return
        if str(arguments[0]).startswith(str(run.folder)):
            opened.append(str(arguments[0]))

    sys.addaudithook(audit)
    try:
        run.go()
    finally:
        listening = False
    assert opened == []
