"""How large and where a window opens: in proportion to the font, never beyond the screen."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop.ui.theme.metrics import room_on_screen, unit


def fitting_size(widget: QWidget, wanted: QSize) -> QSize:
    """Returns ``wanted``, given in theme units, in pixels, as far as the screen has room."""
    step = unit(widget)
    return QSize(wanted.width() * step, wanted.height() * step).boundedTo(room_on_screen(widget))


def open_in_the_middle(window: QWidget, wanted: QSize) -> None:
    """Gives a window that is not shown yet its size, and a place that is not left to the window manager.

    A dialog that opens together with the window lies over its middle; before a window manager has answered, only a
    place of our own is known. Platforms without places of windows (Wayland) pass over it.

    Args:
        window: Has no parent.
        wanted: As for :func:`fitting_size`.
    """
    size, screen = fitting_size(window, wanted), window.screen()
    window.resize(size)
    frame = QRect(QPoint(), size + screen.availableSize() - room_on_screen(window))
    frame.moveCenter(screen.availableGeometry().center())
    window.move(frame.topLeft())


def grow_to_show(window: QWidget, area: QScrollArea) -> None:
    """Makes a window so high that nothing has to be scrolled, as far as the screen has room; its middle stays.

    Args:
        window: Is shown, so that its page has its height.
        area: Has the page.
    """
    below = area.verticalScrollBar().maximum()
    size = (window.size() + QSize(0, below)).boundedTo(room_on_screen(window))
    if (more := size.height() - window.height()) > 0:
        window.move(window.x(), max(0, window.y() - more // 2))
        window.resize(window.width(), size.height())
