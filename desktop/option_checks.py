"""What settings must fulfil beyond their type and range. Standard library only."""

from __future__ import annotations

from urllib.parse import urlsplit

from desktop.common.errors import QT_TRANSLATE_NOOP

# Points; smaller Chinese characters are blots on a screen at 96 dpi.
_FONT_SIZE_MIN = 6
_CONTEXT_MIN = 256  # tokens: a question, its answer and the template's own words


def check_host(value: object) -> str | None:
    """Returns what is wrong with the address of a server for models; an empty one is none."""
    text = str(value)
    if not text:
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname if parts.port != 0 else None  # reading the port checks it
    except ValueError:
        host = None
    if not host or parts.scheme not in ("https", "http") or parts.query or parts.fragment or _has_gap(text):
        return QT_TRANSLATE_NOOP("Errors", "Write the address as https://host or https://host/path.")
    if parts.scheme == "http" and host not in ("127.0.0.1", "localhost", "::1"):
        return QT_TRANSLATE_NOOP("Errors", "Only https is accepted, so that nobody can change the model on its way.")
    return None


def check_context(value: object) -> str | None:
    """Returns what is wrong with a context size, in tokens; 0 is automatic."""
    if isinstance(value, int) and 0 < value < _CONTEXT_MIN:
        return QT_TRANSLATE_NOOP("Errors", "A conversation needs a context of at least 256 tokens.")
    return None


def check_font_size(value: object) -> str | None:
    """Returns what is wrong with a text size, in points; 0 is that of the system."""
    if isinstance(value, int) and 0 < value < _FONT_SIZE_MIN:
        return QT_TRANSLATE_NOOP("Errors", "Nobody can read text of that size.")
    return None


def _has_gap(text: str) -> bool:
    """True for white space and control characters, which urlsplit drops or lets pass."""
    return any(character.isspace() or not character.isprintable() for character in text)
