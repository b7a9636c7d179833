"""no_proxy in every spelling that people use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.models.download.proxy.no_proxy import read_no_proxy
from tests.support.properties import PROPERTY


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("*", "anything.example", 443),
        ("example.com", "example.com", 443),
        ("example.com", "www.example.com", 443),
        (".example.com", "www.example.com", 443),
        (".example.com", "example.com", 443),
        ("*.example.com", "a.b.example.com", 443),
        ("EXAMPLE.com", "Www.Example.COM", 443),
        ("example.com.", "example.com", 443),
        ("example.com", "example.com.", 443),
        ("example.com:8080", "example.com", 8080),
        (".example.com:443", "www.example.com", 443),
        ("[::1]", "::1", 443),
        ("::1", "[::1]", 443),
        ("[::1]:8443", "::1", 8443),
        ("0:0:0:0:0:0:0:1", "::1", 443),
        ("fe80::/10", "fe80::1%eth0", 443),
        ("[fe80::]/10", "fe80::1", 443),
        ("127.0.0.0/8", "127.1.2.3", 443),
        ("10.0.0.1", "10.0.0.1", 443),
        ("10.0.0.1:8080", "10.0.0.1", 8080),
        ("10.0.0.7/8", "10.9.9.9", 443),
        ("192.168.*", "192.168.1.1", 443),
        ("10.0.0.0/8", "::ffff:10.0.0.1", 443),
        ("a.example, b.example", "b.example", 443),
        ("a.example b.example", "b.example", 443),
        ("a.example;b.example|c.example", "c.example", 443),
        (",, a.example,,", "a.example", 443),
        ("\ta.example\n", "a.example", 443),
        ('"a.example"', "a.example", 443),
        ("https://a.example/", "a.example", 443),
        ("bücher.example", "xn--bcher-kva.example", 443),
        ("xn--bcher-kva.example", "bücher.example", 443),
        ("例子.测试", "www.例子.测试", 443),
        ("例子。测试", "例子.测试", 443),
        ("<local>", "intranet", 443),
    ],
)
def test_asked_directly(text: str, host: str, port: int) -> None:
    assert read_no_proxy(text).matches(host, port)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("", "example.com", 443),
        (",", "example.com", 443),
        ("example.com", "notexample.com", 443),
        ("example.com", "example.com.evil.org", 443),
        ("example.com:8080", "example.com", 443),
        ("[::1]", "example.com", 443),
        ("127.0.0.0/8", "128.0.0.1", 443),
        ("127.0.0.0/8", "127.example.com", 443),
        ("0.0.1", "10.0.0.1", 443),
        ("127.0.0.0/99", "127.0.0.1", 443),
        ("<local>", "www.example.com", 443),
        ("<local>", "::1", 443),
        ("<-loopback>", "example.com", 443),
        ("com", "example.org", 443),
        ("[", "example.org", 443),
    ],
)
def test_asked_through_the_proxy(text: str, host: str, port: int) -> None:
    assert not read_no_proxy(text).matches(host, port)


@PROPERTY
@given(st.text(max_size=60), st.text(max_size=30), st.integers(0, 65535))
def test_no_text_is_too_strange(text: str, host: str, port: int) -> None:
    read_no_proxy(text).matches(host, port)


@PROPERTY
@given(st.lists(st.sampled_from(["[::1]", "*.a.example", "10.0.0.0/8", "x:80", "::", "[", "<local>", ""]), max_size=8))
def test_an_entry_holds_whatever_stands_beside_it(others: list[str]) -> None:
    assert read_no_proxy(",".join([*others, "example.com"])).matches("www.example.com", 443)
