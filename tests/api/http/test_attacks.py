"""What other servers of models were attacked by, tried on ours with raw sockets; after each it still serves.

Ollama answered pages under a foreign name (CVE-2024-28224); LM Studio and Jan answered any page of any origin.
"""

from __future__ import annotations

import contextlib
import select
import socket
import sys
from collections.abc import Iterator

import pytest

from desktop.api.http.types import Limits
from desktop.engine.types import FinishReason
from tests.support.api_rig import CHAT, MODELS, TOKEN, Api, is_closed, read_response, serve_api
from tests.support.patience import PATIENCE_S

_QUESTION = {"messages": [{"role": "user", "content": "Hi"}]}
_PAGE = "http://localhost:3000"


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with serve_api(Limits(linger_s=0.2), origins=(_PAGE,)) as running:
        yield running


@pytest.fixture(autouse=True)
def still_there(api: Api) -> Iterator[None]:
    yield
    assert api.send(api.head("GET", MODELS)).status == 200


def _get(api: Api, *more: str, host: str | None = None, method: str = "GET", path: str = MODELS) -> bytes:
    return api.head(method, path, *more, host=host)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.example:{port}",
            "evil.example",
            "127.0.0.1",
            "localhost",
            "127.0.0.1:1",
            "127.0.0.1.evil.example:{port}",
        ),
        *(
            "localhost.:{port}",
            "0.0.0.0:{port}",
            "127.1:{port}",
            "127.0.0.1:{port}@evil.example",
            "[::2]:{port}",
            ":{port}",
        ),
    ],
)
def test_a_foreign_name_is_refused(api: Api, host: str) -> None:
    refused = api.send(_get(api, host=host.format(port=api.port)))
    assert (refused.status, refused.code) == (403, "host_not_allowed")
    assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LocalHost:{port}", "[::1]:{port}"])
def test_its_own_names_are_known(api: Api, host: str) -> None:
    assert api.send(_get(api, host=host.format(port=api.port))).status == 200


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere this computer has only one such address")
def test_it_listens_at_one_address_alone(api: Api) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", api.port))


def test_a_request_without_a_name_is_refused(api: Api) -> None:
    for version in ("1.0", "1.1"):
        assert api.send(f"GET {MODELS} HTTP/{version}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()).status in (
            400,
            403,
        )


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost:3001", "http://localhost", f"{_PAGE}.evil.example", "*", ""],
)
def test_a_page_that_is_not_listed_is_refused(api: Api, origin: str) -> None:
    refused = api.send(_get(api, f"Origin: {origin}"))
    assert (refused.status, refused.code) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in refused.headers
    wish = "Access-Control-Request-Method: POST"
    preflight = api.send(f"OPTIONS {CHAT} HTTP/1.1\r\nHost: {api.host}\r\nOrigin: {origin}\r\n{wish}\r\n\r\n".encode())
    assert preflight.status == 403 and "access-control-allow-origin" not in preflight.headers


def test_a_page_that_is_listed_may_ask_and_needs_the_token(api: Api) -> None:
    start = f"OPTIONS {CHAT} HTTP/1.1\r\nHost: {api.host}\r\nOrigin: {_PAGE}\r\n"
    preflight = api.send(f"{start}Access-Control-Request-Method: POST\r\n\r\n".encode())
    assert preflight.status == 204 and preflight.headers["access-control-allow-origin"] == _PAGE
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in preflight.headers
    answered = api.send(_get(api, f"Origin: {_PAGE}"))
    assert answered.status == 200 and answered.headers["access-control-allow-origin"] == _PAGE
    without = api.send(f"GET {MODELS} HTTP/1.1\r\nHost: {api.host}\r\nOrigin: {_PAGE}\r\n\r\n".encode())
    assert without.status == 401
    # AND without asking for anything it is no preflight
    assert api.send(f"{start}\r\n".encode()).status == 405
    assert api.send(f"OPTIONS {CHAT} HTTP/1.1\r\nHost: {api.host}\r\n\r\n".encode()).status == 405


@pytest.mark.parametrize(
    "authorization",
    [
        *("", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Bearer x{TOKEN}"),
        *(f"Bearer {TOKEN.upper()}", TOKEN, "Bearer " + "x" * 9000, f"Bearer {TOKEN} {TOKEN}"),
    ],
)
def test_without_the_token_nobody_is_told_anything(api: Api, authorization: str) -> None:
    raw = f"GET {MODELS} HTTP/1.1\r\nHost: {api.host}\r\nAuthorization: {authorization}\r\n\r\n".encode()
    refused = api.send(raw)
    assert refused.status == 401 and refused.headers["www-authenticate"] == "Bearer"
    assert TOKEN.encode() not in refused.body
    # AND what is not there is not told from what is
    other = api.send(raw.replace(MODELS.encode(), b"/v1/nothing"))
    assert other.status == 401 and other.body == refused.body


_SMUGGLED = b"GET /v1/models HTTP/1.1\r\nHost: evil\r\n\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked", b"Content-Length: 5"),
        (b"Content-Length: 5", b"Content-Length: 5"),
        (b"Content-Length: 5", b"Content-Length: 50"),
        (b"Content-Length: 5, 5",),
        (b"Content-Length: +5",),
        (b"Content-Length: -5",),
        (b"Content-Length: 0x5",),
        (b"Content-Length: 5 5",),
        (b"Content-Length : 5",),
        (b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
        (b"Transfer-Encoding: chunked, identity",),
        (b"Transfer-Encoding: xchunked",),
        (b"Transfer-Encoding : chunked",),
        (b"Transfer-Encoding: \x0bchunked",),
        (b"X: a\r\n Content-Length: 5",),
        (b"X: a\r\n\tContent-Length: 5",),
        (b"X: a\nContent-Length: 5",),
        (b"X: a\rContent-Length: 5",),
        (b"X: a\x00b", b"Content-Length: 5"),
        (b"Host: evil.example", b"Content-Length: 5"),
        (b"Authorization: Bearer other", b"Content-Length: 5"),
        (b"no colon", b"Content-Length: 5"),
        (b": nothing", b"Content-Length: 5"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(api: Api, lines: tuple[bytes, ...]) -> None:
    head = api.head("POST", CHAT, "Content-Type: application/json")[:-2] + b"".join(line + b"\r\n" for line in lines)
    with api.connect() as client:
        client.sendall(head + b"\r\n0\r\n\r\n" + _SMUGGLED)
        refused = read_response(client)
        assert refused.status in (400, 501) and refused.headers["connection"] == "close"
        assert is_closed(client)  # and what came behind it is never taken for a request


def test_lines_that_end_in_a_bare_line_feed_are_refused(api: Api) -> None:
    assert api.send(api.head("GET", MODELS).replace(b"\r\n", b"\n")).status == 400


@pytest.mark.parametrize(
    "chunks",
    [
        b"Z\r\nhello\r\n0\r\n\r\n",
        b"-1\r\nhello\r\n0\r\n\r\n",
        b"5\nhello\r\n0\r\n\r\n",
        b"5\r\nhelloXX0\r\n\r\n",
        b"fffffffffffffffffffffff\r\n",
        b"5;" + b"x" * 70_000,
        # What one reader takes for the end, and another for more headers.
        b"2\r\n{}\r\n0\r\n\n",
        b"2\r\n{}\r\n0\r\nX: y\n\r\n",
        b"2\r\n{}\r\n0\r\nX: y\nHost: evil.example\r\n\r\n",
        b"2\r\n{}\r\n0\r\nHost: evil.example\r\n\r\n",
        b"2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n",
    ],
)
def test_broken_chunks_are_refused(api: Api, chunks: bytes) -> None:
    head = api.head("POST", CHAT, "Content-Type: application/json", "Transfer-Encoding: chunked")
    with api.connect() as client:
        client.sendall(head + chunks)
        assert read_response(client).status in (400, 413)
        assert is_closed(client)


@pytest.mark.parametrize(
    ("first", "status"),
    [
        (b"CONNECT evil.example:443 HTTP/1.1", 405),
        (b"TRACE /v1/models HTTP/1.1", 405),
        (b"PUT /v1/models HTTP/1.1", 405),
        (b"DELETE /v1/models HTTP/1.1", 405),
        (b"GET /v1/chat/completions HTTP/1.1", 405),
        (b"HEAD /v1/models HTTP/1.1", 405),
        (b"OPTIONS * HTTP/1.1", 405),
        (b"GET http://evil.example/v1/models HTTP/1.1", 400),
        (b"GET /v1/../../../etc/passwd HTTP/1.1", 404),
        (b"GET /v1/models/../../../etc/passwd HTTP/1.1", 404),
        (b"GET /v1/models/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1", 404),
        (b"GET /v1/models/..\\..\\windows\\win.ini HTTP/1.1", 404),
        (b"GET //v1/models HTTP/1.1", 404),
        (b"GET /V1/models HTTP/1.1", 404),
        (b"GET / HTTP/1.1", 404),
        (b"GET /v1/models HTTP/2.0", 505),
        (b"GET /v1/models HTTP/0.9", 505),
        (b"GET /v1/models", 400),
        (b"GET  /v1/models HTTP/1.1", 400),
        (b"G\x00T /v1/models HTTP/1.1", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00 TLS", 400),
        (b"GET /v1/models\xff HTTP/1.1", 400),
    ],
)
def test_other_ways_to_ask_are_refused(api: Api, first: bytes, status: int) -> None:
    with api.connect() as client:
        client.sendall(first + b"\r\n" + api.head("GET", MODELS).partition(b"\r\n")[2])
        if first.startswith(b"HEAD"):
            assert client.recv(100).startswith(b"HTTP/1.1 405 ")
            return
        refused = read_response(client)
    assert refused.status == status
    assert b"/etc" not in refused.body or b"does not exist" in refused.body  # it is only said again as a name


def test_an_upgrade_is_not_taken(api: Api) -> None:
    upgrade = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")
    assert api.send(api.head("GET", MODELS, *upgrade)).status == 200
    socket_wish = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    assert api.send(api.head("GET", MODELS, *socket_wish)).status == 200


def test_headers_without_end_are_refused(api: Api) -> None:
    assert api.send(api.head("GET", MODELS, "X: " + "x" * 20_000)).status == 431
    assert api.send(api.head("GET", MODELS, *(f"X-{number}: y" for number in range(100)))).status == 431
    with api.connect() as client:  # AND those that never end are not waited for
        client.sendall(b"GET /v1/models HTTP/1.1\r\n" + b"X: y\r\n" * 5_000)
        assert read_response(client).status == 431


def test_a_body_of_a_gigabyte_is_refused_before_it_is_sent(api: Api) -> None:
    with api.connect() as client:
        client.sendall(api.head("POST", CHAT, "Content-Type: application/json", "Content-Length: 1000000000"))
        refused = read_response(client)
        assert (refused.status, refused.code) == (413, "request_too_large")
        assert is_closed(client)


def test_a_client_that_asks_first_is_not_told_to_send_it(api: Api) -> None:
    more = ("Content-Type: application/json", "Content-Length: 1000000000", "Expect: 100-continue")
    assert api.send(api.head("POST", CHAT, *more)).status == 413
    assert api.send(api.head("POST", CHAT, *more).replace(TOKEN.encode(), b"other")).status == 401


def test_chunks_without_end_are_ended(api: Api) -> None:
    head = api.head("POST", CHAT, "Content-Type: application/json", "Transfer-Encoding: chunked")
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    with api.connect() as client:
        client.sendall(head)
        try:
            for _number in range(200):
                client.sendall(chunk)
        except OSError:  # it was closed before all of them were sent
            pass
        with contextlib.suppress(ConnectionError):  # a reset may have thrown the response away
            assert read_response(client).status == 413


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", None),
        (b"{", "invalid_json"),
        (b"[]", "invalid_json"),
        (b'"text"', "invalid_json"),
        (b"null", "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"a":' * 100_000, "invalid_json"),
        (b'{"messages": [], "messages": []}', "invalid_json"),
        (b'{"temperature": NaN, "messages": [{"role": "user", "content": "x"}]}', "invalid_json"),
        (b'{"temperature": Infinity, "messages": [{"role": "user", "content": "x"}]}', "invalid_json"),
        (b'{"temperature": 1e999, "messages": [{"role": "user", "content": "x"}]}', "invalid_json"),
        (b'{"seed": ' + b"9" * 5_000 + b"}", "invalid_json"),
        (b'{"messages": [{"role": "user", "content": "\xff\xfe"}]}', "invalid_json"),
        (b"\x80\x81\x82", "invalid_json"),
    ],
)
def test_a_body_that_is_no_json_is_refused(api: Api, body: bytes, code: str | None) -> None:
    refused = api.send(api.post(CHAT, body))
    assert refused.status == 400
    assert refused.json["error"]["code"] == code and refused.json["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_what_a_form_of_a_page_can_send_is_refused(api: Api, kind: str) -> None:
    body = b'{"messages": [{"role": "user", "content": "Hi"}]}'
    assert (
        api.send(api.head("POST", CHAT, f"Content-Type: {kind}", f"Content-Length: {len(body)}") + body).status == 415
    )


def test_a_compressed_body_is_refused(api: Api) -> None:
    more = ("Content-Type: application/json", "Content-Encoding: gzip", "Content-Length: 3")
    assert api.send(api.head("POST", CHAT, *more) + b"\x1f\x8b\x08").status == 415


def test_requests_in_a_row_are_answered_in_their_order(api: Api) -> None:
    with api.connect() as client:
        client.sendall(api.head("GET", MODELS) + api.head("GET", "/v1/models/nothing") + api.head("GET", MODELS))
        assert [read_response_of(client) for _ in range(3)] == [200, 404, 200]


def read_response_of(client: socket.socket) -> int:
    """Reads one of several responses, byte by byte, so that nothing of the next is taken."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += client.recv(1)
    length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))[15:])
    while length:
        length -= len(client.recv(length))
    return int(head.split()[1])


def test_a_request_that_comes_early_waits_for_its_turn(api: Api) -> None:
    with api.connect() as client:
        client.sendall(api.post(CHAT, _QUESTION) + api.head("GET", MODELS))
        request = api.engine.taken()
        api.say(request, "Yes", FinishReason.COMPLETE)
        assert [read_response_of(client) for _ in range(2)] == [200, 200]


def test_http_1_0_is_answered_and_closed(api: Api) -> None:
    raw = f"GET {MODELS} HTTP/1.0\r\nHost: {api.host}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
    with api.connect() as client:
        client.sendall(raw)
        assert read_response(client).status == 200
        assert is_closed(client)


def test_whoever_closes_his_side_has_gone(api: Api) -> None:
    with api.connect() as client:
        client.sendall(api.post(CHAT, _QUESTION))
        request = api.engine.taken()
        client.shutdown(socket.SHUT_WR)
        assert api.engine.cancelled.get(timeout=PATIENCE_S) == request.request_id
        assert is_closed(client)
    api.say(request, "", FinishReason.STOPPED)


# Time: the limits are short here, and a client that is in time is served all the same.

_SHORT = Limits(head_s=0.3, idle_s=0.3, body_s=0.3, linger_s=0.1, connections=8)


@pytest.fixture(scope="module")
def hasty() -> Iterator[Api]:
    with serve_api(_SHORT) as running:
        yield running


def test_a_head_that_comes_letter_by_letter_is_ended(hasty: Api) -> None:
    with hasty.connect() as client:
        client.sendall(b"GET /v1/models HTTP/1.1\r\nX: ")
        while not select.select([client], [], [], 0.01)[0]:
            client.sendall(b"y")
        assert read_response(client).status == 408


def test_a_body_that_does_not_come_is_ended(hasty: Api) -> None:
    with hasty.connect() as client:
        client.sendall(hasty.post(CHAT, _QUESTION)[:-5])
        assert read_response(client).status == 408
        assert is_closed(client)


def test_whoever_connects_and_says_nothing_is_left(hasty: Api) -> None:
    with hasty.connect() as client:
        assert is_closed(client)
    with hasty.connect() as client:  # AND whoever asked once and then says nothing
        client.sendall(hasty.head("GET", MODELS))
        assert read_response_of(client) == 200
        assert is_closed(client)


def test_those_who_only_hold_connections_make_room(hasty: Api) -> None:
    with serve_api(Limits(connections=8)) as api:  # their time would not be over for long
        idle = [api.connect() for _number in range(20)]
        try:
            assert api.send(api.head("GET", MODELS)).status == 200
        finally:
            for client in idle:
                client.close()
