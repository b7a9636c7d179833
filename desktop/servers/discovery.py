"""Servers in the own network, looked for only when somebody asks: what announces itself, and what answers at the usual
ports of one computer.

Announcements are DNS-SD over mDNS (RFC 6763, 6762). Neither Ollama, LM Studio nor llama.cpp's server was found to
announce itself of its own accord (Ollama's issues 3802 and 10283 ask for it, its pull requests 751 and 10285 were not
taken); whoever runs one may have Avahi do so, under names that have become usual, and gateways do. Where nothing is
heard, the ports that these programs take by default are asked, of the one computer that was named and of no other.

Whatever comes back is a stranger's word: names are cleaned, addresses outside of the own network are left out, and
nothing is done with either but show them. A question goes there only once somebody has added the server and agreed.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.common.printable import one_line
from desktop.servers.addresses import AddressError, ServerAddress, parse_address

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

# Seconds to listen: answers are sent within half a second, and again after one and three where they were lost.
LISTEN_S: Final = 3.0
_RESOLVE_MS: Final = 1_000
_MOST_FOUND: Final = 50
_MOST_NAME: Final = 60
_NOT_IN_NAMES: Final = re.compile(r"[/:\\]")
_PATH: Final = re.compile(r"/[\w.~/-]{0,80}", re.ASCII)
_WEB: Final = "_http._tcp.local."
# What is announced, and whose program it is.
_SERVICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "_ollama._tcp.local.": "Ollama",
        "_lmstudio._tcp.local.": "LM Studio",
        "_llama._tcp.local.": "llama.cpp",
        "_vllm._tcp.local.": "vLLM",
        "_openai._tcp.local.": "",
        "_llm._tcp.local.": "",
        _WEB: "",
    }
)
# Printers, routers and clocks announce web pages: only what calls itself like this is meant.
_CALLED: Final = re.compile(
    r"ollama|lm[ _-]?studio|llama|vllm|sglang|openai|localai|litellm|kobold|\bllm\b|\bjan\b|\btgi\b", re.IGNORECASE
)
# The ports that programs take unless they are told otherwise.
_PORTS: Final[Mapping[int, str]] = MappingProxyType(
    {
        11434: "Ollama",
        1234: "LM Studio",
        8000: "vLLM",
        8080: "llama.cpp",
        30000: "SGLang",
        3000: "TGI",
        1337: "Jan",
        4000: "LiteLLM",
        5001: "KoboldCpp",
    }
)
# By what a server says of itself, see desktop.servers.capabilities.
_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ollama": "Ollama",
        "vllm": "vLLM",
        "llama.cpp": "llama.cpp",
        "sglang": "SGLang",
        "llama-cpp-python": "llama-cpp-python",
    }
)
_CONNECT_S: Final = 2.0
_ANSWER_S: Final = 5.0


@dataclass(frozen=True)
class Found:
    """A server that may be there, as it or its computer says; nobody has asked it anything yet but which models it has.

    Attributes:
        name: What it calls itself, fit to be shown and to name a server with.
        address: Where it says it is, in the own network.
        program: Whose program it seems to be: "Ollama", "vLLM" ...; empty: unknown.
        wants_key: It answers nobody without a key.
    """

    name: str
    address: ServerAddress
    program: str = ""
    wants_key: bool = False


def discover(seconds: float = LISTEN_S, interfaces: Sequence[str] = ()) -> tuple[Found, ...]:
    """Returns what announces itself in the own network. Waits for all of the time: not on the GUI thread.

    Args:
        seconds: For how long to listen.
        interfaces: IPv4 addresses of this computer on whose networks to ask; none: on all of them.

    Raises:
        UserFacingError: The network cannot be asked.
    """
    from zeroconf import Error

    try:
        return asyncio.run(_announced(seconds, interfaces))
    except (OSError, RuntimeError, Error) as problem:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The network could not be asked for servers."),
            f"{problem}.",
            QT_TRANSLATE_NOOP("Errors", "Check the network, or enter the address of the server yourself."),
        ) from problem


def ask_usual_ports(text: str) -> tuple[Found, ...]:
    """Returns what answers like a server at the usual ports of one computer. Takes seconds: not on the GUI thread.

    Args:
        text: The computer, as it was typed; with a port only that one is asked.

    Raises:
        UserFacingError: This is no computer, or none of the own network.
    """
    address = parse_address(text)
    if not address.is_near:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "Only computers of the own network are searched for servers."),
            f"{address.place}.",
            QT_TRANSLATE_NOOP("Errors", "Add a server elsewhere with its whole address."),
        )
    ports = _PORTS if address.port is None else {address.port: _PORTS.get(address.port, "")}
    return asyncio.run(_answering(address, ports))


async def _announced(seconds: float, interfaces: Sequence[str]) -> tuple[Found, ...]:
    from zeroconf import InterfaceChoice, IPVersion, ServiceStateChange
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

    heard: dict[str, str] = {}

    def note(*, service_type: str, name: str, state_change: ServiceStateChange, **_: object) -> None:
        is_meant = service_type != _WEB or _CALLED.search(_instance(service_type, name)) is not None
        if state_change is not ServiceStateChange.Removed and is_meant and len(heard) < _MOST_FOUND:
            heard[name] = service_type

    network = AsyncZeroconf(interfaces=list(interfaces) or InterfaceChoice.All, ip_version=IPVersion.V4Only)
    try:
        browser = AsyncServiceBrowser(network.zeroconf, list(_SERVICES), handlers=[note])
        await asyncio.sleep(seconds)
        await browser.async_cancel()
        said = await asyncio.gather(*(_resolved(network, service, name) for name, service in heard.items()))
    finally:
        await network.async_close()
    found: dict[ServerAddress, Found] = {}
    for each in said:
        if each is not None:
            found.setdefault(each.address, each)
    return tuple(sorted(found.values(), key=lambda each: (each.name.casefold(), each.address.url)))


async def _resolved(network: AsyncZeroconf, service: str, name: str) -> Found | None:
    from zeroconf import Error
    from zeroconf.asyncio import AsyncServiceInfo

    with contextlib.suppress(Error):
        info = AsyncServiceInfo(service, name)
        if await info.async_request(network.zeroconf, _RESOLVE_MS):
            return _found(service, name, info)
    return None


def _found(service: str, name: str, info: AsyncServiceInfo) -> Found | None:
    """Returns what an announcement says, where that is an address of the own network."""
    path = info.decoded_properties.get("path") or ""
    path = path if _PATH.fullmatch(path) else ""
    for host in info.parsed_addresses():
        for tried in (path, ""):
            with contextlib.suppress(AddressError):
                address = parse_address(f"http://{host}:{info.port}{tried}")
                if address.is_near:
                    return Found(_clean(_instance(service, name)) or address.host, address, _SERVICES[service])
    return None


def _instance(service: str, name: str) -> str:
    return name.removesuffix(service).removesuffix(".")


def _clean(name: str) -> str:
    return one_line(_NOT_IN_NAMES.sub(" ", name))[:_MOST_NAME].strip()


async def _answering(address: ServerAddress, ports: Mapping[int, str]) -> tuple[Found, ...]:
    asked = (_answers(replace(address, port=port), program) for port, program in ports.items())
    return tuple(each for each in await asyncio.gather(*asked) if each is not None)


async def _answers(address: ServerAddress, program: str) -> Found | None:
    """Asks one port for its models."""
    from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
    from desktop.servers import capabilities, errors
    from desktop.servers.client import Patience, RefusedError, ServerClient

    patience = Patience(connect=_CONNECT_S, silence=_ANSWER_S, told=_ANSWER_S, document=_ANSWER_S)
    client = ServerClient(address, None, accounts=ProxyAccounts(), patience=patience)
    try:
        seen = await capabilities.look(client)
    except UserFacingError as problem:
        refused: Any = problem.__cause__
        if not isinstance(refused, RefusedError) or refused.status not in (401, 403):
            return None
        if not errors.complaint_in(refused.content).message:  # a router asks for a password with a page
            return None
        return Found(program or address.place, address, program, wants_key=True)
    finally:
        await client.aclose()
    program = _KINDS.get(seen.kind, program)
    return Found(_clean(program or address.place), address, program)
