"""Which hosts are this very machine."""

from __future__ import annotations

import ipaddress
from typing import Final

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def is_loopback(host: str) -> bool:
    """Tells whether ``host``, a name or an address without brackets, is this very machine."""
    if host.lower().removesuffix(".") in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
