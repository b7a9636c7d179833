"""Which way of pasting this desktop has."""

from __future__ import annotations

import logging

from desktop.system.paste.types import PasteKeys

_log = logging.getLogger(__name__)


def make_paste_keys(platform: str) -> PasteKeys | None:
    """Returns what presses the keys for "paste"; None: nobody may here, so the user does.

    Wayland lets no program press keys in another one's window but through a portal that asks each time, and macOS asks
    for the right to control the whole computer: neither is worth the saved key.

    Args:
        platform: As Qt names it: ``xcb``, ``wayland``, ``windows``, ``cocoa``.
    """
    try:
        if platform == "xcb":
            from desktop.system.paste.x11 import X11PasteKeys

            return X11PasteKeys()
        if platform == "windows":
            from desktop.system.paste.windows import WindowsPasteKeys

            return WindowsPasteKeys()
    except (OSError, AttributeError) as problem:
        _log.info("answers are not pasted by Catnap here: %s", problem)
    return None
