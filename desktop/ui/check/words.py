"""What the window says about a function check, in the language of the interface."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from desktop.check.run import CheckProgress
from desktop.check.statistics import Interval
from desktop.check.store import Setup
from desktop.check.summary import Line
from desktop.check.types import KIND_NAMES, LANGUAGE_NAMES
from desktop.ui.words import SEPARATOR, duration_words


def said(text: str) -> str:
    """Returns the translation of a text that ``desktop/check`` has marked."""
    return QCoreApplication.translate("Check", text)


def line_title(line: Line) -> str:
    """Returns ``Facts from a text · English``."""
    name = said(KIND_NAMES[line.kind])
    return SEPARATOR.join((name[:1].upper() + name[1:], said(LANGUAGE_NAMES[line.language])))


def share_words(right: int, asked: int, interval: Interval) -> str:
    """Returns ``12 of 20 · 60% (39% to 78%)``."""
    if not asked:
        return QCoreApplication.translate("Check", "not asked")
    return QCoreApplication.translate("Check", "{right} of {asked} · {share}% ({low}% to {high}%)").format(
        right=right,
        asked=asked,
        share=round(100 * right / asked),
        low=round(100 * interval.low),
        high=round(100 * interval.high),
    )


def progress_words(progress: CheckProgress) -> str:
    """Returns ``12 of 300 tasks · sums · about 14 min left``."""
    parts = [
        QCoreApplication.translate("Check", "{done} of {total} tasks").format(done=progress.done, total=progress.total)
    ]
    if progress.kind is not None:
        parts.append(said(KIND_NAMES[progress.kind]))
    if progress.seconds_left is not None and progress.kind is not None:
        left = duration_words(progress.seconds_left)
        parts.append(QCoreApplication.translate("Check", "about {duration} left").format(duration=left))
    return SEPARATOR.join(parts)


def setup_words(setup: Setup, at: str) -> str:
    """Returns ``Q4_K_M · KV type f16 · Catnap 0.1.0, llama-cpp-python 0.3.36 · 29 Nov 2026``."""
    day = QDateTime.fromString(at, "yyyy-MM-ddTHH:mm:ssZ")
    parts = [
        setup.quantisation,
        QCoreApplication.translate("Check", "KV type {kind}").format(kind=setup.kv_type),
        f"Catnap {setup.build}",
        QLocale().toString(day.date(), QLocale.FormatType.ShortFormat) if day.isValid() else "",
    ]
    return SEPARATOR.join(filter(None, parts))
