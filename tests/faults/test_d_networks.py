"""FAULTS D, networks as they are: answers, redirects, proxies and lists of exceptions that nobody had shown before.

Each download ends with the file or with a sentence; never with another file, a traceback, or what a stranger was told.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.models.download.downloader import http_source
from desktop.models.download.proxy.no_proxy import read_no_proxy
from desktop.models.download.proxy.proxies import Account, choose, from_environment
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from tests.support.certificate import MIRRORS
from tests.support.downloads import FILE, PATH, Run, model_bytes, run_for, serving, spec_of, tell_everything
from tests.support.fault_server import Fault, serve
from tests.support.proxy_server import ProxyFault, serve_proxy

CONTENT = model_bytes(20_000)
SIZE = len(CONTENT)
_OK = b"HTTP/1.1 200 OK\r\n"
_LENGTH = f"Content-Length: {SIZE}\r\n".encode()


@contextlib.contextmanager
def saying(answer: bytes) -> Iterator[str]:
    """Answers every connection on a port with these bytes, whatever was asked, and closes it; yields the address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve_all() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client, contextlib.suppress(OSError):
                    client.recv(65536)
                    client.sendall(answer)
                    client.shutdown(socket.SHUT_WR)
                    while client.recv(65536):
                        pass

    thread = threading.Thread(target=serve_all, name="saying")
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def chunked(content: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    pieces = (content[at : at + 7000] for at in range(0, len(content), 7000))
    return b"".join(f"{len(piece):X}\r\n".encode() + piece + b"\r\n" for piece in pieces) + end


GOOD: dict[str, bytes] = {
    "HTTP/1.0 that ends when it is over": b"HTTP/1.0 200 OK\r\n\r\n" + CONTENT,
    "HTTP/1.0 with a length": b"HTTP/1.0 200 OK\r\n" + _LENGTH + b"\r\n" + CONTENT,
    "no reason behind the status": b"HTTP/1.1 200\r\n" + _LENGTH + b"\r\n" + CONTENT,
    "an early hint before it": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + _OK + _LENGTH + b"\r\n" + CONTENT,
    "an encoding that is none": _OK + _LENGTH + b"Content-Encoding: identity\r\n\r\n" + CONTENT,
    "in chunks": _OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(CONTENT),
    "in chunks with trailers": _OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(CONTENT, b"0\r\nX: y\r\n\r\n"),
    "a range of an unknown whole": (
        b"HTTP/1.1 206 Partial\r\n" + _LENGTH + f"Content-Range: bytes 0-{SIZE - 1}/*\r\n\r\n".encode() + CONTENT
    ),
    "the same length twice": _OK + _LENGTH + _LENGTH + b"\r\n" + CONTENT,
}


@pytest.mark.parametrize("answer", GOOD)
def test_d_an_odd_answer_with_the_file_in_it_is_taken(tmp_path: Path, answer: str) -> None:
    with saying(GOOD[answer]) as url:
        assert Run(tmp_path / "models", spec_of(CONTENT, url)).go().read_bytes() == CONTENT


def _ranged(text: str, status: str = "206 Partial Content") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {SIZE}\r\nContent-Range: {text}\r\n\r\n".encode() + CONTENT


BAD: dict[str, bytes] = {
    "packed": _OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(CONTENT),
    "packed, in capitals": _OK + b"CONTENT-ENCODING: GZIP\r\n\r\n" + gzip.compress(CONTENT),
    "packed by a kind that nobody has": _OK + b"Content-Encoding: zstd, br\r\n\r\n" + CONTENT,
    "packed for the way": _OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunked(gzip.compress(CONTENT)),
    "two lengths": _OK + _LENGTH + b"Content-Length: 5\r\n\r\n" + CONTENT,
    "a length below zero": _OK + b"Content-Length: -20000\r\n\r\n" + CONTENT,
    "a length in words": _OK + b"Content-Length: 20000 bytes\r\n\r\n" + CONTENT,
    "a whole of another size": _ranged(f"bytes 0-{SIZE - 1}/99999"),
    "a whole of another size, as 200": _ranged(f"bytes 0-{SIZE - 1}/99999", "200 OK"),
    "a range from elsewhere": _ranged(f"bytes 5-{SIZE + 4}/{SIZE}"),
    "a range beyond the end": _ranged(f"bytes 0-{SIZE}/*"),
    "a range the wrong way round": _ranged(f"bytes {SIZE - 1}-0/{SIZE}"),
    "a range in lines": _ranged(f"lines 0-{SIZE - 1}/{SIZE}"),
    "several ranges": (
        b"HTTP/1.1 206 Partial\r\nContent-Type: multipart/byteranges; boundary=x\r\n\r\n--x\r\n\r\n" + CONTENT
    ),
    "in chunks that end early": _OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(CONTENT[:9000], b""),
    "in chunks of no size": _OK + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n0\r\n\r\n",
    "in a chunk of 10^30 bytes": _OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 30 + b"\r\n" + CONTENT,
    "a stream of music": b"ICY 200 OK\r\n\r\n" + CONTENT,
    "the file and nothing else": CONTENT,
    "nothing at all": b"",
    "nothing, and that is well": b"HTTP/1.1 204 No Content\r\n\r\n",
    "not changed": b"HTTP/1.1 304 Not Modified\r\n\r\n",
    "several to choose from": b"HTTP/1.1 300 Multiple Choices\r\nContent-Length: 0\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n" + CONTENT,
    "a status of 999": b"HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n",
    "a status below 100": b"HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n",
    "a header without a colon": _OK + b"nonsense\r\n" + _LENGTH + b"\r\n" + CONTENT,
    "a header of a megabyte": _OK + b"X: " + b"x" * 1_000_000 + b"\r\n" + _LENGTH + b"\r\n" + CONTENT,
    "hints without an end": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100_000,
    "one byte too few": _OK + b"\r\n" + CONTENT[:-1],
    "one byte too many": _OK + b"\r\n" + CONTENT + b"x",
    "another file of the same size": _OK + _LENGTH + b"\r\n" + CONTENT[:-1] + b"?",
    "a page of the network": _OK + b"Content-Type: TEXT/HTML\r\n\r\n<html>" + CONTENT,
}  # fmt: skip


@pytest.mark.parametrize("answer", BAD)
def test_d_an_answer_without_the_file_ends_with_a_sentence(tmp_path: Path, answer: str) -> None:
    with saying(BAD[answer]) as url:
        run = Run(tmp_path / "models", spec_of(CONTENT, url))
        with pytest.raises(UserFacingError) as caught:
            run.go()
    problem = caught.value
    assert problem.title and problem.remedy and ("127.0.0.1" in problem.detail or ".bad-1" in problem.detail)
    assert FILE not in [path.name for path in (tmp_path / "models").iterdir()]


@pytest.mark.parametrize(
    "target",
    [
        *("file:///etc/passwd", "FILE:///etc/passwd", "file://127.0.0.1/etc/passwd", "ftp://192.0.2.1/x", "data:,GGUF"),
        *(
            "javascript:alert(1)",
            "http://[::1",
            "http://[fe80::1%25eth0]/x",
            "https://",
            "//",
            "http:///x",
            "gopher://x",
        ),
        *(
            "http://user:secret@192.0.2.1/x",
            "http://192.0.2.1:99999/x",
            "http://192.0.2.1:port/x",
            "http://192.0.2.1\\x",
        ),
        *("unix:/run/x.sock", "http://\u4f8b\u5b50.\u6d4b\u8bd5/x", "h\u0000ttp://x", " ", "about:blank", "blob:x"),
    ],
)
def test_d_a_redirect_to_what_is_no_place_for_a_model(tmp_path: Path, target: str) -> None:
    answer = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + target.encode() + b"\r\n\r\n"
    with saying(answer) as url, pytest.raises(UserFacingError) as caught:
        Run(tmp_path / "models", spec_of(CONTENT, url)).go()
    assert caught.value.title and caught.value.remedy and "secret" not in str(caught.value)
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize("answer", ["no address", "in a circle of two", "in a circle that grows"])
def test_d_redirects_that_lead_nowhere(tmp_path: Path, answer: str) -> None:
    with serving(tmp_path / "shared", CONTENT) as server:
        if answer == "no address":
            server.always(PATH, Fault(status=302))
        elif answer == "in a circle of two":
            server.always(PATH, Fault(redirect="/other"))
            server.always("/other", Fault(redirect=PATH))
        else:
            for number in range(40):
                server.always(f"{PATH if not number else f'/{number}'}", Fault(redirect=f"/{number + 1}"))
        with pytest.raises(UserFacingError) as caught:
            run_for(tmp_path / "models", CONTENT, server).go()
        assert caught.value.remedy and len(server.requests) < 40


def test_d_no_account_of_the_home_folder_is_told_to_anybody(tmp_path: Path) -> None:
    # GIVEN accounts for every host, as people have them for other programs
    netrc = Path.home() / ".netrc"
    netrc.write_text("machine 127.0.0.1 login anna password secret\ndefault login anna password secret\n")
    netrc.chmod(0o600)
    with serving(tmp_path / "shared", CONTENT) as server:
        # WHEN something is downloaded, after a server that wants an account
        server.script(PATH, Fault(status=503))
        run_for(tmp_path / "models", CONTENT, server).go()
        # THEN nobody was told
        assert server.requests and not any("authorization" in request.headers for request in server.requests)


def test_d_a_proxy_that_wants_an_account_after_the_first_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a download through a proxy that lets the first connection through
    content = model_bytes(300_000)
    tell_everything(monkeypatch)
    (tmp_path / "mirrors.pem").write_text(MIRRORS)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "mirrors.pem"))
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / FILE).write_bytes(content)
    with serve(tmp_path / "shared", tmp_path / "mirrors.pem") as server, serve_proxy(server.host) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        accounts = ProxyAccounts()
        server.script(PATH, Fault(cut_after=200_000))
        run = Run(tmp_path / "models", spec_of(content, f"https://models.example.org/{FILE}"))
        run.options["source"] = lambda timing: http_source(timing, accounts)

        def lock(_control: object) -> None:
            proxy.fault = ProxyFault(account=("anna", "secret"))

        # WHEN it wants an account from then on THEN that is asked for, and what has come is kept
        with pytest.raises(ProxyAccountNeededError) as caught:
            replace(run, stop_at=1, stop=lock).go()
        kept = run.downloader().partial(run.spec)
        assert 0 < kept <= 200_000
        # AND with the account it goes on from there
        accounts.enter(caught.value.proxy, Account("anna", "secret"))
        assert run.again().go().read_bytes() == content
        assert server.requests[-1].range == f"bytes={kept}-"


@pytest.mark.parametrize(
    ("text", "host", "port", "direct"),
    [
        ("10.0.0.0/255.0.0.0", "10.1.2.3", 443, True),
        ("10.0.0.0/255.0.0.0", "11.1.2.3", 443, False),
        ("2001:DB8::/32", "2001:db8:1::7", 443, True),
        ("[2001:db8::]/32", "[2001:db8::7]", 443, True),
        ("[2001:db8::7]:8443", "2001:db8::7", 443, False),
        ("*.EXAMPLE.com:443", "a.example.com", 443, True),
        ("*.example.com:443", "a.example.com", 80, False),
        ("*:8080", "example.com", 8080, True),
        ("*:8080", "example.com", 443, False),
        ("*.*", "example.com", 443, True),
        ("*.*", "intranet", 443, False),
        ("0.0.0.0/0", "example.com", 443, False),
        ("0.0.0.0/0", "203.0.113.9", 443, True),
        ("::/0", "203.0.113.9", 443, False),
        ("10.0.0.0/33", "10.0.0.1", 443, False),
        ("\u201cexample.com\u201d", "example.com", 443, False),
        ("'example.com','other.org'", "other.org", 443, True),
        ("example.com\r\nother.org\r\n", "other.org", 443, True),
        ("m\u00fcnchen.example", "XN--MNCHEN-3YA.example", 443, True),
        ("..example.com", "a.example.com", 443, True),
        ("example.com:0443", "example.com", 443, True),
        ("example.com:", "example.com", 443, False),
        ("user:secret@example.com", "example.com", 443, False),
    ],
)  # fmt: skip
def test_d1_exceptions_in_further_spellings(text: str, host: str, port: int, direct: bool) -> None:
    assert read_no_proxy(text).matches(host, port) is direct


@pytest.mark.parametrize(
    ("environment", "shown", "direct"),
    [
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "x.example"}, "http://p:1", True),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": "x.example"}, "http://p:1", True),
        ({"https_proxy": "", "HTTPS_PROXY": "http://p:1"}, "http://p:1", False),
        ({"https_proxy": "http://p:1", "HTTPS_PROXY": "http://q:2"}, "http://p:1", False),
        ({"http_proxy": "http://p:1"}, None, True),
        ({"all_proxy": "socks5h://p", "NO_PROXY": "*"}, "socks5://p:1080", True),
        ({"https_proxy": "http://p:1", "no_proxy": " ", "NO_PROXY": "x.example"}, "http://p:1", False),
    ],
)
def test_d1_small_letters_and_capitals(environment: dict[str, str], shown: str | None, direct: bool) -> None:
    proxies = choose(from_environment(environment))
    assert (proxies.proxy.shown if proxies.proxy is not None else None) == shown
    assert (proxies.for_url("https://x.example/model.gguf") is None) is direct
