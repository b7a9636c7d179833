"""Where a model can be had: addresses by the setting, and which host answered last time."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.models.catalog import is_safe_url
from desktop.models.types import Catalog, MirrorKind, ModelSpec

AUTO = "auto"
OWN = "own"

_HOSTS = (
    (MirrorKind.HUGGING_FACE, "https://huggingface.co"),
    (MirrorKind.HF_MIRROR, "https://hf-mirror.com"),
    (MirrorKind.MODELSCOPE, "https://modelscope.cn"),
)


@dataclass(frozen=True)
class Address:
    """Where to ask for a file. A host may redirect to another one; ``host`` is the one asked first."""

    url: str
    host: str


class MirrorMemory:
    """Which host answered, for as long as the program runs. One is made at the top and given to every Downloader."""

    def __init__(self) -> None:
        self._good = ""

    def remember(self, host: str) -> None:
        """Notes that bytes came from ``host``."""
        self._good = host

    def forget(self, host: str) -> None:
        """Notes that ``host`` no longer answers."""
        if host == self._good:
            self._good = ""

    def sort(self, addresses: tuple[Address, ...]) -> tuple[Address, ...]:
        """Returns ``addresses`` with the host that answered last in front."""
        return tuple(sorted(addresses, key=lambda address: address.host != self._good))

    def knows(self, address: Address) -> bool:
        """True when this host answered and nothing has gone wrong with it since."""
        return address.host == self._good


def addresses(spec: ModelSpec, mirror: str, own_host: str = "") -> tuple[Address, ...]:
    """Returns where to ask for ``spec``, the usual host first.

    Args:
        spec: The model; its ``url`` replaces every mirror.
        mirror: Value of the setting: auto, the value of a MirrorKind, or own.
        own_host: Address of the own host, laid out like Hugging Face.

    Raises:
        UserFacingError: The setting leaves no address for this model.
    """
    if spec.url is not None:
        return (_address(spec.url),)
    if mirror == OWN:
        base = _own_base(own_host)
        return (_address(base + _path(MirrorKind.HUGGING_FACE, spec)),)
    wanted = [kind for kind, _ in _HOSTS if mirror in (AUTO, kind.value) and kind in spec.mirrors]
    if not wanted:
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The mirror chosen in the settings does not have this model."),
            f"{spec.name}; {mirror}.",
            QT_TRANSLATE_NOOP("Errors", "Choose Automatic as the place to download from."),
        )
    return tuple(_address(base + _path(kind, spec)) for kind, base in _HOSTS if kind in wanted)


@dataclass(frozen=True)
class HubHost:
    """A host that tells what a repository has.

    Attributes:
        base: Its address, without a slash at the end.
        kind: Whose interface it has.
    """

    base: str
    kind: MirrorKind

    @property
    def host(self) -> str:
        """Its name, and port if it is not the usual one."""
        return urlsplit(self.base).netloc


def hub_hosts(mirror: str, own_host: str = "") -> tuple[HubHost, ...]:
    """Returns where to ask what a repository has, the usual host first.

    Args:
        mirror: Value of the setting, as for :func:`addresses`.
        own_host: Address of the own host, laid out like Hugging Face.

    Raises:
        UserFacingError: The address of the own host is missing or wrong.
    """
    if mirror == OWN:
        return (HubHost(_own_base(own_host), MirrorKind.HUGGING_FACE),)
    return tuple(HubHost(base, kind) for kind, base in _HOSTS if mirror in (AUTO, kind.value))


def _own_base(own_host: str) -> str:
    base = own_host.strip().rstrip("/")
    if not is_safe_url(base):
        raise UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The address of the own host is missing or wrong."),
            f"{own_host}." if own_host else "",
            QT_TRANSLATE_NOOP("Errors", "Write it in the settings as https://host, or choose another mirror."),
        )
    return base


def most_spread(catalog: Catalog) -> ModelSpec | None:
    """Returns the model that most mirrors have, the smallest of those; None: there is none at all."""
    return max(catalog.models, key=lambda spec: (len(spec.mirrors), -spec.size), default=None)


def every_address(spec: ModelSpec, own_host: str = "") -> tuple[Address, ...]:
    """Returns all addresses of ``spec``, whatever the setting: to find out which of them is good.

    Args:
        spec: The model; its ``url`` replaces every mirror.
        own_host: Asked too, if it is an address.
    """
    found = list(addresses(spec, AUTO)) if spec.url is not None or spec.mirrors else []
    if own_host and spec.url is None and is_safe_url(own_host.strip()):
        found += addresses(spec, OWN, own_host)
    return tuple(found)


def _address(url: str) -> Address:
    return Address(url, urlsplit(url).netloc)


def _path(kind: MirrorKind, spec: ModelSpec) -> str:
    repo, file = quote(spec.repo), quote(spec.files[0].path)
    if kind is MirrorKind.MODELSCOPE:
        # ModelScope has revisions of its own; the sha256 of the catalogue holds for whatever lies there.
        return f"/models/{repo}/resolve/master/{file}"
    return f"/{repo}/resolve/{quote(spec.revision)}/{file}"
