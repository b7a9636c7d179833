"""The keys of this platform that close a dialog, beside Esc."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog


def add_close_keys(dialog: QDialog) -> None:
    """Lets a dialog be closed as windows are; with Ctrl+W where the platform names no key for it."""
    for key in QKeySequence.keyBindings(QKeySequence.StandardKey.Close) or [QKeySequence("Ctrl+W")]:
        QShortcut(key, dialog, dialog.close)
