"""Imports asyncio without TLS, which it would bring along and nobody here asks it for."""

from __future__ import annotations

import sys


def import_asyncio() -> None:
    """Imports asyncio without :mod:`ssl`: 4 MB of a program that has not spoken to anybody yet, and 3 ms of its start.

    Connections that need TLS are httpx's, which speaks it through :mod:`ssl` itself and not through the loop; whoever
    asks asyncio for it is told that it is not there. Where either of the two was imported already nothing is changed.

    WORKAROUND(CPython, asyncio/base_events.py, selector_events.py and sslproto.py): they import ssl whether or not
    anybody will ask, and do without it where Python was built without.
    """
    if "asyncio" in sys.modules or "ssl" in sys.modules:
        import asyncio
    else:
        sys.modules["ssl"] = None  # type: ignore[assignment]  # an import of it raises ImportError
        try:
            import asyncio  # noqa: F401
        finally:
            del sys.modules["ssl"]
