"""What is typed where nothing can be written goes into the composer: nobody has to look for the caret first.

A letter is a key event. What an input method makes, Chinese or an accented letter, comes as its own events, and some of
them before it is decided what was typed; the input method would give up if the keyboard went elsewhere in the middle.
So the widget keeps the keyboard until the text is there, and passes everything on.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QInputMethodEvent, QInputMethodQueryEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

_MODIFIERS = Qt.KeyboardModifier
_PLACES = (
    Qt.InputMethodQuery.ImCursorRectangle,
    Qt.InputMethodQuery.ImAnchorRectangle,
    Qt.InputMethodQuery.ImInputItemClipRectangle,
)


def is_typed(event: QKeyEvent) -> bool:
    """Returns whether a key writes something; a space is a command to most widgets, and never a first letter."""
    text = event.text()
    if not text.strip() or not text.isprintable():
        return False
    held = event.modifiers() & (_MODIFIERS.ControlModifier | _MODIFIERS.AltModifier | _MODIFIERS.MetaModifier)
    if sys.platform == "darwin":
        return held in (_MODIFIERS.NoModifier, _MODIFIERS.AltModifier)  # the option key makes letters
    # Windows tells of AltGr, which makes letters such as @ and €, as both.
    return held in (_MODIFIERS.NoModifier, _MODIFIERS.ControlModifier | _MODIFIERS.AltModifier)


class TypingRedirect(QObject):
    """Sends what is typed in some widgets to a text field, which then has the keyboard."""

    def __init__(self, field: QWidget, parent: QObject | None = None) -> None:
        """
        Args:
            field: Where it goes.
            parent: Owner.
        """
        super().__init__(parent)
        self._field = field

    def watch(self, widget: QWidget) -> None:
        """Begins with a widget in which nothing can be written itself."""
        widget.installEventFilter(self)
        widget.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)

    def take(self, event: QKeyEvent) -> bool:
        """Passes a key on that writes something and that nobody else wanted; returns whether it did."""
        if not is_typed(event) or self._field.hasFocus():
            return False
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        QCoreApplication.sendEvent(self._field, event)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and self.take(event):
            return True
        if isinstance(event, QInputMethodEvent) and event.type() is QEvent.Type.InputMethod:
            QCoreApplication.sendEvent(self._field, event)
            if event.commitString() and not event.preeditString():
                self._field.setFocus(Qt.FocusReason.OtherFocusReason)
            return True
        if isinstance(event, QInputMethodQueryEvent) and isinstance(watched, QWidget):
            QCoreApplication.sendEvent(self._field, event)
            self._move_places(event, watched)
            return True
        return super().eventFilter(watched, event)

    def _move_places(self, event: QInputMethodQueryEvent, watched: QWidget) -> None:
        """Makes the places of the caret, where an input method shows its list, those seen from the watched widget."""
        offset = self._field.mapTo(self._field.window(), QPoint()) - watched.mapTo(watched.window(), QPoint())
        for place in _PLACES:
            if event.queries() & place:
                value = event.value(place)
                if isinstance(value, QRect | QRectF):
                    event.setValue(place, value.translated(offset))
