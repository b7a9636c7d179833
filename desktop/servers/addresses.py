"""Where a server is: what people type or paste, and the one form that it is kept in.

What is pasted comes from a manual (``http://localhost:8000/v1/chat/completions``), from another program's settings
(``https://api.example.com/v1/``) or from somebody's head (``192.168.1.5:11434``).
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.models.download.proxy.loopback import is_loopback

_LONGEST: Final = 2_000
_LONGEST_HOST: Final = 253
_SHOWN: Final = 80  # characters of what was typed that a sentence quotes
_PORTS: Final = {"http": 80, "https": 443}
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(/*)")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# What stands behind the part of an address that all requests share, longest first.
_ENDPOINTS: Final = ("/chat/completions", "/completions", "/embeddings", "/responses", "/models")
# Of Ollama's own interface; its other one lies beside it.
_OLLAMA: Final = ("/api/chat", "/api/generate", "/api/tags", "/api/show")
_USUAL: Final = "/v1"
# Names that lead nowhere outside of the own network.
_OWN_NETWORK: Final = (".local", ".lan", ".home", ".internal", ".localdomain", ".home.arpa", ".intranet", ".private")
# Carriers and private networks such as Tailscale's share these (RFC 6598), which Python does not call private.
_SHARED: Final = ipaddress.ip_network("100.64.0.0/10")
_EXAMPLES: Final = QT_TRANSLATE_NOOP(
    "Errors", "It looks like 192.168.1.5:11434, http://computer:8000/v1 or https://api.example.com/v1."
)


class AddressError(UserFacingError):
    """What was typed is no address of a server."""


@dataclass(frozen=True)
class ServerAddress:
    """Where a server is.

    Attributes:
        scheme: http or https.
        host: A name in ASCII, in lower case, or an address without brackets.
        port: As it was given; None: the usual one.
        path: What all requests begin with: "/v1", or what was given; without a slash at its end.
    """

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def place(self) -> str:
        """Host and port, for people and for the head of a request."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def root(self) -> str:
        """Everything before the path: where what lies beside the common interface begins."""
        return f"{self.scheme}://{self.place}"

    @property
    def url(self) -> str:
        """The whole of it, as it is kept and shown."""
        return self.root + self.path

    @property
    def is_here(self) -> bool:
        """Whether it is this very computer, so that no word leaves it."""
        return is_loopback(self.host)

    @property
    def is_near(self) -> bool:
        """Whether it is in the own network, or this computer: no proxy leads there."""
        return _is_near(self.host)

    @property
    def is_open(self) -> bool:
        """Whether others can read along: not encrypted, and through networks that are not one's own."""
        return self.scheme == "http" and not self.is_near


def parse_address(text: str) -> ServerAddress:
    """Returns the address that somebody means.

    Without a scheme it is http in the own network, where hardly anything else is spoken, and https elsewhere.

    Args:
        text: As it was typed or pasted.

    Raises:
        AddressError: It is none. No password that stands in it is quoted.
    """
    # Full-width colons and digits of Chinese input methods are what they look like, and so is their full stop.
    text = unicodedata.normalize("NFKC", text).strip().strip("\"'<>").strip().replace("\u3002", ".")
    if not text or len(text) > _LONGEST or any(not each.isprintable() or each.isspace() for each in text):
        raise _no_address(text)
    scheme, rest = _scheme(text)
    rest, _, _ = rest.partition("#")
    place, slash, path = rest.partition("/")
    if "@" in place:
        raise AddressError(
            QT_TRANSLATE_NOOP("Errors", "A name or password stands in the address of the server."),
            "",
            QT_TRANSLATE_NOOP("Errors", "Leave it out: a key is given apart from the address, and kept apart."),
        )
    if "?" in rest:
        raise AddressError(
            QT_TRANSLATE_NOOP("Errors", "An address with a question mark cannot be used for a server."),
            "",
            _EXAMPLES,
        )
    host, port = _host_and_port(place, text)
    scheme = scheme or ("http" if _is_near(host) else "https")
    return ServerAddress(scheme, host, None if port == _PORTS[scheme] else port, _path(slash + path, text))


def _scheme(text: str) -> tuple[str, str]:
    """Returns the scheme, empty where there is none, and what stands behind it."""
    match = _SCHEME.match(text)
    if match is None:
        return "", text.lstrip("/")
    scheme, slashes = match[1].lower(), match[2]
    if scheme in _PORTS:  # "http:host" as well
        return scheme, text[match.end() :]
    if len(slashes) < 2:  # "computer:8000"
        return "", text
    raise AddressError(
        QT_TRANSLATE_NOOP("Errors", "A server is asked by http or https, and by nothing else."),
        f"{scheme[:_SHOWN]}://",
        _EXAMPLES,
    )


def _host_and_port(place: str, text: str) -> tuple[str, int | None]:
    if place.count(":") > 1 and not place.startswith("["):
        place = f"[{place}]"  # an IPv6 address as it is written elsewhere
    try:
        parts = urlsplit(f"//{place}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _no_address(text) from None
    if port == 0 or place.endswith(":"):
        raise _no_address(text)
    return _host(host, text), port


def _host(host: str, text: str) -> str:
    host = host.lower().removesuffix(".")
    try:
        if "%" not in host:  # an interface of this computer alone, which httpx does not know
            return str(ipaddress.ip_address(host))
    except ValueError:
        pass  # a name
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            raise _no_address(text) from None
    labels = host.split(".")
    # "127.1" and "0x7f.1" are addresses to some programs and names to others.
    is_number = labels[-1].isdigit() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]) is not None
    if len(host) > _LONGEST_HOST or is_number or not all(map(_LABEL.fullmatch, labels)):
        raise _no_address(text)
    return host


def _path(path: str, text: str) -> str:
    path = re.sub(r"/{2,}", "/", path).rstrip("/")
    if "\\" in path or any(part in (".", "..") for part in path.split("/")) or not path.isascii():
        raise _no_address(text)
    lower = path.lower()
    if lower in _OLLAMA:
        return _USUAL
    ending = next((each for each in _ENDPOINTS if lower.endswith(each)), "")
    return path[: len(path) - len(ending)].rstrip("/") or _USUAL


def _is_near(host: str) -> bool:
    if is_loopback(host):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_OWN_NETWORK)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if isinstance(address, ipaddress.IPv4Address) and address in _SHARED:
        return True
    return address.is_private or address.is_link_local


def _no_address(text: str) -> AddressError:
    shown = text[:_SHOWN] if "@" not in text else ""
    return AddressError(
        QT_TRANSLATE_NOOP("Errors", "This is no address of a server."), f"{shown}." if shown else "", _EXAMPLES
    )
