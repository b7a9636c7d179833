"""How answers are judged, without a network."""

from __future__ import annotations

import pytest

from desktop.models.download.responses import SourceError, check_links, judge, strong_etag
from tests.support.downloads import model_bytes, spec_of

SPEC = spec_of(model_bytes(1000), None)


def _judge(status: int, offset: int = 0, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge(status, named, SPEC, offset, "host", redirected=False)


@pytest.mark.parametrize("status", [200, 206])
@pytest.mark.parametrize(
    ("text", "offset"),
    [("bytes 0-999/1000", 0), ("bytes 400-999/1000", 400), ("bytes 400-500/1000", 400), ("bytes 400-999/*", 400)],
)
def test_a_range_as_asked(status: int, text: str, offset: int) -> None:
    assert _judge(status, offset, content_range=text) == offset


def test_the_whole_file() -> None:
    assert _judge(200, 400) == 0
    assert _judge(200, 0, content_length="1000") == 0


@pytest.mark.parametrize(
    "text", ["bytes 0-999/1000", "bytes 401-999/1000", "bytes 400-1000/1000", "bytes 400-300/1000", "400-999/1000", ""]
)
def test_a_lie_about_the_range(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        _judge(206, 400, content_range=text)
    assert caught.value.lied and not caught.value.permanent


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (206, {"content_range": "bytes 400-999/1001"}),
        (200, {"content_length": "999"}),
        (416, {"content_range": "bytes */300"}),
    ],
)
def test_another_size(status: int, headers: dict[str, str]) -> None:
    with pytest.raises(SourceError, match="another size") as caught:
        _judge(status, 400, **headers)
    assert caught.value.permanent


def test_a_refused_range() -> None:
    with pytest.raises(SourceError) as caught:
        _judge(416, 400, content_range="bytes */1000")
    assert caught.value.lied
    with pytest.raises(SourceError, match="unexpected") as caught:
        _judge(416, 0)
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7.0), ("100000", 30.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), ("-5", 0.0), ("", 0.0)]
)
def test_retry_after(text: str, seconds: float) -> None:
    with pytest.raises(SourceError) as caught:
        _judge(503, retry_after=text)
    assert caught.value.retry_after == seconds
    assert not caught.value.permanent


def test_403_behind_a_redirect_is_an_expired_address() -> None:
    for redirected in (True, False):
        with pytest.raises(SourceError) as caught:
            judge(403, {}, SPEC, 0, "host", redirected)
        assert caught.value.permanent is not redirected


@pytest.mark.parametrize(
    ("headers", "right"),
    [
        ({}, True),
        ({"x-linked-size": "1000", "x-linked-etag": f'"{SPEC.sha256}"'}, True),
        ({"x-linked-etag": '"0123456789abcdef0123456789abcdef01234567"'}, True),  # of a small file in git
        ({"x-linked-size": "a lot"}, True),
        ({"x-linked-size": "999"}, False),
        ({"x-linked-etag": '"' + "0" * 64 + '"'}, False),
    ],
)
def test_what_hugging_face_tells_in_front(headers: dict[str, str], right: bool) -> None:
    if right:
        check_links(headers, SPEC, "host")
    else:
        with pytest.raises(SourceError) as caught:
            check_links(headers, SPEC, "host")
        assert caught.value.permanent


def test_etags() -> None:
    assert strong_etag({"etag": '"abc"'}) == '"abc"'
    assert strong_etag({"etag": 'W/"abc"'}) is None
    assert strong_etag({"etag": "abc"}) is None
    assert strong_etag({}) is None
