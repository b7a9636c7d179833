"""Puts light or dark colours in force, also while windows are shown."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette, QPixmapCache
from PySide6.QtWidgets import QApplication

from desktop.ui.theme.fusion.style import FusionStyle
from desktop.ui.theme.palette import is_dark, make_palette

# What Qt keeps of icons and parts of controls, so that it need not draw them again: all that is ever shown in one theme
# takes 0.9 MB of that. Qt's own limit of 10 MB fills in a hundred rounds of use with what is not shown again.
_PIXMAPS_KB = 2048


def apply_theme(app: QApplication, theme: str) -> None:
    """Puts colours in force for every window, at once and also while they are shown.

    Args:
        app: The application.
        theme: ``"light"``, ``"dark"``, or anything else for the system's own choice.
    """
    QPixmapCache.setCacheLimit(_PIXMAPS_KB)
    QPixmapCache.clear()  # in the colours of before
    if not isinstance(app.style(), FusionStyle):
        # On Fusion, the one style that honours every role of a palette on every platform.
        app.setStyle(FusionStyle())
    hints = app.styleHints()
    if theme in ("light", "dark"):
        # For the window frame and the native dialogs; on Linux without a platform theme Qt 6.8 ignores it, so the
        # palette is ours in any case.
        hints.setColorScheme(Qt.ColorScheme.Dark if theme == "dark" else Qt.ColorScheme.Light)
        app.setPalette(make_palette(dark=theme == "dark"))
        return
    hints.unsetColorScheme()
    app.setPalette(QPalette())  # an empty palette means the platform's own
    if hints.colorScheme() is Qt.ColorScheme.Unknown:
        # No desktop tells us: what is there is Fusion's own grey with pure blue links.
        app.setPalette(make_palette(dark=is_dark(app.palette())))
