"""Figures and errors in a person's words, in the language of the interface."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.models.types import DownloadProgress

SEPARATOR = " · "
_ESTIMATED_DIGITS = 2
_FULL_WIDTH_ENDS = ("。", "！", "？", "；", "：", "…", "）")


def short_name(name: str, most: int = 44) -> str:
    """Returns a name, its middle left out where it has more than ``most`` characters: both ends tell models apart."""
    if len(name) <= most:
        return name
    end = most // 3
    return f"{name[: most - end - 1]}…{name[-end:]}"


def listed(names: Iterable[str]) -> str:
    """Returns names in a row, separated as the language of the interface does."""
    return QCoreApplication.translate("Formats", ", ").join(names)


def speed_words(speed: float) -> str:
    """Returns bytes per second in words: ``2.3 MB/s``, ``85 kB/s``."""
    return QCoreApplication.translate("Formats", "{amount}/s").format(amount=format_bytes(round(speed)))


def duration_words(seconds: float) -> str:
    """Returns a time to wait in words: ``45 s``, ``12 min``, ``1 h 5 min``."""
    if seconds < 59.5:
        return QCoreApplication.translate("Formats", "{seconds} s").format(seconds=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 60:
        return QCoreApplication.translate("Formats", "{minutes} min").format(minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if minutes == 0:
        return QCoreApplication.translate("Formats", "{hours} h").format(hours=hours)
    return QCoreApplication.translate("Formats", "{hours} h {minutes} min").format(hours=hours, minutes=minutes)


def time_left_words(seconds: float) -> str:
    """Returns ``12 min left``."""
    return QCoreApplication.translate("Formats", "{duration} left").format(duration=duration_words(seconds))


def percent_words(fraction: float) -> str:
    """Returns a share (0 to 1) in words; never 100 % before it is done."""
    return QCoreApplication.translate("Formats", "{number}%").format(
        number=math.floor(min(max(fraction, 0.0), 1.0) * 100)
    )


def progress_words(progress: DownloadProgress) -> str:
    """Returns ``112 MB of 398 MB · 2.3 MB/s · 2 min left · huggingface.co``, without what is not known."""
    parts = [amount_words(progress.done, progress.total)]
    if progress.speed > 0:
        parts.append(speed_words(progress.speed))
    if progress.eta is not None:
        parts.append(time_left_words(progress.eta))
    if progress.host:
        parts.append(progress.host)
    return SEPARATOR.join(parts)


def amount_words(done: int, total: int) -> str:
    """Returns ``112 MB of 398 MB``."""
    return QCoreApplication.translate("Formats", "{done} of {total}").format(
        done=format_bytes(done), total=format_bytes(total)
    )


def token_words(tokens: int, *, about: bool) -> str:
    """Returns a number of tokens; of an estimate as many digits as it is good for, wherever it is told."""
    if about and tokens >= 10:
        step = 10 ** max(0, len(str(tokens)) - _ESTIMATED_DIGITS)
        tokens = round(tokens / step) * step
    return f"{tokens:,}"


def memory_words(total: int, conversation: int) -> str:
    """Returns what a model takes while awake, for the settings dialog.

    Args:
        total: Bytes of everything.
        conversation: Bytes of that for the context (the KV cache).
    """
    return QCoreApplication.translate("Formats", "about {total}, {conversation} of it for the conversation").format(
        total=format_bytes(total), conversation=format_bytes(conversation)
    )


def error_title(error: UserFacingError) -> str:
    """Returns what happened, translated."""
    return QCoreApplication.translate("Errors", error.title)


def error_detail(error: UserFacingError) -> str:
    """Returns the variable part, its words translated; may be empty."""
    if not error.pattern:
        return error.detail
    return QCoreApplication.translate("Errors", error.pattern).format(*error.values)


def error_remedy(error: UserFacingError) -> str:
    """Returns what to do about it, translated; may be empty."""
    return QCoreApplication.translate("Errors", error.remedy) if error.remedy else ""


def sentences(*parts: str) -> str:
    """Returns the sentences in one line; nothing stands behind a full stop that has its space within, as in Chinese."""
    line = ""
    for part in parts:
        if part:
            line += part if not line or line.endswith(_FULL_WIDTH_ENDS) else f" {part}"
    return line


def error_words(error: UserFacingError) -> str:
    """Returns the whole error as one line of text, translated."""
    return sentences(error_title(error), error_detail(error), error_remedy(error))


def option_words(text: str) -> str:
    """Returns a text of the OPTIONS table in the language of the interface."""
    return QCoreApplication.translate("Options", text) if text else ""


def plain_tip(text: str) -> str:
    """Returns what to give a tooltip so that it shows a text as it is.

    Qt takes what looks like HTML for HTML, wherever it comes from: the name of a file or a model, a title, an address.
    It would look other than it is, and load pictures from where it says.
    """
    if "<" not in text and "&" not in text:
        return text
    return f'<p style="white-space: pre-wrap">{html.escape(text)}</p>'
