"""TLS: always verified, by the certificates of the system; and what went wrong with one, in words."""

from __future__ import annotations

import logging
import os
import ssl
import sys
from collections.abc import Iterable
from datetime import datetime

import truststore

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError

# What the verifiers say: X509_V_ERR_* of OpenSSL, CERT_E_EXPIRED of Windows, errSecCertificateExpired and -NotValidYet
# of macOS; truststore hands them on in verify_code.
_WRONG_TIME = frozenset({9, 10, 0x800B0101, 0x800B0101 - (1 << 32), -67818, -67819})
_log = logging.getLogger(__name__)


def make_context() -> ssl.SSLContext:
    """Returns a context with the certificates of the system and those that SSL_CERT_FILE and SSL_CERT_DIR name.

    On Linux OpenSSL reads these variables itself, in place of the system's; on Windows and macOS they come on top.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.platform in ("win32", "darwin"):
        file, folder = os.environ.get("SSL_CERT_FILE") or None, os.environ.get("SSL_CERT_DIR") or None
        try:
            if file or folder:
                context.load_verify_locations(file, folder)
        except (OSError, ValueError) as problem:
            _log.warning("SSL_CERT_FILE or SSL_CERT_DIR cannot be used: %s", problem)
    return context


def has_wrong_time(failed: ssl.SSLCertVerificationError) -> bool:
    """Tells whether a certificate was refused because it is over, or not valid yet, by the clock of this computer."""
    return getattr(failed, "verify_code", 0) in _WRONG_TIME


def tls_error(causes: Iterable[BaseException], host: str, now: datetime | None = None) -> UserFacingError:
    """Returns the sentence for a secure connection that failed.

    Args:
        causes: The exception and those that led to it, an ``ssl.SSLError`` among them.
        host: Who was asked.
        now: What this computer's clock shows; None: it is asked.
    """
    failed = next(cause for cause in causes if isinstance(cause, ssl.SSLError))
    if not isinstance(failed, ssl.SSLCertVerificationError):
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "The secure connection to the download server failed."),
            f"{host}: {failed.reason or failed.strerror or type(failed).__name__}.",
            QT_TRANSLATE_NOOP("Errors", "A filter or a sign-in page of the network may be in the way."),
        )
    said = str(getattr(failed, "verify_message", "") or failed.strerror or "not trusted").rstrip(".")
    if has_wrong_time(failed):
        shown = (now or datetime.now()).strftime("%Y-%m-%d %H:%M")
        return UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "By this computer's clock the download server's certificate is not valid."),
            QT_TRANSLATE_NOOP("Errors", "{0}: {1}. The clock shows {2}."),
            QT_TRANSLATE_NOOP("Errors", "If the clock is wrong, set date and time of this computer and try again."),
            values=(host, said, shown),
        )
    return UserFacingError(
        QT_TRANSLATE_NOOP("Errors", "The download server shows a certificate that this computer does not trust."),
        f"{host}: {said}.",
        QT_TRANSLATE_NOOP(
            "Errors",
            "If the network has a sign-in page, open it in a browser first. If a company or a virus scanner looks into "
            "secure connections, have its certificate installed in this system, or name its file in SSL_CERT_FILE.",
        ),
    )
