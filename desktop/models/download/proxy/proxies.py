"""Which proxy is used for which address. Decided here, since httpx stumbles over what people write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from desktop.models.download.proxy.loopback import is_loopback
from desktop.models.download.proxy.no_proxy import NoProxy, read_no_proxy

# What people write, and what is meant. A SOCKS proxy is always given names to look up: where one is needed, the names
# that the network here gives are often wrong.
_SCHEMES: Final = {"http": "http", "https": "https", "socks": "socks5h", "socks5": "socks5h", "socks5h": "socks5h"}
_PORTS: Final = {"http": 80, "https": 443, "socks5h": 1080}
_SECURE = 443
ENVIRONMENT = "environment"
_LONGEST = 2000  # characters of an address


@dataclass(frozen=True)
class Account:
    """A name and a password for a proxy."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Proxy:
    """A proxy that can be used.

    Attributes:
        scheme: http, https or socks5h.
        host: A name or an address, without brackets.
        account: What stood in its address; None: nothing did.
    """

    scheme: str
    host: str
    port: int
    account: Account | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """Its address without the account: for people, and as a name."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme.removesuffix('h') if self.scheme == 'socks5h' else self.scheme}://{host}:{self.port}"


@dataclass(frozen=True)
class ProxySource:
    """What one place says about proxies, as it is written there.

    Attributes:
        place: The environment, or whose settings; for people who look for it.
        addresses: (what for: https, all or socks; the address), the first one that can be used is used.
        exceptions: For which hosts there is none.
        script: Address of a script that chooses a proxy (PAC), or "detected" where the network shall name one.
    """

    place: str
    addresses: tuple[tuple[str, str], ...] = ()
    exceptions: str = ""
    script: str = ""


@dataclass(frozen=True)
class Proxies:
    """What is used of all that.

    Attributes:
        proxy: The proxy for every host but the exceptions; None: there is none.
        exceptions: Those.
        place: Where the proxy was found.
        skipped: What was found and cannot be used: (what and where, why), without passwords.
        script: See :class:`ProxySource`; empty where there is another proxy.
    """

    proxy: Proxy | None = None
    exceptions: NoProxy = field(default_factory=NoProxy)
    place: str = ""
    skipped: tuple[tuple[str, str], ...] = ()
    script: str = ""

    def for_url(self, url: str) -> Proxy | None:
        """Returns the proxy for an address; None: it is asked directly.

        Raises:
            ValueError: It is no address.
        """
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (_SECURE if parts.scheme == "https" else 80)
        # A server on this very machine is never behind a proxy, whatever is written anywhere.
        if self.proxy is None or is_loopback(host) or self.exceptions.matches(host, port):
            return None
        return self.proxy


def choose(*sources: ProxySource) -> Proxies:
    """Returns what is used of what the sources say, those in front first."""
    skipped: list[tuple[str, str]] = []
    script = ""
    for source in sources:
        for purpose, text in source.addresses:
            try:
                proxy = parse_proxy(text)
            except ValueError as problem:
                what = f"{purpose}_proxy" if source.place == ENVIRONMENT else f"{source.place}, {purpose}"
                skipped.append((what, str(problem)))
                continue
            # An exception holds whatever it was written beside.
            exceptions = read_no_proxy(" ".join(other.exceptions for other in sources))
            return Proxies(proxy, exceptions, source.place, tuple(skipped))
        script = script or source.script
    return Proxies(skipped=tuple(skipped), script=script)


def parse_proxy(text: str) -> Proxy:
    """Returns the proxy that an address names: ``host:port``, ``http://user:password@host:port``, ``socks://host`` ...

    Raises:
        ValueError: It cannot be used; says why, without quoting a password.
    """
    text = text.strip().strip("\"'")
    if len(text) > _LONGEST or any(ord(letter) < 33 or ord(letter) == 127 for letter in text):
        raise ValueError("is no address")
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text
    known = _SCHEMES.get(scheme.lower())
    if known is None:
        word = scheme.lower() if scheme.isascii() and scheme.isalnum() and len(scheme) < 20 else "this"
        raise ValueError(f"{word} proxies are not supported, only http, https and socks5")
    # Passwords are written with "@" and "/" in them, as they are.
    account_text, _, place = rest.rpartition("@")
    place = place.partition("/")[0]
    try:
        parts = urlsplit(f"//{place}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("its host or port makes no sense") from None
    if not host or port == 0 or any(letter in host for letter in "\\%*?"):
        raise ValueError("its host or port makes no sense")
    return Proxy(known, host, port or _PORTS[known], _account(account_text))


def _account(text: str) -> Account | None:
    user, _, password = text.partition(":")
    return Account(unquote(user), unquote(password)) if user else None


def from_environment(environment: Mapping[str, str]) -> ProxySource:
    """Returns what the environment says; a name in small letters counts before the same in capitals."""

    def value(name: str) -> str:
        return (environment.get(name) or environment.get(name.upper()) or "").strip()

    names = (("https", "https_proxy"), ("all", "all_proxy"), ("socks", "socks_proxy"))
    addresses = tuple((purpose, text) for purpose, name in names if (text := value(name)))
    return ProxySource(ENVIRONMENT, addresses, value("no_proxy"))
