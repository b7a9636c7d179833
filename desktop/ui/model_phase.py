"""Where a model stands between "not here" and "in use", and the words for it. GUI thread only."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from PySide6.QtCore import QCoreApplication

from desktop.common.byte_sizes import format_bytes
from desktop.models.types import DownloadProgress, DownloadState
from desktop.ui.words import SEPARATOR, amount_words, percent_words, progress_words


class CardAction(Enum):
    """What the user asks for on a card."""

    DOWNLOAD = "download"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    USE = "use"
    REMOVE = "remove"
    VERIFY = "verify"
    LICENCE = "licence"


class Phase(Enum):
    """Where a model stands."""

    AVAILABLE = "available"
    PAUSED = "paused"
    WAITING = "waiting"
    RUNNING = "running"
    CHECKING = "checking"
    FAILED = "failed"
    ARRIVED = "arrived"  # downloaded; the library has not said so yet
    INSTALLED = "installed"
    IN_USE = "in use"
    MISSING = "missing"


UNDER_WAY = (Phase.WAITING, Phase.RUNNING, Phase.CHECKING)

PHASES: Final[Mapping[DownloadState, Phase]] = {
    DownloadState.WAITING: Phase.WAITING,
    DownloadState.RUNNING: Phase.RUNNING,
    DownloadState.VERIFYING: Phase.CHECKING,
    DownloadState.PAUSED: Phase.PAUSED,
    DownloadState.DONE: Phase.ARRIVED,
    DownloadState.FAILED: Phase.FAILED,
}


def status_text(phase: Phase, checked: str) -> str:
    """Returns what stands beside the name of a model that is here.

    Args:
        checked: What reading the file again has shown; empty: it was not read again.
    """
    match phase:
        case Phase.IN_USE:
            return SEPARATOR.join(filter(None, (checked, QCoreApplication.translate("Models", "In use"))))
        case Phase.INSTALLED | Phase.ARRIVED:
            return checked or QCoreApplication.translate("Models", "Installed")
        case Phase.MISSING:
            return QCoreApplication.translate("Models", "The file is missing")
    return ""


def action_text(phase: Phase, size: int | None) -> str:
    """Returns the words of the main button; empty: there is nothing to do.

    Args:
        size: Bytes to be named in the offer to download; None: not named.
    """
    match phase:
        case Phase.AVAILABLE if size is not None:
            return QCoreApplication.translate("Models", "Download {size}").format(size=format_bytes(size))
        case Phase.AVAILABLE:
            return QCoreApplication.translate("Models", "Download")
        case Phase.WAITING | Phase.RUNNING:
            return QCoreApplication.translate("Models", "Pause")
        case Phase.PAUSED:
            return QCoreApplication.translate("Models", "Resume")
        case Phase.FAILED:
            return QCoreApplication.translate("Models", "Try again")
        case Phase.INSTALLED:
            return QCoreApplication.translate("Models", "Use this")
    return ""


def progress_text(phase: Phase, progress: DownloadProgress) -> str:
    """Returns the line below the progress bar."""
    match phase:
        case Phase.WAITING:
            return SEPARATOR.join((_connecting(progress.host), amount_words(progress.done, progress.total)))
        case Phase.CHECKING:
            share = percent_words(progress.done / progress.total) if progress.total else ""
            return QCoreApplication.translate("Models", "Checking the file… {percent}").format(percent=share)
        case Phase.PAUSED:
            return paused_text(progress.done, progress.total)
    return progress_words(progress)


def paused_text(done: int, total: int) -> str:
    """Returns how far a download had got."""
    return QCoreApplication.translate("Models", "Paused at {amount}").format(amount=amount_words(done, total))


def _connecting(host: str) -> str:
    if host:
        return QCoreApplication.translate("Models", "Connecting to {host}…").format(host=host)
    return QCoreApplication.translate("Models", "Connecting…")
