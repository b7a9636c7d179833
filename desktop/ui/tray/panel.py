"""Whether the panel that the icon lies in is dark."""

from __future__ import annotations

import os
import sys

from PySide6.QtGui import QGuiApplication

# Panels that are dark whatever the colour scheme of the programs is.
_DARK_PANELS = frozenset({"gnome", "unity", "x-cinnamon", "xfce"})
# Desktops whose colour scheme Qt knows, besides those (QGenericUnixTheme::themeNames).
_KNOWN_TO_QT = frozenset({"kde", "mate", "lxde"})


def panel_is_dark() -> bool:
    """Returns whether the panel is probably dark; a wrong guess is survived by the icon's outline."""
    if sys.platform == "win32":
        from PySide6.QtCore import QSettings

        # The taskbar has a switch of its own, which Qt does not report.
        key = r"HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
        return QSettings(key, QSettings.Format.NativeFormat).value("SystemUsesLightTheme", 1) == 0
    if _desktops() & _DARK_PANELS:
        return True
    from PySide6.QtCore import Qt

    return QGuiApplication.styleHints().colorScheme() is not Qt.ColorScheme.Light


def panel_looks_dark() -> bool:
    """Returns what :func:`panel_is_dark` will most probably say, without the class ``Qt``.

    PySide6 makes that at the first use, which takes as long as everything else that the icon needs.
    """
    if sys.platform == "win32":
        return panel_is_dark()
    palette = QGuiApplication.palette()
    light_text = palette.windowText().color().lightness() > palette.window().color().lightness()
    return light_text or bool(_desktops() & _DARK_PANELS) or not _desktops() & _KNOWN_TO_QT


def _desktops() -> set[str]:
    return {name.lower() for name in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":")}
