"""What is wrong with the values of single settings, beyond their types and bounds."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from desktop.common.errors import QT_TRANSLATE_NOOP

# A scheme, and what browsers put behind it: a host with a port perhaps, or the name of an app.
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]{0,30}://[A-Za-z0-9._\[\]:-]{1,200}")
_MOST_ORIGINS: Final = 20
# Characters of a model on a server, as conversations keep it.
_LONGEST_CHOICE: Final = 500
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


def listed_origins(text: str) -> tuple[str, ...]:
    """Returns the origins of pages that stand in a setting, separated by spaces or commas."""
    return tuple(dict.fromkeys(each.rstrip("/") for each in re.split(r"[\s,]+", text) if each))


def check_origins(value: object) -> str | None:
    """Returns what is wrong with a list of origins: each is a scheme and a host, as browsers send them."""
    listed = listed_origins(str(value))
    if len(listed) > _MOST_ORIGINS or not all(_ORIGIN.fullmatch(each) for each in listed):
        return QT_TRANSLATE_NOOP("Errors", "Write each as https://host or http://localhost:3000, without a path.")
    return None


def check_served(value: object) -> str | None:
    """Returns what is wrong with who answers: nothing is this computer, all else a model on a server."""
    if not (text := str(value)):
        return None
    from desktop.engine.routing import server_model  # the icon does not wait for the engine's words

    chosen = server_model(text)
    if chosen is None or not chosen.server or len(text) > _LONGEST_CHOICE or not text.isprintable():
        return QT_TRANSLATE_NOOP("Errors", "Choose one of the servers that are listed, or this computer.")
    return None


def _has_gap(text: str) -> bool:
    """True for white space and control characters, which urlsplit drops or lets pass."""
    return any(character.isspace() or not character.isprintable() for character in text)
