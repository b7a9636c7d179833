"""Buttons for what may help against an error, the same wherever it is shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication

from desktop.common.errors import EngineDiedError, UserFacingError, WayOut
from desktop.ui.widgets.banner import NoticeAction


def ways_out(error: UserFacingError, choose: Callable[[WayOut, EngineDiedError], None]) -> tuple[NoticeAction, ...]:
    """Returns a button for each way out that an error names, the likeliest first.

    Args:
        error: What went wrong.
        choose: Called with the way that was chosen, and the error.
    """
    if not isinstance(error, EngineDiedError):
        return ()
    words = {
        WayOut.ANOTHER_MODEL: QCoreApplication.translate("WaysOut", "Another model…"),
        WayOut.SMALLER_CONTEXT: QCoreApplication.translate("WaysOut", "Smaller context…"),
        WayOut.REPORT: QCoreApplication.translate("WaysOut", "Report…"),
    }
    return tuple(NoticeAction(words[way], partial(choose, way, error)) for way in error.ways)
