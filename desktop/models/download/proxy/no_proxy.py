"""For which hosts there is no proxy: ``no_proxy``, and the exceptions of Windows, macOS, GNOME and KDE.

There is no standard, so every spelling that some program understands is understood: ``*``, ``example.com``,
``.example.com`` and ``*.example.com`` (all three: the domain and what is below it), ``192.168.*``,
``example.com:8080``, ``::1``, ``[::1]``, ``[::1]:8080``, ``127.0.0.0/8``, ``fe80::/10``, ``<local>`` (names without a
dot); between them commas, semicolons, bars or white space, capitals as you like, and names in any script.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_BETWEEN = re.compile(r"[\s,;|]+")
_LOCAL = "<local>"
_WITH_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*):(?P<port>[0-9]{1,5})")
_LONGEST = 64 * 1024  # characters read of the list


@dataclass(frozen=True)
class _Rule:
    """A network, or a pattern for names; both with a port or for all ports."""

    network: _Network | None
    pattern: str
    port: int | None

    def matches(self, name: str, address: _Address | None, port: int) -> bool:
        if self.port is not None and self.port != port:
            return False
        if self.network is not None:
            return address is not None and address.version == self.network.version and address in self.network
        if self.pattern == _LOCAL:
            return address is None and "." not in name
        if "*" in self.pattern:
            return fnmatchcase(name, self.pattern)
        return address is None and (name == self.pattern or name.endswith(f".{self.pattern}"))


@dataclass(frozen=True)
class NoProxy:
    """The list, read; see :func:`read_no_proxy`."""

    rules: tuple[_Rule, ...] = ()

    def matches(self, host: str, port: int) -> bool:
        """Tells whether ``host`` is asked directly.

        Args:
            host: A name or an address, with or without brackets.
            port: The one that is asked.
        """
        name = _plain(host)
        address = _address(name)
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(rule.matches(name, address, port) for rule in self.rules)


def read_no_proxy(text: str) -> NoProxy:
    """Returns what the list says; what makes no sense in it is passed over."""
    return NoProxy(tuple(rule for entry in _BETWEEN.split(text[:_LONGEST]) for rule in _rules(entry)))


def _rules(entry: str) -> Iterator[_Rule]:
    entry = entry.strip("\"'")
    if "://" in entry:
        entry = entry.partition("://")[2].partition("/")[0]
    if not entry:
        return
    if entry == _LOCAL:
        yield _Rule(None, _LOCAL, None)
        return
    if (network := _network(entry)) is not None:
        yield _Rule(network, "", None)
        return
    port: int | None = None
    if match := _WITH_PORT.fullmatch(entry):
        entry, port = match["host"], int(match["port"])
        if (network := _network(entry)) is not None:
            yield _Rule(network, "", port)
            return
    pattern = _plain(entry)
    if pattern.startswith("*.") and "*" not in pattern[2:]:
        pattern = pattern[2:]
    pattern = pattern.lstrip(".")
    if pattern and not pattern.startswith("<"):
        yield _Rule(None, pattern, port)


def _network(text: str) -> _Network | None:
    """Returns ``127.0.0.0/8``, ``::1`` or ``[::1]`` as a network; None: it is none."""
    inner, slash, length = text.partition("/")
    with contextlib.suppress(ValueError):
        return ipaddress.ip_network(_plain(inner) + slash + length, strict=False)
    return None


def _address(name: str) -> _Address | None:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(name)
    return None


def _plain(host: str) -> str:
    """Returns a host as it is compared: lower case, ASCII, without brackets, zone or the dot at its end."""
    host = host.strip().removeprefix("[").removesuffix("]").partition("%")[0]
    host = host.replace("\u3002", ".").removesuffix(".").lower()
    return host if host.isascii() else ".".join(_ascii(label) for label in host.split("."))


def _ascii(label: str) -> str:
    import idna  # its tables take 300 KB, and names in other scripts are rare here

    try:
        return label if label.isascii() else idna.encode(label, uts46=True).decode("ascii")
    except idna.IDNAError:
        return label
