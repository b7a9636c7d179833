"""What all flat controls have in common: how strong their lines are, how round their corners."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from desktop.ui.theme.fusion.options import Shown

# Shares of the text's colour in an outline: of what can be written into or ticked, of a mere frame.
FIELD_LINE = 0.5
FRAME_LINE = 0.18

_RADIUS = 0.28  # of the height of the font


def prepare(painter: QPainter, line: QColor | None, fill: QColor | None, width: float = 1.0) -> None:
    """Saves the painter and gives it a pen and a brush."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(line, width) if line is not None else Qt.PenStyle.NoPen)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)


def radius_of(shown: Shown) -> float:
    return max(3.0, shown.fontMetrics.height() * _RADIUS)
