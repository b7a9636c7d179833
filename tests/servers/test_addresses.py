"""What people type as the address of a server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.servers.addresses import AddressError, parse_address


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("192.168.1.5:11434", "http://192.168.1.5:11434/v1"),
        ("http://host/v1", "http://host/v1"),
        ("https://host/v1/chat/completions", "https://host/v1"),
        ("https://host/v1/models/", "https://host/v1"),
        (" <https://api.example.com/v1//> ", "https://api.example.com/v1"),
        ("api.example.com", "https://api.example.com/v1"),
        ("https://api.example.com:443", "https://api.example.com/v1"),
        ("HTTP://Computer.:8000", "http://computer:8000/v1"),
        ("http:computer", "http://computer/v1"),
        ("//computer:8000", "http://computer:8000/v1"),
        ("localhost", "http://localhost/v1"),
        ("::1", "http://[::1]/v1"),
        ("[::1]:8080/", "http://[::1]:8080/v1"),
        ("http://[2001:DB8::0001]/v1", "http://[2001:db8::1]/v1"),
        ("bücher.example", "https://xn--bcher-kva.example/v1"),
        ("http://例子。测试/v1", "http://xn--fsqu00a.xn--0zwm56d/v1"),
        ("１９２．１６８．１．５：１１４３４", "http://192.168.1.5:11434/v1"),
        ("computer:11434/api/chat", "http://computer:11434/v1"),
        ("computer:3000/api/chat/completions", "http://computer:3000/api"),
        ("https://gateway.example.com/team/llm", "https://gateway.example.com/team/llm"),
        ("computer/v1#models", "http://computer/v1"),
    ],
)
def test_what_is_meant_is_understood(typed: str, url: str) -> None:
    address = parse_address(typed)
    assert address.url == url
    assert parse_address(url) == address  # AND it is kept as it is


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "http://", "host:", "host:0", "host:99999", "host:8a", "a b", "-host", "ho..st", "a" * 3000),
        *("127.1", "2130706433", "0x7f000001", "http://[::1", "fe80::1%eth0", "host/../v1", "C:\\models", "h\nost"),
        *("ho\u202est", "host/v\u200b1", "xn--\udcff", "[host]"),
    ],
)
def test_what_is_no_address_is_a_sentence(typed: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address(typed)
    assert "no address" in caught.value.title and "192.168.1.5:11434" in caught.value.remedy


@pytest.mark.parametrize("typed", ["ws://host", "wss://host/v1", "file:///etc/passwd", "ftp://host"])
def test_nothing_but_http_is_spoken(typed: str) -> None:
    with pytest.raises(AddressError, match="by http or https"):
        parse_address(typed)


@pytest.mark.parametrize(
    "typed", ["https://me:s3cret@host/v1", "me:s3cret@host:80", "http://s3cret@host", "s3cret@host"]
)
def test_a_password_in_it_is_refused_and_not_quoted(typed: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address(typed)
    assert "password" in str(caught.value) and "s3cret" not in str(caught.value)


def test_a_question_mark_is_refused() -> None:
    with pytest.raises(AddressError, match="question mark"):
        parse_address("https://host/v1?key=1")


@pytest.mark.parametrize(
    ("typed", "is_here", "is_near", "is_open"),
    [
        ("localhost:1", True, True, False),
        ("127.0.0.9:1", True, True, False),
        ("[::1]:1", True, True, False),
        ("computer:1", False, True, False),
        ("nas.local", False, True, False),
        ("10.0.0.7", False, True, False),
        ("[fe80::1]", False, True, False),
        ("[::ffff:192.168.0.1]", False, True, False),
        ("100.101.102.103", False, True, False),
        ("http://8.8.8.8", False, False, True),
        ("http://api.example.com", False, False, True),
        ("https://api.example.com", False, False, False),
    ],
)
def test_how_far_away_it_is(typed: str, is_here: bool, is_near: bool, is_open: bool) -> None:
    address = parse_address(typed)
    assert (address.is_here, address.is_near, address.is_open) == (is_here, is_near, is_open)


@given(st.text(max_size=60))
def test_anything_is_an_address_or_a_sentence(typed: str) -> None:
    try:
        address = parse_address(typed)
    except AddressError:
        return
    assert parse_address(address.url) == address
    assert address.url.isascii() and address.url.isprintable()
