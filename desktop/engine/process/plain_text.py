"""Text on its way between the app and an engine process: what the one may send, and what the other may have shown."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

from desktop.common.printable import one_line
from desktop.engine.types import Generation

# Characters of a model's name that are shown.
_NAME = 200
_ENGINE = "desktop.engine"
_LOGGER = re.compile(re.escape(_ENGINE) + r"(\.[a-z_]{1,40}){1,4}")


def log_of_process(level: int, name: str, text: str) -> None:
    """Passes a line on to the log, under the name it has there; no logger of that name is made, which would stay.

    Args:
        level: A level of the logging module.
        name: Of the logger in the process; another one than the engine's is not believed.
        text: One line or more, of any characters.
    """
    logger = logging.getLogger(_ENGINE)
    if logger.isEnabledFor(level):
        # Indented from its second line on, so that it cannot look like a line of somebody else.
        lines = "\n    ".join("".join(c if c.isprintable() else " " for c in line) for line in text.splitlines())
        name = name if _LOGGER.fullmatch(name) else logger.name
        logger.handle(logger.makeRecord(name, level, __file__, 0, "%s", (lines,), None))


def printable(name: str) -> str:
    """Returns a model's name as it may be shown: a file can call itself anything."""
    return one_line(name)[:_NAME]


def sendable(request: Generation) -> Generation:
    """Returns the request with text that UTF-8 can carry: a paste may hold half a surrogate pair."""
    messages = tuple(replace(each, text=_carried(each.text)) for each in request.messages)
    return replace(request, messages=messages, opening=_carried(request.opening))


def _carried(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
