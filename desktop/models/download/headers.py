"""Numbers and dates in headers, which strangers write: parsed strictly, bounded, never raising."""

from __future__ import annotations

import re
import time

# 10^15 bytes are a thousand times the largest model. Python refuses to parse integers of over 4,300 digits.
_NUMBER = re.compile("[0-9]{1,15}")
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15}|\*)")
_UNSATISFIED_RANGE = re.compile(r"bytes \*/([0-9]{1,15})")
# RFC 9110, section 8.8.3: visible ASCII without the quote; longer ones than any server has are not kept.
_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e]{0,200}"')
_LONGEST_DATE = 40  # characters; "Sun, 06 Nov 1994 08:49:37 GMT" has 29


def whole_number(text: str) -> int | None:
    """Returns what ``text`` says, at most 15 digits and nothing else; None: it is no such number."""
    stripped = text.strip(" \t")
    return int(stripped) if _NUMBER.fullmatch(stripped) else None


def content_range(text: str) -> tuple[int, int, int | None] | None:
    """Returns (first byte, last byte, size of the file or None) of a Content-Range; None: it makes no sense."""
    match = _CONTENT_RANGE.fullmatch(text.strip(" \t"))
    if match is None:
        return None
    first, last, total = int(match[1]), int(match[2]), None if match[3] == "*" else int(match[3])
    return None if last < first or (total is not None and last >= total) else (first, last, total)


def unsatisfied_range(text: str) -> int | None:
    """Returns the size of the file that a refused range tells; None: it tells none."""
    match = _UNSATISFIED_RANGE.fullmatch(text.strip(" \t"))
    return int(match[1]) if match else None


def strong_etag(text: str) -> str | None:
    """Returns an ETag if it can stand in an If-Range header; weak ones cannot (RFC 9110, section 13.1.5)."""
    return text if _STRONG_ETAG.fullmatch(text) else None


def retry_after(text: str, most: float) -> float:
    """Returns the seconds that a Retry-After asks for, as a number or as a date: 0 for nonsense, ``most`` for more."""
    seconds = whole_number(text)
    if seconds is not None:
        return min(float(seconds), most)
    if len(text) > _LONGEST_DATE:
        return 0.0
    from email.utils import parsedate_to_datetime  # few servers give a date

    try:
        wait = parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return 0.0
    return min(max(wait, 0.0), most)
