"""Enter presses the button that has the keyboard, in every window.

Qt leaves that to the desktop: GNOME's buttons take Enter, elsewhere only the space bar presses them, and in a dialog
Enter presses the default button while the keyboard, for everybody to see, is on another one.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton, QWidget

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class EnterPresses(QObject):
    """Watches the one button that has the keyboard. A tick or a choice is not pressed: there Enter means the dialog."""

    def __init__(self, app: QApplication, parent: QObject | None = None) -> None:
        """
        Args:
            app: The application whose buttons are meant.
            parent: Owner.
        """
        super().__init__(parent)
        app.focusChanged.connect(self._follow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() in _ENTER
            and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            and isinstance(watched, QPushButton | QToolButton)
        ):
            if not event.isAutoRepeat():  # of the Enter that has opened the window
                watched.click()
            return True
        return super().eventFilter(watched, event)

    def _follow(self, old: QWidget | None, new: QWidget | None) -> None:
        if isinstance(old, QPushButton | QToolButton):
            old.removeEventFilter(self)
        if isinstance(new, QPushButton | QToolButton):
            new.installEventFilter(self)
