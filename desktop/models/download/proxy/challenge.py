"""Whether a proxy wants an account, and of what kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Challenge:
    """Hears how a proxy refuses a tunnel, which httpx does not tell: httpcore's ``trace`` extension.

    https://www.encode.io/httpcore/extensions/#trace

    Attributes:
        status: Status of the last answer; 0: there was none.
        schemes: What its Proxy-Authenticate headers say.
    """

    def __init__(self) -> None:
        self.status = 0
        self.schemes: list[str] = []

    def wants_account(self, problem: Exception) -> bool:
        """Tells whether a proxy refused for want of an account; SOCKS by what socks_proxy.py of httpcore 1.0.9 says.

        Args:
            problem: The httpx.ProxyError.
        """
        said = str(problem)
        return (
            self.status == 407
            or said == "Invalid username/password"
            or (said.startswith("Requested ") and said.endswith(("NO ACCEPTABLE METHODS.", "got USERNAME/PASSWORD.")))
        )

    async def listen(self, event: str, info: Mapping[str, Any]) -> None:
        """Takes an event of httpcore."""
        if event == "http11.receive_response_headers.complete":
            _, self.status, _, headers = info["return_value"][:4]
            self.schemes = [value.decode("latin-1") for name, value in headers if name.lower() == b"proxy-authenticate"]
