"""Networks that want a sign-in answer in the server's place: told as such, and what is there is unharmed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from tests.support.downloads import FILE, PATH, Run, model_bytes, run_for, serving
from tests.support.fault_server import LOGIN_PAGE, Fault, FaultServer

_CONTENT = model_bytes(400_000)
_PAGE = b"\n  <!DOCTYPE html><html><head><title>Welcome</title></head><body>Sign in to go on</body></html>"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultServer]:
    with serving(tmp_path / "shared", _CONTENT) as server:
        yield server


@pytest.fixture
def run(tmp_path: Path, server: FaultServer) -> Run:
    return run_for(tmp_path / "models", _CONTENT, server)


@pytest.mark.parametrize(
    "page",
    [
        LOGIN_PAGE,
        Fault(status=511),
        Fault(redirect="http://login.hotel.example/"),
        Fault(redirect="http://192.168.8.1/portal?url=https://huggingface.co", status=307),
        Fault(body=_PAGE, content_type="application/xhtml+xml"),
        Fault(body=_PAGE, no_length=True),
        Fault(body=b"<html>", no_length=True),
        Fault(body=_PAGE + bytes(400_000 - len(_PAGE))),
    ],
)
@pytest.mark.parametrize("there", [0, 250_000])
def test_a_page_in_place_of_the_model(run: Run, server: FaultServer, page: Fault, there: int) -> None:
    # GIVEN part of a model, or nothing
    if there:
        server.script(PATH, Fault(cut_after=there), Fault(status=404))
        with pytest.raises(UserFacingError):
            run.go()
    # WHEN the network answers with a page
    server.always(PATH, page)
    with pytest.raises(UserFacingError) as caught:
        run.again().go()
    # THEN it says so
    assert caught.value.title == "A web page came instead of the model."
    assert "open the network's page" in caught.value.remedy
    # AND what was there is still there, and nothing of the page
    part = run.folder / f"{FILE}.part"
    assert (part.read_bytes() if part.exists() else b"") == _CONTENT[:there]
    # AND the download goes on where it was once the network lets it
    server.behave()
    asked = len(server.requests)
    assert run.again().go().read_bytes() == _CONTENT
    assert server.requests[asked].range == (f"bytes={there}-" if there else None)
