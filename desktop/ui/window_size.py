"""How large a window opens: in proportion to the font, never larger than the screen. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from desktop.ui.style import unit

# What a frame and a title bar take of the space a screen has.
_FRAME = QSize(16, 48)


def fitting_size(widget: QWidget, wanted: QSize) -> QSize:
    """Returns ``wanted``, given in units of :func:`desktop.ui.style.unit`, in pixels, as far as the screen has room."""
    step = unit(widget)
    return QSize(wanted.width() * step, wanted.height() * step).boundedTo(widget.screen().availableSize() - _FRAME)
