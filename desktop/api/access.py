"""Who may ask: the token, the name by which this computer is called, the pages of browsers that are listed.

A page in a browser can send requests to this computer, under a name of its own that leads here (DNS rebinding), or from
elsewhere. So the name must be one of this computer's, and an origin must be one that somebody has listed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from desktop.api.errors import AUTHENTICATION, PERMISSION, ApiError
from desktop.api.http.types import Head
from desktop.common.errors import QT_TRANSLATE_NOOP
from desktop.common.json_file import StateFile, not_saved

_HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")
_PREFIX: Final = "catnap-"
_SECRET_BYTES: Final = 32
_LONGEST: Final = 200
_METHODS: Final = "GET, POST"
_REMEMBERED_S: Final = "600"  # for which a browser need not ask again


class TokenFile:
    """The token, of which only a hash is kept: whoever can read the file cannot ask by it. Any thread, not at once."""

    def __init__(self, file: Path) -> None:
        """
        Args:
            file: Readable by its owner alone; its folder exists.
        """
        self._file = StateFile(file, _stored)
        self._digest: bytes | None = self._file.read()

    @property
    def exists(self) -> bool:
        """Whether a token was ever made."""
        return self._digest is not None

    def look_again(self) -> None:
        """Takes over what another program of Catnap's has written."""
        self._digest = self._file.read() or self._digest

    def renew(self) -> str:
        """Makes another token and returns it, this once; the one before opens nothing any more.

        Raises:
            UserFacingError: It cannot be kept.
        """
        token = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        digest = _digest_of(token)
        try:
            self._file.write({"token_sha256": digest.hex()}, durable=False)  # one that is lost is made anew
        except OSError as problem:
            title = QT_TRANSLATE_NOOP("Errors", "The token could not be kept.")
            raise not_saved(title, self._file.path, problem) from problem
        self._digest = digest
        return token

    def opens(self, token: str) -> bool:
        """Tells whether it is the token; takes as long for one that is nearly right as for any."""
        digest = self._digest
        given = _digest_of(token[:_LONGEST])
        return digest is not None and hmac.compare_digest(given, digest)


class Access:
    """Decides about each request before anything of it is read. On the loop of the listener."""

    def __init__(self, opens: Callable[[str], bool], origins: tuple[str, ...] = (), port: int = 0) -> None:
        """
        Args:
            opens: Whether a token is the right one.
            origins: Pages that may ask, too; see :func:`desktop.settings.options.listed_origins`.
            port: Where requests come in.
        """
        self._opens, self._origins = opens, origins
        self.port = port

    def admit(self, head: Head) -> tuple[tuple[str, str], ...]:
        """Returns headers for the response.

        Raises:
            ApiError: 403 for a foreign name or page, 401 without the token.
        """
        self._check_host(head)
        headers = self._check_origin(head)
        scheme, _, token = head.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _unauthorised("No token was sent. Send it as 'Authorization: Bearer TOKEN'.")
        if not self._opens(token.strip()):
            raise _unauthorised("This is not the token. Catnap shows another one in its settings.", "invalid_api_key")
        return headers

    def preflight(self, head: Head) -> tuple[tuple[str, str], ...]:
        """Returns what a browser is told that asks whether a page may ask; it cannot send the token with that.

        Raises:
            ApiError: The page is not listed, or nobody has asked that.
        """
        self._check_host(head)
        headers = self._check_origin(head)
        if not headers or "access-control-request-method" not in head.headers:
            raise ApiError(405, "This method is not known here.", headers=(("allow", _METHODS),))
        wants_local = head.headers.get("access-control-request-private-network") == "true"
        return (
            *headers,
            ("access-control-allow-methods", _METHODS),
            ("access-control-allow-headers", "authorization, content-type"),
            ("access-control-max-age", _REMEMBERED_S),
            *((("access-control-allow-private-network", "true"),) if wants_local else ()),
        )

    def _check_host(self, head: Head) -> None:
        host = head.headers.get("host", "").lower()
        if host not in [f"{name}:{self.port}" for name in _HOSTS]:
            message = "This computer is not called so. Ask by 127.0.0.1 or localhost, with the port."
            raise ApiError(403, message, kind=PERMISSION, code="host_not_allowed")

    def _check_origin(self, head: Head) -> tuple[tuple[str, str], ...]:
        origin = head.headers.get("origin")
        if origin is None:
            return ()
        if origin not in self._origins:
            message = "Pages of this origin may not ask here. Catnap's settings list those that may."
            raise ApiError(403, message, kind=PERMISSION, code="origin_not_allowed")
        return (("access-control-allow-origin", origin), ("vary", "Origin"))


def _unauthorised(message: str, code: str | None = None) -> ApiError:
    return ApiError(
        401, message, kind=AUTHENTICATION, code=code or "missing_api_key", headers=(("www-authenticate", "Bearer"),)
    )


def _digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _stored(document: dict[str, Any]) -> bytes:
    digest = bytes.fromhex(document["token_sha256"])
    if len(digest) != hashlib.sha256().digest_size:
        raise ValueError
    return digest
