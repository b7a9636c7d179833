"""How large and where a window opens: in proportion to the font, never beyond the screen."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QWidget

from desktop.ui.theme.metrics import unit

# What a frame and a title bar take of the space a screen has.
_FRAME = QSize(16, 48)


def fitting_size(widget: QWidget, wanted: QSize) -> QSize:
    """Returns ``wanted``, given in theme units, in pixels, as far as the screen has room."""
    step = unit(widget)
    return QSize(wanted.width() * step, wanted.height() * step).boundedTo(widget.screen().availableSize() - _FRAME)


def open_in_the_middle(window: QWidget, wanted: QSize) -> None:
    """Gives a window that is not shown yet its size, and a place that is not left to the window manager.

    A dialog that opens together with the window lies over its middle; before a window manager has answered, only a
    place of our own is known. Platforms without places of windows (Wayland) pass over it.

    Args:
        window: Has no parent.
        wanted: As for :func:`fitting_size`.
    """
    size = fitting_size(window, wanted)
    window.resize(size)
    frame = QRect(QPoint(), size + _FRAME)
    frame.moveCenter(window.screen().availableGeometry().center())
    window.move(frame.topLeft())
