"""asyncio without TLS: what speaks it goes on to do so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.certificate import SELF_SIGNED
from tests.support.fault_server import serve
from tests.support.patience import PATIENCE_S

_ASK = """
import sys
from desktop.app.start import import_asyncio
import_asyncio()
assert "ssl" not in sys.modules and "asyncio" in sys.modules, "it came along"
import asyncio, ssl, httpx

async def ask():
    async with httpx.AsyncClient(verify=ssl.create_default_context(cafile=sys.argv[2]), trust_env=False) as client:
        return (await client.get(sys.argv[1])).text

print(asyncio.run(ask()))
"""
_LATE = """
import ssl
from desktop.app.start import import_asyncio
import_asyncio()
import asyncio, sys
from asyncio import base_events
print(base_events.ssl is ssl, sys.modules["ssl"] is ssl)
"""


def _python(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_connection_with_tls_needs_nothing_of_asyncios(tmp_path: Path) -> None:
    certificate = tmp_path / "server.pem"
    certificate.write_text(SELF_SIGNED)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "told.txt").write_text("heard")
    with serve(tmp_path / "shared", certificate) as server:
        assert server.url.startswith("https:")
        assert _python(_ASK, f"{server.url}/told.txt", str(certificate)) == "heard"


def test_what_is_there_already_stays() -> None:
    assert _python(_LATE) == "True True"
