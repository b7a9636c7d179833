"""How our style draws what shows much at once: how far something is, and the heads of tables. Flat, as the rest."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QStyleOption, QStyleOptionHeader, QStyleOptionProgressBar

from desktop.ui.theme.fusion.options import Shown, ShownProgress
from desktop.ui.theme.palette import mix

# Shares of the text's colour.
TRACK = 0.14
_LINE = 0.16


def draw_progress(option: QStyleOptionProgressBar, painter: QPainter) -> bool:
    """Draws a bar, and as much of it in the accent's colour as is done.

    Returns:
        False where nobody knows how much there is to do: nothing was drawn.
    """
    shown = cast("ShownProgress", option)
    span = shown.maximum - shown.minimum
    if span <= 0:
        return False
    palette = shown.palette
    box = QRectF(shown.rect)
    high = min(box.height(), max(4.0, shown.fontMetrics.height() * 0.4))
    box = QRectF(box.left(), box.center().y() - high / 2, box.width(), high)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mix(palette.color(QPalette.ColorRole.Window), palette.color(QPalette.ColorRole.Text), TRACK))
    painter.drawRoundedRect(box, high / 2, high / 2)
    share = min(1.0, max(0.0, (shown.progress - shown.minimum) / span))
    if share > 0:
        done = QRectF(box.left(), box.top(), max(high, box.width() * share), high)
        if (shown.direction is Qt.LayoutDirection.RightToLeft) is not shown.invertedAppearance:
            done.moveRight(box.right())
        painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
        painter.drawRoundedRect(done, high / 2, high / 2)
    painter.restore()
    return True


def draw_head(option: QStyleOption, painter: QPainter) -> None:
    """Draws what lies behind the name of a column: the page, a line below, and one between columns."""
    shown = cast("Shown", option)
    palette, box = shown.palette, shown.rect
    base, text = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text)
    painter.fillRect(box, mix(base, text, 0.04))
    line = mix(base, text, _LINE)
    painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), line)
    if isinstance(option, QStyleOptionHeader):
        edge = box.left() if shown.direction is Qt.LayoutDirection.RightToLeft else box.right()
        painter.fillRect(QRect(edge, box.top(), 1, box.height()), line)
