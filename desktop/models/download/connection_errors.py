"""Why a connection failed, as far as whatever it stands on says: for downloads and for questions to servers."""

from __future__ import annotations

import errno
import re
import socket
from collections.abc import Iterable, Iterator
from typing import Final

from desktop.common.errors import QT_TRANSLATE_NOOP

_PAGE: Final = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|script|meta|!--)", re.IGNORECASE)


def causes(problem: BaseException) -> Iterator[BaseException]:
    """Yields an exception and everything that led to it, groups unpacked."""
    yield problem
    if isinstance(problem, BaseExceptionGroup):
        for inner in problem.exceptions:
            yield from causes(inner)
    if cause := problem.__cause__ or problem.__context__:
        yield from causes(cause)


def why_unreachable(found: Iterable[BaseException]) -> str:
    """Returns the pattern of a sentence, for the name of the host.

    Args:
        found: What has led to it, see :func:`causes`.
    """
    for cause in found:
        if isinstance(cause, socket.gaierror):
            return QT_TRANSLATE_NOOP("Errors", "{0}: the name is not found.")
        if isinstance(cause, OSError) and cause.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
            return QT_TRANSLATE_NOOP("Errors", "{0}: no network.")
        if isinstance(cause, ConnectionRefusedError):
            return QT_TRANSLATE_NOOP("Errors", "{0}: connection refused.")
    return QT_TRANSLATE_NOOP("Errors", "{0}: no answer.")


def is_page(content: bytes) -> bool:
    """Tells whether a web page came where something else was asked for."""
    return _PAGE.match(content) is not None
