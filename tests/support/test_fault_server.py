"""The server of the tests does what its faults say, since tests of downloads rest on it."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fault_server import LOGIN_PAGE, Fault, FaultServer, serve
from tests.support.patience import PATIENCE_S, wait_for

CONTENT = bytes(range(256)) * 400


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultServer]:
    (tmp_path / "shared" / "owner").mkdir(parents=True)
    (tmp_path / "shared" / "owner" / "file.bin").write_bytes(CONTENT)
    (tmp_path / "secret").write_text("not served")
    with serve(tmp_path / "shared") as server:
        yield server


def _get(
    server: FaultServer, path: str = "/owner/file.bin", method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(server.host, timeout=PATIENCE_S)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        try:
            body = answer.read()
        except http.client.IncompleteRead as cut:
            body = cut.partial
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body
    finally:
        connection.close()


def test_well_behaved(server: FaultServer) -> None:
    status, headers, body = _get(server)
    assert (status, body, headers["content-length"]) == (200, CONTENT, str(len(CONTENT)))
    status, headers, body = _get(server, Range="bytes=100-", If_Range=headers["etag"])
    assert (status, body) == (206, CONTENT[100:])
    assert headers["content-range"] == f"bytes 100-{len(CONTENT) - 1}/{len(CONTENT)}"
    assert _get(server, Range="bytes=100-199")[2] == CONTENT[100:200]
    assert _get(server, Range="bytes=100-", If_Range='"other"')[::2] == (200, CONTENT)
    assert _get(server, Range=f"bytes={len(CONTENT)}-")[0] == 416
    assert _get(server, method="HEAD")[::2] == (200, b"")


@pytest.mark.parametrize("path", ["/none", "/owner", "/../secret", "/%2e%2e/secret"])
def test_only_files_of_the_folder(server: FaultServer, path: str) -> None:
    assert _get(server, path)[0] == 404


def test_a_script_runs_once_and_in_order(server: FaultServer) -> None:
    path = "/owner/file.bin"
    server.script(path, Fault(status=503), Fault(cut_after=1000), LOGIN_PAGE)
    server.always(path, Fault(flip=3))
    assert _get(server)[0] == 503
    assert _get(server)[2] == CONTENT[:1000]
    assert _get(server)[1]["content-type"] == "text/html"
    for _ in range(2):
        assert _get(server)[2][:5] == bytes([0, 1, 2, 2, 4])
    assert len(server.of(path)) == len(server.requests) == 5


def test_lies_about_ranges(server: FaultServer) -> None:
    path = "/owner/file.bin"
    server.script(path, Fault(ignore_ranges=True), Fault(range_as_200=True), Fault(no_content_range=True))
    server.script(path, Fault(content_range="bytes 0-1/2", send_from=7), Fault(etag='"x"', ignore_if_range=True))
    assert _get(server, Range="bytes=100-")[::2] == (200, CONTENT)
    status, headers, body = _get(server, Range="bytes=100-")
    assert (status, body) == (200, CONTENT[100:]) and headers["content-range"].startswith("bytes 100-")
    assert "content-range" not in _get(server, Range="bytes=100-")[1]
    status, headers, body = _get(server, Range="bytes=100-")
    assert (headers["content-range"], body) == ("bytes 0-1/2", CONTENT[7:])
    assert _get(server, Range="bytes=100-", If_Range='"y"')[0] == 206


def test_a_held_answer_goes_on_when_it_is_told(server: FaultServer) -> None:
    server.script("/owner/file.bin", Fault(hold_after=20_000))
    connection = http.client.HTTPConnection(server.host, timeout=PATIENCE_S)
    connection.request("GET", "/owner/file.bin")
    answer = connection.getresponse()
    begin = answer.read(20_000)
    server.go_on()
    assert begin + answer.read() == CONTENT
    connection.close()


@pytest.mark.parametrize("fault", [Fault(stall_before=True), Fault(stall_after=10)], ids=["at once", "later"])
def test_it_tells_whom_it_sends_no_more(server: FaultServer, fault: Fault) -> None:
    server.script("/owner/file.bin", fault)
    connection = http.client.HTTPConnection(server.host, timeout=PATIENCE_S)
    connection.request("GET", "/owner/file.bin")
    (port,) = wait_for("the silence", lambda: set(server.silent))
    assert port == connection.sock.getsockname()[1]
    connection.close()
    wait_for("the end of it", lambda: not server.silent)


def test_redirect_and_headers(server: FaultServer) -> None:
    server.script("/x", Fault(redirect="/owner/file.bin", headers=(("X-Linked-Size", "5"),)))
    status, headers, _ = _get(server, "/x")
    assert (status, headers["location"], headers["x-linked-size"]) == (302, "/owner/file.bin", "5")


def test_it_stops_while_clients_wait(tmp_path: Path) -> None:
    """GIVEN silent answers, a slow one and an idle connection; WHEN it is closed; THEN no thread is left."""
    (tmp_path / "file.bin").write_bytes(CONTENT)
    (tmp_path / "other.bin").write_bytes(CONTENT)  # which of several clients is served first is nobody's promise
    before = set(threading.enumerate())
    with serve(tmp_path) as server:
        server.script("/file.bin", Fault(stall_before=True), Fault(stall_after=10), Fault(bytes_per_second=1000))
        clients = [http.client.HTTPConnection(server.host, timeout=PATIENCE_S) for _ in range(4)]
        for client in clients[:3]:
            client.request("GET", "/file.bin")
        clients[3].request("GET", "/other.bin")
        clients[3].getresponse().read()
    for client in clients:
        client.close()
    assert set(threading.enumerate()) <= before


def test_a_reset_is_one(server: FaultServer) -> None:
    server.script("/owner/file.bin", Fault(reset_after=1000))
    with pytest.raises(ConnectionResetError):
        _get(server)
    assert _get(server)[2] == CONTENT


def test_a_drip_comes_a_byte_at_a_time(server: FaultServer) -> None:
    server.script("/owner/file.bin", Fault(drip=0.0, body=b"some bytes"))
    assert _get(server)[2] == b"some bytes"


def test_it_can_be_told_to_behave(server: FaultServer) -> None:
    server.script("/owner/file.bin", Fault(status=503))
    server.always("/owner/file.bin", Fault(status=500))
    server.behave()
    assert _get(server)[2] == CONTENT
