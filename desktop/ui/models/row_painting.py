"""How a row of a list of models looks: a line below it, or a tinted frame where it is the selected one."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QWidget

from desktop.ui.theme.metrics import spacing
from desktop.ui.theme.palette import accented, tinted


def paint_row(row: QWidget, *, selected: bool) -> None:
    """Paints the background of a row; to be called by its paint event."""
    palette = row.palette()
    painter = QPainter(row)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    gap = spacing(row)
    area = QRectF(row.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
    if selected:
        edge = palette.color(QPalette.ColorRole.Highlight) if row.hasFocus() else accented(palette, 0.45)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(accented(palette, 0.09))
        painter.drawRoundedRect(area, gap.half, gap.half)
    else:
        painter.setPen(QPen(tinted(palette, 0.12), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
