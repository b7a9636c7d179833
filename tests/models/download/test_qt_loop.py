"""Downloads in the event loop of the app: Qt's, which differs from asyncio's own in threads, timers and generators."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import qasync

from desktop.common.errors import Cancelled, UserFacingError
from desktop.models.download.downloader import DownloadControl
from desktop.models.types import DownloadState
from tests.support.downloads import (
    FILE,
    NO_HEAD_START,
    PATH,
    Run,
    detour,
    model_bytes,
    spec_of,
    tell_everything,
    until,
)
from tests.support.fault_server import LOGIN_PAGE, Fault, FaultServer, serve
from tests.support.silence import quick_silence


@pytest.fixture(scope="module")
def loop(qapp: Any) -> Iterator[asyncio.AbstractEventLoop]:
    """One loop for all tests here, as the app has one.

    A loop that is closed keeps its Qt timers until it is collected, and a QObject with timers must not be collected in
    another thread (Qt would deliver their events to freed memory), so it is done here and now.
    """
    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    problems: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda loop, context: problems.append(context))
    yield loop
    asyncio.set_event_loop(None)
    loop.close()
    del loop
    gc.collect()
    assert problems == []


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultServer]:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / FILE).write_bytes(model_bytes())
    with serve(shared) as server:
        yield server


@pytest.fixture
def run(tmp_path: Path, server: FaultServer) -> Run:
    return Run(tmp_path / "models", spec_of(model_bytes(), server.url + PATH))


def _wait_for(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Path]) -> Path:
    return loop.run_until_complete(work)


def test_cut_stalled_and_finished(loop: asyncio.AbstractEventLoop, run: Run, server: FaultServer) -> None:
    server.script(PATH, Fault(cut_after=300_000), Fault(stall_after=300_000))
    run.options["source"] = quick_silence(server)
    assert _wait_for(loop, run.download()).read_bytes() == model_bytes()
    assert [request.range for request in server.requests] == [None, "bytes=300000-", "bytes=600000-"]


def test_paused_and_taken_up(
    loop: asyncio.AbstractEventLoop, run: Run, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_everything(monkeypatch)
    server.script(PATH, Fault(stall_after=600_000))
    run.stop_at = 300_000
    with pytest.raises(Cancelled):
        _wait_for(loop, run.download())
    assert run.states[-1] is DownloadState.PAUSED
    assert _wait_for(loop, run.again().download()).read_bytes() == model_bytes()
    assert server.requests[1].range == f"bytes={run.reports[-1].done}-"


def test_finding_out_who_answers(loop: asyncio.AbstractEventLoop, run: Run, server: FaultServer) -> None:
    names = ("huggingface.co", "hf-mirror.com", "modelscope.cn")
    run.spec = spec_of(model_bytes(), None)
    run.options |= {"source": detour(dict.fromkeys(names, server.url)), "timing": NO_HEAD_START}
    server.script(f"/owner/model-GGUF/resolve/0123abc/{FILE}", Fault(stall_before=True), LOGIN_PAGE)
    master = f"/models/owner/model-GGUF/resolve/master/{FILE}"
    last = server.folder / master[1:]
    last.parent.mkdir(parents=True)
    last.write_bytes(model_bytes())
    assert _wait_for(loop, run.download()).read_bytes() == model_bytes()
    assert [request.range for request in server.of(master)] == ["bytes=0-63", None]


def test_paused_in_the_middle_of_silence(loop: asyncio.AbstractEventLoop, run: Run, server: FaultServer) -> None:
    server.always(PATH, Fault(stall_after=200_000))

    async def work() -> Path:
        control = DownloadControl()
        task = asyncio.ensure_future(run.downloader().download(run.spec, run.reports.append, control))
        await until(lambda: bool(server.requests))
        control.pause()
        return await task

    with pytest.raises(Cancelled):
        _wait_for(loop, work())


def test_refused(loop: asyncio.AbstractEventLoop, run: Run, server: FaultServer) -> None:
    server.always(PATH, Fault(body=b"GGUF" + bytes(2_000_000), no_length=True))
    with pytest.raises(UserFacingError, match="another size"):
        _wait_for(loop, run.download())
