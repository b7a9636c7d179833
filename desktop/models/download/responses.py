"""What a download needs of a network, and how a server's answer is judged. No network in here.

The rules, learned from the hosts: ModelScope answers a range with 200 and a Content-Range. Hugging Face tells sha256
and size of the file on its own first answer (``X-Linked-Etag``, ``X-Linked-Size``); the ETag of the host behind it also
has 64 hex digits and is something else. Signed addresses behind a redirect expire: 403 there means: ask again in front.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.models.download import headers as header
from desktop.models.download.mirrors import Address
from desktop.models.types import ModelSpec

_SHA256 = re.compile(r'"?([0-9a-f]{64})"?')
_QUOTED = 60  # characters of a header that a sentence quotes
_RETRY_AFTER_LIMIT = 30.0  # seconds; a host that wants more is as good as gone

_TRY_LATER = QT_TRANSLATE_NOOP("Errors", "Try again later; what was downloaded is kept.")
_OTHER_HOST = QT_TRANSLATE_NOOP("Errors", "Choose another place to download from in the settings.")


class SourceError(Exception):
    """A host did not give what was asked for.

    Attributes:
        error: What to tell if no other host helps.
        permanent: Asking this host again would give the same answer.
        lied: It does not continue files; it can still be asked for the whole one.
        retry_after: Seconds that the host wants to be left alone.
    """

    def __init__(
        self, error: UserFacingError, *, permanent: bool = False, lied: bool = False, retry_after: float = 0.0
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.permanent = permanent
        self.lied = lied
        self.retry_after = retry_after


@dataclass(frozen=True)
class Body:
    """Bytes on their way.

    Attributes:
        start: Place of the first of them in the file.
        etag: Strong ETag of the host that sends them, if it tells one.
        chunks: The bytes as they arrive; raises SourceError when the connection breaks.
    """

    start: int
    etag: str | None
    chunks: AsyncGenerator[bytes, None]


@dataclass(frozen=True)
class Document:
    """A whole answer.

    Attributes:
        status: HTTP status.
        headers: Keys in lower case.
        url: Where it came from at last.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str


class Source(Protocol):
    """A network that files can be had from."""

    def open(
        self, address: Address, spec: ModelSpec, offset: int, etag: str | None, limit: int | None = None
    ) -> AbstractAsyncContextManager[Body]:
        """Asks for the bytes from ``offset`` on.

        Args:
            address: Where to ask.
            spec: What is expected there.
            offset: First byte wanted.
            etag: The bytes before came under this ETag; a host that has another one now sends all of the file.
            limit: Bytes wanted at the most.

        Raises:
            SourceError: The host cannot be reached or does not give them.
        """

    async def aclose(self) -> None:
        """Closes all connections."""


def check_links(headers: Mapping[str, str], spec: ModelSpec, host: str) -> None:
    """Compares what Hugging Face tells about a file with the catalogue, before a byte of it is read.

    Raises:
        SourceError: It is another file.
    """
    size = header.whole_number(headers.get("x-linked-size", ""))
    sha256 = _SHA256.fullmatch(headers.get("x-linked-etag", ""))
    if size is not None and size != spec.size:
        raise wrong_size(host, size, spec)
    if sha256 and sha256[1] != spec.sha256:
        raise SourceError(
            UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The server has another file than the one that was published."),
                f"{host}: sha256 {sha256[1][:12]}...",
                _OTHER_HOST,
            ),
            permanent=True,
        )


def judge(status: int, headers: Mapping[str, str], spec: ModelSpec, offset: int, host: str, redirected: bool) -> int:
    """Returns where in the file the body of an answer starts: ``offset``, or 0 where the host sends all of it.

    Args:
        status: HTTP status.
        headers: Response headers, keys in any case.
        spec: What was asked for.
        offset: First byte asked for.
        host: Who answers, for the sentence.
        redirected: The answer comes from a host that another one pointed to.

    Raises:
        SourceError: The answer is of no use.
    """
    if status == 511:
        raise signed_out(host)
    if status == 416:
        _judge_unsatisfied(headers, spec, offset, host)
    if status not in (200, 206):
        raise _refused(status, headers, host, redirected)
    if headers.get("content-type", "").lower().startswith(("text/html", "application/xhtml")):
        raise signed_out(host)
    if headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        title = QT_TRANSLATE_NOOP("Errors", "The server sends the file in a form that cannot be used.")
        raise SourceError(UserFacingError(title, f"{host}.", _OTHER_HOST), permanent=True)
    if "content-range" in headers:
        return _judge_range(headers["content-range"], spec, offset, host)
    if status == 206:
        raise _lie(host, "206 without Content-Range")
    length = header.whole_number(headers.get("content-length", ""))
    if length is not None and length != spec.size:
        raise wrong_size(host, length, spec)
    return 0


def strong_etag(headers: Mapping[str, str]) -> str | None:
    """Returns the ETag if it can stand in an If-Range header."""
    return header.strong_etag(headers.get("etag", ""))


def wrong_size(host: str, size: int, spec: ModelSpec) -> SourceError:
    """Returns the failure of a host whose file has another size."""
    title = QT_TRANSLATE_NOOP("Errors", "The server has a file of another size than the one that was published.")
    detail = f"{host}: {format_bytes(size)} instead of {format_bytes(spec.size)}."
    return SourceError(UserFacingError(title, detail, _OTHER_HOST), permanent=True)


def signed_out(host: str) -> SourceError:
    """Returns the failure where a page came instead of a file: as a rule that of the network, which wants a sign-in."""
    return SourceError(
        UserFacingError(
            QT_TRANSLATE_NOOP("Errors", "A web page came instead of the model."),
            f"{host}.",
            QT_TRANSLATE_NOOP(
                "Errors",
                "If this network wants you to sign in first, open the network's page in a browser and do so. Then try "
                "again; what was downloaded is kept.",
            ),
        ),
        permanent=True,
    )


def cut(host: str) -> SourceError:
    """Returns the failure of a connection that ended before the file did."""
    title = QT_TRANSLATE_NOOP("Errors", "The connection to the download server was cut.")
    return SourceError(UserFacingError(title, f"{host}.", _TRY_LATER))


def crawling(host: str) -> SourceError:
    """Returns the failure of a host that sends next to nothing."""
    title = QT_TRANSLATE_NOOP("Errors", "The download server sends next to nothing.")
    return SourceError(UserFacingError(title, f"{host}.", _TRY_LATER))


def _judge_range(text: str, spec: ModelSpec, offset: int, host: str) -> int:
    found = header.content_range(text)
    if found is None:
        raise _lie(host, f"Content-Range {text[:_QUOTED]!r}")
    first, last, total = found
    if total is not None and total != spec.size:
        raise wrong_size(host, total, spec)
    if first != offset or last >= spec.size:
        raise _lie(host, f"Content-Range {text[:_QUOTED]!r}")
    return first


def _judge_unsatisfied(headers: Mapping[str, str], spec: ModelSpec, offset: int, host: str) -> None:
    size = header.unsatisfied_range(headers.get("content-range", ""))
    if size is not None and size != spec.size:
        raise wrong_size(host, size, spec)
    if offset > 0:
        raise _lie(host, "416")


def _lie(host: str, what: str) -> SourceError:
    title = QT_TRANSLATE_NOOP("Errors", "The server cannot continue the download where it stopped.")
    return SourceError(UserFacingError(title, f"{host}: {what}.", _TRY_LATER), lied=True)


def _refused(status: int, headers: Mapping[str, str], host: str, redirected: bool) -> SourceError:
    detail = f"{host}: {status}."
    if status in (404, 410):
        title = QT_TRANSLATE_NOOP("Errors", "The server does not have this file.")
        return SourceError(UserFacingError(title, detail, _OTHER_HOST), permanent=True)
    if status in (401, 403, 407, 451):
        title = QT_TRANSLATE_NOOP("Errors", "The server refuses to give this file.")
        return SourceError(UserFacingError(title, detail, _OTHER_HOST), permanent=not redirected)
    if status in (408, 425, 429) or status >= 500:
        title = QT_TRANSLATE_NOOP("Errors", "The server is busy or out of order.")
        seconds = header.retry_after(headers.get("retry-after", ""), _RETRY_AFTER_LIMIT)
        return SourceError(UserFacingError(title, detail, _TRY_LATER), retry_after=seconds)
    title = QT_TRANSLATE_NOOP("Errors", "The server gave an unexpected answer.")
    return SourceError(UserFacingError(title, detail, _OTHER_HOST), permanent=True)
