"""Which proxy serves which address: what people write, and what the systems tell."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.models.download.proxy.proxies import Account, Proxy, ProxySource, choose, from_environment, parse_proxy
from desktop.models.download.proxy.proxy_errors import proxy_unusable
from desktop.models.download.proxy.system_proxies import from_gnome, from_kde, from_macos, from_windows, read_proxies
from tests.support.properties import PROPERTY

_URL = "https://huggingface.co/x"


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("http://proxy:3128", Proxy("http", "proxy", 3128)),
        ("proxy:3128", Proxy("http", "proxy", 3128)),
        ("http://proxy", Proxy("http", "proxy", 80)),
        ("https://proxy/", Proxy("https", "proxy", 443)),
        ("SOCKS://127.0.0.1:7890", Proxy("socks5h", "127.0.0.1", 7890)),
        ("socks5://h", Proxy("socks5h", "h", 1080)),
        ("socks5h://[::1]:1", Proxy("socks5h", "::1", 1)),
        (" 'http://proxy:1' ", Proxy("http", "proxy", 1)),
        ("http://a:b@proxy:1", Proxy("http", "proxy", 1, Account("a", "b"))),
        ("http://DOMAIN%5Canna:p%40ss@proxy:1", Proxy("http", "proxy", 1, Account("DOMAIN\\anna", "p@ss"))),
        ("http://anna:p@s/s@proxy:1", Proxy("http", "proxy", 1, Account("anna", "p@s/s"))),
        ("anna:secret@proxy:8080", Proxy("http", "proxy", 8080, Account("anna", "secret"))),
    ],
)
def test_what_people_write(text: str, proxy: Proxy) -> None:
    assert parse_proxy(text) == proxy


@pytest.mark.parametrize(
    "text",
    [
        *("", "http://", "socks4://h:1", "ftp://h:1", "direct://", "http://h:port", "http://h:0", "http://h:99999"),
        *("http://[::1", "http://a\r\nb:1", "h\x00:1", "http://" + "a" * 3000, "http://*:1"),
    ],
)
def test_what_cannot_be_used(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_proxy(text)


@PROPERTY
@given(st.text(max_size=60), st.text(st.characters(min_codepoint=33), min_size=6, max_size=20))
def test_no_password_is_told(text: str, password: str) -> None:
    for address in (f"http://anna:{password}@{text}", f"socks4://anna:{password}@h:1"):
        try:
            proxy = parse_proxy(address)
        except ValueError as problem:
            assert password not in str(problem)
        else:
            assert password not in repr(proxy) or password in proxy.host
            assert password not in proxy.shown or password in proxy.host


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({}, None),
        ({"https_proxy": "http://a:1"}, "http://a:1"),
        ({"HTTPS_PROXY": "http://a:1"}, "http://a:1"),
        ({"https_proxy": "http://a:1", "HTTPS_PROXY": "http://b:1"}, "http://a:1"),
        ({"https_proxy": "", "HTTPS_PROXY": "http://b:1"}, "http://b:1"),
        ({"all_proxy": "socks://127.0.0.1:7890", "https_proxy": "http://127.0.0.1:7890"}, "http://127.0.0.1:7890"),
        ({"all_proxy": "socks://127.0.0.1:7890"}, "socks5://127.0.0.1:7890"),
        ({"all_proxy": "http://a:1", "https_proxy": "socks4://b:1"}, "http://a:1"),
        ({"http_proxy": "http://a:1"}, None),
        ({"https_proxy": "http://a:1", "no_proxy": "[::1], .co"}, None),
        ({"https_proxy": "http://a:1", "NO_PROXY": "*"}, None),
        ({"https_proxy": "http://a:1", "no_proxy": "huggingface.co:80"}, "http://a:1"),
    ],
)
def test_the_environment(environment: dict[str, str], shown: str | None) -> None:
    proxy = read_proxies(environment).for_url(_URL)
    assert (proxy.shown if proxy is not None else None) == shown


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "127.8.8.8", "LOCALHOST."])
def test_this_machine_needs_no_proxy(host: str) -> None:
    assert choose(from_environment({"all_proxy": "http://a:1"})).for_url(f"http://{host}:8000/x") is None


def test_what_is_skipped_is_told_without_a_password() -> None:
    chosen = choose(from_environment({"https_proxy": "socks4://anna:secret@h:1"}))
    assert chosen.proxy is None
    assert chosen.skipped == (("https_proxy", "socks4 proxies are not supported, only http, https and socks5"),)
    error = proxy_unusable(chosen, "huggingface.co: no answer.")
    assert "secret" not in str(error) and "socks4" in error.detail


def test_a_script_is_named_only_where_there_is_nothing_else() -> None:
    script = ProxySource("GNOME", script="http://wpad/wpad.dat")
    assert choose(script).script
    assert not choose(from_environment({"all_proxy": "http://a:1"}), script).script
    assert "PAC" in proxy_unusable(choose(script), "x").title


@pytest.mark.parametrize(
    ("values", "addresses", "script"),
    [
        ({"ProxyEnable": 0, "ProxyServer": "a:1"}, (), ""),
        ({"ProxyEnable": 1, "ProxyServer": "a:1"}, (("all", "a:1"),), ""),
        ({"ProxyEnable": 1, "ProxyServer": "http=a:1;https=b:2"}, (("https", "b:2"),), ""),
        ({"ProxyEnable": 1, "ProxyServer": "socks=c:3"}, (("socks", "socks://c:3"),), ""),
        ({"AutoConfigURL": "http://wpad/x.pac"}, (), "http://wpad/x.pac"),
    ],
)
def test_windows(values: dict[str, object], addresses: tuple[tuple[str, str], ...], script: str) -> None:
    source = from_windows(values | {"ProxyOverride": "*.intern;<local>"})
    assert (source.addresses, source.script) == (addresses, script)
    if addresses:
        chosen = choose(source)
        ways = [chosen.for_url(url) for url in ("https://www.intern/x", "https://intranet/x", _URL)]
        assert [way is None for way in ways] == [True, True, False]


def test_macos() -> None:
    text = """<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
  }
  ExcludeSimpleHostnames : 1
  HTTPSEnable : 1
  HTTPSPort : 3128
  HTTPSProxy : proxy.example
  SOCKSEnable : 0
}
"""
    chosen = choose(from_macos(text))
    assert chosen.proxy == Proxy("http", "proxy.example", 3128)
    assert chosen.for_url("https://printer.local/") is None and chosen.for_url("https://intranet/") is None
    script = from_macos("  ProxyAutoConfigEnable : 1\n  ProxyAutoConfigURLString : http://wpad/x.pac\n")
    assert (script.addresses, script.script) == ((), "http://wpad/x.pac")
    assert from_macos("  ProxyAutoDiscoveryEnable : 1\n").script
    assert from_macos("") == ProxySource("macOS")


_GNOME = """org.gnome.system.proxy autoconfig-url ''
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '::1', '*.intern']
org.gnome.system.proxy mode 'manual'
org.gnome.system.proxy use-same-proxy true
org.gnome.system.proxy.http host 'proxy.example'
org.gnome.system.proxy.http port 3128
org.gnome.system.proxy.https host 'secure.example'
org.gnome.system.proxy.https port 3129
org.gnome.system.proxy.socks host '::1'
org.gnome.system.proxy.socks port 1080
"""


def test_gnome() -> None:
    source = from_gnome(_GNOME)
    assert source.addresses == (("https", "http://secure.example:3129"), ("socks", "socks://[::1]:1080"))
    assert choose(source).for_url("https://www.intern/") is None
    one = from_gnome(_GNOME.replace("secure.example", ""))
    assert one.addresses[0] == ("https", "http://proxy.example:3128")
    assert from_gnome(_GNOME.replace("'manual'", "'none'")).addresses == ()
    auto = from_gnome(_GNOME.replace("'manual'", "'auto'"))
    assert auto.addresses == () and auto.script
    assert from_gnome("No such schema “org.gnome.system.proxy”") == ProxySource("GNOME")
    assert from_gnome(_GNOME.replace("['localhost', '127.0.0.0/8', '::1', '*.intern']", "@as []")).exceptions == ""


def test_kde() -> None:
    text = "[Proxy Settings]\nProxyType=1\nhttpsProxy=http://proxy.example 3128\nsocksProxy=\nNoProxyFor=.intern,::1\n"
    source = from_kde(text, {})
    assert source.addresses == (("https", "http://proxy.example:3128"),)
    assert choose(source).for_url("https://www.intern/") is None
    assert from_kde(text.replace("=1", "=0"), {}).addresses == ()
    assert from_kde(text.replace("=1\n", "=2\nProxy Config Script=http://x.pac\n"), {}).script == "http://x.pac"
    named = "[Proxy Settings]\nProxyType=4\nhttpsProxy=MY_PROXY\n"
    assert from_kde(named, {"MY_PROXY": "http://p:1"}).addresses == (("https", "http://p:1"),)


@pytest.mark.parametrize("text", [None, "", "nonsense", "[Proxy Settings", "[Other]\nProxyType=1"])
def test_a_kde_whose_file_is_damaged_has_no_proxy(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "kioslaverc").write_text(text)
    assert read_proxies({"XDG_CURRENT_DESKTOP": "KDE", "XDG_CONFIG_HOME": str(tmp_path)}).proxy is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems ask other programs")
@pytest.mark.parametrize("script", ["exit 1", "cat /dev/urandom | head -c 1000", "sleep 600"])
def test_a_desktop_that_tells_nothing_has_no_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    program = tmp_path / "gsettings"
    program.write_text(f"#!/bin/sh\nexec {script}\n" if "|" not in script else f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("desktop.models.download.proxy.system_proxies._SECONDS", 0.3)
    assert read_proxies({"XDG_CURRENT_DESKTOP": "GNOME"}).proxy is None


@PROPERTY
@given(st.text(max_size=200))
def test_no_settings_are_too_strange(text: str) -> None:
    for read in (from_gnome, from_macos):
        choose(read(text))
    choose(from_windows({"ProxyEnable": 1, "ProxyServer": text, "ProxyOverride": text}))
    with contextlib.suppress(ValueError):
        choose(from_kde(f"[Proxy Settings]\nProxyType=1\nhttpsProxy={text}", {}))
