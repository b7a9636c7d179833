"""The outline around what has the keyboard: one look everywhere, in both themes."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QWidget

# Pixels; what WCAG 2.2 (2.4.13) asks for.
FOCUS_WIDTH = 2.0


def draw_focus(
    painter: QPainter, area: QRect | QRectF, palette: QPalette, radius: float = 3.0, colour: QColor | None = None
) -> None:
    """Draws the outline just inside ``area``.

    Args:
        painter: Left as it was.
        area: Of what has the keyboard.
        palette: For the accent's colour.
        radius: Of the corners, in pixels.
        colour: Instead of the accent's, on something that has that colour itself.
    """
    edge = FOCUS_WIDTH / 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour or palette.color(QPalette.ColorRole.Accent), FOCUS_WIDTH))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(area).adjusted(edge, edge, -edge, -edge), radius, radius)
    painter.restore()


def draw_focus_of_page(viewport: QWidget, palette: QPalette) -> None:
    """Draws the outline around all that is seen of a page that scrolls, from within its paint event."""
    painter = QPainter(viewport)
    draw_focus(painter, viewport.rect(), palette, radius=0)
    painter.end()


def repaint_focus_of_page(viewport: QWidget, down: int) -> None:
    """Has the outline painted anew where scrolling has taken a copy of it along, and where it belongs.

    Args:
        viewport: Of the page.
        down: Pixels that the page has moved down; negative: up.
    """
    height = round(FOCUS_WIDTH)
    bottom = viewport.height() - height
    for top in (0, down, bottom, bottom + down):
        viewport.update(0, top, viewport.width(), height)
