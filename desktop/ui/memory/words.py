"""What the memory panel says, in a person's words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from desktop.common.byte_sizes import format_bytes
from desktop.engine.types import SleepReason
from desktop.lifecycle.memory_history import Nap, Rest


def rest_words(rest: Rest) -> str:
    """Returns the state of the model in a word, as the status bar has it."""
    return {
        Rest.AWAKE: QCoreApplication.translate("Activity", "Awake"),
        Rest.DOZING: QCoreApplication.translate("Activity", "Dozing"),
        Rest.ASLEEP: QCoreApplication.translate("Activity", "Asleep"),
    }[rest]


def nap_words(nap: Nap) -> str:
    """Returns ``14:05 Dozed off: gave 310 MB back (420 MB → 110 MB)``."""
    local = QLocale()
    form = local.timeFormat(QLocale.FormatType.ShortFormat).replace(":ss", "")
    at = local.toString(QDateTime.fromSecsSinceEpoch(round(nap.at)).time(), form)
    return QCoreApplication.translate("Memory", "{time} {what}: gave {amount} back ({before} → {after})").format(
        time=at,
        what=_what(nap),
        amount=format_bytes(nap.given_back),
        before=format_bytes(nap.before),
        after=format_bytes(nap.after),
    )


def _what(nap: Nap) -> str:
    if nap.rest is Rest.DOZING:
        return QCoreApplication.translate("Memory", "Dozed off")
    return {
        SleepReason.IDLE: QCoreApplication.translate("Memory", "Fell asleep, since nobody asked"),
        SleepReason.ASKED: QCoreApplication.translate("Memory", "Sent to sleep"),
        SleepReason.MEMORY: QCoreApplication.translate("Memory", "Fell asleep, since the computer ran short"),
        SleepReason.RECONFIGURED: QCoreApplication.translate("Memory", "Put away for another model or setting"),
        SleepReason.RELEASED: QCoreApplication.translate("Memory", "Put away, since its file was needed"),
        SleepReason.CRASHED: QCoreApplication.translate("Memory", "The engine ended unexpectedly"),
    }.get(nap.reason or SleepReason.IDLE, QCoreApplication.translate("Memory", "Fell asleep"))
