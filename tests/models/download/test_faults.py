"""Downloads that cannot end well: every sentence, and what is left on the disk."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from desktop.common.errors import UserFacingError
from desktop.models.disk import SPARE, write_raw
from desktop.models.types import DownloadState
from tests.support.certificate import SELF_SIGNED
from tests.support.downloads import (
    FILE,
    NO_HEAD_START,
    PATH,
    Run,
    model_bytes,
    run_for,
    serving,
    spec_of,
    tell_everything,
)
from tests.support.fault_server import LOGIN_PAGE, Fault, FaultServer, serve
from tests.support.patience import wait_for
from tests.support.silence import quick_silence

_OPEN_FILES = Path("/proc/self/fd")


@pytest.fixture(scope="module")
def content() -> bytes:
    return model_bytes(600_000)


@pytest.fixture
def server(tmp_path: Path, content: bytes) -> Iterator[FaultServer]:
    with serving(tmp_path / "shared", content) as server:
        yield server


@pytest.fixture
def run(tmp_path: Path, server: FaultServer, content: bytes) -> Run:
    return run_for(tmp_path / "models", content, server)


def _failure(run: Run) -> UserFacingError:
    with pytest.raises(UserFacingError) as caught:
        run.go()
    assert run.states[-1] is DownloadState.FAILED
    assert caught.value.remedy
    assert not (run.folder / FILE).exists()
    return caught.value


@pytest.mark.parametrize(
    ("fault", "title", "requests"),
    [
        (Fault(status=404), "The server does not have this file.", 1),
        (Fault(status=410), "The server does not have this file.", 1),
        (Fault(status=401), "The server refuses to give this file.", 1),
        (Fault(status=403), "The server refuses to give this file.", 1),
        (Fault(status=500), "The server is busy or out of order.", 3),
        (Fault(status=503), "The server is busy or out of order.", 3),
        (Fault(status=429), "The server is busy or out of order.", 3),
        (Fault(status=400), "The server gave an unexpected answer.", 1),
        (Fault(status=304), "The server gave an unexpected answer.", 1),
        (LOGIN_PAGE, "A web page came instead of the model.", 1),
        (Fault(body=b"<html>" + bytes(599_994)), "A web page came instead of the model.", 1),
        (Fault(body=b'{"error": "not found"}' + bytes(599_978)), "This is not a GGUF model file.", 1),
        (Fault(body=b"GGUF" + bytes(100)), "The server has a file of another size than the one that was published.", 1),
        (Fault(body=bytes(600_001)), "The server has a file of another size than the one that was published.", 1),
        (Fault(headers=(("Content-Encoding", "gzip"),)), "The server sends the file in a form that cannot be used.", 1),
        (Fault(cut_after=0), "The connection to the download server was cut.", 3),
        (Fault(stall_before=True), "The download server has stopped sending.", 3),
        (Fault(redirect=PATH), "The server sends the download round in circles.", 8),
        (Fault(redirect="http://example.org/x"), "The server sends the download over an insecure connection.", 1),
        (Fault(redirect="file:///etc/passwd"), "The server sends the download over an insecure connection.", 1),
        (Fault(redirect="https://[half/x"), "The server sends the download over an insecure connection.", 1),
    ],
)
def test_what_a_server_can_do_wrong(run: Run, server: FaultServer, fault: Fault, title: str, requests: int) -> None:
    server.always(PATH, fault)
    run.options["source"] = quick_silence(server)
    error = _failure(run)
    assert error.title == title
    assert server.host in error.detail
    assert len(server.requests) == requests
    assert list(run.folder.iterdir()) == []


# (status, headers): what servers, proxies and scanners of viruses write, and what nobody should.
_LIES: list[tuple[int | None, tuple[tuple[str, str], ...]]] = [
    *(
        (None, (("Content-Length", text),))
        for text in ("-1", "0x927c0", "6e5", "600000, 600000", "6,00", "\xb2", "", "1")
    ),
    (None, (("Transfer-Encoding", "chunked"),)),
    (None, (("Transfer-Encoding", "gzip, chunked"), ("Content-Length", "600000"))),
    (None, (("Transfer-Encoding", "nonsense"),)),
    *((None, (("Content-Encoding", text),)) for text in ("gzip", "br, gzip", "IDENTITY", "\xff")),
    *(
        (None, (("Content-Range", text),))
        for text in ("bytes 0-5/-1", "bytes 0x0-0x5/600000", "0-599999/600000", "\xb2")
    ),
    *((206, (("Content-Range", text),)) for text in ("bytes 5-1/600000", "items 0-1/2", "bytes 0-599999/*")),
    *((None, (("ETag", text),)) for text in ('"' + "a" * 5_000 + '"', "\xe9", '"a"b"', 'W/""')),
    *((503, (("Retry-After", text),)) for text in ("-1", "1.5", "Thu, 99 Foo 99999 99:99:99 GMT", "\xb2", "9" * 400)),
    *(
        (302, (("Location", text),))
        for text in ("", "//", "\\\\evil\\share", "javascript:x", "https://127.0.0.1:1/\xff", "h" * 60_000)
    ),
    (None, tuple(("Set-Cookie", f"a{number}=b; Expires=never") for number in range(90))),
    (None, (("X-Linked-Size", "600000.0"), ("X-Linked-Etag", "not hexadecimal"))),
]


@pytest.mark.parametrize(("status", "headers"), _LIES, ids=lambda value: str(value)[:40])
def test_whatever_headers_say_it_is_the_file_or_a_sentence(
    run: Run, server: FaultServer, content: bytes, status: int | None, headers: tuple[tuple[str, str], ...]
) -> None:
    server.always(PATH, Fault(status=status, headers=headers))
    run.options["source"] = quick_silence(server)
    try:
        found = run.go()
    except UserFacingError as error:
        assert error.title.endswith(".") and error.remedy.endswith(".") and len(str(error)) < 1_000
        assert run.states[-1] is DownloadState.FAILED
    else:
        assert found.read_bytes() == content


def test_bytes_without_an_announced_length_are_counted(run: Run, server: FaultServer) -> None:
    server.always(PATH, Fault(body=b"GGUF" + bytes(700_000), no_length=True))
    assert "another size" in _failure(run).title


@pytest.mark.parametrize(
    "headers",
    [
        (("X-Linked-Size", "600001"), ("X-Linked-Etag", '"' + "0" * 40 + '"')),
        (("X-Linked-Etag", '"' + "ab" * 32 + '"'),),
        (("X-Linked-Size", "1"),),
    ],
)
def test_hugging_face_tells_early_that_it_is_another_file(
    run: Run, server: FaultServer, headers: tuple[tuple[str, str], ...]
) -> None:
    server.always(PATH, Fault(redirect="/never-asked.gguf", headers=headers))
    assert "than the one that was published" in _failure(run).title
    assert [request.path for request in server.requests] == [PATH]


def test_hugging_face_tells_early_that_it_is_the_right_file(run: Run, server: FaultServer, content: bytes) -> None:
    headers = (("X-Linked-Size", "600000"), ("X-Linked-Etag", f'"{run.spec.sha256}"'))
    (server.folder / "store.gguf").write_bytes(content)
    server.always(PATH, Fault(redirect="/store.gguf", headers=headers))
    # The ETag of the host behind also has 64 hex digits and is something else.
    server.always("/store.gguf", Fault(etag='"' + "cd" * 32 + '"'))
    assert run.go().read_bytes() == content


def test_a_wrong_byte_is_noticed_and_the_file_set_aside(run: Run, server: FaultServer, content: bytes) -> None:
    server.script(PATH, Fault(flip=400_000), Fault(flip=5_000))
    for number in (1, 2):
        error = _failure(run)
        assert error.title == "The downloaded file is not the one that was published."
        assert str(run.folder / f"{FILE}.bad-{number}") in error.detail
    assert sorted(path.name for path in run.folder.iterdir()) == [f"{FILE}.bad-1", f"{FILE}.bad-2"]
    assert run.go().read_bytes() == content


def test_a_wrong_byte_before_a_pause_is_noticed_after_it(run: Run, server: FaultServer) -> None:
    server.script(PATH, Fault(flip=5_000, cut_after=300_000), Fault(ignore_if_range=True))
    assert _failure(run).title == "The downloaded file is not the one that was published."


def test_what_came_before_a_refusal_is_kept(run: Run, server: FaultServer, content: bytes) -> None:
    server.script(PATH, Fault(cut_after=300_000), Fault(status=404))
    _failure(run)
    assert (run.folder / f"{FILE}.part").read_bytes() == content[:300_000]
    assert run.go().read_bytes() == content


def test_a_server_that_always_breaks_at_the_same_place_is_given_up(run: Run, server: FaultServer) -> None:
    server.always(PATH, Fault(ignore_ranges=True, cut_after=300_000))
    assert _failure(run).title == "The connection to the download server was cut."
    assert len(server.requests) < 12


def test_nobody_listens(run: Run) -> None:
    with socket.socket() as placeholder:
        placeholder.bind(("127.0.0.1", 0))
        run.spec = spec_of(b"GGUF", f"http://127.0.0.1:{placeholder.getsockname()[1]}/x.gguf")
        error = _failure(run)
    assert error.title == "The download server cannot be reached."
    assert "connection refused" in error.detail


def test_the_name_is_not_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    run.spec = spec_of(b"GGUF", "https://models.example.org/x.gguf")
    error = _failure(run)
    assert error.title == "The download server cannot be reached."
    assert error.detail == "models.example.org: the name is not found."
    assert error.values == ("models.example.org",)  # so that it can be said in another language
    assert "network connection" in error.remedy
    # AND where all mirrors fail alike it is one sentence, which can be said in another language too
    run.spec, run.options = spec_of(b"GGUF", None), {**run.options, "timing": NO_HEAD_START}
    error = _failure(run)
    assert error.detail == "huggingface.co, hf-mirror.com, modelscope.cn: the name is not found."
    assert error.pattern == "{0}: the name is not found."


def test_tls_towards_a_server_without_it(run: Run, server: FaultServer) -> None:
    run.spec = spec_of(b"GGUF", server.url.replace("http:", "https:") + PATH)
    error = _failure(run)
    assert error.title == "The secure connection to the download server failed."
    assert "sign-in page" in error.remedy


def test_a_certificate_that_nobody_signed_is_refused(run: Run, tmp_path: Path) -> None:
    certificate = tmp_path / "server.pem"
    certificate.write_text(SELF_SIGNED)
    with serve(tmp_path / "shared", certificate) as secure:
        run.spec = spec_of(b"GGUF", secure.url + PATH)
        error = _failure(run)
        assert secure.requests == []
    assert error.title == "The download server shows a certificate that this computer does not trust."
    assert "self-signed" in error.detail or "self signed" in error.detail


def test_no_room(run: Run, server: FaultServer) -> None:
    run.options = {"free_bytes": lambda folder: run.spec.size + SPARE - 1}
    error = _failure(run)
    assert error.title == "There is not enough room on the disk for this model."
    assert "64.6 MB needed" in error.detail
    assert server.requests == []
    run.options = {"free_bytes": lambda folder: run.spec.size + SPARE}
    run.go()


def test_room_is_asked_only_for_what_is_missing(run: Run, server: FaultServer) -> None:
    server.script(PATH, Fault(cut_after=300_000), Fault(status=404))
    _failure(run)
    run.options = {"free_bytes": lambda folder: 300_000 + SPARE}
    run.go()


@pytest.mark.parametrize(
    ("number", "title"),
    [
        (errno.ENOSPC, "The disk is full."),
        (errno.EFBIG, "The disk of the model folder cannot hold a file this large."),
        (errno.EIO, "The download cannot be written to the model folder."),
    ],
)
def test_the_disk_fails_while_writing(
    run: Run, server: FaultServer, content: bytes, number: int, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIVEN a disk that takes half of a block and then nothing; THEN file, size and sha256 still agree."""
    tell_everything(monkeypatch)
    written = 0

    def failing(stream: BinaryIO, data: memoryview) -> int:
        nonlocal written
        if written >= 250_000:
            raise OSError(number, os.strerror(number))
        count = write_raw(stream, data[: max(1, min(len(data), 250_000 - written))])
        written += count
        return count

    run.options = {"write": failing}
    error = _failure(run)
    assert error.title == title
    assert str(run.folder) in error.detail
    kept = run.downloader().partial(run.spec)
    assert 0 < kept < 250_000
    assert (run.folder / f"{FILE}.part").read_bytes() == content[:kept]
    assert run.again(options={}).go().read_bytes() == content
    assert server.requests[1].range == f"bytes={kept}-"


def test_a_real_limit_of_the_file_size(run: Run, server: FaultServer, content: bytes) -> None:
    resource = pytest.importorskip("resource", reason="limits of this kind exist on Unix only")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        error = _failure(run)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error.title == "The disk of the model folder cannot hold a file this large."
    assert run.go().read_bytes() == content


def test_a_folder_that_cannot_be_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way")
    run.folder = tmp_path / "a file" / "models"
    with pytest.raises(UserFacingError) as caught:
        run.go()
    assert caught.value.title == "The download cannot be written to the model folder."
    assert str(run.folder) in caught.value.detail


def test_a_proxy_is_used_but_not_towards_this_machine(
    run: Run, server: FaultServer, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(server.folder) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert run.go().read_bytes() == content
        assert proxy.requests == []
        run.spec = spec_of(b"GGUF", "https://models.example.org/x.gguf")
        run.folder /= "other"
        error = _failure(run)
    assert error.title == "The proxy of this system did not let the download through."


@pytest.mark.skipif(not _OPEN_FILES.exists(), reason="only Linux tells which files a process has open")
def test_nothing_is_left_open(run: Run, server: FaultServer) -> None:
    server.script(PATH, Fault(cut_after=100_000), Fault(stall_after=100_000), Fault(status=404))
    run.options["source"] = quick_silence(server)
    before = len(list(_OPEN_FILES.iterdir()))
    _failure(run)
    # The connections as the server sees them may still be closing.
    wait_for("all to be closed", lambda: len(list(_OPEN_FILES.iterdir())) <= before)


def test_bugs_are_not_dressed_up_as_sentences(run: Run) -> None:
    def broken(*args: object) -> int:
        raise ZeroDivisionError

    run.options = {"free_bytes": broken}
    with pytest.raises(ZeroDivisionError):
        asyncio.run(run.download())
